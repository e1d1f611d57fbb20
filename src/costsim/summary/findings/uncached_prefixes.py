"""Prefixes that repeat but are not cached: what a prompt cache would have saved on system prompts and tool definitions."""

import numpy as np
from numpy.typing import NDArray

from costsim.prices import ModelFacts
from costsim.schema import words
from costsim.summary.findings.contract import Case, Savings, name
from costsim.summary.priced import Priced, cache_minimum

ID = "uncached-prefix"
KEY = "first_prefix"
HOW = (
    "each system prompt above the model's minimum is written once and read again while the last use is within the cache's "
    "lifetime (5 minutes unless the provider sells only longer ones), on the same model; reads and writes at list price"
)
DO = "put what never changes first and mark it for caching; keep times, ids and names out of the beginning of the prompt"

_MINUTES = {"5m": 5, "30m": 30, "1h": 60, "12h": 720}
_MINUTE = 60_000_000


def savings(priced: Priced) -> Savings:
    """Return calls whose first message was sent shortly before and yet not read from a cache, in the order of time."""
    order, same = _in_order(priced)
    prefix = first_of(priced.calls, "prefix_tokens")
    at, read, total = priced.usage.at, priced.number("cache_read_tokens"), priced.number("input_tokens")
    lifetime = priced.by_model(_lifetime)
    within = np.zeros(len(priced), dtype=bool)
    later, earlier = order[1:], order[:-1]
    within[later] = same & (at[later] - at[earlier] <= lifetime[later] * _MINUTE)
    written = np.zeros(len(priced), dtype=bool)
    written[earlier[within[later]]] = True  # only what is read again is worth a write
    eligible = (prefix >= priced.by_model(cache_minimum)) & (np.maximum(read, 0) < prefix) & (priced.cost > 0)
    eligible &= np.maximum(priced.number("cache_write_tokens"), 0) == 0
    rows = np.flatnonzero(eligible & (within | written))
    reads = np.where(within[rows], prefix[rows], np.maximum(read[rows], 0))
    writes = np.where(within[rows], 0, np.minimum(prefix, total)[rows])
    amount = priced.saved_if(rows, cache_read_tokens=np.minimum(reads, total[rows]), cache_write_tokens=writes)
    return Savings(rows, amount, ("route", "model"))


def first_of(calls: "object", column: str) -> NDArray[np.int64]:
    """Return the first item of each list of a column of whole numbers; 0 for an empty one."""
    lists = calls.column(column).combine_chunks()  # type: ignore[attr-defined]
    offsets = lists.offsets.to_numpy()
    values = lists.values.to_numpy()
    found = np.zeros(len(lists), values.dtype)
    filled = offsets[1:] > offsets[:-1]
    found[filled] = values[offsets[:-1][filled]]
    return found


def _in_order(priced: Priced) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Places by model, prefix and time, and whether each place but the first continues its predecessor's model and prefix."""
    prefix = first_of(priced.calls, "prefix_hashes")
    model, _ = words(priced.calls, "model")
    order = np.lexsort((priced.usage.at, prefix, model))
    same = (model[order][1:] == model[order][:-1]) & (prefix[order][1:] == prefix[order][:-1]) & (prefix[order][1:] != 0)
    return order, same


def _lifetime(facts: ModelFacts) -> int:
    return min((_MINUTES[each] for each in facts.cache_lifetimes), default=5)


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    return f"the system prompt of {name(route, 'route')} is sent to {model} {case.calls:,} times and not read from a cache"
