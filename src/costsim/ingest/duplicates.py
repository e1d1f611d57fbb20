"""Calls that stand in the logs more than once: one copy is kept, wherever and in whatever order they were read."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from costsim.ingest.keys import AT, AT_ONCE, ID, RANK, Keys, Load, part_of

Places = NDArray[np.int64]


def dropped(load: Load, batches: int, calls: int) -> dict[int, Places]:
    """Return, for each batch that has any, the places of its calls that are copies of a kept one.

    Of the calls with one id the one of the highest rank is kept, of equals the earliest, then the first.
    """
    parts = max(1, -(-calls // AT_ONCE))
    found: dict[int, list[Places]] = {}
    for part in range(parts):
        keys, of_batch, places = part_of(load, batches, ID, part, parts)
        for batch, losers in _losers(keys, of_batch, places):
            found.setdefault(batch, []).append(losers)
    return {batch: np.sort(np.concatenate(losers)) for batch, losers in found.items()}


def _losers(keys: Keys, of_batch: Places, places: Places) -> Iterator[tuple[int, Places]]:
    ids = keys[ID]
    ordered = np.sort(ids)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return
    copies = np.flatnonzero(np.isin(ids, repeated))
    times = keys[AT][copies]
    times = np.where(times < 0, np.iinfo(np.int64).max, times)
    order = copies[np.lexsort((copies, times, -keys[RANK][copies], ids[copies]))]
    losers = order[1:][ids[order][1:] == ids[order][:-1]]
    for batch in np.unique(of_batch[losers]):
        yield int(batch), places[losers[of_batch[losers] == batch]]
