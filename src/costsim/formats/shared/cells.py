"""Cells of people's tables to typed values: whatever a CSV writer, a spreadsheet or pandas made of them."""

from ast import literal_eval
from datetime import UTC, datetime
from typing import Any
from warnings import catch_warnings
from zoneinfo import ZoneInfo

import msgspec

from costsim.formats.shared.numbers import NOTHING, real
from costsim.formats.shared.times import microseconds
from costsim.schema import ANSWER_CHECKS, FINE, INVALID_JSON

MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}
"""Microseconds in one of each unit that a mapping may name."""

_TRUE = {"true", "1", "1.0", "yes", "y", "t"}
_FALSE = {"false", "0", "0.0", "no", "n", "f"}
_FAILED = {
    "error",
    "err",
    "failure",
    "failed",
    "fail",
    "timeout",
    "exception",
    "false",
    "rejected",
    "blocked",
    "cancelled",
}
_LONGEST_REASON = 60
_LONGEST_LITERAL = 1 << 16
_OPERATIONS = {
    "acompletion": "chat", "chat.completion": "chat", "chat.completions": "chat", "chat_completion": "chat",
    "chat_completions": "chat", "generate_content": "chat", "messages": "chat", "responses": "chat",
    "completions": "completion", "text_completion": "completion", "embeddings": "embedding", "aembedding":
    "embedding",
}  # fmt: skip


def text(value: Any) -> str | None:
    """Return a name or an id as text; None where the cell says nothing."""
    if value.__class__ is str:
        return value if len(value) > 9 or value.strip().lower() not in NOTHING else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))  # an id that passed through a column with gaps: pandas made floats of it
    return str(value)


def truth(value: Any) -> bool | None:
    """Return yes or no; None where the cell says neither."""
    if value is None or value.__class__ is bool:
        return value
    if value.__class__ is str and len(value) > _LONGEST_REASON:  # a traceback takes long to fold
        return None
    word = str(value).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def status(value: Any) -> str | None:
    """Return 'ok' or 'error' for a word or an HTTP status code; None where the cell says nothing."""
    word = str(value).strip().lower()
    if value is None or word in NOTHING:
        return None
    code = real(word)
    if word in _FAILED or (code is not None and code >= 400):
        return "error"
    return "ok"


def reason(value: Any) -> str | None:
    """Return the kind of an error, short: a message's first words up to a colon, for a message may quote the
    prompt.
    """
    if isinstance(value, dict):
        value = value.get("type") or value.get("code") or value.get("name") or "error"
    if value is None or truth(value) is False or value == [] or value == {}:
        return None
    if truth(value):
        return "error"
    said = text(value)
    return said.partition(":")[0].strip()[:_LONGEST_REASON] or "error" if said else None


def plain(value: Any) -> str | None:
    """Return free text as it stands."""
    return value if isinstance(value, str) and value else None


def finish(value: Any) -> str | None:
    """Return a finish reason, the first of a list of them."""
    return text(value[0]) if isinstance(value, list) and value else text(value)


def opened(value: Any) -> Any:
    """Return the JSON, or Python's literal, that stands in a cell as text, or the value itself."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return _literal(value)
    return value


def _literal(text: str) -> Any:
    """What pandas and ClickHouse write of an object: {'input': 1}; the text itself where it is none."""
    if "'" not in text or len(text) > _LONGEST_LITERAL:
        return text
    try:
        with catch_warnings(action="ignore"):  # of escapes that Python does not know
            return literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def object_in(value: Any) -> dict[str, Any]:
    """Return the JSON object that a cell is or holds as text; an empty one where it is none."""
    found = opened(value)
    return found if isinstance(found, dict) else {}


class Moment:
    """Cells of one column to UTC microseconds, with what the mapping says about their unit, zone, form and
    origin.
    """

    def __init__(self, unit: str | None, timezone: str | None, form: str | None, origin: Any) -> None:
        self._scale = MICROSECONDS[unit] if unit else None
        self._zone = ZoneInfo(timezone) if timezone else None
        self._form = form
        self._origin = microseconds(str(origin)) if origin is not None else 0

    def __call__(self, value: Any) -> int | None:
        """Return the time of one cell, or None where it is no time."""
        try:
            return self._read(value)
        except (ValueError, OverflowError):
            return None

    def _read(self, value: Any) -> int | None:
        if self._form and isinstance(value, str):
            return self._zoned(datetime.strptime(value.strip(), self._form))
        if self._scale is not None or self._origin:
            number = real(value)
            return None if number is None else round(number * (self._scale or 1_000_000)) + (self._origin or 0)
        if self._zone is not None and isinstance(value, str):
            return self._zoned(datetime.fromisoformat(value.strip()))
        return microseconds(value) if isinstance(value, int | float | str) else None

    def _zoned(self, moment: datetime) -> int | None:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone or UTC)
        return microseconds(moment.isoformat())


def operation(value: Any) -> str | None:
    """Return an operation in the words of the `calls` table, where it is known under another name."""
    name = text(value)
    return _OPERATIONS.get(name.lower(), name.lower()) if name else None


def basis(value: Any) -> str | None:
    """Return where token counts come from, as costsim itself writes it."""
    return value if value in ("logged", "counted", "estimated", "invalid") else None


def check(value: Any) -> str | None:
    """Return what a cell says of an answer: in costsim's own words, or whether it was the JSON that was asked for."""
    if value in ANSWER_CHECKS:
        return str(value)
    valid = truth(value)
    return None if valid is None else FINE if valid else INVALID_JSON


def pairs(value: Any) -> Any:
    """Return tags as a dict where Parquet's maps made pairs of them; None where a cell says nothing."""
    if isinstance(value, list) and value and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        return {str(key): each for key, each in value}
    if isinstance(value, str):
        return text(value)
    return value if isinstance(value, dict | list) else None
