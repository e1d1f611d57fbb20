"""Sums of a replay by group: tallies of different batches add up, in any order, to the same digits.

Sums are Python integers. Inside a batch they come from float64 sums of whole numbers below 2^53, which are
exact: token counts as they are, money in two halves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.policies.columns import renumbered
from costsim.summary.adding import add_to
from costsim.summary.dimensions import Codes

Key = tuple[str | None, ...]
Ints = NDArray[np.int64]

_HALF, _EXACT = 30, 1 << 53
_LOW = (1 << _HALF) - 1
_LOW_BITS = 32
_AT_ONCE = 1 << 15
"""Values added together: they fit in the cache of the processor."""


class Tally(msgspec.Struct):
    """For each grouping, for each key, the sum of each measure."""

    measures: tuple[str, ...]
    groups: dict[tuple[str, ...], dict[Key, list[int]]] = msgspec.field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Add another tally of the same measures into this one."""
        for names, keys in other.groups.items():
            mine = self.groups.setdefault(names, {})
            for key, sums in keys.items():
                add_to(mine, key, sums)

    def count(self, names: tuple[str, ...], dimensions: Sequence[Codes], values: Mapping[str, Ints]) -> None:
        """Add the calls of one batch to the grouping `names`, given as codes and labels of its dimensions.

        Keys whose sums are all nothing are left out, so that the same calls give the same keys in any batches.
        """
        codes, keys = crossed(dimensions, len(next(iter(values.values()))))
        columns = [sums_by(codes, len(keys), values[measure]) for measure in self.measures]
        mine = self.groups.setdefault(names, {})
        for key, *sums in zip(keys, *columns, strict=True):
            if any(sums):
                add_to(mine, key, sums)

    def of(self, names: tuple[str, ...], key: Key, measure: str) -> int:
        """Return one sum; 0 where no call has the key."""
        sums = self.groups.get(names, {}).get(key)
        return sums[self.measures.index(measure)] if sums else 0

    def rows(self, names: tuple[str, ...]) -> dict[Key, dict[str, int]]:
        """Return the sums of a grouping by the names of their measures."""
        keys = self.groups.get(names, {})
        return {key: dict(zip(self.measures, sums, strict=True)) for key, sums in keys.items()}

    def totals(self) -> dict[str, int]:
        """Return the sum of each measure over all calls, from any one grouping."""
        rows = next(iter(self.groups.values()), {}).values()
        columns = zip(*rows, strict=True) if rows else ((0,) for _ in self.measures)
        return dict(zip(self.measures, map(sum, columns), strict=True))


def crossed(dimensions: Sequence[Codes], calls: int) -> tuple[Ints, list[Key]]:
    """Return the code of each call in the product of some dimensions, and the key of each code that occurs."""
    which = np.zeros(calls, np.int64)
    keys: list[Key] = [()] if calls else []
    for codes, labels in dimensions:
        distinct, which = renumbered(which * len(labels) + codes, len(keys) * len(labels))
        before, at = np.divmod(distinct, max(len(labels), 1))
        keys = [(*keys[b], labels[a]) for b, a in zip(before.tolist(), at.tolist(), strict=True)]
    return which, keys


def sums_by(codes: Ints, groups: int, values: Ints) -> list[int]:
    """Return the exact sum of the values of each group, as Python integers.

    Any int64 may occur, up to two million times.
    """
    largest = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    if not largest:
        return [0] * groups
    if largest * len(values) < _EXACT:
        return _added(codes, values, groups)
    halves = np.ascontiguousarray(values, "<i8").view("<i4")
    high, low = (_added(codes, half, groups) for half in (halves[1::2], halves.view("<u4")[::2]))
    return [(h << _LOW_BITS) + rest for h, rest in zip(high, low, strict=True)]


def _added(codes: Ints, values: Any, groups: int) -> list[int]:
    """The sums of small values, some at a time."""
    found, step = np.zeros(groups, np.int64), max(_AT_ONCE, groups)
    for start in range(0, len(values), step):
        some = slice(start, start + step)
        found += np.bincount(codes[some], values[some], groups).astype(np.int64)
    added: list[int] = found.tolist()
    return added


def total(values: Ints) -> int:
    """Return the exact sum of the values, as a Python integer."""
    return (int((values >> _HALF).sum()) << _HALF) + int((values & _LOW).sum())
