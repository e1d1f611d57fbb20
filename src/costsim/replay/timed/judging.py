"""Which caches that must be asked for pay, over the whole log: with one breakpoint, with two, or not at all."""

import numpy as np

from costsim import cost
from costsim.policies.attempts import WHOLE, Ints, Leg
from costsim.policies.levers.grouping import Hashes
from costsim.policies.levers.prompt_cache import NONE, CacheUse, Uses
from costsim.replay.outcome import with_cache
from costsim.replay.simulating import BatchSimulation
from costsim.replay.timed.cached import Caches, Judged, first_prefixes
from costsim.replay.timed.timetable import Timed


class _Gains:
    """What caching saves all requests of each first prefix, in 10^-12 USD: with both breakpoints, and with the first.

    Memory: 24 bytes for each first prefix, and what was added since they were last summed up.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Hashes, Ints]] = [(np.zeros(0, np.uint64), np.zeros((0, 2), np.int64))]

    def add(self, keys: Hashes, gains: Ints) -> None:
        """Add gains, (requests, 2), of requests with some first prefixes."""
        self._parts.append(_summed(keys, gains))
        if sum(len(each) for each, _ in self._parts[1:]) > len(self._parts[0][0]):
            self.sums()

    def sums(self) -> tuple[Hashes, Ints]:
        """Return all first prefixes, sorted, and their gains."""
        keys, gains = zip(*self._parts, strict=True)
        self._parts = [_summed(np.concatenate(keys), np.concatenate(gains))]
        return self._parts[0]


def _summed(keys: Hashes, gains: Ints) -> tuple[Hashes, Ints]:
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return keys[starts], np.add.reduceat(gains[order], starts, axis=0) if len(keys) else gains


def judged(timed: Timed, caches: Caches) -> Judged:
    """Return what pays for each first prefix, that is: for whoever sends it with all of its requests."""
    found = _Gains()
    for number in range(timed.batches):
        batch, solved = timed.batch(number)
        for _, leg, uses in caches.legs(number, batch, solved):
            asked = (batch.prices.fact_columns.cache_automatic[leg.model] == 0) & (uses.both.read != NONE)
            if asked.any():
                part = leg.part(asked)
                both, first = (CacheUse(*(column[asked] for column in use)) for use in uses)
                found.add(first_prefixes(batch, part), _gains(batch, part, Uses(both, first)))
    keys, gains = found.sums()
    both, first = gains.T
    return Judged(keys[np.maximum(both, first) <= 0], keys[(first > 0) & (first >= both)])


def _gains(batch: BatchSimulation, leg: Leg, uses: Uses) -> Ints:
    """What caching is expected to save each request, (requests, 2), in 10^-12 USD."""
    usage = batch.desk.projecting.usage(leg)
    without = cost.price(usage, batch.prices, parts=False).cost
    share = leg.share / WHOLE
    gains = [without - cost.price(with_cache(usage, use), batch.prices, parts=False).cost for use in uses]
    return np.stack([np.rint(each * share).astype(np.int64) for each in gains], axis=1)
