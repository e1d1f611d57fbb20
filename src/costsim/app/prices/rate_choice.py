"""Which of a model's rates hold for one request, and why, in words that `prices show` and `explain` share."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import numpy as np
import numpy.typing as npt

from costsim.prices import NO_TIME, TIERS, PriceTable
from costsim.prices.entries import rates_of
from costsim.reports.prices.rate_card import PriceLine, own

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONG_AGO = -(2**61)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_MINUTES = 24 * 60

Minutes = npt.NDArray[np.int8]


class Place(msgspec.Struct, frozen=True):
    """Where one set of rates stands in the table, and when it holds."""

    tier: str
    start: int
    """UTC microseconds from which it holds."""
    tokens: int
    """Prompt size from which (inclusive) it holds."""
    period: int
    window: int
    row: int


class Choice(msgspec.Struct, frozen=True):
    """The rates of one request, and what decided."""

    tier: str
    at: int
    tokens: int
    rates: dict[str, Decimal]
    start: int
    """UTC microseconds from which the price holds."""
    until: int | None
    """When the next one begins; None = none is known."""
    level: int
    """Prompt size from which (inclusive) the rates hold."""
    levels: tuple[int, ...]
    """Every prompt size at which rates change."""
    hours: str
    """When they hold, in UTC; '' where the model has one price at all hours."""
    before_first: bool


def choose(table: PriceTable, index: int, at: int, tier: str, tokens: int) -> Choice | None:
    """Return the rates of a request at a moment (UTC microseconds or NO_TIME); None where the model lacks the tier."""
    code = TIERS.index(tier)
    found = table.rows(np.array([index]), np.array([at]), np.array([code]), np.array([tokens]))
    row = int(found.row[0])
    if row < 0 or not (rates := rates_of(table, row)):
        return None
    moment = table.newest_at if at == NO_TIME else at
    starts = _starts(table, index, code)
    place = max(int(np.searchsorted(starts, moment, "right")) - 1, 0)
    period = int(table.arrays.cell_period[index * len(TIERS) + code]) + place
    first, levels = int(table.arrays.period_row[period]), int(table.arrays.period_levels[period])
    sizes = table.arrays.level_start[first : first + levels]
    return Choice(
        tier=tier,
        at=moment,
        tokens=tokens,
        rates=rates,
        start=int(starts[place]),
        until=int(starts[place + 1]) if place + 1 < len(starts) else None,
        level=int(sizes[(row - first) % levels]),
        levels=tuple(size for size in sizes.tolist() if size),
        hours=_hours_of_period(table, period, (row - first) // levels),
        before_first=bool(found.before_first[0]),
    )


def tiers_of(table: PriceTable, index: int) -> list[str]:
    """Return the tiers that the model has prices for."""
    return [tier for code, tier in enumerate(TIERS) if len(_starts(table, index, code))]


def places(table: PriceTable, index: int, tier: str) -> list[Place]:
    """Return where all rates of one tier stand, in the order of time, hours and prompt sizes."""
    code, arrays = TIERS.index(tier), table.arrays
    first = int(arrays.cell_period[index * len(TIERS) + code])
    found: list[Place] = []
    for period, start in enumerate(_starts(table, index, code).tolist(), start=first):
        week, levels = int(arrays.period_week[period]), int(arrays.period_levels[period])
        windows = int(arrays.weeks[week].max()) + 1 if week >= 0 else 1
        rows = range(int(arrays.period_row[period]), int(arrays.period_row[period]) + windows * levels)
        found += [
            Place(tier, start, int(arrays.level_start[row]), period, (row - rows.start) // levels, row) for row in rows
        ]
    return found


def in_force(places: Sequence[Place], at: int) -> list[Place]:
    """Return those of one tier's places whose price holds at a moment; the first price, before all of them."""
    start = max((place.start for place in places if place.start <= at), default=places[0].start if places else 0)
    return [place for place in places if place.start == start]


def line(table: PriceTable, place: Place) -> PriceLine:
    """Return a place's rates for people, without those that only repeat another."""
    usd = {unit: str(rate) for unit, rate in rates_of(table, place.row).items()}
    hours = _hours_of_period(table, place.period, place.window)
    return PriceLine(place.tier, moment(place.start), place.tokens, hours, own(usd))


def _hours_of_period(table: PriceTable, period: int, window: int) -> str:
    """Return when a daily window of a period holds: 'Mon-Fri 16:30-24:00 UTC'; '' where there are none."""
    week = int(table.arrays.period_week[period])
    return hours(table.arrays.weeks[week], window) if week >= 0 else ""


def hours(week: Minutes, window: int) -> str:
    """Return the hours of a UTC week (minutes from Monday) that a window holds; 0 is outside every window."""
    if not window:
        return "outside the hours with rates of their own"
    spans = [_spans(day == window) for day in week.reshape(7, _DAY_MINUTES)]
    told: list[str] = []
    for first, span in enumerate(spans):
        if span and (first == 0 or spans[first - 1] != span):
            last = next((day for day in range(first, 7) if spans[day] != span), 7) - 1
            told.append(f"{_days(first, last)} {span}")
    return "; ".join(told) + " UTC"


def moment(at: int) -> str | None:
    """Return UTC microseconds as a day, with the time where it is not midnight; None = as far back as is known."""
    if at < _LONG_AGO:
        return None
    when = _EPOCH + timedelta(microseconds=at)
    return f"{when:%Y-%m-%d}" if not at % (86_400 * 10**6) else f"{when:%Y-%m-%d %H:%M} UTC"


def day_sentence(choice: Choice) -> str:
    """Return why the price of this date, in words."""
    day = f"{moment(choice.at)}: "
    held = f"the price from {moment(choice.start)} on" if choice.start > _LONG_AGO else "the first price known"
    if choice.before_first:
        return f"{day}older than {held}, which is used for want of an older one"
    if choice.until is not None:
        return f"{day}{held}, until {moment(choice.until)}"
    return f"{day}{held}" if choice.start > _LONG_AGO else f"{day}the only price known, held to be as old as the model"


def prompt_sentence(choice: Choice) -> str:
    """Return why the rates of this prompt size, in words."""
    if not choice.levels:
        return "the same for prompts of every size"
    if choice.level:
        return f"{choice.tokens:,} tokens: from {choice.level:,} on, the whole request has these rates"
    return f"{choice.tokens:,} tokens: below {choice.levels[0]:,}, from where the whole request has other rates"


def _starts(table: PriceTable, index: int, code: int) -> npt.NDArray[np.int64]:
    cell = index * len(TIERS) + code
    first = int(table.arrays.cell_period[cell])
    return table.arrays.period_from[first : first + int(table.arrays.cell_periods[cell])]


def _spans(held: npt.NDArray[np.bool_]) -> str:
    edges = np.flatnonzero(np.diff(held.astype(np.int8), prepend=0, append=0)).tolist()
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in zip(edges[::2], edges[1::2], strict=True))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days(first: int, last: int) -> str:
    if (first, last) == (0, 6):
        return "daily"
    return _DAYS[first] if first == last else f"{_DAYS[first]}-{_DAYS[last]}"
