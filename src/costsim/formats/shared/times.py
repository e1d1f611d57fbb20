"""Times as logs write them, to UTC microseconds since 1970."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pyarrow as pa

from costsim.schema import DATED_FROM

_GERMAN = re.compile(r"^(\d\d)\.(\d\d)\.(\d{4})($|[ T])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ZONED, _ZONELESS = pa.timestamp("us", "UTC"), pa.timestamp("us")

# A number is told apart by its size: seconds until the year 5138, then milliseconds, microseconds,
# nanoseconds.
_SCALES = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
_EARLIEST = DATED_FROM
_LATEST = 253_402_300_799 * 1_000_000
"""From 1990 to the year 9999: a number outside is no date, but seconds since a start that the log does not
tell.
"""


def microseconds(when: Any) -> int | None:
    """Return a time as UTC microseconds since 1970, or None where it says nothing that can be understood.

    Numbers may be seconds, milliseconds, microseconds or nanoseconds, and may be written as strings; texts
    are RFC 3339, ISO 8601 with up to nine digits of a second, 31.01.2026 10:00, or an HTTP date. A text without a zone
    is taken as UTC.
    """
    if isinstance(when, str):
        try:
            moment = datetime.fromisoformat(when.removesuffix(" UTC"))  # BigQuery's way
        except ValueError:
            return _from_text(when.strip())
        return _since_epoch(moment)
    if isinstance(when, bool) or not isinstance(when, int | float):
        return None
    return _from_number(when)


def relative(when: float | None, scale: int) -> int | None:
    """Return a time that counts from a start that the log does not tell, in microseconds: it orders calls and dates
    none (see `schema.DATED_FROM`). `scale` is microseconds in one of its units.
    """
    if when is None or not 0 <= when * scale < _EARLIEST:
        return microseconds(when)
    return round(when * scale)


def many_microseconds(times: Sequence[Any]) -> list[int | None]:
    """Return `microseconds` of each time; quick where all are texts that Arrow reads, as most logs have them."""
    if set(map(type, times)) == {str}:
        for kind in _ZONED, _ZONELESS:
            with suppress(pa.ArrowInvalid, UnicodeEncodeError):
                found: list[int | None] = pa.array(times, pa.string()).cast(kind).cast(pa.int64()).to_numpy().tolist()
                return found
    return [microseconds(when) for when in times]


def _from_number(number: float) -> int | None:
    if not 0 < number < 1e20:
        return None
    for limit, scale in _SCALES:
        if number < limit:
            return _within_reason(round(number * scale))
    return _within_reason(int(number) // 1_000)


def _within_reason(when: int) -> int | None:
    return when if _EARLIEST <= when <= _LATEST else None


def _from_text(text: str) -> int | None:
    if text[:1].isalpha():  # a day of the week
        return _from_http(text)
    text = _GERMAN.sub(r"\3-\2-\1\4", text.removesuffix(" UTC"))
    try:
        return _since_epoch(datetime.fromisoformat(text))
    except ValueError:
        pass
    try:
        return _from_number(float(text))
    except ValueError:
        pass
    return _from_http(text)


def _from_http(text: str) -> int | None:
    try:
        return _since_epoch(parsedate_to_datetime(text))
    except (ValueError, OverflowError, IndexError):
        return None


def _since_epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND
