"""Work that nobody waits for: what the provider's batch price would have saved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow.compute as pc

from costsim.prices import tier_code
from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Case, Ints, Part
from costsim.summary.priced import Bools, Priced
from costsim.summary.tally import Tally
from costsim.summary.words import name, number

ID = "batchable"
SAVES_ON: Part = "tier"
HOW = (
    "the same calls at the batch price, in routes whose name or tags say that they run in the background, or whose "
    "calls fall into the same few hours on many days, several a day, not streamed and in no conversation; assumes "
    "that caches hold as before"
)
DO = "send these calls through the provider's batch interface, which answers within a day"
MEASURES: tuple[str, ...] = ("calls", "spend", "saving", "background", "attended")

_BY_HOUR = ("route", "hour")
_BY_DAY = ("route", "day")
_WORD = r"(?:batch|nightly|overnight|cron|backfill|offline|bulk|etl|scheduled|background|reindex|enrich\w*)"
_BACKGROUND = rf"(?:^|[^a-z]){_WORD}(?:$|[^a-z])"
_NOBODY_WAITS = (
    r'"(?:interactive|realtime|online)":"(?:false|no|0)"'
    rf'|"(?:job|queue|trigger|mode|priority|workload|source)":"(?:low|(?:[^"]*[^a-z"])?{_WORD}(?:[^a-z"][^"]*)?)"'
)
_HOUR = 3600 * 1_000_000
_HOURS_OF_A_DAY = 24
_WINDOW = 7
"""Hours: work of many days that all falls into the same few hours runs by a clock."""
_DAYS = 5
_CALLS_A_DAY = 2
"""One call a day is no work to be collected, and somebody may read it at breakfast."""
_SHARE = 0.98


def sums(priced: Priced) -> tuple[Mapping[tuple[str, ...], Sequence[Codes]], dict[str, Ints]]:
    """Return what each call would save as a batch, by route and hour, and by route and day."""
    at, streamed = priced.number("started_at"), priced.flag("streamed")
    rows = np.flatnonzero((priced.usage.tier == tier_code(None)) & (priced.cost > 0) & ~streamed)
    saving = np.zeros(len(priced), np.int64)
    saving[rows] = np.maximum(priced.saved_if(rows, tier=np.full(len(rows), tier_code("batch"), np.int16)), 0)
    could = saving > 0
    values = {
        "calls": could.astype(np.int64),
        "spend": np.where(could, priced.cost, 0),
        "saving": saving,
        "background": (_says_so(priced) & could).astype(np.int64),
        "attended": (streamed | priced.stated("conversation_id") | (at < 0)).astype(np.int64),
    }
    hours = np.where(at < 0, _HOURS_OF_A_DAY, (at // _HOUR) % _HOURS_OF_A_DAY)
    days, day = np.unique(at // (_HOUR * _HOURS_OF_A_DAY), return_inverse=True)
    route = priced.word("route")
    return {_BY_HOUR: [route, (hours, _HOUR_NAMES)], _BY_DAY: [route, (day, [str(each) for each in days])]}, values


_HOUR_NAMES: list[str | None] = [*map(str, range(_HOURS_OF_A_DAY)), None]


def _says_so(priced: Priced) -> Bools:
    return _matches(priced, "route", _BACKGROUND) | _matches(priced, "tags", _NOBODY_WAITS)


def _matches(priced: Priced, name: str, pattern: str) -> Bools:
    """Whether a pattern is found in each call's word, each distinct word looked at once."""
    column = priced.calls.column(name).combine_chunks()
    found = pc.match_substring_regex(column.dictionary, pattern, ignore_case=True).to_numpy(zero_copy_only=False)
    codes = pc.fill_null(column.indices, len(found)).to_numpy(zero_copy_only=False)
    matches: Bools = np.append(found, False).astype(np.bool_)[codes]
    return matches


def cases(tally: Tally) -> list[Case]:
    """Return the routes that run in the background, by name, tag or clock."""
    hours: dict[str | None, list[Mapping[str, int]]] = defaultdict(lambda: [_NONE] * _HOURS_OF_A_DAY)
    whole: dict[str | None, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
    for (route, hour), each in tally.rows(_BY_HOUR).items():
        if hour is not None:
            hours[route][int(hour)] = each
        whole[route] = {measure: whole[route][measure] + each[measure] for measure in MEASURES}
    days: dict[str | None, int] = defaultdict(int)
    for (route, _), each in tally.rows(_BY_DAY).items():
        days[route] += each["calls"] > 0
    return [
        Case((route,), each["calls"], each["saving"], each["spend"], _span(each, hours[route]))
        for route, each in whole.items()
        if each["calls"]
        and (
            each["background"] == each["calls"] or (route is not None and _by_a_clock(each, hours[route], days[route]))
        )
    ]


_NONE = dict.fromkeys(MEASURES, 0)


def _by_a_clock(whole: Mapping[str, int], hours: Sequence[Mapping[str, int]], days: int) -> bool:
    often = days >= _DAYS and whole["calls"] >= _CALLS_A_DAY * (days - 1)  # the first or last day may be a part of one
    return often and not whole["attended"] and bool(_span(whole, hours))


def _span(whole: Mapping[str, int], hours: Sequence[Mapping[str, int]]) -> tuple[int, ...]:
    """The few hours in a row that the calls fall into, as the first and the one at whose beginning they end."""
    first = max(range(_HOURS_OF_A_DAY), key=lambda hour: (_within(hours, hour), hours[hour]["calls"] > 0, -hour))
    busy = [step for step in range(_WINDOW) if hours[(first + step) % _HOURS_OF_A_DAY]["calls"]]
    if _within(hours, first) < _SHARE * whole["calls"]:
        return ()
    return first, (first + max(busy, default=0) + 1) % _HOURS_OF_A_DAY


def _within(hours: Sequence[Mapping[str, int]], first: int) -> int:
    return sum(hours[(first + step) % _HOURS_OF_A_DAY]["calls"] for step in range(_WINDOW))


def title(case: Case) -> str:
    """Return the line of the report."""
    calls = f"{name(case.label[0], 'route')}: {number(case.calls, 'call')}"
    when = f" from {case.facts[0]:02}:00 to {case.facts[1]:02}:00 UTC" if case.facts else ""
    return f"{calls}{when} that nobody waits for; a batch costs {_lower(case)}"


def _lower(case: Case) -> str:
    return "half" if 2 * case.saving == case.spend else f"{100 * case.saving // case.spend} % less"
