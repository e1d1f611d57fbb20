"""Input that grows over a conversation: what the turns beyond the first few added to every later request."""

import numpy as np

from costsim.summary.findings.contract import Case, Ints, Part, Savings
from costsim.summary.priced import Priced
from costsim.summary.words import number, of

ID = "growing-conversations"
SAVES_ON: Part = "history"
HOW = (
    "input tokens beyond those of the conversation's fourth call, in later calls that send at least a quarter more; "
    "tokens that a cache held are counted at the price of reading it"
)
DO = "summarise or drop old turns, or begin anew when the subject changes"

_GREW = 1.25


def savings(priced: Priced) -> Savings:
    """Return the late calls of long conversations, with what their grown input cost more."""
    early, tokens = priced.number("early_input_tokens"), priced.number("input_tokens")
    rows = np.flatnonzero((early > 0) & (tokens >= _GREW * early) & (priced.cost > 0))
    amount = _saved(priced, rows, (tokens - early)[rows])
    return Savings(rows, amount, ("route",), (tokens[rows], early[rows]))


def _saved(priced: Priced, rows: Ints, excess: Ints) -> Ints:
    """Old turns are what a cache holds already, so cached tokens are the first to go."""
    tokens = priced.number("input_tokens")[rows]
    read, written = priced.count("cache_read_tokens")[rows], priced.count("cache_write_tokens")[rows]
    from_cache = np.minimum(read, excess)
    fresh = np.minimum(excess - from_cache, np.maximum(tokens - read - written, 0))
    return priced.saved_if(rows, input_tokens=tokens - from_cache - fresh, cache_read_tokens=read - from_cache)


def title(case: Case) -> str:
    """Return the line of the report."""
    times = case.facts[0] / max(case.facts[1], 1)
    calls = f"{number(case.calls, 'late call')} of conversations {of(case.label[0], 'route')}"
    return f"{calls}: {times:.1f} times the input of the fourth call"
