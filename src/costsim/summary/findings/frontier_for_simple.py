"""Frontier models on simple tasks: what a small model of the same maker would have charged for the same tokens."""

import numpy as np

from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Case, Ints, Part, Savings
from costsim.summary.priced import Bools, Priced
from costsim.summary.words import number, verb

ID = "frontier-for-simple"
SAVES_ON: Part = "model"
HOW = (
    "the same tokens at the price of a small model of the same maker, where that is at most half (assumes that it "
    "needs as many); calls whose task is known with a confidence of 0.6, of simple complexity, of at most 8,000 "
    "input tokens, without tools or images"
)
DO = "try the small model on a sample of these calls, and route the task to it where the answers hold"

_TASKS: set[str | None] = {"classification", "extraction", "formatting", "translation", "rewriting", "summarization"}
_SURE = 0.6
_SHORT = 8_000
"""Input tokens; in longer ones small models lose things, however simple the question."""


def savings(priced: Priced) -> Savings:
    """Return the sure and simple calls whose provider sells a small model for half the price or less."""
    rows = np.flatnonzero(_simple(priced) & (priced.cost > 0))
    small = priced.by_model(lambda facts: priced.prices.small_model(facts.provider, facts.model), rows)
    rows, small = rows[small >= 0], small[small >= 0]
    amount = priced.saved_if(rows, model=small)
    better = 2 * amount >= priced.cost[rows]
    rows, small = rows[better], small[better]
    return Savings(rows, amount[better], ("task", "model", _names(priced, rows, small)))


def _simple(priced: Priced) -> Bools:
    simple = priced.among("task", _TASKS) & priced.among("complexity", {"simple"})
    sure = priced.calls.column("task_confidence").to_numpy() >= _SURE
    plain = priced.among("modalities", {None}) & priced.among("operation", {"chat"}) & ~priced.flag("has_tools")
    return np.asarray(simple & sure & plain & (priced.number("input_tokens") <= _SHORT))


def _names(priced: Priced, rows: Ints, small: Ints) -> Codes:
    """The small models' names, for all calls of the batch."""
    distinct, which = np.unique(small, return_inverse=True)
    codes = np.zeros(len(priced), np.int64)
    codes[rows] = which
    return codes, [priced.prices.facts(int(index)).model for index in distinct]


def title(case: Case) -> str:
    """Return the line of the report."""
    task, model, small = case.label
    look = verb(case.calls, "looks", "look")
    return f"{task} on {model}: {number(case.calls, 'call')} that {look} simple enough for {small}"
