"""How likely what earlier requests stored is still there, when some of them happen only with a probability.

Chances are whole numbers, parts of CERTAIN: sums of whole numbers are the same however a log is cut into batches.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costsim.policies.levers.grouping import (
    Bools,
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


class Stored(Timed, frozen=True):
    """What requests look for, and store: rows in the order of time.

    All rows of a key have one lifetime and manner.
    """

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
    together = Stored.together([before, rows]) if len(before) else rows
    order, first = grouped(together.key)
    share, stores = _taken(together.share, order), _taken(together.stores, order)
    kept = _Kept(together.at[order], _taken(together.lifetime, order), _taken(together.refreshed, order), first)
    sure = stores & (share >= 1)
    if not kept.refreshed.all():
        sure &= kept.refreshed | stored_until(kept.at, first, sure & ~kept.refreshed, kept.lifetime)
    chance = np.where(kept.within_lifetime(last_before(sure, first)), CERTAIN, 0)
    perhaps = stores & (share < 1) & (share > 0)
    if perhaps.any():
        _add_perhaps(chance, kept, perhaps, share)
    found = np.empty(len(chance), np.int64)
    found[order] = chance
    return found[len(before) :], together.only(order[_to_hand_on(kept, sure, perhaps)])


class _Kept(NamedTuple):
    """Rows by key and then time."""

    at: Ints
    lifetime: Ints
    refreshed: Bools
    first: Ints
    """Where the rows of each row's key begin."""

    def within_lifetime(self, earlier: Ints) -> Bools:
        """Return for which rows an earlier row of their key (-1: none) is no longer ago than the lifetime."""
        return (earlier >= 0) & (self.at - self.at[earlier] <= self.lifetime)


def _taken(column: NDArray[Any], order: Ints) -> NDArray[Any]:
    """The values of a column in an order; one value, seen many times, where all are the same, as is usual."""
    if (column == column[0]).all():
        return np.broadcast_to(column[0], len(order))
    return column[order]


def _add_perhaps(chance: Ints, kept: _Kept, perhaps: Bools, share: NDArray[np.float64]) -> None:
    """Raise the chances, where they are not certain, to those by the rows that may not have happened."""
    rows = np.flatnonzero((chance < CERTAIN) & kept.within_lifetime(last_before(perhaps, kept.first)))
    those = np.flatnonzero(perhaps)
    weight = np.where(kept.refreshed[those], -np.log1p(-share[those]), share[those])
    weights = np.zeros(len(perhaps) + 1, np.int64)
    weights[those + 1] = np.rint(weight * _WEIGHT).astype(np.int64)
    sums = np.cumsum(weights)
    since = first_after(kept.at[rows] - kept.lifetime[rows] - 1, rows, kept.at, kept.first)
    within = (sums[rows] - sums[since]) / _WEIGHT
    found = np.where(kept.refreshed[rows], -np.expm1(-within), within / (1 + within))
    chance[rows] = np.rint(found * CERTAIN).astype(np.int64)


def _to_hand_on(kept: _Kept, sure: Bools, perhaps: Bools) -> Ints:
    """Places of the row of each key that surely stored it last, and of those that perhaps did, while they live."""
    living = kept.at >= kept.at.max() - kept.lifetime
    return np.flatnonzero(living & (is_last(sure, kept.first) | perhaps))
