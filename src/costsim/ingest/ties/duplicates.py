"""Calls that stand in the logs more than once: one copy is kept, wherever and in whatever order they were read.

A call also stands there twice where two instrumentors wrote it, one inside the other or side by side.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from costsim.ingest.ties.keys import (
    AROUND,
    AT,
    AT_ONCE,
    COUNTED,
    FAILED,
    ID,
    NAMED,
    RANK,
    SUMMED,
    TWIN,
    Load,
    Some,
    part_of,
)

Places = NDArray[np.int64]
_SLACK = 500_000
"""Microseconds between the beginnings of two spans for one call."""


def dropped(load: Load, rows: Sequence[int]) -> Iterator[tuple[int, Places]]:
    """Yield batches with places of calls in them that are copies of a kept one; `rows` are the calls of each batch.

    A batch comes up to four times for each part of the calls that is looked at. Of the calls with one id the one of
    the highest rank is kept, of equals the earliest, then the first. Of a call and the one around it the inner one is
    kept, unless only the outer one knows its tokens; the sum of a session only where no call of it is there. Of two
    that tell the same at the same time, one with the answer's id and one without, the one of the higher rank is kept.
    """
    batches, parts = len(rows), max(1, -(-sum(rows) // AT_ONCE))
    for part in range(parts):
        keys, of_batch, places = part_of(load, batches, (ID, RANK, AT, COUNTED), part, parts)
        inner, inner_batch, inner_places = part_of(load, batches, (AROUND, COUNTED, FAILED), part, parts)
        outside, inside = _nested(keys, inner)
        sums, sum_batch, sum_places = part_of(load, batches, (SUMMED,), part, parts)
        twins, twin_batch, twin_places = part_of(load, batches, (TWIN, NAMED, AT, RANK), part, parts)
        for losers, batch_of, place_of in (
            (_twins(twins), twin_batch, twin_places),
            (np.flatnonzero(np.isin(sums[SUMMED], inner[AROUND][inner[COUNTED] != 0])), sum_batch, sum_places),
            (np.union1d(_copies(keys), outside), of_batch, places),
            (inside, inner_batch, inner_places),
        ):
            for batch in np.unique(batch_of[losers]):
                yield int(batch), place_of[losers[batch_of[losers] == batch]]


def _nested(keys: Some, inner: Some) -> tuple[Places, Places]:
    """Which of `keys` are around one that knows its tokens, and which of `inner` are in one that alone knows them."""
    if not len(inner[AROUND]):  # as a rule
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    counted = inner[COUNTED] != 0
    outside = np.flatnonzero(np.isin(keys[ID], inner[AROUND][counted]))
    known = np.isin(inner[AROUND], keys[ID][keys[COUNTED] != 0])
    return outside, np.flatnonzero(known & ~counted & (inner[FAILED] == 0))


def _twins(keys: Some) -> Places:
    """Of two calls that tell the same, one by the answer's id and one without, the one that is not kept."""
    named = keys[NAMED] != 0
    both = np.intersect1d(keys[TWIN][named], keys[TWIN][~named])
    if not len(both):  # as a rule
        return np.zeros(0, np.int64)
    alike = np.flatnonzero(np.isin(keys[TWIN], both) & (keys[AT] >= 0))
    order = alike[np.lexsort((keys[AT][alike], keys[TWIN][alike]))]
    losers, waiting = list[int](), list[int]()
    for place in order.tolist():
        waiting = [each for each in waiting if _are_near(keys, each, place)]
        if waiting and named[waiting[0]] != named[place]:
            losers.append(min(waiting.pop(0), place, key=lambda each: (keys[RANK][each], named[each])))
        else:
            waiting.append(place)
    return np.array(losers, np.int64)


def _are_near(keys: Some, earlier: int, later: int) -> bool:
    alike = keys[TWIN][earlier] == keys[TWIN][later]
    return bool(alike and keys[AT][later] - keys[AT][earlier] <= _SLACK)


def _copies(keys: Some) -> Places:
    """Of calls with one id all but the one that is kept."""
    ids = keys[ID]
    ordered = np.sort(ids)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return np.zeros(0, np.int64)
    copies = np.flatnonzero(np.isin(ids, repeated))
    times = keys[AT][copies]
    times = np.where(times < 0, np.iinfo(np.int64).max, times)
    order = copies[np.lexsort((copies, times, -keys[RANK][copies], ids[copies]))]
    losers: Places = order[1:][ids[order][1:] == ids[order][:-1]]
    return losers
