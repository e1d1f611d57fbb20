"""Reported against computed cost, and the reason for each difference, found by computing what would have been reported."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from costsim.prices import NO_TIME, tier_code
from costsim.summary.priced import Ints, Priced
from costsim.summary.tally import total

NEAR = 10**6
"""Costs within 10^-6 USD and a thousandth of each other are equal: reports are rounded, and come through floats."""

_UNEXPLAINED = "no known reason"


@dataclass
class Compared:
    """Calls that have both a reported and a computed cost."""

    calls: int = 0
    equal: int = 0
    reported: int = 0
    computed: int = 0
    reasons: dict[str, list[int]] = field(default_factory=dict)
    """Reason -> calls, reported, computed."""

    def add(self, other: "Compared") -> None:
        """Add the calls of another batch."""
        self.calls, self.equal = self.calls + other.calls, self.equal + other.equal
        self.reported, self.computed = self.reported + other.reported, self.computed + other.computed
        for reason, sums in other.reasons.items():
            known = self.reasons.setdefault(reason, [0, 0, 0])
            self.reasons[reason] = [a + b for a, b in zip(known, sums, strict=True)]


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
        _enter(priced, rows[fits], reason, found)
        rows = rows[~fits]
    percent = np.rint(priced.replay.reported[rows] * 100.0 / np.maximum(priced.cost[rows], 1)).astype(np.int64)
    fits = _near(priced.replay.reported[rows], priced.cost[rows] // 100 * percent) & (percent > 0)
    for each in np.unique(percent[fits]).tolist():
        _enter(priced, rows[fits & (percent == each)], f"reported at {each} % of list price", found)
    _enter(priced, rows[~fits], _UNEXPLAINED, found)


def _enter(priced: Priced, rows: Ints, reason: str, found: Compared) -> None:
    if len(rows):
        found.reasons[reason] = [len(rows), total(priced.replay.reported[rows]), total(priced.cost[rows])]


def _near(reported: Ints, computed: Ints) -> NDArray[np.bool_]:
    difference = np.abs(reported - computed)
    near: NDArray[np.bool_] = (difference <= NEAR) & (difference * 1000 <= np.maximum(reported, computed))
    return near | (difference <= 1)


def _if(**changed: Callable[[Priced, Ints], Ints]) -> Callable[[Priced, Ints], Ints]:
    """What the calls would have cost, had their usage been as changed."""

    def recomputed(priced: Priced, rows: Ints) -> Ints:
        new = {name: change(priced, rows) for name, change in changed.items()}
        return priced.cost[rows] - priced.saved_if(rows, **new)

    return recomputed


def _nothing(_: Priced, rows: Ints) -> Ints:
    return np.zeros(len(rows), np.int64)


def _with_cache_twice(priced: Priced, rows: Ints) -> Ints:
    usage = priced.usage
    extra = [column[rows] for column in (usage.cache_read_tokens, usage.cache_write_tokens) if column is not None]
    return np.asarray(usage.input_tokens[rows] + sum(np.maximum(each, 0) for each in extra))


def _with_reasoning_twice(priced: Priced, rows: Ints) -> Ints:
    return np.asarray(priced.usage.output_tokens[rows] + np.maximum(priced.number("reasoning_tokens")[rows], 0))


_REASONS: tuple[tuple[str, Callable[[Priced, Ints], Ints]], ...] = (
    ("reported as nothing", _nothing),
    ("reported without the cache discount", _if(cache_read_tokens=_nothing, cache_write_tokens=_nothing, cache_write_1h_tokens=_nothing)),
    ("reported with cached tokens counted twice", _if(input_tokens=_with_cache_twice)),
    ("reported with 1 h cache writes at the 5 min rate", _if(cache_write_1h_tokens=_nothing)),
    ("reported at the standard tier", _if(tier=lambda _, rows: np.full(len(rows), tier_code(None), np.int16))),
    ("reported with reasoning tokens counted twice", _if(output_tokens=_with_reasoning_twice)),
    ("reported without tool calls", _if(web_searches=_nothing)),
    ("reported at today's price, not that of the call's day", _if(at=lambda _, rows: np.full(len(rows), NO_TIME, np.int64))),
)  # fmt: skip
