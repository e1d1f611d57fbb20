"""Times as logs write them, to UTC microseconds since 1970."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# A number is told apart by its size: seconds until the year 5138, then milliseconds, microseconds, nanoseconds.
_SCALES = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1))
_LATEST = 253_402_300_799 * 1_000_000
"""The end of the year 9999."""


def microseconds(when: float | str | None) -> int | None:
    """Return a time as UTC microseconds since 1970, or None where it says nothing that can be understood.

    Numbers may be seconds, milliseconds, microseconds or nanoseconds, and may be written as strings; texts are RFC 3339,
    ISO 8601 with up to nine digits of a second, or an HTTP date. A text without a zone is taken as UTC.
    """
    if when is None or isinstance(when, bool):
        return None
    if isinstance(when, str):
        return _from_text(when.strip())
    return _from_number(when)


def _from_number(number: float) -> int | None:
    if not 0 < number < 1e20:
        return None
    for limit, scale in _SCALES:
        if number < limit:
            found = round(number * scale)
            return found if found <= _LATEST else None
    return int(number) // 1_000


def _from_text(text: str) -> int | None:
    try:
        return _since_epoch(datetime.fromisoformat(text))
    except ValueError:
        pass
    try:
        return _from_number(float(text))
    except ValueError:
        pass
    try:
        return _since_epoch(parsedate_to_datetime(text))
    except ValueError:
        return None


def _since_epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND
