"""How likely what earlier requests stored is still there, when some of them happen only with a probability.

Chances are whole numbers, parts of CERTAIN: sums of whole numbers are the same however a log is cut into batches.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costsim.policies.levers.grouping import (
    Bools,
    Groups,
    Hashes,
    Ints,
    first_after,
    grouped,
    is_last,
    last_before,
    stored_until,
)
from costsim.policies.levers.in_order import Timed

CERTAIN = 1 << 24
_WEIGHT = float(1 << 32)
"""Weights of requests that may not happen are whole multiples of 1 / _WEIGHT."""


@dataclass(frozen=True)
class Stored(Timed):
    """What requests look for, and store: rows in the order of time. All rows of a key have one lifetime and manner."""

    key: Hashes
    share: NDArray[np.float64]
    """The probability that the request happens."""
    stores: Bools
    """Whether the row stores its key, or only looks for it."""
    lifetime: Ints
    """Microseconds."""
    refreshed: Bools

    @classmethod
    def nothing(cls) -> "Stored":
        """Return no rows."""
        none = np.zeros(0, np.int64)
        return cls(none, none.astype(np.uint64), none.astype(float), none > 0, none, none > 0)


def alive(before: Stored, rows: Stored) -> tuple[Ints, Stored]:
    """Return the chance of each row that its key is stored when it comes, and what later rows must know.

    `before` is what an earlier part handed on. A key that is refreshed is stored if any row stored it within a
    lifetime before: 1 - Π (1 - share). One that is not lives from when it was stored until its end: rows that
    surely happen store in turn; the others as in a renewal process, n / (1 + n) for n rows expected within a lifetime.
    """
    if not len(rows):
        return np.zeros(0, np.int64), before
    together = Stored.together([before, rows])
    groups = grouped(together.key)
    ordered = together.only(groups.order)
    sure = ordered.share >= 1
    keeps = ordered.stores & sure
    held = ~ordered.refreshed
    if held.any():
        keeps &= ordered.refreshed | stored_until(ordered.at, groups.first, keeps & held, ordered.lifetime)
    last = last_before(keeps, groups.first)
    there = (last >= 0) & (ordered.at - ordered.at[last] <= ordered.lifetime)
    chance = np.where(there, CERTAIN, 0)
    perhaps = ordered.stores & ~sure & (ordered.share > 0)
    if perhaps.any():
        chance = np.maximum(chance, _of_perhaps(ordered, perhaps, groups))
    found = np.empty(len(chance), np.int64)
    found[groups.order] = chance
    return found[len(before) :], ordered.only(_to_hand_on(ordered, keeps, perhaps, groups.first))


def _of_perhaps(ordered: Stored, perhaps: Bools, groups: Groups) -> Ints:
    """The chance by the rows alone that may not have happened."""
    share = np.where(perhaps, ordered.share, 0.0)
    weight = np.where(ordered.refreshed, -np.log1p(-share), share)
    sums = np.concatenate([[0], np.cumsum(np.rint(weight * _WEIGHT).astype(np.int64))])
    since = first_after(ordered.at - ordered.lifetime - 1, ordered.at, groups.first)
    within = (sums[:-1] - sums[since]) / _WEIGHT
    chance = np.where(ordered.refreshed, -np.expm1(-within), within / (1 + within))
    found: Ints = np.rint(chance * CERTAIN).astype(np.int64)
    return found


def _to_hand_on(ordered: Stored, keeps: Bools, perhaps: Bools, first: Ints) -> Ints:
    """Places of the row of each key that surely stored it last, and of those that perhaps did, while they live."""
    living = ordered.at >= ordered.at.max(initial=0) - ordered.lifetime
    return np.flatnonzero(living & (is_last(keeps, first) | perhaps))
