"""Calls that stand in the logs more than once: one copy is kept, wherever and in whatever order they were read."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 4_000_000
"""Ids that are looked at together: beyond that, ids are taken in parts by their hash, so that memory stays flat."""

Ids = NDArray[np.uint64]
Ranks = NDArray[np.int64]


def dropped(load: Callable[[int], tuple[Ids, Ranks]], batches: int, calls: int) -> dict[int, NDArray[np.int64]]:
    """Return, for each batch that has any, the positions of its calls that are copies of a kept one.

    Of the calls with one id the one of the highest rank is kept, of equals the first. `load` returns the ids and ranks of
    a batch; it is asked once for each part that the ids are taken in.
    """
    parts = max(1, -(-calls // AT_ONCE))
    found: dict[int, list[NDArray[np.int64]]] = {}
    for part in range(parts):
        for batch, positions in _dropped_in_part(load, batches, part, parts):
            found.setdefault(batch, []).append(positions)
    return {batch: np.sort(np.concatenate(positions)) for batch, positions in found.items()}


def _dropped_in_part(
    load: Callable[[int], tuple[Ids, Ranks]], batches: int, part: int, parts: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    ids, ranks, positions, numbers = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)], [0]
    for batch in range(batches):
        all_ids, all_ranks = load(batch)
        rows = np.flatnonzero(all_ids % np.uint64(parts) == part)
        ids.append(all_ids[rows])
        ranks.append(all_ranks[rows])
        positions.append(rows)
        numbers.append(len(rows))
    of_batch = np.repeat(np.arange(-1, batches), numbers)
    for batch, losers in _losers(np.concatenate(ids), np.concatenate(ranks), of_batch, np.concatenate(positions)):
        yield batch, losers


def _losers(
    ids: Ids, ranks: Ranks, of_batch: NDArray[np.int64], positions: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    repeated = _repeated(ids)
    if not len(repeated):
        return
    copies = np.flatnonzero(np.isin(ids, repeated))
    order = copies[np.lexsort((copies, -ranks[copies], ids[copies]))]
    losers = order[1:][ids[order][1:] == ids[order][:-1]]
    for batch in np.unique(of_batch[losers]):
        yield int(batch), positions[losers[of_batch[losers] == batch]]


def _repeated(ids: Ids) -> Ids:
    """The ids that occur more than once."""
    ordered = np.sort(ids)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
