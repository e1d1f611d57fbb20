"""Chains of answers, each of which names the one before it, as conversations: the calls of one chain belong together.

Only a hash of each call's id and of its predecessor's is looked at; a conversation found so is named after the hash of
the first answer that is known of, whether the logs hold it or not.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from costsim.ingest.ties.keys import CONVERSATION, ID, PREVIOUS
from costsim.ingest.ties.parts import Load
from costsim.schema import among, distinct

Places = NDArray[np.int64]
_MOST_DOUBLINGS = 40
"""Chains that are longer than 2 to this go in a circle."""


def conversations(load: Load, batches: int) -> Iterator[tuple[int, Places, NDArray[np.int64]]]:
    """Yield, for each batch that has any, the places of its calls in chains, and the first answer of each one's chain.

    Calls that the log itself puts into a conversation are left alone.
    """
    ids, previous = _linked(load, batches)
    if not len(ids):
        return
    firsts = _firsts(ids, previous)
    order = np.argsort(ids, kind="stable")
    begun = distinct(firsts)
    for batch in range(batches):
        own, linked = load(batch, ID), load(batch, PREVIOUS) != 0
        free = (load(batch, CONVERSATION) == 0) & (own != 0)
        at = np.minimum(np.searchsorted(ids, own, sorter=order), len(ids) - 1)
        inside = free & linked & (ids[order][at] == own)
        starts = free & ~linked & among(own, begun)
        if len(places := np.flatnonzero(inside | starts)):
            yield batch, places, np.where(inside, firsts[order[at]], own)[places]


def _linked(load: Load, batches: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The calls that name a predecessor and are in no conversation yet: their ids, and those of the predecessors."""
    ids, previous = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for batch in range(batches):
        named = load(batch, PREVIOUS)
        chosen = named != 0
        if chosen.any():
            chosen &= load(batch, CONVERSATION) == 0
            ids.append(load(batch, ID)[chosen])
            previous.append(named[chosen])
    return np.concatenate(ids), np.concatenate(previous)


def _firsts(ids: NDArray[np.int64], previous: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first answer of each call's chain, found by looking twice as far back in every step."""
    order = np.argsort(ids, kind="stable")
    at = np.minimum(np.searchsorted(ids, previous, sorter=order), len(ids) - 1)
    found = order[at]
    back = np.where(ids[found] == previous, found, -1)
    firsts = previous.copy()
    for _ in range(_MOST_DOUBLINGS):
        further = np.flatnonzero(back >= 0)
        if not len(further):
            break
        firsts[further], back[further] = firsts[back[further]], back[back[further]]
    return firsts
