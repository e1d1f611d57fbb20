"""Prefixes that repeat but are not cached: what a prompt cache would have saved on system prompts and tools."""

import numpy as np

from costsim.prices import ModelFacts
from costsim.summary.findings.contract import Case, Part, Savings
from costsim.summary.priced import Priced, cache_minimum
from costsim.summary.words import name, rounded

ID = "uncached-prefix"
SAVES_ON: Part = "prefix"
HOW = (
    "each first message above the model's minimum is written once and read again while the last use on the same "
    "model is within the cache's lifetime (5 minutes unless the provider sells only longer ones); calls further "
    "apart save nothing; reads and writes at list price, lengths estimated from characters"
)
DO = (
    "put what never changes first and mark it for caching; keep times, ids and names out of the beginning of the prompt"
)

_MINUTES = {"5m": 5, "30m": 30, "1h": 60, "12h": 720}
_MINUTE_MS = 60_000


def savings(priced: Priced) -> Savings:
    """Return calls whose long first message is sent more than once and yet is in no cache.

    Those soon after another one would have read it; those only soon before another one would have written it.
    """
    prefix = priced.first("prefix_tokens")
    since, until = priced.number("since_prefix_ms"), priced.number("until_prefix_ms")
    read, written = priced.count("cache_read_tokens"), priced.count("cache_write_tokens")
    uncached = (read == 0) & (written == 0)
    long_enough = (prefix >= priced.by_model(cache_minimum)) & (prefix <= priced.number("input_tokens"))
    again = (since >= 0) | (until >= 0)
    rows = np.flatnonzero(again & uncached & long_enough & (priced.cost > 0))
    prefix, since, until = prefix[rows], since[rows], until[rows]
    lifetime = priced.by_model(_lifetime, rows) * _MINUTE_MS
    warm = (since >= 0) & (since <= lifetime)
    worth_a_write = ~warm & (until >= 0) & (until <= lifetime)
    amount = priced.saved_if(
        rows,
        cache_read_tokens=np.where(warm, prefix, 0),
        cache_write_tokens=np.where(worth_a_write, prefix, 0),
    )
    return Savings(rows, amount, ("route",), (prefix, warm.astype(np.int64)))


def _lifetime(facts: ModelFacts) -> int:
    return min((_MINUTES[each] for each in facts.cache_lifetimes if each in _MINUTES), default=5)


def title(case: Case) -> str:
    """Return the line of the report."""
    tokens, warm = case.facts[0] // case.calls, case.facts[1]
    sent = f"a prefix of some {rounded(tokens)} tokens of {name(case.label[0], 'route')} is sent {case.calls:,} times"
    return f"{sent} and never cached; a cache would hold it for {warm:,} of them"
