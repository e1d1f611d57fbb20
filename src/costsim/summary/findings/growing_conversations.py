"""Input that grows over a conversation: what the turns beyond the first few added to every later request."""

import numpy as np

from costsim.summary.findings.contract import Case, Ints, Savings, name
from costsim.summary.priced import Priced

ID = "growing-conversations"
HOW = "input tokens beyond those of the conversation's fourth call, in later calls that send at least twice as many"
DO = "summarise or drop old turns, or keep the history in a prompt cache"

_GREW = 2


def savings(priced: Priced) -> Savings:
    """Return the late calls of long conversations, with what their grown input cost more."""
    early, tokens = priced.number("early_input_tokens"), priced.number("input_tokens")
    rows = np.flatnonzero((early > 0) & (tokens >= _GREW * early) & (priced.cost > 0))
    return Savings(rows, _saved(priced, rows, (tokens - early)[rows]), ("route", "model"))


def _saved(priced: Priced, rows: Ints, excess: Ints) -> Ints:
    """Old turns are what a cache holds already, so cached tokens are the first to go."""
    tokens = priced.number("input_tokens")[rows]
    read = np.maximum(priced.number("cache_read_tokens")[rows], 0)
    written = np.maximum(priced.number("cache_write_tokens")[rows], 0)
    from_cache = np.minimum(read, excess)
    fresh = np.minimum(excess - from_cache, tokens - read - written)
    return priced.saved_if(
        rows, input_tokens=tokens - from_cache - np.maximum(fresh, 0), cache_read_tokens=read - from_cache
    )


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    return f"{case.calls:,} late calls of conversations of {name(route, 'route')} on {model} send ever more history"
