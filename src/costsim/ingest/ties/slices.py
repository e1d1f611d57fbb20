"""Calls that share a key, some at a time in the order of time, where a whole log may share one: a prefix, a session."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from costsim.ingest.ties.keys import AT
from costsim.ingest.ties.parts import Load, Within, in_part

Ints = NDArray[np.int64]
_STEP, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
Edge = tuple[int, int]
"""A time, and a place among all calls: that of the first call behind the edge."""


def how_many(calls: int, at_once: int) -> int:
    """Return in how many slices so many calls of one part are looked at."""
    return -(-calls // at_once) if calls > 2 * at_once else 1


def slices(load: Load, row: int, part: int, parts: int, starts: Ints, wanted: int) -> Iterator[Within | None]:
    """Yield what tells the calls of one of so many slices of a part from the others, the earlier ones first.

    None stands for all of them. A part holds the calls whose hash in a row of the keys falls into it; `starts` are the
    places of each batch's first call among all calls, and last how many there are.
    """
    edges = _edges(load, row, part, parts, starts, wanted) if wanted > 1 else []
    if not edges:
        yield None
        return
    for lower, upper in zip([None, *edges], [*edges, None], strict=True):
        yield _between(load, starts, lower, upper)


def _edges(load: Load, row: int, part: int, parts: int, starts: Ints, wanted: int) -> list[Edge]:
    """Where to cut the calls of a part into so many slices of about one size, told from a sample of them."""
    times, places = [], []
    for batch in range(len(starts) - 1):
        kept = in_part(load(batch, row), part, parts)
        some = kept[_drawn(starts[batch] + kept, wanted)]
        times.append(load(batch, AT)[some])
        places.append(starts[batch] + some)
    at, place = np.concatenate(times), np.concatenate(places)
    order = np.lexsort((place, at))
    marks = order[len(order) * np.arange(1, wanted) // wanted] if len(order) else order
    return list(dict.fromkeys(zip(at[marks].tolist(), place[marks].tolist(), strict=True)))


def _drawn(places: Ints, one_of: int) -> NDArray[np.bool_]:
    """About one of so many, as if drawn by lot: a log may have a rhythm of its own."""
    found: NDArray[np.bool_] = (places.astype(np.uint64) * _STEP >> _HALF) % np.uint64(one_of) == 0
    return found


def _between(load: Load, starts: Ints, lower: Edge | None, upper: Edge | None) -> Within:
    def within(batch: int, kept: Ints) -> Ints:
        at, place = load(batch, AT)[kept], starts[batch] + kept
        chosen = np.ones(len(kept), np.bool_)
        for edge, is_behind in ((lower, True), (upper, False)):
            if edge is not None:
                chosen &= ((at > edge[0]) | ((at == edge[0]) & (place >= edge[1]))) == is_behind
        return kept[chosen]

    return within
