"""Work that nobody waits for: what the provider's batch price would have saved."""

import re

import numpy as np

from costsim.prices import tier_code
from costsim.summary.findings.contract import Case, Savings, name
from costsim.summary.priced import Priced

ID = "batchable"
KEY = "route"
HOW = (
    "the same calls at the batch price; routes whose name or tags say that they run in the background, or whose calls "
    "all fall into the same few hours of several days, are not streamed and belong to no conversation"
)
DO = "send these calls through the provider's batch interface, which answers within a day"

_BACKGROUND = re.compile(
    r"(?:^|[^a-z])(batch|nightly|overnight|cron|backfill|offline|bulk|etl|scheduled|background|reindex|enrich\w*)(?:$|[^a-z])",
    re.IGNORECASE,
)
_WAITING = re.compile(r'"(?:interactive|realtime|online)":"(?:false|no|0)"|"(?:mode|priority)":"(?:batch|background|offline|low)"')
_HOUR = 3600 * 1_000_000
_HOURS_OF_A_DAY = 24
_WINDOW = 6
"""Hours: work that always falls into a quarter of the day runs by a clock."""
_DAYS = 4
_SHARE = 0.98


def savings(priced: Priced) -> Savings:
    """Return standard-tier calls of background work that a batch price exists for."""
    waits_for_nobody = _says_so(priced) | _runs_by_a_clock(priced)
    standard = priced.usage.tier == tier_code(None)
    rows = np.flatnonzero(waits_for_nobody & standard & (priced.cost > 0))
    amount = priced.saved_if(rows, tier=np.full(len(rows), tier_code("batch"), np.int16))
    return Savings(rows[amount > 0], amount[amount > 0], ("route", "model"))


def _says_so(priced: Priced) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    routes, names = priced.word("route")
    tags, texts = priced.word("tags")
    by_name = np.array([bool(each and _BACKGROUND.search(each)) for each in names], dtype=bool)
    by_tag = np.array([bool(each and _WAITING.search(each)) for each in texts], dtype=bool)
    return by_name[routes] | by_tag[tags]


def _runs_by_a_clock(priced: Priced) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    routes, names = priced.word("route")
    at = priced.number("started_at")
    streamed = priced.calls.column("streamed").fill_null(False).to_numpy()
    talking = priced.calls.column("conversation_id").is_valid().to_numpy()
    clocked = np.zeros(len(names), dtype=bool)
    for code, label in enumerate(names):
        mine = np.flatnonzero(routes == code)
        if label is None or not len(mine) or streamed[mine].any() or talking[mine].any() or (at[mine] < 0).any():
            continue
        clocked[code] = _in_few_hours(at[mine])
    return clocked[routes]


def _in_few_hours(at: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> bool:
    if len(np.unique(at // (_HOUR * _HOURS_OF_A_DAY))) < _DAYS:
        return False
    by_hour = np.bincount((at // _HOUR) % _HOURS_OF_A_DAY, minlength=_HOURS_OF_A_DAY)
    around = np.concatenate([by_hour, by_hour])
    busiest = max(int(around[hour : hour + _WINDOW].sum()) for hour in range(_HOURS_OF_A_DAY))
    return busiest >= _SHARE * len(at)


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    return f"{name(route, 'route')} runs {case.calls:,} calls on {model} that nobody waits for: batch is cheaper"
