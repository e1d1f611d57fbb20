"""Tokens of plain calls, one by one and summed by cell: as they were, and as each would be on another model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from costsim.policies.attempts import Bools, Ints
from costsim.projection import ONE
from costsim.replay.cells.alike import Cells

_AT_ONCE = 1 << 15
"""Calls looked at together: their columns fit in the processor's cache."""


def pieces(calls: int) -> Iterator[slice]:
    """Yield slices of so many calls, each small enough for the processor's cache."""
    for start in range(0, calls, _AT_ONCE):
        yield slice(start, min(start + _AT_ONCE, calls))


def times(tokens: Ints, factor: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Ints:
    """Return tokens times a factor in millionths, to the nearest as `Projecting` rounds them; overwrites the factor."""
    factor *= tokens  # below 2^53, for plain calls have few tokens
    factor += ONE // 2
    factor /= ONE
    return factor.astype(np.int64)  # which cuts off: none is below 0


@dataclass(frozen=True)
class Tokens:
    """What plain calls used, as `Usage` has it: -1 (or no column) is 'the log does not say'."""

    input_tokens: Ints
    output_tokens: Ints
    cache_read_tokens: Ints | None = None
    cache_write_tokens: Ints | None = None
    cache_write_1h_tokens: Ints | None = None
    reasoning_tokens: Ints | None = None

    def __len__(self) -> int:
        return len(self.input_tokens)

    @classmethod
    def of(cls, usage: Any, rows: Ints | None) -> "Tokens":
        """Return what the calls in these rows used, or all, of a `Usage` or of tokens."""
        columns = {name: getattr(usage, name) for name in cls.__dataclass_fields__}
        stated: dict[str, Any] = {name: each for name, each in columns.items() if each is not None}
        return cls(**(stated if rows is None else {name: each.take(rows) for name, each in stated.items()}))

    @classmethod
    def together(cls, some: Sequence["Tokens"]) -> "Tokens":
        """Return the tokens of all these calls, one after the other."""
        names = [name for name in cls.__dataclass_fields__ if any(getattr(each, name) is not None for each in some)]
        return cls(**{name: np.concatenate([each.stated(name) for each in some]) for name in names})

    def stated(self, name: str) -> Ints:
        """Return a column; -1 in all rows where there is none."""
        found: Ints | None = getattr(self, name)
        return np.full(len(self), -1, np.int32) if found is None else found


Key = tuple[int, int]
"""A model, and what stands for the factors by which its tokens are projected."""
Places = Ints | None
"""Rows of calls, in order; None for all of them."""


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
    kept: bool = False
    """Whether what is worked out of single calls is asked for again."""
    sums: dict[int, Ints] = field(default_factory=dict)
    of_calls: dict[int, Ints] = field(default_factory=dict)


@dataclass
class CellTokens:
    """Amounts of cells, whose calls stand in the order of their cells, none of which is empty."""

    cells: Cells
    usage: Tokens
    """Of each call."""
    _logged: dict[str, Ints] = field(default_factory=dict)
    _projected: dict[Key, _Projection] = field(default_factory=dict)
    _places: dict[bytes, tuple[Places, Ints]] = field(default_factory=dict)

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
            self._logged[name] = _summed(np.maximum(getattr(self.usage, name), 0), self.counts)
        return self._logged[name]

    def want(self, key: Key, rows: Ints, factors: tuple[Ints, Ints], *, kept: bool) -> None:
        """Ask for cells on another model, on which their tokens are so many times as many, in millionths.

        `kept`: single calls will be asked for, too.
        """
        if key not in self._projected:
            ones = np.full(len(self.cells), ONE), np.full(len(self.cells), ONE)
            self._projected[key] = _Projection(ones, np.zeros(len(self.cells), np.bool_))
        found = self._projected[key]
        for known, more in zip(found.factors, factors, strict=True):
            known[rows] = more
        found.wanted[rows] = True
        found.kept |= kept

    def projected(self, key: Key, side: int, cells: Ints, rows: Ints) -> Ints:
        """Return the sums of tokens on another model, of cells that were asked for."""
        found = self._projected[key]
        if side not in found.sums:
            sums = np.zeros(len(self.cells), np.int64)
            sums[found.wanted] = _summed(self._of_calls(key, side), self.counts[found.wanted])
            found.sums[side] = sums
        return found.sums[side][cells[rows]]

    def add_times(self, key: Key, side: int, by_cell: Ints, found: Ints) -> None:
        """Add each call's tokens on another model, times a number of its cell, to what was found of each call."""
        (places, which), moved = self._places_of(self._projected[key].wanted), self._of_calls(key, side)
        for some in pieces(len(moved)):
            found[_part(places, some)] += moved[some] * by_cell.take(which[some])

    def _of_calls(self, key: Key, side: int) -> Ints:
        """Tokens of all calls of the cells that were asked for, in their order."""
        found = self._projected[key]
        if side in found.of_calls:
            return found.of_calls[side]
        places, which = self._places_of(found.wanted)
        moved = np.empty(len(which), np.int64)
        for some in pieces(len(moved)):
            moved[some] = self.moved(key, side, _part(places, some))
        if found.kept:
            found.of_calls[side] = moved
        return moved

    def _places_of(self, cells: Bools) -> tuple[Places, Ints]:
        """Where the calls of some cells stand, and the cell of each."""
        key = cells.tobytes()
        if key not in self._places:
            rows = None if cells.all() else np.flatnonzero(np.repeat(cells, self.counts))
            which = self.cells.which if rows is None else np.repeat(np.flatnonzero(cells), self.counts[cells])
            self._places[key] = rows, which
        return self._places[key]

    def moved(self, key: Key, side: int, calls: Ints | slice) -> Ints:
        """Return each call's tokens on another model, to the nearest as `Projecting` rounds them."""
        tokens = _of((self.usage.input_tokens, self.usage.output_tokens)[side], calls).astype(np.int64, copy=False)
        factors = self._projected[key].factors[side]
        if (factors == ONE).all():
            return tokens
        return times(tokens, factors.astype(np.float64).take(_of(self.cells.which, calls)))


def _of(column: Ints, calls: Ints | slice) -> Ints:
    return column[calls] if isinstance(calls, slice) else column.take(calls)  # which is faster than column[calls]


def _part(places: Places, some: slice) -> Ints | slice:
    return some if places is None else places[some]


def _summed(counts: Ints, calls: Ints) -> Ints:
    """The sum of each cell, given how many calls each has, one cell after the other."""
    starts = np.cumsum(calls) - calls
    return np.add.reduceat(counts, starts, dtype=np.int64) if len(starts) else np.zeros(0, np.int64)


@dataclass(frozen=True)
class CallTokens:
    """Amounts of single calls."""

    of_cells: CellTokens
    which: Ints | slice
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
        assert isinstance(self.which, np.ndarray)
        return self.of_cells.moved(key, side, self.which if len(rows) == len(self.which) else self.which[rows])
