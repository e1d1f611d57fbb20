"""Any table or JSON log with one call a record: columns by the user's mapping, else by a good guess at their names.

CSV and Parquet rows come as JSON objects too, their cells often as texts. The guess depends on nothing but the names in a
record and is made once for each set of names, so that it is the same wherever a file is cut into pieces.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.formats.guessing import guess, signature
from costsim.formats.mapping import Column, Mapping, source
from costsim.formats.table import Plan, plan_of
from costsim.schema import Call

NAME = "generic"
ABOUT = "any CSV, JSONL or Parquet table with a call a row: columns by name, or by a mapping (--init-map writes one)"

_MOST_PLANS = 1024
_decode = msgspec.json.Decoder().decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the names in the record suggest token counts, or a model beside a text or a cost to go with it."""
    mapping = guess(record)
    has = {name for name in mapping.__struct_fields__ if isinstance(source(mapping, name), Column)}
    return bool(
        has & {"input_tokens", "output_tokens"}
        or ("model" in has and has & {"prompt", "response", "reported_cost"})
    )


def reader(mapping: Mapping) -> Callable[[bytes], list[Call]]:
    """Return a function like `read` that takes its columns from `mapping`, and from a guess what the mapping leaves out."""
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
