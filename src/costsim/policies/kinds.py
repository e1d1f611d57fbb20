"""Kinds of columns that a condition can read: how an operand of each is read, and what the column's values are.

An operand becomes a `Span`, from its least to its greatest value: a day is all its moments, a number only itself.
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim.policies.columns import TAGS, Bools, Columns
from costsim.schema import SCHEMA

Kind = Literal["word", "tag", "number", "money", "time", "flag", "hash"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MONEY = "reported_cost"
_LARGEST = 2**63


class Span(NamedTuple):
    """An operand, from its least to its greatest value."""

    low: Any
    high: Any


class OperandError(Exception):
    """An operand that a column cannot be compared with; the text says what it should be."""


def kind_of(column: str) -> Kind | None:
    """Return the kind of a column of `calls` or of `tags.NAME`; None where conditions cannot read it."""
    if column.startswith(TAGS) and column != TAGS:
        return "tag"
    if column not in SCHEMA.names or column == "tags":
        return None
    if column == _MONEY:
        return "money"
    kind = SCHEMA.field(column).type
    if pa.types.is_uint64(kind):
        return "hash"
    if pa.types.is_timestamp(kind):
        return "time"
    if pa.types.is_boolean(kind):
        return "flag"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "number"
    return "word" if pa.types.is_dictionary(kind) or pa.types.is_string(kind) else None


def known_columns() -> list[str]:
    """Return every column that a condition can read; tags come on top."""
    return [name for name in SCHEMA.names if kind_of(name)]


def word(value: Any) -> Span:
    """Read a word."""
    if not isinstance(value, str):
        raise OperandError("a word; put it in quotes" if isinstance(value, int | float | date) else "a word")
    return Span(value, value)


def tag(value: Any) -> Span:
    """Read what a tag may be, as logs write it: a word, a number, true or false."""
    if isinstance(value, bool):
        return word(str(value).lower())
    return word(str(value) if isinstance(value, int | float | date) else value)


def is_number(value: Any) -> bool:
    """Return whether a value is a text of a number, which lacks nothing but to be one."""
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False


def number(value: Any) -> Span:
    """Read a number."""
    if isinstance(value, int) and abs(value) >= _LARGEST:
        raise OperandError("a number that a log can hold")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise OperandError(
            f"a number; write {value} without quotes" if is_number(value) else "a number, such as 4000 or 0.6"
        )
    return Span(value, value)


def money(value: Any) -> Span:
    """Read an amount in USD; in 10^-12 USD."""
    dollars, _ = number(value)
    amount = int(Decimal(str(dollars)).scaleb(12))
    return number(amount)


def moment(value: Any) -> Span:
    """Read a day, which is all its moments, or a time; UTC where it names no zone; in microseconds since 1970."""
    if isinstance(value, str):
        value = _from_iso(value)
    if isinstance(value, datetime):
        at = _microseconds(value if value.tzinfo else value.replace(tzinfo=UTC))
        return Span(at, at)
    if isinstance(value, date):
        start = _microseconds(datetime.combine(value, time(), UTC))
        return Span(start, start + _DAY // _MICROSECOND - 1)
    raise OperandError("a day or a time, such as 2026-10-01 or 2026-10-01T08:00")


def _from_iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def flag(value: Any) -> Span:
    """Read true or false."""
    if not isinstance(value, bool):
        raise OperandError("true or false")
    return Span(value, value)


def _no_operand(_value: Any) -> Span:
    raise OperandError("nothing but 'exists': it is a hash")


READ: dict[Kind, Callable[[Any], Span]] = {
    "word": word,
    "tag": tag,
    "number": number,
    "money": money,
    "time": moment,
    "flag": flag,
    "hash": _no_operand,
}
"""How an operand is read, by the kind of its column; OperandError where it is something else."""


def values_of(columns: Columns, column: str, kind: Kind) -> tuple[NDArray[Any], Bools]:
    """Return the values of a column that is no column of words, and for which calls there is one."""
    if kind == "flag":
        return columns.flag(column), columns.stated(column)
    if pa.types.is_floating(SCHEMA.field(column).type):
        values = columns.real(column)
        return values, ~np.isnan(values)
    if kind == "hash":
        return np.zeros(len(columns), np.int64), columns.stated(column)
    return columns.number(column), columns.stated(column)
