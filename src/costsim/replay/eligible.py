"""Whether a model can do a call: its size, what the call carries and wants, the day, and the policy's limits."""

import numpy as np

from costsim.cost import Usage
from costsim.policies.columns import Bools, Columns, Ints
from costsim.prices import ModelFacts

COLUMNS = ("operation", "has_tools", "wants_json", "modalities")
"""Columns of `calls` that this reads."""

_TEXT = {"chat", "completion", "responses", "text", None}
_MODES = {"chat", "completion", "responses"}
_NEEDS = {"image": "vision", "audio": "audio"}


def can_do(columns: Columns, rows: Ints, usage: Usage, facts: ModelFacts) -> Bools:
    """Return which of these calls a model can do; what the price table does not say is no obstacle.

    `usage` is what they would use on it. Rule 1 of the simulation: context window, longest answer, tools, JSON,
    images and audio, kind of work, and the day on which the model is retired.
    """
    reads, writes = np.maximum(usage.input_tokens, 0), np.maximum(usage.output_tokens, 0)
    fits = _does(columns, facts)[rows]
    if facts.context_window is not None:
        fits &= reads + writes <= facts.context_window
    if facts.max_output_tokens is not None:
        fits &= writes <= facts.max_output_tokens
    if facts.retires is not None:
        fits &= usage.at < np.datetime64(facts.retires, "us").astype(np.int64)
    return fits


def _does(columns: Columns, facts: ModelFacts) -> Bools:
    """Which calls of the batch are of a kind that the model does."""
    codes, operations = columns.word("operation")
    works = np.array([_works(operation, facts.mode) for operation in operations], np.bool_)[codes]
    if facts.can("tools") is False:
        works &= ~columns.flag("has_tools")
    if facts.can("json") is False:
        works &= ~columns.flag("wants_json")
    codes, kinds = columns.word("modalities")
    carried = np.array([_takes(kind, facts) for kind in kinds], np.bool_)[codes]
    return works & carried


def _works(operation: str | None, mode: str) -> bool:
    return mode in _MODES if operation in _TEXT else mode == operation


def _takes(modalities: str | None, facts: ModelFacts) -> bool:
    needed = {_NEEDS.get(kind, "") for kind in (modalities or "").split("+")} - {""}
    return not facts.capabilities or needed <= set(facts.capabilities)
