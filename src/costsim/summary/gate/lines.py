"""One line for the total, each route and each task: how much dearer with the mix kept, and whether that is noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from costsim.summary.gate import pairs
from costsim.summary.gate.baseline import Baseline, Scope, Spread
from costsim.summary.gate.pairs import Paired
from costsim.summary.gate.parts import INPUT, MIX, OUTPUT, VOLUME, Amounts, Side, added
from costsim.summary.gate.spread import p_above

TOTAL, ROUTE, TASK = "total", "route", "task"
PAIRS, SPREAD, EXACT = "pairs", "spread", "exact"
_UNKNOWN_ERROR = 1.0
"""The error of a mean that rests on a single conversation: as large as the mean."""


@dataclass
class Compared:
    """Some scopes that both logs have, with the mix of the new one."""

    scope: str
    key: str | None
    scopes: tuple[Scope, ...]
    calls_before: int
    calls_now: int
    was: Fraction
    """What the new log's work would have cost at the old means, 10^-12 USD."""
    cost: int
    parts: Amounts
    """Why it changed, without volume and mix."""
    paired: Paired | None = None
    p_value: float | None = None
    test: str | None = None
    adjusted: float | None = None

    @property
    def change(self) -> Fraction:
        """The change in 10^-12 USD."""
        return self.cost - self.was

    @property
    def relative(self) -> float | None:
        """The change as a part of what it was."""
        return float(self.change / self.was) if self.was else None


class Comparison:
    """Two logs, ready to be looked at by route and task."""

    def __init__(self, before: Baseline, now: Baseline, old: Mapping[Scope, Side], new: Mapping[Scope, Side],
                 parts: Mapping[Scope, Amounts], *, exact: bool = False) -> None:  # fmt: skip
        self.before, self.now, self._old, self._new, self._parts, self._exact = before, now, old, new, parts, exact
        self._spread = [{(each.route, each.task): each for each in side.spreads} for side in (before, now)]
        self._levels = [{(each.route, each.task, each.model): each for each in side.levels} for side in (before, now)]
        self.common = [scope for scope in new if scope in old and old[scope].work and new[scope].work]

    def lines(self, min_calls: int) -> list[Compared]:
        """Return the total, then routes and tasks, the largest change first; all tested that have enough calls."""
        found = [self._compared(TOTAL, None, self.common)]
        for scope, place in ((ROUTE, 0), (TASK, 1)):
            keys = {each[place] for each in self.common}
            if keys - {None} and (scope == ROUTE or len(keys) > 1):
                rows = [
                    self._compared(scope, key, [each for each in self.common if each[place] == key]) for key in keys
                ]
                found += sorted(rows, key=lambda row: (-abs(row.change), str(row.key)))
        tested: dict[tuple[Scope, ...], Compared] = {}
        for line in found:
            if min(line.calls_before, line.calls_now) >= min_calls:
                self._test(line, min_calls)
                tested.setdefault(line.scopes, line)
        _adjust(list(tested.values()))
        for line in found:
            if line.p_value is not None:
                line.adjusted = tested[line.scopes].adjusted
        return found

    def _compared(self, scope: str, key: str | None, scopes: Sequence[Scope]) -> Compared:
        parts = added(self._parts[each] for each in scopes)
        del parts[VOLUME], parts[MIX]
        return Compared(
            scope,
            key,
            tuple(sorted(scopes, key=str)),
            sum(self._old[each].work for each in scopes),
            sum(self._new[each].work for each in scopes),
            sum((self._mean_before(each) for each in scopes), Fraction(0)),
            sum(self._new[each].whole.cost for each in scopes),
            parts,
        )

    def _mean_before(self, scope: Scope) -> Fraction:
        """What the work of the new log would have cost at the mean of the old one."""
        old = self._old[scope]
        return Fraction(old.whole.cost * self._new[scope].work, old.work)

    def _test(self, line: Compared, min_calls: int) -> None:
        if self._exact:
            line.test, line.p_value = EXACT, 0.0 if line.change > 0 else 1.0
            return
        line.paired = self._pairs(line)
        if line.paired is not None and _enough(line.paired, line.calls_now, min_calls):
            line.test, line.p_value = PAIRS, line.paired.p_value()
        else:
            line.test, line.p_value = SPREAD, self._p_of_spread(line)

    def _pairs(self, line: Compared) -> Paired | None:
        """The pairs of whole routes: a case is not kept by task."""
        if line.scope == TASK:
            return None
        routes = {route for route, _ in line.scopes}
        found = [each for route in routes if (each := pairs.of_route(self.before, self.now, route)) is not None]
        return pairs.joined(found) if found else None

    def _p_of_spread(self, line: Compared) -> float:
        """The clearest of four tests, at four times its value.

        Of mean dollars, and, model by model, of the logarithms of cost, input and output tokens: a few dear calls drown
        a change in dollars that logarithms show, and long answers drown prompts that grew. What is proven of tokens
        alone counts where that is half of the change or more.
        """
        tests = [self._p_of_dollars(line), self._p_of_levels(line, "cost")]
        for name, part in (("input_tokens", INPUT), ("output_tokens", OUTPUT)):
            tests.append(self._p_of_levels(line, name) if 2 * line.parts[part] >= line.change else 1.0)
        return min(1.0, len(tests) * min(tests))

    def _p_of_dollars(self, line: Compared) -> float:
        found = _Sum()
        for scope in line.scopes:
            old, new = (spread.get(scope) for spread in self._spread)
            was, cost = float(self._mean_before(scope)), float(self._new[scope].whole.cost)
            found.add(cost - was, [(was * _error(old), _clusters(old)), (cost * _error(new), _clusters(new))])
        return found.p_value()

    def _p_of_levels(self, line: Compared, name: str) -> float:
        """Each model with the cost that its calls of now had before."""
        found = _Sum()
        for scope in line.scopes:
            for model, use in self._new[scope].first.items():
                old, new = (levels.get((*scope, model)) for levels in self._levels)
                known = self._old[scope].first.get(model)
                was, now = getattr(old, name, None), getattr(new, name, None)
                if old and new and known and was and now:
                    weight = float(Fraction(known.cost * use.calls, known.calls))
                    errors = [(weight * was[1], old.clusters), (weight * now[1], new.clusters)]
                    found.add(weight * (now[0] - was[0]), errors)
        return found.p_value()


class _Sum:
    """A sum of independent differences with its error."""

    def __init__(self) -> None:
        self._difference = 0.0
        self._variance = 0.0
        self._by_clusters = 0.0

    def add(self, difference: float, errors: Sequence[tuple[float, int]]) -> None:
        """Add a difference whose errors rest on so many clusters."""
        self._difference += difference
        for error, clusters in errors:
            self._variance += error * error
            self._by_clusters += error**4 / max(clusters - 1, 1)

    def p_value(self) -> float:
        """Return the chance of so large a sum by noise (Satterthwaite's degrees of freedom)."""
        if not self._by_clusters:
            return p_above(self._difference, self._variance**0.5, 2.0) if self._difference else 1.0
        return p_above(self._difference, self._variance**0.5, self._variance**2 / self._by_clusters + 1)


def _error(spread: Spread | None) -> float:
    return _UNKNOWN_ERROR if spread is None or spread.error is None else spread.error


def _clusters(spread: Spread | None) -> int:
    return 2 if spread is None else spread.clusters


def _enough(found: Paired, calls: int, least: int) -> bool:
    """Whether pairs may speak for a route: enough of them, and half of its calls."""
    return len(found) >= least and 2 * int(found.calls.sum()) >= calls


def _adjust(lines: Sequence[Compared]) -> None:
    """Adjust the p values for each other, so that a false alarm anywhere is as rare as asked for (Holm 1979)."""
    order = sorted(lines, key=lambda line: line.p_value or 0.0)
    highest = 0.0
    for place, line in enumerate(order):
        highest = max(highest, min(1.0, (line.p_value or 0.0) * (len(order) - place)))
        line.adjusted = highest
