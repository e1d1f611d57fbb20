"""What can only be known by looking at all calls in the order of time: budgets, kept answers, conversations, caches.

Each batch is looked at once for what its calls would ask for; what that comes to in the order of time is solved over
all batches, on the disk, and handed back batch by batch for the replay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from costsim.policies import durations
from costsim.policies.attempts import WHOLE, Ints, Leg
from costsim.policies.columns import Columns
from costsim.policies.document import Levers
from costsim.policies.levers import prompt_cache
from costsim.policies.levers.prompt_cache import NONE, CacheRules, CacheUse, Requests
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.replay.history import Replay
from costsim.replay.simulating import NOTHING_SOLVED, BatchSimulation, Simulation, Solved

CACHE_COLUMNS = ("prefix_hashes", "prefix_tokens")
"""Columns of `calls` that a simulated prompt cache reads."""

_HOUR = 3_600_000_000
_USUAL_MINIMUM, _USUAL_SECONDS = 1024, 300
"""Of a cache of which the price table says no more than that it has a price."""

Load = Callable[[int], tuple[pa.Table, Replay]]
"""A batch of calls, and their past."""


@dataclass
class Timetable:
    """What was solved for one policy, by batch."""

    cache: CacheUse | None = None
    starts: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    """First attempt of each batch among those that were solved."""

    def of(self, batch: int, simulation: BatchSimulation) -> Solved:
        """Return what was solved for a batch."""
        solved = NOTHING_SOLVED
        if self.cache is None:
            return solved
        use = self.cache.of(slice(self.starts[batch], self.starts[batch + 1]))
        return Solved(solved.over, solved.served, solved.model, _by_leg(simulation, solved, use))


def solve(simulation: Simulation, load: Load, batches: int, folder: Path) -> Timetable:
    """Return what a policy needs to know of all calls together; `folder` is for files."""
    found = Timetable()
    if any(caches(levers) for levers in all_levers(simulation.policy)):
        _solve_cache(found, simulation, load, batches, folder)
    return found


def is_timed(policy: Policy) -> bool:
    """Return whether a policy asks for anything that depends on what came before."""
    return any(caches(levers) for levers in all_levers(policy))


def all_levers(policy: Policy) -> list[Levers]:
    """Return the levers of every rule, and of the calls of none."""
    return [policy.levers, *(rule.levers for rule in policy.rules)]


def caches(levers: Levers) -> bool:
    """Return whether prompt caches are simulated."""
    return levers.prompt_cache is not None and levers.prompt_cache.simulate


def _solve_cache(found: Timetable, simulation: Simulation, load: Load, batches: int, folder: Path) -> None:
    def requests(batch: int) -> Requests:
        calls, past = load(batch)
        return _requests(BatchSimulation(simulation, Columns(calls), past), NOTHING_SOLVED)

    times = []
    for batch in range(batches):
        at = folder / f"at-{batch}.npy"
        np.save(at, requests(batch).at)
        times.append(at)
    lengths = [len(np.load(path, mmap_mode="r")) for path in times]
    found.starts = np.cumsum([0, *lengths])
    rules = cache_rules(simulation.prices, simulation.policy)
    found.cache = prompt_cache.simulate(requests, lambda batch: np.load(times[batch]), batches, rules, folder)


def _legs_with_cache(simulation: BatchSimulation, solved: Solved) -> list[tuple[int, Leg]]:
    """The legs whose cache is simulated, with their places among all legs."""
    return [
        (place, leg)
        for place, (rule, leg) in enumerate(simulation.legs(solved))
        if caches(simulation.levers(rule)) and leg.reads is None
    ]


def _requests(simulation: BatchSimulation, solved: Solved) -> Requests:
    """Every request of a batch whose cache is simulated."""
    calls = simulation.columns.calls
    legs = [leg for _, leg in _legs_with_cache(simulation, solved)]
    hashes, tokens = (calls.column(name).combine_chunks() for name in CACHE_COLUMNS)
    counted = np.maximum(simulation.columns.number("input_tokens"), 0)
    rows = _joined([leg.rows for leg in legs])
    usages = [simulation.desk.projecting.usage(leg) for leg in legs]
    return Requests(
        at=_joined([usage.at for usage in usages]),
        model=_joined([leg.model for leg in legs]).astype(np.int32),
        share=_joined([leg.share for leg in legs]) / WHOLE,
        input_tokens=_joined([usage.input_tokens for usage in usages]),
        counted_tokens=counted[rows],
        call=rows,
        offsets=_offsets(hashes),
        hashes=hashes.flatten().to_numpy(),
        tokens=tokens.flatten().to_numpy(),
    )


def _by_leg(simulation: BatchSimulation, solved: Solved, use: CacheUse) -> dict[int, CacheUse]:
    """The cache use of each leg; a request that stays where the log shows its cache keeps what was logged."""
    found, start = {}, 0
    past = simulation.past.attempts.usage
    for place, leg in _legs_with_cache(simulation, solved):
        end = start + len(leg.rows)
        of_leg = use.of(slice(start, end))
        shown = (leg.model == past.model[leg.rows]) & simulation.shows_cache(leg.rows, leg.model)
        found[place] = CacheUse(*(np.where(shown, NONE, column) for column in of_leg))
        start = end
    return found


def cache_rules(prices: PriceTable, policy: Policy) -> CacheRules:
    """Return how every model of the table caches, with the lifetime that the policy asks for where it asks for one."""
    facts = prices.fact_columns
    sold = (facts.cache_seconds >= 0) | (facts.cache_automatic >= 0) | (facts.cache_min_tokens >= 0)
    ttls = [levers.prompt_cache.ttl for levers in all_levers(policy) if levers.prompt_cache]
    asked = [durations.seconds(ttl) or 0 for ttl in ttls if ttl is not None]
    seconds = np.where(facts.cache_seconds < 0, _USUAL_SECONDS, facts.cache_seconds)
    lifetime = np.where(sold, seconds * 1_000_000, 0)
    explicit = facts.cache_automatic == 0
    if asked:
        lifetime = np.where(sold & explicit, asked[0] * 1_000_000, lifetime)
    return CacheRules(
        least=np.where(facts.cache_min_tokens < 0, _USUAL_MINIMUM, facts.cache_min_tokens),
        step=np.maximum(facts.cache_step, 1),
        lifetime=lifetime,
        refreshed=facts.cache_refreshed != 0,
        everywhere=~explicit,
        writes=sold,  # at the rate of fresh input where the model sells no writes
        one_hour=explicit & (lifetime >= _HOUR),
    )


def _joined(columns: Sequence[Ints]) -> Ints:
    return np.concatenate(columns).astype(np.int64) if columns else np.zeros(0, np.int64)


def _offsets(lists: pa.ListArray) -> Ints:
    """The offsets of a list array, from 0 on; a null is an empty list."""
    offsets: Ints = lists.offsets.to_numpy().astype(np.int64)
    found: Ints = offsets - offsets[0]
    return found
