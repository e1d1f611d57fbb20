"""Tokens of plain calls, one by one and summed by cell: as they were, and as each would be on another model."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
import numpy as np

from costsim.policies.attempts import Bools, Ints
from costsim.projection import ONE
from costsim.replay.cells.runs import Places, Runs

_MOST = 0.3
"""Where more calls are asked for, all are worked out: to pick some takes longer."""


def times(tokens: Ints, factor: "np.ndarray[tuple[int], np.dtype[np.float64]]", found: Ints | None = None) -> Ints:
    """Return tokens times a factor in millionths, to the nearest as `Projecting` rounds them; overwrites the factor."""
    found = np.empty(len(tokens), np.int64) if found is None else found
    factor *= tokens  # below 2^53, for plain calls have few tokens
    factor += ONE // 2
    np.divide(factor, ONE, out=found, casting="unsafe")  # which cuts off: none is below 0
    return found


class Tokens(msgspec.Struct, frozen=True):
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
    def of(cls, usage: Any, rows: Ints) -> "Tokens":
        """Return what the calls in these rows used, of a `Usage` or of tokens."""
        return cls(**{name: each.take(rows) for name, each in _columns(usage).items()})

    @classmethod
    def short(cls, usage: Any, rows: Ints) -> "Tokens":
        """Return the same of plain calls, in half of the memory."""
        return cls(**{name: each.astype(np.int32).take(rows) for name, each in _columns(usage).items()})

    @classmethod
    def together(cls, some: Sequence["Tokens"]) -> "Tokens":
        """Return the tokens of all these calls, one after the other."""
        names = [name for name in cls.__struct_fields__ if any(getattr(each, name) is not None for each in some)]
        return cls(**{name: np.concatenate([each.stated(name) for each in some]) for name in names})

    def stated(self, name: str) -> Ints:
        """Return a column; -1 in all rows where there is none."""
        found: Ints | None = getattr(self, name)
        return np.full(len(self), -1, np.int32) if found is None else found


def _columns(usage: Any) -> dict[str, Any]:
    columns = {name: getattr(usage, name) for name in Tokens.__struct_fields__}
    return {name: each for name, each in columns.items() if each is not None}


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


class _Projection(msgspec.Struct):
    """All cells on one model, as far as it is wanted."""

    factors: tuple[Ints, Ints]
    """Of input and output, of each cell, in millionths."""
    wanted: Bools
    kept: bool = False
    """Whether what is worked out of single calls is asked for again."""
    sums: dict[int, Ints] = msgspec.field(default_factory=dict)
    of_calls: dict[int, Ints] = msgspec.field(default_factory=dict)


class CellTokens(msgspec.Struct):
    """Amounts of cells."""

    runs: Runs
    """The calls, in their order."""
    usage: Tokens
    """Of each call."""
    _logged: dict[str, Ints] = msgspec.field(default_factory=dict)
    _projected: dict[Key, _Projection] = msgspec.field(default_factory=dict)
    _places: dict[bytes, tuple[Places, Runs]] = msgspec.field(default_factory=dict)

    def __len__(self) -> int:
        return self.runs.cells

    def calls(self, cells: Ints) -> Ints:
        """Return how many calls these cells have."""
        return self.runs.counts[cells]

    def logged(self, name: str, cells: Ints) -> Ints | None:
        """Return the sums of a column of `Usage`."""
        return None if getattr(self.usage, name) is None else self.stated(name)[cells]

    def stated(self, name: str) -> Ints:
        """Return the sums of a column of `Usage` in which the log says something."""
        if name not in self._logged:
            self._logged[name] = self.runs.sums(np.maximum(getattr(self.usage, name), 0))
        return self._logged[name]

    def want(self, key: Key, rows: Ints, factors: tuple[Ints, Ints], *, kept: bool) -> None:
        """Ask for cells on another model, on which their tokens are so many times as many, in millionths.

        `kept`: single calls will be asked for, too.
        """
        if key not in self._projected:
            ones = np.full(len(self), ONE, np.int64), np.full(len(self), ONE, np.int64)
            self._projected[key] = _Projection(ones, np.zeros(len(self), np.bool_))
        found = self._projected[key]
        for known, more in zip(found.factors, factors, strict=True):
            known[rows] = more
        found.wanted[rows] = True
        found.kept |= kept

    def projected(self, key: Key, side: int, cells: Ints, rows: Ints) -> Ints:
        """Return the sums of tokens on another model, of cells that were asked for."""
        found = self._projected[key]
        if side not in found.sums:
            found.sums[side] = self._places_of(found.wanted)[1].sums(self._of_calls(key, side))
        return found.sums[side][cells[rows]]

    def add_times(self, key: Key, side: int, by_cell: Ints, found: Ints) -> None:
        """Add each call's tokens on another model, times a number of its cell, to what was found of each call."""
        (places, runs), moved = self._places_of(self._projected[key].wanted), self._of_calls(key, side)
        for some, of_cells in runs.pieces:
            more = runs.over(by_cell, of_cells)
            more *= moved[some]
            found[_part(places, some)] += more

    def _of_calls(self, key: Key, side: int) -> Ints:
        """Tokens of all calls of the cells that were asked for, in their order, and perhaps of others."""
        found = self._projected[key]
        if side in found.of_calls:
            return found.of_calls[side]
        (places, runs), factors = self._places_of(found.wanted), found.factors[side].astype(np.float64)
        tokens = self._logged_on(side) if places is None else self._logged_on(side).take(places)
        moved = np.empty(len(tokens), np.int64)
        for some, of_cells in runs.pieces:
            times(tokens[some], runs.over(factors, of_cells), moved[some])
        if found.kept:
            found.of_calls[side] = moved
        return moved

    def _logged_on(self, side: int) -> Ints:
        return (self.usage.input_tokens, self.usage.output_tokens)[side]

    def _places_of(self, cells: Bools) -> tuple[Places, Runs]:
        """Where the calls of some cells stand, and their runs; all calls, where the cells have most of them."""
        key = cells.tobytes()
        if key not in self._places:
            most = self.runs.counts[cells].sum() >= _MOST * len(self.usage)
            self._places[key] = (None, self.runs) if most else self.runs.only(cells)
        return self._places[key]

    def moved(self, key: Key, side: int, calls: Ints) -> Ints:
        """Return each call's tokens on another model, to the nearest as `Projecting` rounds them."""
        factors = self._projected[key].factors[side].astype(np.float64)
        return times(self._logged_on(side).take(calls), factors.take(self.runs.which.take(calls)))


def _part(places: Places, some: slice) -> Ints | slice:
    return some if places is None else places[some]


class CallTokens(msgspec.Struct, frozen=True):
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
