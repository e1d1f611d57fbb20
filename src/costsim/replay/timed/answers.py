"""Which calls a cache of answers would have served."""

from typing import TYPE_CHECKING

import numpy as np

from costsim.policies import durations
from costsim.policies.attempts import Bools
from costsim.policies.conditions import compile
from costsim.policies.levers import response_cache
from costsim.policies.levers.grouping import mixed
from costsim.policies.levers.response_cache import Asked
from costsim.policies.policy import Policy
from costsim.replay.failures import failed
from costsim.replay.simulating import BatchSimulation

if TYPE_CHECKING:
    from costsim.replay.timed import Timed

COLUMNS = ("prompt_hash",)
_USUAL = "24h"


def wanted(policy: Policy) -> bool:
    """Return whether any calls may be answered from a cache."""
    return any(levers.response_cache is not None for levers in policy.all_levers())


def solve(timed: "Timed") -> Bools:
    """Return which calls are served; the longest lifetime of the policy's caches holds for all of them."""
    stated = [levers.response_cache for levers in timed.simulation.policy.all_levers()]
    lifetime = max(durations.seconds(each.ttl) or 0 for each in stated if each is not None) * 1_000_000
    return response_cache.served(
        lambda number: _asked(timed.batch(number)[0]), timed.times, timed.batches, lifetime, timed.folder
    )


def _asked(batch: BatchSimulation) -> Asked:
    calls = batch.columns.calls
    prompts = calls.column("prompt_hash").fill_null(0).to_numpy()
    usage = batch.past.attempts.usage
    eligible = np.zeros(len(usage), np.bool_)
    for rule, rows in batch.by_rule():
        lever = batch.levers(rule).response_cache
        if lever is not None:
            eligible |= rows & compile(lever.when).holds(batch.columns)
    return Asked(
        at=usage.at,
        key=np.where(prompts == 0, 0, mixed(prompts, usage.model)).astype(np.uint64),
        eligible=eligible & batch.past.attempts.billed,
        stores=~failed(batch.columns),
    )
