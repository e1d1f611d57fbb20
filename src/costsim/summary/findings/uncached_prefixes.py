"""Prefixes that repeat but are not cached: what a prompt cache would have saved on system prompts and tool definitions."""

import numpy as np

from costsim.prices import ModelFacts
from costsim.summary.findings.contract import Case, Savings, name
from costsim.summary.priced import Priced, cache_minimum

ID = "uncached-prefix"
HOW = (
    "each first message above the model's minimum is written once and read again while the last use is within the cache's "
    "lifetime (5 minutes unless the provider sells only longer ones), on the same model; reads and writes at list price"
)
DO = "put what never changes first and mark it for caching; keep times, ids and names out of the beginning of the prompt"

_MINUTES = {"5m": 5, "30m": 30, "1h": 60, "12h": 720}
_MINUTE_MS = 60_000


def savings(priced: Priced) -> Savings:
    """Return calls whose first message was sent shortly before, or is sent shortly after, and yet is in no cache."""
    prefix = priced.first("prefix_tokens")
    since, until = priced.number("since_prefix_ms"), priced.number("until_prefix_ms")
    lifetime = priced.by_model(_lifetime) * _MINUTE_MS
    warm = (since >= 0) & (since <= lifetime)
    worth_a_write = ~warm & (until >= 0) & (until <= lifetime)
    read, total = np.maximum(priced.number("cache_read_tokens"), 0), priced.number("input_tokens")
    uncached = (read < prefix) & (priced.number("cache_write_tokens") <= 0)
    long_enough = (prefix >= priced.by_model(cache_minimum)) & (prefix <= total)
    rows = np.flatnonzero((warm | worth_a_write) & uncached & long_enough & (priced.cost > 0))
    reads = np.where(warm[rows], prefix[rows], read[rows])
    writes = np.where(warm[rows], 0, (prefix - read)[rows])
    return Savings(rows, priced.saved_if(rows, cache_read_tokens=reads, cache_write_tokens=writes), ("route", "model"))


def _lifetime(facts: ModelFacts) -> int:
    return min((_MINUTES[each] for each in facts.cache_lifetimes), default=5)


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    return f"{case.calls:,} calls of {name(route, 'route')} on {model} send a long prefix again that no cache held"
