"""All batches of a log in the order of time, a part at a time, whatever order they were written in."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec.structs import astuple
from numpy.typing import NDArray

from costsim.schema import distinct

Ints = NDArray[np.int64]

AT_ONCE = 1 << 17
"""Rows of a part, about, where batches overlap in time."""
_SAMPLED = 1 << 16
_MOST_PARTS = 500
"""Each is a file that is open while batches are taken apart."""


class Timed(msgspec.Struct, frozen=True):
    """Columns of one length, of which `at` is UTC microseconds; below 0 a row has no time."""

    at: Ints

    def __len__(self) -> int:
        return len(self.at)

    def columns(self) -> list[NDArray[Any]]:
        """Return all arrays, in the order in which they are written down."""
        return list(astuple(self))

    def only(self: "Row", places: Ints) -> "Row":
        """Return the rows at some places."""
        return type(self)(*(column[places] for column in self.columns()))

    @classmethod
    def together(cls: "type[Row]", some: list["Row"]) -> "Row":
        """Return the rows of several as one."""
        return cls(*(np.concatenate(columns) for columns in zip(*(each.columns() for each in some), strict=True)))


Row = TypeVar("Row", bound=Timed)


def in_order(
    load: Callable[[int], Row], times: Callable[[int], Ints], batches: int, folder: Path, at_once: int = AT_ONCE
) -> Iterator[tuple[Row, Ints]]:
    """Yield all rows that have a time, in the order of time, with their places among all rows of all batches.

    `load` is called once for each batch, `times` (the batch's `at` alone) twice. Batches that follow each other in time
    are yielded as they are; others are taken apart by time in files under `folder`, about `at_once` rows in each.
    Rows of the same time stay in the order of batches and rows.
    """
    starts = np.cumsum([0, *(len(times(batch)) for batch in range(batches))])
    if _follow_each_other(times, batches):
        for batch in range(batches):
            yield _by_time(load(batch), starts[batch] + np.arange(starts[batch + 1] - starts[batch]))
        return
    cuts = _cuts(times, batches, int(starts[-1]), at_once)
    kind = _take_apart(load, batches, starts, cuts, folder)
    for part in range(len(cuts) + 1):
        pieces, places = _read(kind, _file(folder, part))
        if pieces:
            yield _by_time(kind.together(pieces), np.concatenate(places))


def _by_time(rows: Row, places: Ints) -> tuple[Row, Ints]:
    known = np.flatnonzero(rows.at >= 0)
    at = rows.at[known]
    order = known if np.all(at[1:] >= at[:-1]) else known[np.argsort(at, kind="stable")]
    if len(order) == len(rows) and np.array_equal(order, np.arange(len(order))):
        return rows, places
    return rows.only(order), places[order]


def _follow_each_other(times: Callable[[int], Ints], batches: int) -> bool:
    latest = -1
    for batch in range(batches):
        at = times(batch)
        known = at[at >= 0]
        if len(known):
            if known.min() < latest:
                return False
            latest = int(known.max())
    return True


def _cuts(times: Callable[[int], Ints], batches: int, rows: int, at_once: int) -> Ints:
    """Times at which the parts begin, from a sample: rows of one time are never in two parts."""
    every = max(1, rows // _SAMPLED)
    sample = np.sort(np.concatenate([times(batch)[::every] for batch in range(batches)]))
    sample = sample[sample >= 0]
    parts = min(max(1, rows // at_once), _MOST_PARTS)
    return distinct(sample[len(sample) * np.arange(1, parts) // parts]) if len(sample) else sample


def _take_apart(load: Callable[[int], Row], batches: int, starts: Ints, cuts: Ints, folder: Path) -> type[Row]:
    """Write the rows of each part into one file, array after array."""
    kind: type[Row]
    with ExitStack() as stack:
        files = [stack.enter_context(_file(folder, part).open("wb")) for part in range(len(cuts) + 1)]
        for batch in range(batches):
            rows = load(batch)
            kind = type(rows)
            part_of = np.where(rows.at < 0, -1, np.searchsorted(cuts, rows.at, side="right"))
            for part in distinct(part_of[part_of >= 0]).tolist():
                chosen = np.flatnonzero(part_of == part)
                for column in (starts[batch] + chosen, *rows.only(chosen).columns()):
                    np.save(files[part], column)
    return kind


def _read(kind: type[Row], path: Path) -> tuple[list[Row], list[Ints]]:
    """The pieces of a part and their places; the file is not needed again."""
    pieces, places, size = [], [], path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            places.append(np.load(file))
            pieces.append(kind(*(np.load(file) for _ in kind.__struct_fields__)))
    path.unlink()
    return pieces, places


def _file(folder: Path, part: int) -> Path:
    return folder / f"part-{part}.npy"
