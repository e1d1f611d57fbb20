"""Caches that are written at a premium and hardly ever read: there, caching costs more than it saves."""

from collections.abc import Mapping, Sequence

import numpy as np

from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Case, Ints, Part
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally
from costsim.summary.words import name

ID = "cache-written-never-read"
SAVES_ON: Part = "cache"
HOW = (
    "all calls of a route and model with no cache at all against what they cost with it: where the second is more, "
    "writing at a premium cost more than reading saved"
)
DO = (
    "mark for caching only what is sent again within the cache's lifetime, or choose a lifetime that the next use "
    "is within"
)
MEASURES: tuple[str, ...] = ("calls", "spend", "saving", "written", "read")

_GROUPING = ("route", "model")


def sums(priced: Priced) -> tuple[Mapping[tuple[str, ...], Sequence[Codes]], dict[str, Ints]]:
    """Return what each call's cache cost (below zero: saved), by route and model."""
    read, written = priced.count("cache_read_tokens"), priced.count("cache_write_tokens")
    cached = ((read > 0) | (written > 0)) & (priced.cost > 0)
    rows = np.flatnonzero(cached)
    if not len(rows):
        return {}, {}
    none = np.zeros(len(rows), np.int64)
    saving = np.zeros(len(priced), np.int64)
    saving[rows] = priced.saved_if(rows, cache_read_tokens=none, cache_write_tokens=none, cache_write_1h_tokens=none)
    values = {
        "calls": cached.astype(np.int64),
        "spend": np.where(cached, priced.cost, 0),
        "saving": saving,
        "written": np.where(cached, written, 0),
        "read": np.where(cached, read, 0),
    }
    return {_GROUPING: [priced.word("route"), priced.word("model")]}, values


def cases(tally: Tally) -> list[Case]:
    """Return where caching cost more than it saved."""
    return [
        Case(label, each["calls"], each["saving"], each["spend"], (each["written"], each["read"]))
        for label, each in tally.rows(_GROUPING).items()
        if each["written"] > 0 and each["saving"] > 0
    ]


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    written, read = case.facts
    again = f"only {read:,} are read" if read else "none is read"
    return f"{name(route, 'route')} on {model} wrote {written:,} tokens to the cache; {again} again"
