"""When a price holds: the moment from which it does, and off-peak windows as minutes of a UTC week (rule 11)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from costsim.prices.sheets.sheet import Price, Window

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

NEVER = 2**62
FOREVER = -NEVER
"""The start of a price that has always held, as far as is known."""

_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000_000


def start_of(price: Price) -> int:
    """Return the UTC microsecond from which a price holds."""
    return (
        FOREVER
        if price.from_ is None
        else day_at(price.from_) + (clock_minutes(price.hour) if price.hour else 0) * 60_000_000
    )


def day_at(day: date) -> int:
    """Return the first UTC microsecond of a day."""
    return (day - _EPOCH).days * _DAY


def offset_minutes(zone: str) -> int | None:
    """Return a time zone's distance from UTC in minutes; None if it is unknown or changes with the season."""
    if zone == "UTC":  # known even where the system has no time zone data
        return 0
    try:
        found = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    winter, summer = (datetime(2026, month, 1, tzinfo=found).utcoffset() for month in (1, 7))
    return winter // timedelta(minutes=1) if winter is not None and winter == summer else None


def clock_minutes(clock: str) -> int:
    """Return `16:30` as minutes of the day."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def minutes_of(window: Window) -> npt.NDArray[np.bool_]:
    """Return which minutes of a UTC week from Monday the window holds; hours may run past midnight."""
    held = np.zeros(WEEK_MINUTES, np.bool_)
    for hours in window.hours:
        start, end = (clock_minutes(clock) for clock in hours.split("-"))
        for day in range(7):
            stretch = np.arange(start, end if end > start else end + DAY_MINUTES) + day * DAY_MINUTES
            held[stretch % WEEK_MINUTES] = True
    return held & _weekdays(window)


def _weekdays(window: Window) -> npt.NDArray[np.bool_]:
    if not window.weekdays:
        return np.ones(WEEK_MINUTES, np.bool_)
    local = (np.arange(WEEK_MINUTES) + (offset_minutes(window.zone) or 0)) % WEEK_MINUTES
    return np.isin(local // DAY_MINUTES, [DAYS.index(day) for day in window.weekdays])


def week_of(windows: list[Window]) -> npt.NDArray[np.int8]:
    """Return for each minute of a UTC week the 1-based window that holds then, or 0."""
    week = np.zeros(WEEK_MINUTES, np.int8)
    for place, window in enumerate(windows, start=1):
        week[minutes_of(window)] = place
    return week
