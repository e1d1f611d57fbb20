"""Answers that are given again: which requests a cache of answers would have served, without asking a model.

An answer is stored when it is made and given to the same request until its lifetime is over, however often; the next
request after that is answered by the model, and its answer stored.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from costsim.policies.levers import on_disk
from costsim.policies.levers.grouping import Bools, Hashes, Ints, mixed
from costsim.policies.levers.in_order import AT_ONCE, Timed, in_order
from costsim.policies.levers.lifetimes import CERTAIN, Stored, alive


class Asked(Timed, frozen=True):
    """Requests of one batch."""

    key: Hashes
    """What must be the same: the hash of the request, mixed with all else that matters; 0 where there is none."""
    eligible: Bools
    """Whether the cache is asked at all."""
    stores: Bools
    """Whether the model's answer can be stored: not an error, not cut off."""
    lifetime: Ints
    """Microseconds; one for all requests of a key."""


def served(
    load: Callable[[int], Asked],
    times: Callable[[int], Ints],
    batches: int,
    folder: Path,
    at_once: int = AT_ONCE,
) -> Bools:
    """Return which requests of all batches, one after the other, are served by the cache; an array on the disk.

    `load` returns a batch and is called once for each; `times` its `at` alone, twice.
    Memory: one batch (or part, see `in_order`) and one row for each answer that is stored.
    """
    total = sum(len(times(batch)) for batch in range(batches))
    found: Bools = on_disk.column(folder / "served.npy", np.bool_, total)
    on_disk.reserve(found)
    stored = Stored.nothing()
    for asked, places in in_order(load, times, batches, folder, at_once):
        rows = np.flatnonzero(asked.eligible & (asked.key != 0))
        chance, stored = alive(stored, _looked_up(asked.only(rows)))
        found[places[rows]] = chance == CERTAIN
    return found


def _looked_up(asked: Asked) -> Stored:
    rows = len(asked)
    return Stored(
        at=asked.at,
        key=mixed(asked.key, np.zeros(rows, np.int64)),
        share=np.ones(rows),
        stores=asked.stores,
        lifetime=asked.lifetime,
        refreshed=np.zeros(rows, np.bool_),
    )
