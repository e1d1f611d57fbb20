"""Sums of a replay by group: tallies of different batches add up, in any order, to the same digits.

Sums are Python integers. Inside a batch they come from float64 sums of whole numbers below 2^53, which are exact: token
counts as they are, money in two halves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from costsim.summary.dimensions import Codes

Key = tuple[str | None, ...]
Ints = NDArray[np.int64]

_HALF = 30
_LOW = (1 << _HALF) - 1


@dataclass
class Tally:
    """For each grouping, for each key, the sum of each measure."""

    measures: tuple[str, ...]
    groups: dict[tuple[str, ...], dict[Key, list[int]]] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Add another tally of the same measures into this one."""
        for names, keys in other.groups.items():
            mine = self.groups.setdefault(names, {})
            for key, sums in keys.items():
                known = mine.get(key)
                mine[key] = sums if known is None else [a + b for a, b in zip(known, sums, strict=True)]

    def count(self, names: tuple[str, ...], dimensions: Sequence[Codes], values: Mapping[str, Ints]) -> None:
        """Add the calls of one batch to the grouping `names`, whose dimensions are given as codes and labels."""
        codes, keys = crossed(dimensions, len(next(iter(values.values()))))
        columns = [sums_by(codes, len(keys), values[measure]) for measure in self.measures]
        batch = Tally(self.measures, {names: {key: list(sums) for key, *sums in zip(keys, *columns, strict=True)}})
        self.add(batch)

    def of(self, names: tuple[str, ...], key: Key, measure: str) -> int:
        """Return one sum; 0 where no call has the key."""
        sums = self.groups.get(names, {}).get(key)
        return sums[self.measures.index(measure)] if sums else 0

    def totals(self) -> dict[str, int]:
        """Return the sum of each measure over all calls, from any one grouping."""
        rows = next(iter(self.groups.values()), {}).values()
        return dict(zip(self.measures, (sum(column) for column in zip(*rows, strict=True)), strict=True)) if rows else {
            measure: 0 for measure in self.measures
        }  # fmt: skip


def crossed(dimensions: Sequence[Codes], calls: int) -> tuple[Ints, list[Key]]:
    """Return the code of each call in the product of some dimensions, and the key of each code that occurs."""
    combined = np.zeros(calls, np.int64)
    for codes, labels in dimensions:
        combined = combined * len(labels) + codes
    distinct, which = np.unique(combined, return_inverse=True)
    keys = []
    for code in distinct.tolist():
        key: list[str | None] = []
        for _, labels in reversed(dimensions):
            code, at = divmod(code, len(labels))
            key.append(labels[at])
        keys.append(tuple(reversed(key)))
    return which, keys


def sums_by(codes: Ints, groups: int, values: Ints) -> list[int]:
    """Return the exact sum of the values of each group, as Python integers; any int64 may occur."""
    high = np.bincount(codes, values >> _HALF, groups)
    low = np.bincount(codes, values & _LOW, groups)
    return [(int(h) << _HALF) + int(each) for h, each in zip(high, low, strict=True)]


def total(values: Ints) -> int:
    """Return the exact sum of the values, as a Python integer."""
    return (int((values >> _HALF).sum()) << _HALF) + int((values & _LOW).sum())
