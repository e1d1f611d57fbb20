"""Why the cost changed: the difference of two baselines, split exactly by changing one thing after the other.

The order is that of `ORDER`; each step is worth what it changes with all steps before it made and none after it. With
exact fractions the steps add up to the change whatever the figures are (docs/methodology.md#why).
"""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from costsim.summary.gate.baseline import Baseline, Cell, Scope, amount

VOLUME, MIX, RETRIES, ROUTING, PRICES = "volume", "mix", "retries", "routing", "prices"
INPUT, CACHE, OUTPUT, OTHER = "input_tokens", "cache", "output_tokens", "other_units"
ORDER = (VOLUME, MIX, RETRIES, ROUTING, PRICES, INPUT, CACHE, OUTPUT, OTHER)
CHANCE = "chance"
"""Of a route or task: what is due to the kinds of calls that came by chance, and is taken out of its change."""

Amounts = dict[str, Fraction]
"""Part -> 10^-12 USD."""
_NONE = Fraction(0)


class Use(msgspec.Struct):
    """What some calls used: unit -> count and cost."""

    calls: int = 0
    cost: int = 0
    count: dict[str, int] = msgspec.field(default_factory=dict)
    paid: dict[str, Fraction] = msgspec.field(default_factory=dict)

    def add(self, cell: Cell) -> None:
        """Add a cell."""
        self.calls += cell.calls
        self.cost += amount(cell.cost_usd)
        for unit, (count, cost) in cell.units.items():
            self.count[unit] = self.count.get(unit, 0) + count
            self.paid[unit] = self.paid.get(unit, _NONE) + amount(cost)

    def per_call(self, unit: str) -> Fraction:
        """Return how many of a unit a call used on average."""
        return Fraction(self.count.get(unit, 0), self.calls) if self.calls else _NONE

    def rate(self, unit: str) -> Fraction | None:
        """Return what one of a unit cost on average; None where none was used."""
        count = self.count.get(unit, 0)
        return self.paid.get(unit, _NONE) / count if count else None


class Side(msgspec.Struct):
    """One scope in one of the logs."""

    first: dict[str | None, Use] = msgspec.field(default_factory=dict)
    """Model -> calls that try something for the first time."""
    again: dict[str | None, Use] = msgspec.field(default_factory=dict)
    whole: Use = msgspec.field(default_factory=Use)
    tries: int = 0

    @property
    def work(self) -> int:
        """Pieces of work: calls without repeats; where all are repeats, all of them."""
        return self.tries or self.whole.calls

    def add(self, cell: Cell) -> None:
        """Add a cell of the scope."""
        self.tries += 0 if cell.repeats else cell.calls
        self.whole.add(cell)
        (self.again if cell.repeats else self.first).setdefault(cell.model, Use()).add(cell)

    def of(self, repeats: bool) -> dict[str | None, Use]:
        """Return the uses by model."""
        return self.again if repeats else self.first


def sides(found: Baseline) -> dict[Scope, Side]:
    """Return a baseline by route and task."""
    by_scope: dict[Scope, Side] = {}
    for cell in found.cells:
        by_scope.setdefault((cell.route, cell.task), Side()).add(cell)
    return by_scope


def split(before: dict[Scope, Side], now: dict[Scope, Side]) -> dict[Scope, Amounts]:
    """Return what each scope adds to each part of the change of the total; all of them add up to it exactly."""
    work_before, work_now = (sum(side.work for side in each.values()) for each in (before, now))
    found: dict[Scope, Amounts] = {}
    for scope in sorted({*before, *now}, key=lambda scope: tuple((each is None, str(each)) for each in scope)):
        old, new = before.get(scope, Side()), now.get(scope, Side())
        parts = dict.fromkeys(ORDER, _NONE)
        grown = old.work * Fraction(work_now, work_before) if work_before else _NONE
        mean = Fraction(old.whole.cost, old.work) if old.work else _NONE
        parts[VOLUME] = (grown - old.work) * mean
        if not old.work or not new.work:
            parts[MIX] = new.whole.cost - grown * mean
        else:
            parts[MIX] = (new.work - grown) * mean
            _within(parts, old, new)
        found[scope] = parts
    return found


def _within(parts: Amounts, old: Side, new: Side) -> None:
    """The change of a scope that both logs have, from its old mean to its new one."""
    for repeats in (False, True):
        was, now = old.of(repeats), new.of(repeats)
        calls_was = sum(use.calls for use in was.values())
        calls_now = sum(use.calls for use in now.values())
        scaled = Fraction(new.work, old.work)
        for model in {*was, *now}:
            use, then = was.get(model), now.get(model)
            usual = Fraction(use.cost, use.calls) if use else _as_if_moved(old.whole, then or Use())
            wanted = (use.calls if use else 0) * scaled
            stretched = wanted * Fraction(calls_now, calls_was) / scaled if calls_was else _NONE
            after = then.calls if then else 0
            if repeats or not calls_was:
                parts[RETRIES] += (after - wanted) * usual
            else:
                parts[RETRIES] += (stretched - wanted) * usual
                parts[ROUTING] += (after - stretched) * usual
            if then:
                _per_call(parts, use or _priced_as(old.whole, then), then)


def _as_if_moved(old: Use, then: Use) -> Fraction:
    """What the average call of the old log would cost at the rates that another model charges now."""
    return sum((old.per_call(unit) * _moved_rate(unit, old, then) for unit in old.count), _NONE)


def _moved_rate(unit: str, old: Use, then: Use) -> Fraction:
    now = then.rate(unit)
    return now if now is not None else old.rate(unit) or _NONE


def _priced_as(old: Use, then: Use) -> Use:
    """The same calls as a use whose rates are those of now."""
    paid = {unit: count * _moved_rate(unit, old, then) for unit, count in old.count.items()}
    return Use(old.calls, 0, old.count, paid)


def _per_call(parts: Amounts, use: Use, then: Use) -> None:
    """The change of one model's cost per call, times its calls now."""
    calls = then.calls
    rates = {}
    for unit in sorted({*use.count, *then.count}):
        was, now = use.rate(unit), then.rate(unit)
        rates[unit] = now if now is not None else was if was is not None else _NONE
        if was is not None and now is not None:
            parts[PRICES] += calls * use.per_call(unit) * (now - was)
    sent_was, sent_now = (sum((each.per_call(u) for u in rates if is_input(u)), _NONE) for each in (use, then))
    for unit, rate in rates.items():
        was_used, used = use.per_call(unit), then.per_call(unit)
        if is_input(unit):
            kept = was_used * sent_now / sent_was if sent_was else used
            parts[INPUT] += calls * rate * ((kept if sent_was else used) - was_used)
            parts[CACHE] += calls * rate * (used - kept)
        else:
            parts[OUTPUT if is_output(unit) else OTHER] += calls * rate * (used - was_used)


def is_input(unit: str) -> bool:
    """Return whether a unit is tokens that were sent, cached or not."""
    return unit == "input" or unit.endswith("_input") or "cache_" in unit


def is_output(unit: str) -> bool:
    """Return whether a unit is tokens that were answered."""
    return unit in ("output", "reasoning") or unit.endswith("_output")


def added(amounts: Iterable[Amounts]) -> Amounts:
    """Return the sums of each part."""
    found = dict.fromkeys(ORDER, _NONE)
    for each in amounts:
        for part, value in each.items():
            found[part] = found.get(part, _NONE) + value
    return found


def rounded(amounts: Amounts) -> dict[str, int]:
    """Return whole 10^-12 USD that add up to the same: what rounding leaves over goes to the largest part."""
    whole = {part: round(value) for part, value in amounts.items()}
    largest = max(whole, key=lambda part: abs(whole[part]))
    whole[largest] += int(sum(amounts.values(), _NONE)) - sum(whole.values())
    return whole
