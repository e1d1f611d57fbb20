"""Any table or JSON log with one call a record: columns by the user's mapping, else by a good guess at their
names.

CSV and Parquet rows come as JSON objects too, their cells often as texts. The guess depends on nothing but
the names in a record and is made once for each set of names, so that it is the same wherever a file is cut
into pieces.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.formats.tables.guessing import guess, signature
from costsim.formats.tables.mapping import Column, Mapping, check_columns, source
from costsim.formats.tables.mapping_text import mapping_yaml, read_mapping
from costsim.formats.tables.table import Plan, plan_of
from costsim.schema import GENERIC, Call

__all__ = [
    "ABOUT",
    "NAME",
    "Mapping",
    "check_columns",
    "claims",
    "guess",
    "mapping_yaml",
    "read",
    "read_mapping",
    "reader",
]

NAME = GENERIC
ABOUT = "any CSV, JSONL or Parquet table: columns by name, or by a mapping (`--init-map` writes one)"

_MOST_PLANS = 1024
_COUNTS = ("input_tokens", "output_tokens")
_BESIDE_A_MODEL = ("prompt", "response", "reported_cost")
_decode = msgspec.json.Decoder().decode
_told: dict[tuple[Any, ...], dict[str, str]] = {}
"""Names of a record -> the columns that tell of a call; of the last `_MOST_PLANS` kinds of records."""


def claims(record: dict[str, Any]) -> bool:
    """Whether the names in the record suggest token counts, or a model beside a text or a cost."""
    names = signature(record)
    if (has := _told.get(names)) is None:
        if len(_told) >= _MOST_PLANS:
            _told.clear()
        has = _told[names] = _telling(guess(record))
    if any(name in has for name in _COUNTS):
        return True
    beside = [record.get(has[name]) for name in _BESIDE_A_MODEL if name in has]
    return "model" in has and any(not isinstance(value, dict) for value in beside)  # an object holds more than a text


def _telling(mapping: Mapping) -> dict[str, str]:
    found = {name: source(mapping, name) for name in ("model", *_COUNTS, *_BESIDE_A_MODEL)}
    return {name: column.column or "" for name, column in found.items() if isinstance(column, Column)}


def reader(mapping: Mapping) -> Callable[[bytes], list[Call]]:
    """Return a function like `read` that takes its columns from `mapping`, and from a guess what the mapping
    leaves out.
    """
    plans: dict[tuple[Any, ...], Plan] = {}

    def read(record: bytes) -> list[Call]:
        row = _object(record)
        names = signature(row)
        plan = plans.get(names)
        if plan is None:
            if len(plans) >= _MOST_PLANS:
                plans.clear()  # records without end of new names: nothing to keep
            plan = plans[names] = plan_of(mapping, row)
        call = plan.call(row)
        return [] if call is None else [call]

    return read


def _object(record: bytes) -> dict[str, Any]:
    try:
        row = _decode(record)
    except UnicodeDecodeError:
        row = _decode(record.decode("utf-8", "replace").encode())
    if not isinstance(row, dict):
        raise msgspec.DecodeError(f"is JSON, but no object ({type(row).__name__})")
    return row


read = reader(Mapping())
