"""What calls can be grouped and filtered by: columns, the day in a time zone, and any tag."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from costsim.errors import UsageError, nearest
from costsim.schema import DATED_FROM, words

COLUMN_OF = {
    "model": "model",
    "requested_model": "requested_model",
    "task": "task",
    "complexity": "complexity",
    "route": "route",
    "user": "user",
    "provider": "provider",
    "operation": "operation",
    "tier": "service_tier",
    "status": "status",
    "error": "error_type",
    "format": "source",
    "file": "source_file",
}
DAY = "day"
TAG = "tag:"
_IN_A_POLICY = "tags."
_EXAMPLES = {"--by": "model,task", "--where": "model=gpt-5.5"}
_EPOCH = date(1970, 1, 1)

Codes = tuple[NDArray[np.int64], list[str | None]]
"""The code of each call's value, and the value of each code."""


def parse(text: str, option: str = "--by") -> tuple[str, ...]:
    """Return the dimensions that '--by model,task' crosses; UsageError for one that does not exist."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in COLUMN_OF and name != DAY and not (name.startswith(TAG) and len(name) > len(TAG)):
            raise UsageError(f"unknown dimension '{name}'", where=option, hint=_hint(name))
    if not names:
        raise UsageError("names no dimension", where=option, hint=f"for example {option} {_EXAMPLES[option]}")
    return names


def _hint(name: str) -> str:
    """The dimension that is meant, also where it is called as the column is."""
    for dimension, column in COLUMN_OF.items():
        if name == column:
            return f"did you mean '{dimension}'?"
    if name.startswith(_IN_A_POLICY):
        return f"did you mean '{TAG}{name.removeprefix(_IN_A_POLICY)}'?"
    return nearest(name, [*COLUMN_OF, DAY, "tag:NAME"])


def columns(names: Sequence[str]) -> set[str]:
    """Return the columns of `calls` that these dimensions read."""
    return {_column(name) for name in names}


def codes(calls: pa.Table, name: str, timezone: str) -> Codes:
    """Return a dimension of a batch of calls as codes and labels; the label None is 'the log does not say'."""
    if name == DAY:
        return _days(calls, timezone)
    if name.startswith(TAG):
        return _tag(calls, name[len(TAG) :])
    return words(calls, COLUMN_OF[name])


def _column(name: str) -> str:
    if name == DAY:
        return "started_at"
    return "tags" if name.startswith(TAG) else COLUMN_OF[name]


def _days(calls: pa.Table, timezone: str) -> Codes:
    times = calls.column("started_at").combine_chunks().cast(pa.timestamp("us", timezone))
    local = pc.floor_temporal(pc.local_timestamp(times), unit="day").cast(pa.int64())
    days = pc.fill_null(local, -1).to_numpy()
    days = np.where(days < DATED_FROM, -1, days)
    distinct, which = np.unique(days, return_inverse=True)
    labels = [None if day < 0 else str(_EPOCH + timedelta(microseconds=int(day))) for day in distinct]
    return which, labels


def _tag(calls: pa.Table, name: str) -> Codes:
    of_call, texts = words(calls, "tags")
    values = [msgspec.json.decode(text, type=dict[str, str]).get(name) if text else None for text in texts]
    distinct = {value: code for code, value in enumerate(dict.fromkeys(values))}
    code_of_text = np.array([distinct[value] for value in values], np.int64)
    return code_of_text[of_call], list(distinct)
