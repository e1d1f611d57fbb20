"""Calls as they would be with shorter prompts and answers."""

from typing import Any

import numpy as np
from msgspec.structs import replace

from costsim.cost import Usage
from costsim.policies import document
from costsim.policies.attempts import Bools, Ints
from costsim.policies.columns import Columns
from costsim.policies.levers import trim
from costsim.policies.levers.trim import Shares, Tokens

COLUMNS = ("system_tokens", "history_tokens", "user_tokens", "tool_tokens")
"""Columns of `calls` that this reads, besides those of `as_logged`."""

_CHANGED = {
    "input_tokens": "input",
    "output_tokens": "output",
    "reasoning_tokens": "reasoning",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "cache_write_1h_tokens": "cache_write_1h",
}


def shares_of(lever: document.Trim) -> Shares:
    """Return what a policy leaves of each part."""
    return Shares(lever.system_tokens, lever.history_tokens, lever.user_tokens, lever.tool_tokens, lever.output_tokens)


def parts(columns: Columns, usage: Usage, rows: Ints | Bools) -> Tokens:
    """Return the tokens of some calls, by the part of the call that they come from."""
    system, history, user, tool = (columns.number(name)[rows] for name in COLUMNS)
    counts = {name: _column(getattr(usage, field), len(usage))[rows] for field, name in _CHANGED.items()}
    fixed = np.maximum(_column(usage.audio_input_tokens, len(usage))[rows], 0)
    fixed += np.maximum(_column(usage.image_input_tokens, len(usage))[rows], 0)
    return Tokens(**counts, system=system, history=history, user=user, tool=tool, fixed=fixed)


def trimmed(columns: Columns, usage: Usage, levers: list[tuple[Bools, document.Trim]]) -> Usage:
    """Return the usage of a batch in which some calls are trimmed, each by its own lever."""
    for rows, lever in levers:
        left = trim.trim(parts(columns, usage, rows), shares_of(lever))
        changed: dict[str, Any] = {}
        for field, name in _CHANGED.items():
            column = _column(getattr(usage, field), len(usage)).copy()
            column[rows] = getattr(left, name)
            changed[field] = column
        usage = replace(usage, **changed)
    return usage


def _column(counts: Any, rows: int) -> Ints:
    return np.full(rows, -1, np.int64) if counts is None else counts.astype(np.int64)
