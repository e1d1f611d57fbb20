"""Calls that stand in the logs more than once: one copy is kept, wherever and in whatever order they were read.

A call also stands there twice where two instrumentors wrote it, one inside the other or side by side.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from costsim.ingest.ties.keys import AROUND, AT, COUNTED, FAILED, ID, NAMED, RANK, SUMMED, TWIN
from costsim.ingest.ties.parts import AT_ONCE, Load, Parts, Piece, Pieces, Some, part_of
from costsim.ingest.ties.slices import how_many, slices
from costsim.schema import among, distinct

Places = NDArray[np.int64]
_SLACK = 500_000
"""Microseconds between the beginnings of two spans for one call."""


def dropped(load: Load, rows: Sequence[int]) -> Iterator[tuple[int, Places]]:
    """Yield batches with places of calls in them that are copies of a kept one; `rows` are the calls of each batch.

    A batch, and a call, may come more than once. Of the calls with one id the one of the highest rank is kept, of
    equals the earliest, then the first. Of a call and the one around it the inner one is kept, unless only the outer
    one knows its tokens; the sum of a session only where no call of it is there. Of two that tell the same at the same
    time, one with the answer's id and one without, the one of the higher rank is kept.
    """
    batches, parts = len(rows), max(1, -(-sum(rows) // AT_ONCE))
    starts = np.cumsum([0, *rows])
    ids, around, summed, twins = (Parts(load, batches, key, parts, AT_ONCE) for key in (ID, AROUND, SUMMED, TWIN))
    for part in range(parts):
        calls, inner = ids.pieces(part, RANK, AT, COUNTED), around.pieces(part, COUNTED, FAILED)
        for losers in chain(
            _copies(calls),
            _nested(calls, inner, summed.pieces(part)),
            _twins(load, part, parts, starts, twins.sizes[part]),
        ):
            yield from _by_batch(losers)


def _by_batch(losers: Piece) -> Iterator[tuple[int, Places]]:
    order = np.argsort(losers.of_batch, kind="stable")
    batches, first = np.unique(losers.of_batch[order], return_index=True)
    yield from zip(batches.tolist(), np.split(losers.places[order], first[1:]), strict=False)  # [empty] without any


def _copies(calls: Pieces) -> Iterator[Piece]:
    """Of calls with one id all but the one that is kept: the best so far of each id meets those of the next piece."""
    best: Piece | None = None
    for piece in calls:
        both = piece.after(best)
        losers = _beaten(both.keys)
        yield both.only(losers)
        best = both.only(np.delete(np.arange(len(both.places)), losers))


def _beaten(keys: Some) -> Places:
    """Of calls with one id all but the best; of those that are equally good, the first one stays."""
    ids = keys[ID]
    ordered = np.sort(ids)
    repeated = distinct(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return np.zeros(0, np.int64)
    copies = np.flatnonzero(among(ids, repeated))
    times = keys[AT][copies]
    times = np.where(times < 0, np.iinfo(np.int64).max, times)
    order = copies[np.lexsort((copies, times, -keys[RANK][copies], ids[copies]))]
    losers: Places = order[1:][ids[order][1:] == ids[order][:-1]]
    return losers


def _nested(calls: Pieces, inner: Pieces, sums: Pieces) -> Iterator[Piece]:
    """Calls around one that knows its tokens, those in one that alone knows them, and sums of calls that are there."""
    if not inner.size:  # as a rule
        return
    around, known = _that_know(inner, AROUND), _that_know(calls, ID)
    for row, some in ((ID, calls), (SUMMED, sums)):
        for piece in some:
            yield piece.only(among(piece.keys[row], around))
    for piece in inner:
        unknown = (piece.keys[COUNTED] == 0) & (piece.keys[FAILED] == 0)
        yield piece.only(among(piece.keys[AROUND], known) & unknown)


def _that_know(calls: Pieces, key: int) -> Places:
    """The different keys of calls that know their tokens."""
    found = np.zeros(0, np.int64)
    for piece in calls:
        found = distinct(np.append(found, piece.keys[key][piece.keys[COUNTED] != 0]))
    return found


def _twins(load: Load, part: int, parts: int, starts: Places, size: int) -> Iterator[Piece]:
    """Of two calls that tell the same, one by the answer's id and one without, the one that is not kept."""
    waiting: Piece | None = None
    for within in slices(load, TWIN, part, parts, starts, how_many(size, AT_ONCE)) if size else ():
        piece = part_of(load, len(starts) - 1, (TWIN, NAMED, AT, RANK), part, parts, within).after(waiting)
        losers, paired = _told_again(piece.keys)
        yield piece.only(losers)
        at = piece.keys[AT]
        waiting = piece.only(~paired & (at >= max(0, at.max(initial=0) - _SLACK)))


def _told_again(keys: Some) -> tuple[Places, NDArray[np.bool_]]:
    """The calls that are not kept, and of each call whether it is one of two that tell the same."""
    named, paired = keys[NAMED] != 0, np.zeros(len(keys[TWIN]), np.bool_)
    both = distinct(keys[TWIN][named])
    both = both[among(both, distinct(keys[TWIN][~named]))]
    if not len(both):  # as a rule
        return np.zeros(0, np.int64), paired
    alike = np.flatnonzero(among(keys[TWIN], both) & (keys[AT] >= 0))
    order = alike[np.lexsort((keys[AT][alike], keys[TWIN][alike]))]
    losers, waiting = list[int](), deque[int]()  # those that wait are all named, or none is
    for place in order.tolist():
        while waiting and not _are_near(keys, waiting[0], place):
            waiting.popleft()
        if waiting and named[waiting[0]] != named[place]:
            two = waiting.popleft(), place
            paired[[*two]] = True
            losers.append(min(two, key=lambda each: (keys[RANK][each], named[each])))
        else:
            waiting.append(place)
    return np.array(losers, np.int64), paired


def _are_near(keys: Some, earlier: int, later: int) -> bool:
    alike = keys[TWIN][earlier] == keys[TWIN][later]
    return bool(alike and keys[AT][later] - keys[AT][earlier] <= _SLACK)
