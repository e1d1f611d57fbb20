"""Work that nobody waits for: what the provider's batch price would have saved."""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from costsim.prices import tier_code
from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Case, Ints, Label, name
from costsim.summary.priced import Priced
from costsim.summary.tally import Key, Tally

ID = "batchable"
HOW = (
    "the same calls at the batch price, in routes whose name or tags say that they run in the background, or whose calls "
    "fall into the same few hours on many days, are not streamed and belong to no conversation"
)
DO = "send these calls through the provider's batch interface, which answers within a day"
GROUPING = ("route", "model", "hour", "day")
MEASURES = ("calls", "spend", "saving", "background", "attended")

_WORD = r"(?:batch|nightly|overnight|cron|backfill|offline|bulk|etl|scheduled|background|reindex|enrich\w*)"
_BACKGROUND = re.compile(rf"(?:^|[^a-z]){_WORD}(?:$|[^a-z])", re.IGNORECASE)
_NOBODY_WAITS = re.compile(
    r'"(?:interactive|realtime|online)":"(?:false|no|0)"'
    rf'|"(?:job|queue|trigger|mode|priority|workload|source)":"(?:low|(?:[^"]*[^a-z"])?{_WORD}(?:[^a-z"][^"]*)?)"',
    re.IGNORECASE,
)
_HOUR = 3600 * 1_000_000
_HOURS_OF_A_DAY = 24
_WINDOW = 7
"""Hours: work of many days that all falls into the same few hours runs by a clock."""
_DAYS = 5
_SHARE = 0.98


def sums(priced: Priced) -> tuple[Sequence[Codes], dict[str, Ints]]:
    """Return what each call would save as a batch, by route, model, hour and day."""
    at = priced.number("started_at")
    streamed = priced.calls.column("streamed").fill_null(False).to_numpy()
    talking = priced.calls.column("conversation_id").is_valid().to_numpy()
    could = (priced.usage.tier == tier_code(None)) & (priced.cost > 0) & ~streamed
    rows = np.flatnonzero(could)
    saving = np.zeros(len(priced), np.int64)
    saving[rows] = np.maximum(priced.saved_if(rows, tier=np.full(len(rows), tier_code("batch"), np.int16)), 0)
    hours = (np.where(at < 0, _HOURS_OF_A_DAY, (at // _HOUR) % _HOURS_OF_A_DAY), [*map(str, range(_HOURS_OF_A_DAY)), None])
    days, of_call = np.unique(at // (_HOUR * _HOURS_OF_A_DAY), return_inverse=True)
    values = {
        "calls": (saving > 0).astype(np.int64),
        "spend": np.where(saving > 0, priced.cost, 0),
        "saving": saving,
        "background": (_says_so(priced) & (saving > 0)).astype(np.int64),
        "attended": (streamed | talking | (at < 0)).astype(np.int64),
    }
    return [priced.word("route"), priced.word("model"), hours, (of_call, [str(day) for day in days])], values


def _says_so(priced: Priced) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    routes, names = priced.word("route")
    tags, texts = priced.word("tags")
    by_name = np.array([bool(each and _BACKGROUND.search(each)) for each in names], dtype=bool)
    by_tag = np.array([bool(each and _NOBODY_WAITS.search(each)) for each in texts], dtype=bool)
    return by_name[routes] | by_tag[tags]


def cases(tally: Tally) -> list[Case]:
    """Return the routes that run in the background, by name, tag or clock."""
    rows = tally.groups.get(GROUPING, {})
    clocked = _run_by_a_clock(rows)
    found: dict[Label, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (route, model, _, _), (calls, spend, saving, background, _) in rows.items():
        if calls and (background == calls or route in clocked):
            case = found[route, model]
            case[0], case[1], case[2] = case[0] + calls, case[1] + saving, case[2] + spend
    return [Case(label, calls, saving, spend) for label, (calls, saving, spend) in found.items()]


def _run_by_a_clock(rows: dict[Key, list[int]]) -> set[str]:
    hours: dict[str, list[int]] = defaultdict(lambda: [0] * _HOURS_OF_A_DAY)
    days: dict[str, set[str | None]] = defaultdict(set)
    attended: set[str] = set()
    for (route, _, hour, day), (calls, _, _, _, waiting) in rows.items():
        if route is not None and hour is not None:
            hours[route][int(hour)] += calls
            days[route].add(day)
        if route is not None and waiting:
            attended.add(route)
    return {
        route
        for route, by_hour in hours.items()
        if route not in attended and len(days[route]) >= _DAYS and _in_few_hours(by_hour)
    }


def _in_few_hours(by_hour: list[int]) -> bool:
    around = by_hour + by_hour
    busiest = max(sum(around[hour : hour + _WINDOW]) for hour in range(_HOURS_OF_A_DAY))
    return 0 < _SHARE * sum(by_hour) <= busiest


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    return f"{name(route, 'route')} runs {case.calls:,} calls on {model} that nobody waits for: batch is cheaper"
