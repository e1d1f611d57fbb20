"""Calls whose tokens tell something of the models that answered them, as `projection` wants them."""

from typing import Any

import numpy as np

from costsim import projection
from costsim.policies.attempts import Attempts, Bools, Ints
from costsim.policies.columns import Columns
from costsim.projection import Answered
from costsim.replay.failures import failed
from costsim.schema import as_arrow


def tells(columns: Columns, attempts: Attempts) -> Bools:
    """Return which calls of a batch were answered in full by a model of the price table."""

    def test(_: Columns) -> Bools:
        usage = attempts.usage
        found = projection.tells(usage.input_tokens, usage.output_tokens) & attempts.billed
        return found & (usage.model >= 0) & ~failed(columns)

    return columns.once("tells", test)


def answered(columns: Columns, attempts: Attempts, rows: Ints | None = None) -> Answered:
    """Return what the tokens of the calls of a batch, or of those in some rows, tell; tasks are the codes of `word`."""
    usage, prompts = attempts.usage, columns.calls.column("prompt_hash")
    told = _of(tells(columns, attempts), rows)
    return Answered(
        (prompts if rows is None else prompts.take(as_arrow(rows))).fill_null(0).to_numpy(),
        np.where(told, _of(usage.model, rows), np.int32(-1)),
        _of(columns.word("task")[0], rows).astype(np.int32),
        _of(usage.input_tokens, rows),
        _of(usage.output_tokens, rows),
        None if usage.reasoning_tokens is None else _of(usage.reasoning_tokens, rows),
    )


def _of(column: Any, rows: Ints | None) -> Any:
    return column if rows is None else column.take(rows)
