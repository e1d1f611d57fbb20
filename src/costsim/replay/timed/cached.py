"""The cache use of requests, as it was solved over all batches, for the legs of one batch."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa

from costsim.policies.attempts import WHOLE, Bools, Ints, Kind, Leg
from costsim.policies.document import Levers
from costsim.policies.levers.grouping import Hashes, mixed
from costsim.policies.levers.prompt_cache import NONE, CacheUse, Uses
from costsim.replay.outcome import Solved
from costsim.replay.simulating import BatchSimulation


class Judged(msgspec.Struct, frozen=True):
    """First prefixes, mixed with their model, whose caches must be asked for, by what pays; sorted."""

    never: Hashes
    """No breakpoint saves more than it costs."""
    at_first: Hashes
    """The breakpoint at the first prefix does, and that at the last adds nothing."""


NOTHING_JUDGED = Judged(np.zeros(0, np.uint64), np.zeros(0, np.uint64))


class Caches(msgspec.Struct, frozen=True):
    """The cache use of every request of all batches."""

    uses: Uses
    starts: Ints
    """First request of each batch, and the number of all."""
    judged: Judged = NOTHING_JUDGED

    def legs(self, number: int, batch: BatchSimulation, solved: Solved) -> Iterator[tuple[int, Leg, Uses]]:
        """Yield the legs of a batch whose cache is simulated: place among all legs, leg, use of its requests.

        A request that stays where the log shows its cache keeps what was logged: NONE.
        """
        start = int(self.starts[number])
        for place, leg in legs_with_cache(batch, solved):
            both, first = (use.of(slice(start, start + len(leg.rows))) for use in self.uses)
            start += len(leg.rows)
            shown = _is_shown(batch, leg)
            yield place, leg, Uses(CacheUse(*(np.where(shown, NONE, column) for column in both)), first)

    def of(self, number: int, batch: BatchSimulation, solved: Solved) -> dict[int, CacheUse]:
        """Return the cache use of each leg of a batch, by its place among all legs; of breakpoints that pay."""
        found = {}
        for place, leg, (both, first) in self.legs(number, batch, solved):
            prefixes = first_prefixes(batch, leg)
            never = is_among(prefixes, self.judged.never)
            at_first = is_among(prefixes, self.judged.at_first) & (both.read != NONE)
            found[place] = CacheUse(
                *(np.where(never, NONE, np.where(at_first, one, two)) for one, two in zip(first, both, strict=True))
            )
        return found


def is_among(hashes: Hashes, known: Hashes) -> Bools:
    """Return which hashes are among some that are sorted."""
    if not len(known):
        return np.zeros(len(hashes), np.bool_)
    found: Bools = known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes
    return found


def caches(levers: Levers) -> bool:
    """Return whether prompt caches are simulated."""
    return levers.prompt_cache is not None and levers.prompt_cache.simulate


def legs_with_cache(simulation: BatchSimulation, solved: Solved) -> list[tuple[int, Leg]]:
    """Return the legs whose cache is simulated, with their places among all legs.

    What a verifier reads begins with its own instructions, so that no prefix of a call is in it.
    """
    return [
        (place, leg)
        for place, (rule, leg) in enumerate(simulation.legs(solved))
        if caches(simulation.levers(rule)) and leg.kind != Kind.VERIFY
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
    """Which requests are calls that stay, as a whole, with a model whose cache the log itself tells of."""
    stays: Bools = (leg.model == batch.past.attempts.usage.model[leg.rows]) & (leg.share == WHOLE)
    return stays & leg.answers & batch.shows_cache(leg.rows, leg.model)


def offsets_of(lists: pa.ListArray) -> Ints:
    """Return the offsets of a list array, from 0 on; a null is an empty list."""
    offsets: Ints = lists.offsets.to_numpy().astype(np.int64)
    found: Ints = offsets - offsets[0]
    return found
