"""System prompts that grew over time: what the words added since the first days cost on every call."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Case, Ints, Label, name
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally

ID = "growing-system-prompts"
HOW = (
    "each day's mean length of the system prompt against the shortest of the route's days before it; the excess is priced "
    "as its share of the day's input cost (lengths estimated from characters)"
)
DO = "read the system prompt as a stranger and take out what no longer earns its place"
GROUPING = ("route", "day")
MEASURES = ("calls", "system_tokens", "system_cost")

_DAY = 24 * 3600 * 1_000_000
_GREW_BY = 1.2
_AT_LEAST_TOKENS = 100
_ENOUGH_CALLS = 10
_INPUT_UNITS = ("input", "cache_read", "cache_write", "cache_write_30m", "cache_write_1h")


def sums(priced: Priced) -> tuple[Sequence[Codes], dict[str, Ints]]:
    """Return the system tokens and their part of the input cost, by route and day."""
    at, system, total = priced.number("started_at"), priced.number("system_tokens"), priced.number("input_tokens")
    counted = (at >= 0) & (system > 0) & (total > 0)
    parts = priced.replay.costs.parts
    spent = sum((parts[unit] for unit in _INPUT_UNITS if unit in parts), np.zeros(len(priced), np.int64))
    share = np.where(counted, system / np.maximum(total, 1), 0.0)
    days, of_call = np.unique(at // _DAY, return_inverse=True)
    values = {
        "calls": counted.astype(np.int64),
        "system_tokens": np.where(counted, system, 0),
        "system_cost": (spent * share).astype(np.int64),
    }
    return [priced.word("route"), (of_call, [str(day) for day in days])], values


def cases(tally: Tally) -> list[Case]:
    """Return the routes whose system prompt has grown by a fifth and by a hundred tokens."""
    by_route: dict[str, dict[int, list[int]]] = defaultdict(dict)
    for (route, day), sums_of_day in tally.groups.get(GROUPING, {}).items():
        if route is not None and day is not None and sums_of_day[0] >= _ENOUGH_CALLS:
            by_route[route][int(day)] = sums_of_day
    return [case for route, days in by_route.items() if (case := _case((route,), days)) is not None]


def _case(label: Label, days: dict[int, list[int]]) -> Case | None:
    calls = saving = spend = 0
    shortest = float("inf")
    for day in sorted(days):
        count, tokens, cost = days[day]
        mean = tokens / count
        shortest = min(shortest, mean)
        if mean >= shortest * _GREW_BY and mean - shortest >= _AT_LEAST_TOKENS:
            calls, spend = calls + count, spend + cost
            saving += int(cost * (1 - shortest / mean))
    return Case(label, calls, saving, spend) if calls else None


def title(case: Case) -> str:
    """Return the line of the report."""
    return f"the system prompt of {name(case.label[0], 'route')} grew: {case.calls:,} calls carry more than it once had"
