"""Budgets: which calls come when the budget of their user (or team, or tag) for the period is spent.

A call is over when what the calls before it would have spent on the first route has reached the limit. Calls that are
over go elsewhere and spend nothing, but once a budget is spent it stays so until the period ends, so the sum over all
calls before tells as much.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from costsim.policies.levers import on_disk
from costsim.policies.levers.grouping import Bools, Ints, grouped, is_last, mixed
from costsim.policies.levers.in_order import AT_ONCE, Timed, in_order

Every = Literal["day", "week", "month"]

_DAY = 24 * 3600 * 1_000_000
_EPOCH_DAY_OF_WEEK = 3
"""1970-01-01 was a Thursday; weeks begin on Monday."""


class Spending(Timed, frozen=True):
    """Calls of one batch, and what they would spend on the first route."""

    who: Ints
    """A code for each user, team or tag; -1 where the call has none, and no budget."""
    period: Ints
    """A code for each day, week or month; see `periods`."""
    spent: Ints
    """Tokens, or 10^-12 USD; below 0 where not known, which spends nothing."""


def over(
    load: Callable[[int], Spending],
    times: Callable[[int], Ints],
    batches: int,
    limit: int,
    folder: Path,
    at_once: int = AT_ONCE,
) -> Bools:
    """Return which calls of all batches, one after the other, find their budget spent; an array on the disk.

    `limit` is in the unit of `spent`. `load` returns a batch and is called once for each; `times` its `at` alone,
    twice. Memory: one batch (or part, see `in_order`) and one row for each budget of the running periods.
    """
    total = sum(len(times(batch)) for batch in range(batches))
    found: Bools = on_disk.column(folder / "over.npy", np.bool_, total)
    on_disk.reserve(found)
    before: Spending | None = None
    for calls, places in in_order(load, times, batches, folder, at_once):
        rows = np.flatnonzero(calls.who >= 0)
        if len(rows):
            spent, before = _spent_before(calls.only(rows), before)
            found[places[rows]] = spent >= limit
    return found


def _spent_before(calls: Spending, before: Spending | None) -> tuple[Ints, Spending]:
    """What was spent of each call's budget before it; with it, one row for each budget that later calls may have."""
    known = len(before) if before else 0
    together = Spending.together([before, calls]) if before else calls
    groups = grouped(mixed(mixed(together.who.astype(np.uint64), together.period), together.period))
    spent = np.maximum(together.spent[groups.order], 0)
    sums = np.concatenate([[0], np.cumsum(spent)])
    of_budget = sums[:-1] - sums[groups.first]
    found = np.empty(len(together), np.int64)
    found[groups.order] = of_budget
    last = np.flatnonzero(is_last(np.ones(len(together), np.bool_), groups.first))
    rest = together.only(groups.order[last])
    running = rest.period >= calls.period[-1] - 1  # a clock that is put back at midnight returns to the day before
    spent_so_far = (of_budget + spent)[last]
    kept = Spending(rest.at, rest.who, rest.period, spent_so_far).only(np.flatnonzero(running))
    return found[known:], kept


def periods(at: Ints, every: Every, timezone: str = "UTC") -> Ints:
    """Return the number of the day, the week (from Monday) or the month since 1970 in which each time falls.

    `at` is UTC microseconds; days begin at midnight in `timezone`.
    """
    local = at
    if timezone != "UTC":
        local = pc.local_timestamp(pa.array(at, pa.timestamp("us", timezone))).cast(pa.int64()).to_numpy()
    days = local // _DAY
    if every == "week":
        return (days + _EPOCH_DAY_OF_WEEK) // 7
    if every == "month":
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return days
