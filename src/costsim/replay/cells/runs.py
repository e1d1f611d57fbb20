"""Calls that stand in runs, each of one cell: sums and numbers of a cell need no look at the cell of each call."""

from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

import msgspec
import numpy as np

from costsim.policies.attempts import Bools, Ints
from costsim.policies.columns import one_of_each, renumbered
from costsim.replay.cells.alike import Cells

_AT_ONCE = 1 << 15
"""Calls looked at together: their columns fit in the processor's cache."""
Number = TypeVar("Number", bound=np.generic)
Places = Ints | None
"""Rows of calls, in order; None for all of them."""
Piece = tuple[slice, slice]
"""Some calls, one after the other, and their runs."""


class Runs(msgspec.Struct, frozen=True, dict=True):
    """Calls of cells, run after run."""

    cell: Ints
    """The cell of each run; several may be of one."""
    calls: Ints
    """How many calls each run has: one at least, and no more than are looked at together."""
    cells: int
    """How many cells there are, with or without calls."""

    @classmethod
    def of(cls, cell: Ints, calls: Ints, cells: int) -> "Runs":
        """Return runs of so many calls, of these cells."""
        if calls.max(initial=0) <= _AT_ONCE:
            return cls(cell, calls, cells)
        parts = -(-calls // _AT_ONCE)
        first = np.cumsum(parts) - parts
        short = np.full(int(parts.sum()), _AT_ONCE)
        short[first] = calls - (parts - 1) * _AT_ONCE
        return cls(np.repeat(cell, parts), short, cells)

    @classmethod
    def in_order(cls, cells: Cells) -> tuple[Ints, "Runs"]:
        """Return the order of some calls by their cells, as places among them, and the runs of the calls in it."""
        order, calls = cells.order()
        there = np.flatnonzero(calls)
        return order, cls.of(there, calls[there], len(cells))

    def __len__(self) -> int:
        return int(self.calls.sum())

    @cached_property
    def counts(self) -> Ints:
        """How many calls each cell has."""
        return np.bincount(self.cell, self.calls, self.cells).astype(np.int64)

    @cached_property
    def which(self) -> Ints:
        """The cell of each call."""
        return self.spread(np.arange(self.cells))

    def spread(self, by_cell: "np.ndarray[tuple[int], np.dtype[Number]]") -> "np.ndarray[tuple[int], np.dtype[Number]]":
        """Return for each call a number that those of its cell share."""
        return self.over(by_cell, slice(None))

    def over(
        self, by_cell: "np.ndarray[tuple[int], np.dtype[Number]]", runs: slice
    ) -> "np.ndarray[tuple[int], np.dtype[Number]]":
        """Return the same for the calls of some runs; it takes a third of the time of `by_cell.take(which)`."""
        return by_cell.take(self.cell[runs]).repeat(self.calls[runs])

    def sums(self, counts: Ints) -> Ints:
        """Return the sum of each cell, given a count of each call, from 0 to 10^7 or so."""
        of_runs = self._reduced(np.add, counts)
        return np.bincount(self.cell, of_runs, self.cells).astype(np.int64)  # whole numbers below 2^53

    @cached_property
    def pieces(self) -> list[Piece]:
        """Some calls after the other with their runs, so many as fit in the processor's cache, or few more."""
        return list(self._cut())

    def _cut(self) -> Iterator[Piece]:
        ends = self.starts + self.calls
        edges = np.searchsorted(ends, np.arange(0, len(self) + _AT_ONCE, _AT_ONCE)[1:]) + 1
        start = first = 0
        for edge in np.minimum(edges, len(ends)).tolist():
            if edge > first:
                end = int(ends[edge - 1])
                yield slice(start, end), slice(first, edge)
                start, first = end, edge

    @cached_property
    def starts(self) -> Ints:
        """The place of the first call of each run."""
        found: Ints = np.cumsum(self.calls) - self.calls
        return found

    def part(self, chosen: Bools) -> tuple["Runs", Ints]:
        """Return the runs of some of the calls, in cells that are numbered anew, and what number each had before."""
        calls = self._reduced(np.add, chosen)
        there = calls > 0
        before, cell = renumbered(self.cell[there], self.cells)
        return Runs(cell, calls[there], len(before)), before

    def one_of_each(self) -> Ints:
        """Return the place of one call of each cell, all of which have some."""
        return self.starts[one_of_each(self.cell, self.cells)]

    def only(self, cells: Bools) -> tuple[Places, "Runs"]:
        """Return the places of the calls of some cells, and their runs."""
        chosen = cells.take(self.cell)
        if chosen.all():
            return None, self
        return np.flatnonzero(chosen.repeat(self.calls)), Runs(self.cell[chosen], self.calls[chosen], self.cells)

    def renamed(self, names: Ints, cells: int) -> "Runs":
        """Return the same runs of other cells, given the new number of each."""
        return Runs(names.take(self.cell), self.calls, cells)

    def are_alike(self, numbers: Ints) -> bool:
        """Return whether the calls of each cell have the same number."""
        least, most = self._reduced(np.minimum, numbers), self._reduced(np.maximum, numbers)
        of_cell = np.zeros(self.cells, np.int64)
        of_cell[self.cell] = least
        return bool((least == most).all()) and bool((of_cell.take(self.cell) == least).all())

    def _reduced(self, ufunc: np.ufunc, numbers: Ints | Bools) -> Ints:
        """What a ufunc makes of the calls of each run."""
        if not len(self.calls):
            return np.zeros(0, np.int64)
        found: Ints = ufunc.reduceat(numbers, self.starts, dtype=np.int64)
        return found
