"""Input that grows over a conversation: what the turns beyond the first few added to every later request."""

import numpy as np
import pyarrow.compute as pc

from costsim.summary.findings.contract import Case, Savings, name
from costsim.summary.priced import Priced

ID = "growing-conversations"
KEY = "conversation_id"
HOW = "input tokens beyond those of the conversation's fourth call, in conversations whose input has at least doubled since"
DO = "summarise or drop old turns, or keep the history in a prompt cache"

_FREE_CALLS = 4
_GREW = 2


def savings(priced: Priced) -> Savings:
    """Return the late calls of long conversations, with what their grown input cost more."""
    column = priced.calls.column("conversation_id").combine_chunks().dictionary_encode()
    conversation = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    places = np.flatnonzero((conversation >= 0) & (priced.number("input_tokens") > 0) & (priced.cost > 0))
    order = places[np.lexsort((priced.usage.at[places], conversation[places]))]
    starts = np.flatnonzero(np.diff(conversation[order], prepend=-1))
    length = np.diff(np.append(starts, len(order)))
    long = length > _FREE_CALLS
    start_of = np.repeat(starts[long], length[long])
    late = _positions(starts[long], length[long])
    tokens = priced.number("input_tokens")[order]
    base = tokens[start_of + _FREE_CALLS - 1]
    grown = (late - start_of >= _FREE_CALLS) & (tokens[late] >= _GREW * base)
    rows, excess = order[late[grown]], (tokens[late] - base)[grown]
    return Savings(rows, _saved(priced, rows, excess), ("route", "model"))


def _positions(starts: "np.ndarray[tuple[int], np.dtype[np.int64]]", length: "np.ndarray[tuple[int], np.dtype[np.int64]]"):  # type: ignore[no-untyped-def]
    """Every place of each run."""
    return np.repeat(starts - np.cumsum(length) + length, length) + np.arange(int(length.sum()))


def _saved(priced: Priced, rows, excess):  # type: ignore[no-untyped-def]
    """Old turns are what a cache holds already, so cached tokens are the first to go."""
    read = np.maximum(priced.number("cache_read_tokens")[rows], 0)
    from_cache = np.minimum(read, excess)
    fresh = np.minimum(excess - from_cache, priced.number("input_tokens")[rows] - read)
    return priced.saved_if(
        rows,
        input_tokens=priced.number("input_tokens")[rows] - from_cache - np.maximum(fresh, 0),
        cache_read_tokens=read - from_cache,
    )


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    return f"conversations of {name(route, 'route')} on {model} send ever more history: {case.calls:,} late calls"
