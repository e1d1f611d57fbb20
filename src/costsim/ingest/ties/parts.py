"""Calls of all batches side by side that share a key, some at a time: in parts by the key's hash, and parts in pieces.

As a rule a part is about as large as the others and is one piece; a whole log may share one key, and is one part then.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

AT_ONCE = 150_000
"""Calls looked at together; beyond that they are taken in parts, so that memory stays flat."""

Some = dict[int, Ints]
"""Some rows of the keys of some calls."""
Load = Callable[[int, int], Ints]
"""Returns one row of the keys of a batch; 0 in a row of hashes is 'has none'."""
Within = Callable[[int, Ints], Ints]
"""From a batch and places of calls in it to those of them that are meant."""


class Piece(NamedTuple):
    """Some rows of the keys of some calls, and the batch and the place in it of each."""

    keys: Some
    of_batch: Ints
    places: Ints

    def only(self, calls: Ints | NDArray[np.bool_]) -> "Piece":
        """Return some of the calls."""
        return Piece(only(self.keys, calls), self.of_batch[calls], self.places[calls])

    def after(self, earlier: "Piece | None") -> "Piece":
        """Return the calls with earlier ones before them."""
        if earlier is None:
            return self
        return Piece(
            {row: np.concatenate([earlier.keys[row], found]) for row, found in self.keys.items()},
            np.concatenate([earlier.of_batch, self.of_batch]),
            np.concatenate([earlier.places, self.places]),
        )


class Pieces(msgspec.Struct, frozen=True, dict=True):
    """The calls of a part in the order of the batches, as often as they are asked for."""

    load: Load
    batches: int
    rows: Sequence[int]
    """Of the keys; the calls are those that have the first."""
    part: int
    parts: int
    size: int
    """How many calls these are."""
    at_once: int

    @property
    def are_one(self) -> bool:
        """Whether they are one piece at most, which is kept."""
        return self.size <= self.at_once + self.at_once // 4

    def __iter__(self) -> Iterator[Piece]:
        if not self.are_one:
            yield from _pieces(self.load, self.batches, self.rows, self.part, self.parts, at_once=self.at_once)
        elif self.size:
            yield self._whole

    @cached_property
    def _whole(self) -> Piece:
        return part_of(self.load, self.batches, self.rows, self.part, self.parts)


class Parts:
    """All calls that have a key, in so many parts by its hash."""

    def __init__(self, load: Load, batches: int, key: int, parts: int, at_once: int) -> None:
        self._load, self._batches, self._key, self._parts, self._at_once = load, batches, key, parts, at_once
        self.sizes = sizes(load, batches, key, parts)

    def pieces(self, part: int, *rows: int) -> Pieces:
        """Return the calls of a part with their key and other rows."""
        return Pieces(self._load, self._batches, (self._key, *rows), part, self._parts, self.sizes[part], self._at_once)


def part_of(
    load: Load, batches: int, rows: Sequence[int], part: int, parts: int, within: Within | None = None
) -> Piece:
    """Return these rows of the keys, of all calls that have the first of them and whose hash of it falls into a part.

    `within` leaves some of these calls out.
    """
    return next(_pieces(load, batches, rows, part, parts, within))


def _pieces(
    load: Load,
    batches: int,
    rows: Sequence[int],
    part: int,
    parts: int,
    within: Within | None = None,
    at_once: int | None = None,
) -> Iterator[Piece]:
    """Yield what `part_of` tells of, so many calls at once or somewhat more; the last piece may be empty."""
    gathered = _Gathered(rows)
    for batch in range(batches):
        hashes = load(batch, rows[0])
        kept = in_part(hashes, part, parts)
        if within is not None:
            kept = within(batch, kept)
        if not len(kept):  # as in most logs, of most keys
            continue
        gathered.add({row: (hashes if row == rows[0] else load(batch, row))[kept] for row in rows}, batch, kept)
        if at_once is not None and gathered.calls >= at_once:
            yield gathered.piece()
            gathered = _Gathered(rows)
    yield gathered.piece()


class _Gathered:
    """What was found of some batches so far."""

    def __init__(self, rows: Sequence[int]) -> None:
        nothing = np.zeros(0, np.int64)
        self._keys, self._batches = [dict.fromkeys(rows, nothing)], [nothing]
        self._places, self.calls = [nothing], 0

    def add(self, keys: Some, batch: int, places: Ints) -> None:
        self._keys.append(keys)
        self._batches.append(np.full(len(places), batch))
        self._places.append(places)
        self.calls += len(places)

    def piece(self) -> Piece:
        """All of it; nothing is left, as it would be there twice."""
        batches, places = np.concatenate(self._batches), np.concatenate(self._places)
        keys = {row: np.concatenate([found.pop(row) for found in self._keys]) for row in list(self._keys[0])}
        return Piece(keys, batches, places)


def in_part(hashes: Ints, part: int, parts: int) -> Ints:
    """Return the places of the calls of a batch whose hash falls into a part."""
    chosen = hashes != 0
    if parts > 1:
        chosen &= _part(hashes, parts) == part
    return np.flatnonzero(chosen)


def sizes(load: Load, batches: int, row: int, parts: int) -> list[int]:
    """Return how many calls each part has that have a row of the keys."""
    found = np.zeros(parts, np.int64)
    for batch in range(batches):
        hashes = load(batch, row)
        found += np.bincount(_part(hashes[hashes != 0], parts).astype(np.intp), minlength=parts)
    return found.tolist()


def _part(hashes: Ints, parts: int) -> NDArray[np.uint64]:
    """The part of each hash; its lowest bit is left out, which is set in all, as none is 0."""
    return (hashes.view(np.uint64) >> np.uint64(1)) % np.uint64(parts)


def only(keys: Some, calls: Ints | NDArray[np.bool_]) -> Some:
    """Return the keys of some of the calls."""
    return {row: found[calls] for row, found in keys.items()}
