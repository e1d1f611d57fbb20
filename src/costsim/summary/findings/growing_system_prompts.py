"""System prompts that grew over time: what the words added since the first days cost on every call."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from costsim.summary.dimensions import Codes
from costsim.summary.findings import sizes
from costsim.summary.findings.contract import Case, Ints, Part, share_of
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally
from costsim.summary.words import name, number, rounded

ID = "growing-system-prompts"
SAVES_ON: Part = "system"
HOW = (
    "each day's median length of the system prompt against the shortest of the route's days before, from when it "
    "stays at least a fifth and 100 tokens longer; the excess at what the system prompt cost, first from the cache "
    "(lengths estimated from characters)"
)
DO = "read the system prompt as a stranger and take out what no longer earns its place"
MEASURES: tuple[str, ...] = ("calls", "system_tokens", "system_cost")

_GROUPING = ("route", "day", "size")
_DAY = 24 * 3600 * 1_000_000
_GREW_BY = 1.2
_AT_LEAST_TOKENS = 100
_ENOUGH_CALLS = 10
_WRITES = ("cache_write", "cache_write_30m", "cache_write_1h", "cache_write_12h")

Day = dict[int, dict[str, int]]
"""Size class -> sums."""


def sums(priced: Priced) -> tuple[Mapping[tuple[str, ...], Sequence[Codes]], dict[str, Ints]]:
    """Return the system tokens and what they cost, by route, day and size."""
    at, system, total = (priced.number(each) for each in ("started_at", "system_tokens", "input_tokens"))
    counted = (at >= 0) & (system > 0) & (total > 0)
    days, of_call = np.unique(at // _DAY, return_inverse=True)
    values = {
        "calls": counted.astype(np.int64),
        "system_tokens": np.where(counted, system, 0),
        "system_cost": np.where(counted, _cost(priced, system, total), 0),
    }
    names: list[str | None] = [str(day) for day in days]
    return {_GROUPING: [priced.word("route"), (of_call, names), sizes.classes(np.maximum(system, 0))]}, values


def _cost(priced: Priced, system: Ints, total: Ints) -> Ints:
    """What the system prompt cost: it stands first, so it is what was read from the cache, then what was written."""
    read, written = priced.count("cache_read_tokens"), priced.count("cache_write_tokens")
    spent = np.zeros(len(priced))
    left = np.maximum(system, 0)
    for units, tokens in ((("cache_read",), read), (_WRITES, written), (("input",), total - read - written)):
        part = np.minimum(left, np.maximum(tokens, 0))
        spent += priced.spent_on(*units) * (part / np.maximum(tokens, 1))
        left = left - part
    return spent.astype(np.int64)


def cases(tally: Tally) -> list[Case]:
    """Return the routes whose system prompt has grown and stayed so."""
    routes: dict[str | None, dict[int, Day]] = defaultdict(lambda: defaultdict(dict))
    for (route, day, size), each in tally.rows(_GROUPING).items():
        if route is not None and each["calls"]:
            routes[route][int(day or 0)][int(size or 0)] = each
    found = (_case(route, [days[day] for day in sorted(days)]) for route, days in routes.items())
    return [case for case in found if case is not None]


def _case(route: str | None, days: Sequence[Day]) -> Case | None:
    days = [day for day in days if sum(each["calls"] for each in day.values()) >= _ENOUGH_CALLS]
    usual = [sizes.median({size: (each["calls"], each["system_tokens"]) for size, each in day.items()}) for day in days]
    shortest = list(np.minimum.accumulate(usual)) if usual else []
    calls = saving = spend = 0
    for day, median, least in reversed(list(zip(days, usual, shortest, strict=True))):
        if median < least * _GREW_BY or median - least < _AT_LEAST_TOKENS:
            break
        for each in day.values():
            mean = each["system_tokens"] / each["calls"]
            if mean > least:
                calls, spend = calls + each["calls"], spend + each["system_cost"]
                saving += share_of(each["system_cost"], (min(mean, median) - least) / mean)
    return Case((route,), calls, saving, spend, (round(shortest[-1]), round(usual[-1]))) if calls else None


def title(case: Case) -> str:
    """Return the line of the report."""
    then, now = (rounded(tokens) for tokens in case.facts)
    grew = f"the system prompt of {name(case.label[0], 'route')} grew from some {then} to {now} tokens"
    return f"{grew}; {number(case.calls, 'call')} since"
