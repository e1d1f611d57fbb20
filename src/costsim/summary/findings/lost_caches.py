"""Caches lost in the middle of a conversation: after a long pause, or at a switch of the model, all is written anew."""

from collections.abc import Mapping, Sequence

import numpy as np

from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Case, Ints, Part, share_of
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally
from costsim.summary.words import number, of

ID = "cache-lost"
SAVES_ON: Part = "cache"
HOW = (
    "calls that continue a conversation, read nothing from the cache and wrote their input to it: reading it "
    "instead, but for as many new tokens as other calls there add; what a longer lifetime or one model throughout "
    "costs is not counted"
)
DO = "stay on one model within a conversation; where people pause, write with a longer lifetime, or summarise first"
MEASURES: tuple[str, ...] = ("lost", "spend", "could", "input", "warm", "added")

_GROUPING = ("route", "model")


def sums(priced: Priced) -> tuple[Mapping[tuple[str, ...], Sequence[Codes]], dict[str, Ints]]:
    """Return which calls lost their cache, and what those add that did not, by route and model."""
    read, written = priced.count("cache_read_tokens"), priced.count("cache_write_tokens")
    tokens = priced.count("input_tokens")
    going_on = (priced.number("history_tokens") > 0) & (priced.cost > 0)
    lost = going_on & (read == 0) & (2 * written > tokens)
    warm = going_on & (read > 0)
    if not (lost | warm).any():
        return {}, {}
    rows = np.flatnonzero(lost)
    none, could = np.zeros(len(rows), np.int64), np.zeros(len(priced), np.int64)
    could[rows] = priced.saved_if(
        rows, cache_read_tokens=written[rows], cache_write_tokens=none, cache_write_1h_tokens=none
    )
    values = {
        "lost": lost.astype(np.int64),
        "spend": np.where(lost, priced.cost, 0),
        "could": could,
        "input": np.where(lost, tokens, 0),
        "warm": warm.astype(np.int64),
        "added": np.where(warm, tokens - read, 0),
    }
    return {_GROUPING: [priced.word("route"), priced.word("model")]}, values


def cases(tally: Tally) -> list[Case]:
    """Return where caches are lost that mostly hold."""
    return [
        Case(label, each["lost"], _saving(each), each["spend"])
        for label, each in tally.rows(_GROUPING).items()
        if 0 < each["lost"] <= each["warm"]
    ]


def _saving(sums: Mapping[str, int]) -> int:
    new = sums["added"] / sums["warm"] * sums["lost"] / max(sums["input"], 1)
    return share_of(sums["could"], 1 - new)


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    calls = f"{number(case.calls, 'call')} {of(route, 'route')}"
    return f"{calls} wrote a whole conversation to the cache of {model} again, after a pause or a switch of model"
