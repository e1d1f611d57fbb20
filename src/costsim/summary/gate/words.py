"""The reason for a change in words: what is sent, answered, cached, repeated or asked elsewhere now."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from costsim.summary.gate.parts import (
    CACHE,
    CHANCE,
    INPUT,
    MIX,
    OTHER,
    OUTPUT,
    PRICES,
    RETRIES,
    ROUTING,
    VOLUME,
    Amounts,
    Side,
    Use,
    added,
    is_input,
    is_output,
)

TITLES = {
    VOLUME: "volume",
    MIX: "mix of routes and tasks",
    RETRIES: "retries and escalations",
    ROUTING: "routing to other models",
    PRICES: "prices per token",
    INPUT: "input tokens",
    CACHE: "cached share of input",
    OUTPUT: "output tokens",
    OTHER: "other units",
    CHANCE: "kinds of calls that came by chance, taken out",
}


def why(reasons: Sequence[Amounts], old: Sequence[Side], new: Sequence[Side]) -> str:
    """Return the largest part that goes the way of the whole change, in words; '' where nothing changed.

    `reasons` and sides are those of each route and task.
    """
    change = sum(added(reasons).values(), Fraction(0))
    weighed = _input_with_its_cache(added(_certain(parts) for parts in reasons))
    along = {part: value for part, value in weighed.items() if value * change > 0}
    if not along:
        return ""
    largest = max(along, key=lambda part: abs(along[part]))
    return _SAID[largest](old, new)


def _certain(parts: Amounts) -> Amounts:
    """Without how many of each kind came, where that is chance."""
    left_out = {CHANCE, RETRIES, ROUTING} if CHANCE in parts else set()
    return {part: value for part, value in parts.items() if part not in left_out}


def _input_with_its_cache(parts: Amounts) -> Amounts:
    """Where one of both takes back what the other brings, the larger is what is left: more input, all of it cached."""
    sent, cached = parts.get(INPUT, Fraction(0)), parts.get(CACHE, Fraction(0))
    if sent * cached >= 0:
        return parts
    larger, smaller = (INPUT, CACHE) if abs(sent) >= abs(cached) else (CACHE, INPUT)
    return {**parts, larger: sent + cached, smaller: Fraction(0)}


def why_replayed(parts: Amounts) -> str:
    """Return which of policy and prices makes more of a change."""
    policy, prices = parts[ROUTING], parts[PRICES]
    if not policy and not prices:
        return ""
    return "the policy routes it otherwise" if abs(policy) >= abs(prices) else "the prices differ"


def _input(old: Sequence[Side], new: Sequence[Side]) -> str:
    return _tokens(old, new, is_input, "input tokens")


def _output(old: Sequence[Side], new: Sequence[Side]) -> str:
    return _tokens(old, new, is_output, "output tokens")


def _tokens(old: Sequence[Side], new: Sequence[Side], wanted: Callable[[str], bool], what: str) -> str:
    """Tokens per call, with the mix of the new log on both sides."""
    work = sum(side.work for side in new)
    was = sum((_per_work(side, wanted) * now.work for side, now in zip(old, new, strict=True)), Fraction(0)) / work
    now = sum((_per_work(side, wanted) * side.work for side in new), Fraction(0)) / work
    more = round(now - was)
    if not more:
        return f"{what} per call changed in price class"
    return f"{abs(more):,} {'more' if more > 0 else 'fewer'} {what} per call"


def _per_work(side: Side, wanted: Callable[[str], bool]) -> Fraction:
    counted = sum(count for unit, count in side.whole.count.items() if wanted(unit))
    return Fraction(counted, side.work) if side.work else Fraction(0)


def _cache(old: Sequence[Side], new: Sequence[Side]) -> str:
    return f"cached share of input {_share_read(old)} → {_share_read(new)}"


def _share_read(sides: Iterable[Side]) -> str:
    read = sent = 0
    for side in sides:
        for unit, count in side.whole.count.items():
            sent += count if is_input(unit) else 0
            read += count if unit.endswith("cache_read") else 0
    return percent(read, sent)


def _routing(old: Sequence[Side], new: Sequence[Side]) -> str:
    was, now = (_shares(each) for each in (old, new))
    gained = max(
        {*was, *now}, key=lambda model: (now.get(model, Fraction(0)) - was.get(model, Fraction(0)), str(model))
    )
    name = (gained or "no model").rpartition("/")[2]
    return f"{name} answers {_percent(was.get(gained))} → {_percent(now.get(gained))} of its calls"


def _shares(sides: Sequence[Side]) -> dict[str | None, Fraction]:
    total = sum(side.tries for side in sides) or 1
    found: dict[str | None, Fraction] = {}
    for side in sides:
        for model, use in side.first.items():
            found[model] = found.get(model, Fraction(0)) + Fraction(use.calls, total)
    return found


def _retries(old: Sequence[Side], new: Sequence[Side]) -> str:
    was, now = (_repeated(each) for each in (old, new))
    return f"repeats {was} → {now} of its work"


def _repeated(sides: Sequence[Side]) -> str:
    return percent(sum(_calls(side.again.values()) for side in sides), sum(side.work for side in sides))


def _calls(uses: Iterable[Use]) -> int:
    return sum(use.calls for use in uses)


def _prices(_old: Sequence[Side], _new: Sequence[Side]) -> str:
    return "other rates for the same tokens (price table, day, service tier or prompt size)"


def _other(_old: Sequence[Side], _new: Sequence[Side]) -> str:
    return "searches, images and other units"


def _volume(_old: Sequence[Side], _new: Sequence[Side]) -> str:
    return "more calls or fewer"


def _mix(_old: Sequence[Side], _new: Sequence[Side]) -> str:
    return "another mix of routes and tasks"


_SAID = {
    VOLUME: _volume, MIX: _mix, RETRIES: _retries, ROUTING: _routing, PRICES: _prices, INPUT: _input, CACHE: _cache,
    OUTPUT: _output, OTHER: _other,
}  # fmt: skip


def percent(part: int, of: int) -> str:
    """Return a share in per cent; '0 %' where there is nothing."""
    return _percent(Fraction(part, of) if of else None)


def _percent(share: Fraction | None) -> str:
    shown = float(share or 0) * 100
    if 0 < shown < 0.1:
        return "<0.1 %"
    return f"{shown:.1f} %".replace(".0 %", " %")
