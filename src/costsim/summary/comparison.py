"""Reported against computed cost, and why they differ: found by computing what would have been reported."""

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.cost import Usage
from costsim.prices import NO_TIME, ModelFacts, tier_code
from costsim.schema import distinct
from costsim.summary.pieces import saved_in_pieces
from costsim.summary.priced import Ints, Priced
from costsim.summary.tally import total

NEAR = 10**6
"""Costs within 10^-6 USD and a thousandth of each other are equal: reports are rounded, and come through floats."""

UNEXPLAINED = "no known reason"
ROUTED = "charged by a router, which may have asked a dearer place than the list's"
COMMON = 0.05
"""A percentage explains something when it is that of so large a share of the calls without another reason."""


class Compared(msgspec.Struct):
    """Calls that have both a reported and a computed cost."""

    calls: int = 0
    equal: int = 0
    reported: int = 0
    computed: int = 0
    reasons: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """Reason -> calls, reported, computed."""
    percents: dict[int, list[int]] = msgspec.field(default_factory=dict)
    """Reported cost in whole percent of the computed one -> calls, reported, computed."""

    def add(self, other: "Compared") -> None:
        """Add the calls of another batch."""
        self.calls, self.equal = self.calls + other.calls, self.equal + other.equal
        self.reported, self.computed = self.reported + other.reported, self.computed + other.computed
        for reason, sums in other.reasons.items():
            self.reasons[reason] = _plus(self.reasons.get(reason), sums)
        for percent, sums in other.percents.items():
            self.percents[percent] = _plus(self.percents.get(percent), sums)

    def explained(self) -> dict[str, list[int]]:
        """Return the reasons with their sums; percentages that few calls share are chance, and no reason."""
        found = {reason: list(sums) for reason, sums in self.reasons.items()}
        open_calls = sum(calls for calls, _, _ in self.percents.values()) + found.get(UNEXPLAINED, [0])[0]
        for percent, sums in self.percents.items():
            common = sums[0] > 1 and sums[0] >= COMMON * open_calls
            reason = f"reported at {percent} % of list price" if common else UNEXPLAINED
            found[reason] = _plus(found.get(reason), sums)
        return found


def _plus(known: list[int] | None, more: list[int]) -> list[int]:
    return list(more) if known is None else [a + b for a, b in zip(known, more, strict=True)]


def compare(priced: Priced) -> Compared:
    """Return how the reported costs of a batch compare with the computed ones."""
    reported, computed = priced.replay.reported, priced.cost
    rows = np.flatnonzero((reported >= 0) & priced.replay.costs.known)
    if not len(rows):
        return Compared()
    found = Compared(len(rows), 0, total(reported[rows]), total(computed[rows]))
    same = _near(reported[rows], computed[rows])
    found.equal = int(same.sum())
    _explain(priced, rows[~same], found)
    return found


def _explain(priced: Priced, rows: Ints, found: Compared) -> None:
    """Give each difference the first reason that reproduces the reported cost."""
    for reason, recomputed in _REASONS:
        if not len(rows):
            return
        fits = _near(priced.replay.reported[rows], recomputed(priced, rows))
        if fits.any():
            found.reasons[reason] = _sums(priced, rows[fits])
        rows = rows[~fits]
    reported, computed = priced.replay.reported[rows], priced.cost[rows]
    percent = np.rint(reported * 100.0 / np.maximum(computed, 1))
    fits = (percent > 0) & (percent < _MOST_PERCENT) & _near(reported, (computed * (percent / 100)).astype(np.int64))
    for each in distinct(percent[fits]).tolist():
        found.percents[int(each)] = _sums(priced, rows[fits & (percent == each)])
    rows = rows[~fits]
    routed = priced.prices.arrays.charged[priced.usage.model[rows]]
    for reason, which in ((ROUTED, rows[routed]), (UNEXPLAINED, rows[~routed])):
        if len(which):
            found.reasons[reason] = _sums(priced, which)


_MOST_PERCENT = 1000


def _sums(priced: Priced, rows: Ints) -> list[int]:
    return [len(rows), total(priced.replay.reported[rows]), total(priced.cost[rows])]


def _near(reported: Ints, computed: Ints) -> NDArray[np.bool_]:
    difference = np.abs(reported - computed)
    near: NDArray[np.bool_] = (difference <= NEAR) & (difference * 1000 <= np.maximum(reported, computed))
    near |= difference <= 1
    return near


Recomputed = Callable[[Priced, Ints], Ints]


def _if(**changed: Recomputed) -> Recomputed:
    """What the calls would have cost, had their usage been as changed; only those that it changes are priced again."""

    def recomputed(priced: Priced, rows: Ints) -> Ints:
        new = {name: change(priced, rows) for name, change in changed.items()}
        differs = np.zeros(len(rows), np.bool_)
        for name, values in new.items():
            differs |= values != _logged(priced.usage, name, rows)
        cost = priced.cost[rows]
        if differs.any():
            again = {name: values[differs] for name, values in new.items()}
            cost[differs] -= priced.saved_if(rows[differs], **again)
        return cost

    return recomputed


def _logged(usage: Usage, name: str, rows: Ints) -> Ints | int:
    column = getattr(usage, name)
    if column is None:
        return 0
    return np.asarray(np.maximum(column[rows], 0) if name.endswith("tokens") else column[rows])


def _nothing(_: Priced, rows: Ints) -> Ints:
    return np.zeros(len(rows), np.int64)


def _if_billed(priced: Priced, rows: Ints) -> Ints:
    """The reported cost itself, for calls that nobody billed: whatever it is, that is why it differs."""
    return np.where(priced.replay.attempts.billed[rows], -1 - NEAR, priced.replay.reported[rows])


def _cached(priced: Priced, rows: Ints) -> Ints:
    return priced.count("cache_read_tokens")[rows] + priced.count("cache_write_tokens")[rows]


def _with_cache_twice(priced: Priced, rows: Ints) -> Ints:
    return priced.count("input_tokens")[rows] + _cached(priced, rows)


def _without_cache(priced: Priced, rows: Ints) -> Ints:
    return np.asarray(np.maximum(priced.count("input_tokens")[rows] - _cached(priced, rows), 0))


def _with_reasoning_twice(priced: Priced, rows: Ints) -> Ints:
    return priced.count("output_tokens")[rows] + priced.count("reasoning_tokens")[rows]


def _without_reasoning(priced: Priced, rows: Ints) -> Ints:
    return np.asarray(np.maximum(priced.count("output_tokens")[rows] - priced.count("reasoning_tokens")[rows], 0))


def _at_short_rates(priced: Priced, rows: Ints) -> Ints:
    """At the rates below the model's first long-context threshold."""
    threshold = priced.by_model(_first_threshold, rows)
    above = (threshold > 0) & (priced.number("input_tokens")[rows] >= threshold)
    found = priced.cost[rows].copy()
    found[above] -= saved_in_pieces(priced, rows[above], threshold[above])
    return found


def _first_threshold(facts: ModelFacts) -> int | None:
    return min((each for each in facts.thresholds if each > 0), default=None)


def _no_time(_: Priced, rows: Ints) -> Ints:
    return np.full(len(rows), NO_TIME, np.int64)


def _standard(_: Priced, rows: Ints) -> Ints:
    return np.full(len(rows), tier_code(None), np.int64)


_NO_CACHE: dict[str, Recomputed] = dict.fromkeys(
    ("cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens"), _nothing
)

_REASONS: tuple[tuple[str, Recomputed], ...] = (
    ("reported for calls that are not billed: refused, or answered by a cache of the gateway", _if_billed),
    ("reported as nothing", _nothing),
    ("reported without the cache discount", _if(**_NO_CACHE)),
    ("reported without cached tokens", _if(input_tokens=_without_cache, **_NO_CACHE)),
    ("reported with cached tokens counted twice", _if(input_tokens=_with_cache_twice)),
    ("reported with 1 h cache writes at the 5 min rate", _if(cache_write_1h_tokens=_nothing)),
    ("reported without the long-context price", _at_short_rates),
    ("reported at the standard tier", _if(tier=_standard)),
    ("reported with reasoning tokens counted twice", _if(output_tokens=_with_reasoning_twice)),
    ("reported without reasoning tokens", _if(output_tokens=_without_reasoning, reasoning_tokens=_nothing)),
    ("reported without tool calls", _if(web_searches=_nothing)),
    ("reported at today's price, not that of the call's day", _if(at=_no_time)),
)
"""What a log may do to a cost, each with how it comes to its figure."""
