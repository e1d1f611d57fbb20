"""The cache use of requests, as it was solved over all batches, for the legs of one batch."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from costsim.policies.attempts import Bools, Ints, Leg
from costsim.policies.document import Levers
from costsim.policies.levers.grouping import Hashes, mixed
from costsim.policies.levers.prompt_cache import NONE, CacheUse
from costsim.replay.outcome import Solved
from costsim.replay.simulating import BatchSimulation


@dataclass(frozen=True)
class Caches:
    """The cache use of every request of all batches."""

    use: CacheUse
    starts: Ints
    """First request of each batch, and the number of all."""
    losing: Hashes
    """First prefixes, mixed with their model, for which a cache that must be asked for costs more than it saves."""

    def of(self, number: int, batch: BatchSimulation, solved: Solved) -> dict[int, CacheUse]:
        """Return the cache use of each leg of a batch, by its place among all legs.

        A request that stays where the log shows its cache keeps what was logged, and so does one that would not ask.
        """
        found, start = {}, int(self.starts[number])
        for place, leg in legs_with_cache(batch, solved):
            use = self.use.of(slice(start, start + len(leg.rows)))
            start += len(leg.rows)
            keeps = _is_shown(batch, leg) | np.isin(first_prefixes(batch, leg), self.losing)
            found[place] = CacheUse(*(np.where(keeps, NONE, column) for column in use))
        return found


def caches(levers: Levers) -> bool:
    """Return whether prompt caches are simulated."""
    return levers.prompt_cache is not None and levers.prompt_cache.simulate


def legs_with_cache(simulation: BatchSimulation, solved: Solved) -> list[tuple[int, Leg]]:
    """Return the legs whose cache is simulated, with their places among all legs."""
    return [
        (place, leg)
        for place, (rule, leg) in enumerate(simulation.legs(solved))
        if caches(simulation.levers(rule)) and leg.reads is None
    ]


def first_prefixes(batch: BatchSimulation, leg: Leg) -> Hashes:
    """Return the first prefix of each request's call, mixed with the model; 0 for one without."""
    lists = batch.columns.calls.column("prefix_hashes").combine_chunks()
    offsets, hashes = offsets_of(lists), lists.flatten().to_numpy()
    has = np.diff(offsets)[leg.rows] > 0
    found = np.zeros(len(leg.rows), np.uint64)
    found[has] = mixed(hashes[offsets[:-1][leg.rows[has]]], leg.model[has])
    return found


def _is_shown(batch: BatchSimulation, leg: Leg) -> Bools:
    """Which requests stay with a model whose cache the log itself tells of."""
    stays: Bools = leg.model == batch.past.attempts.usage.model[leg.rows]
    return stays & batch.shows_cache(leg.rows, leg.model)


def offsets_of(lists: pa.ListArray) -> Ints:
    """Return the offsets of a list array, from 0 on; a null is an empty list."""
    offsets: Ints = lists.offsets.to_numpy().astype(np.int64)
    found: Ints = offsets - offsets[0]
    return found
