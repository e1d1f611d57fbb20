"""Which calls a cache of answers would have served."""

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
from costsim.replay.timed.timetable import Timed
from costsim.schema import REQUEST_COLUMNS, request_hashes, whole_numbers

COLUMNS = (*REQUEST_COLUMNS, "max_output_tokens")
_USUAL = "24h"


def wanted(policy: Policy) -> bool:
    """Return whether any calls may be answered from a cache."""
    return any(levers.response_cache is not None for levers in policy.all_levers())


def solve(timed: Timed) -> Bools:
    """Return which calls are served; rules whose answers live for another time have a cache of their own."""
    return response_cache.served(
        lambda number: _asked(timed.batch(number)[0]), timed.times, timed.batches, timed.folder
    )


def _asked(batch: BatchSimulation) -> Asked:
    calls = batch.columns.calls
    asked, longest = request_hashes(calls), whole_numbers(calls, "max_output_tokens")
    usage = batch.past.attempts.usage
    eligible, lifetime = np.zeros(len(usage), np.bool_), np.zeros(len(usage), np.int64)
    for rule, rows in batch.by_rule():
        lever = batch.levers(rule).response_cache
        if lever is not None:
            eligible |= rows & compile(lever.when).holds(batch.columns)
            lifetime[rows] = (durations.seconds(lever.ttl) or 0) * 1_000_000
    return Asked(
        at=usage.at,
        key=np.where(asked == 0, 0, mixed(mixed(mixed(asked, longest), usage.model), lifetime)).astype(np.uint64),
        eligible=eligible & batch.past.attempts.billed,
        stores=~failed(batch.columns),
        lifetime=lifetime,
    )
