"""What a user asks of calls, in words, and what that means; whoever asks wrongly hears it before a log is read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from costsim.errors import UsageError, nearest
from costsim.policies.as_logged import LOGGED, AsOf
from costsim.replay import COST_MODES, CostMode
from costsim.summary.question import Question, groupings
from costsim.summary.selection import Selection, parse_where

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Asked(msgspec.Struct, frozen=True):
    """What the user wants to know, in his own words."""

    by: Sequence[str] = ()
    where: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    timezone: str = "UTC"
    prices: Sequence[Path] = ()
    as_of: str = "logged"
    cost_mode: str = "auto"
    format: str = "table"


def understood(asked: Asked) -> Question:
    """Return what the user asked, understood; UsageError names the option that is wrong."""
    try:
        zone = ZoneInfo(asked.timezone)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        near = nearest(asked.timezone, available_timezones())
        hint = near if near.startswith("did") else "such as Europe/Berlin"
        raise UsageError(f"unknown time zone '{asked.timezone}'", where="--timezone", hint=hint) from problem
    since, until = _moment(asked.since, zone, "--since"), _moment(asked.until, zone, "--until")
    if since is not None and until is not None and since >= until:
        raise UsageError(
            f"no time is from {asked.since} on and before {asked.until}", where="--until", hint="it is not in the span"
        )
    selection = Selection(parse_where(asked.where), since, until)
    return Question(
        groupings(asked.by), selection, asked.timezone, day_of(asked.as_of), asked.as_of, mode_of(asked.cost_mode)
    )


def day_of(text: str) -> AsOf:
    """Return the day whose prices hold: 'logged', 'today' or a date."""
    if text == "logged":
        return LOGGED
    if text == "today":
        return AsOf(_microseconds(datetime.now(UTC)))
    try:
        day = date.fromisoformat(text)
    except ValueError as problem:
        raise UsageError(
            f"'{text}' is no day", where="--as-of", hint="logged, today, or a day such as 2026-10-01"
        ) from problem
    return AsOf(_microseconds(datetime(day.year, day.month, day.day, 12, tzinfo=UTC)))


def mode_of(text: str) -> CostMode:
    """Return the cost mode of that name."""
    for mode in COST_MODES:
        if text == mode:
            return mode
    raise UsageError(f"unknown cost mode '{text}'", where="--cost-mode", hint=nearest(text, COST_MODES))


def _moment(text: str | None, zone: ZoneInfo, option: str) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise UsageError(
            f"'{text}' is no day or time", where=option, hint="such as 2026-10-01 or 2026-10-01T08:00"
        ) from problem
    return _microseconds(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
