"""Whether a model can do a call: its size, what the call carries and wants, and the day."""

from collections.abc import Iterator

import numpy as np

from costsim.cost import Usage
from costsim.policies.columns import Bools, Columns, Ints
from costsim.prices import ModelFacts

COLUMNS = ("operation", "has_tools", "wants_json", "modalities")
"""Columns of `calls` that this reads."""

_TEXT = {"chat", "completion", "responses", "text", None}
_MODES = {"chat", "completion", "responses"}
_NEEDS = {"image": "vision", "audio": "audio"}


def obstacles(columns: Columns, rows: Ints, usage: Usage, facts: ModelFacts) -> Iterator[tuple[str, Bools]]:
    """Yield what may keep calls from a model, with those that it keeps; what the price table does not say is none.

    `usage` is what these calls would use on the model.
    """
    reads, writes = np.maximum(usage.input_tokens, 0), np.maximum(usage.output_tokens, 0)
    if facts.context_window is not None:
        yield f"its context holds {facts.context_window:,} tokens", reads + writes > facts.context_window
    if facts.max_output_tokens is not None:
        yield f"it answers in at most {facts.max_output_tokens:,} tokens", writes > facts.max_output_tokens
    if facts.retires is not None:
        yield f"it is retired from {facts.retires}", usage.at >= np.datetime64(facts.retires, "us").astype(np.int64)
    codes, operations = columns.word("operation")
    other = np.array([not _works(operation, facts.mode) for operation in operations], np.bool_)[codes]
    yield f"it is a model for {facts.mode}", other[rows]
    if facts.can("tools") is False:
        yield "it calls no tools", columns.flag("has_tools")[rows]
    if facts.can("json") is False:
        yield "it does not promise JSON", columns.flag("wants_json")[rows]
    codes, kinds = columns.word("modalities")
    for kind, capability in _NEEDS.items():
        if facts.capabilities and capability not in facts.capabilities:
            carried = np.array([kind in (each or "").split("+") for each in kinds], np.bool_)[codes]
            yield f"it takes no {kind}", carried[rows]


def _works(operation: str | None, mode: str) -> bool:
    return mode in _MODES if operation in _TEXT else mode == operation
