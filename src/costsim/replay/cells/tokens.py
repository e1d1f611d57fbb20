"""Tokens of plain calls, one by one and summed by cell: as they were, and as each would be on another model."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from costsim.cost import Usage
from costsim.policies.attempts import Bools, Ints
from costsim.projection import ONE
from costsim.replay.cells.alike import Cells


def times(tokens: Ints, factor: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Ints:
    """Return tokens times a factor in millionths, to the nearest as `Projecting` rounds them; overwrites the factor."""
    factor *= tokens  # below 2^53, for plain calls have few tokens
    factor += ONE // 2
    factor /= ONE
    return np.floor(factor, out=factor).astype(np.int64)


Key = tuple[int, int]
"""A model, and what stands for the factors by which its tokens are projected."""


class Amounts(Protocol):
    """Amounts of some rows, each a cell or a call; `cells` are the cells of the rows."""

    def calls(self, cells: Ints) -> Ints:
        """Return how many calls each row stands for."""

    def logged(self, name: str, cells: Ints) -> Ints | None:
        """Return a column of `Usage`; None where the log says nothing in it."""

    def projected(self, key: Key, side: int, cells: Ints, rows: Ints) -> Ints:
        """Return tokens of input (0) or output (1) on another model; `rows` are places in `cells`."""


@dataclass
class _Projection:
    """All cells on one model, as far as it is wanted."""

    factors: tuple[Ints, Ints]
    """Of input and output, of each cell, in millionths."""
    wanted: Bools
    sums: dict[int, Ints] = field(default_factory=dict)


@dataclass
class CellTokens:
    """Amounts of cells."""

    cells: Cells
    usage: Usage
    """Of each call."""
    _logged: dict[str, Ints] = field(default_factory=dict)
    _projected: dict[Key, _Projection] = field(default_factory=dict)

    @cached_property
    def counts(self) -> Ints:
        """How many calls each cell has."""
        return np.bincount(self.cells.which, minlength=len(self.cells))

    def calls(self, cells: Ints) -> Ints:
        """Return how many calls these cells have."""
        return self.counts[cells]

    def logged(self, name: str, cells: Ints) -> Ints | None:
        """Return the sums of a column of `Usage`."""
        return None if getattr(self.usage, name) is None else self.stated(name)[cells]

    def stated(self, name: str) -> Ints:
        """Return the sums of a column of `Usage` in which the log says something."""
        if name not in self._logged:
            self._logged[name] = self._summed(self.cells.which, np.maximum(getattr(self.usage, name), 0))
        return self._logged[name]

    def want(self, key: Key, rows: Ints, factors: tuple[Ints, Ints]) -> None:
        """Ask for cells on another model, on which their tokens are so many times as many, in millionths."""
        if key not in self._projected:
            ones = np.full(len(self.cells), ONE), np.full(len(self.cells), ONE)
            self._projected[key] = _Projection(ones, np.zeros(len(self.cells), np.bool_))
        found = self._projected[key]
        for known, more in zip(found.factors, factors, strict=True):
            known[rows] = more
        found.wanted[rows] = True

    def projected(self, key: Key, side: int, cells: Ints, rows: Ints) -> Ints:
        """Return the sums of tokens on another model, of cells that were asked for."""
        found = self._projected[key]
        if side not in found.sums:
            calls = slice(None) if found.wanted.all() else np.flatnonzero(found.wanted[self.cells.which])
            found.sums[side] = self._summed(self.cells.which[calls], self.moved(key, side, calls))
        return found.sums[side][cells[rows]]

    def factors(self, key: Key, side: int) -> Ints:
        """Return the factors of input (0) or output (1) of each cell on another model, in millionths."""
        return self._projected[key].factors[side]

    def moved(self, key: Key, side: int, calls: Ints | slice) -> Ints:
        """Return each call's tokens on another model, to the nearest as `Projecting` rounds them."""
        tokens = (self.usage.input_tokens, self.usage.output_tokens)[side][calls].astype(np.int64, copy=False)
        factors = self._projected[key].factors[side]
        if (factors == ONE).all():
            return tokens
        return times(tokens, factors.astype(np.float64)[self.cells.which[calls]])

    def _summed(self, cells: Ints, counts: Ints) -> Ints:
        return np.bincount(cells, counts, len(self.cells)).astype(np.int64)


@dataclass(frozen=True)
class CallTokens:
    """Amounts of single calls."""

    of_cells: CellTokens
    which: Ints
    """Places of the calls."""

    def calls(self, cells: Ints) -> Ints:
        """Return one for each call."""
        return np.ones(len(cells), np.int64)

    def logged(self, name: str, cells: Ints) -> Ints | None:  # noqa: ARG002  a call knows its own
        """Return what each call used."""
        counts = getattr(self.of_cells.usage, name)
        return None if counts is None else np.maximum(counts[self.which], 0)

    def projected(self, key: Key, side: int, cells: Ints, rows: Ints) -> Ints:  # noqa: ARG002
        """Return the tokens of each call on another model."""
        return self.of_cells.moved(key, side, self.which if len(rows) == len(self.which) else self.which[rows])
