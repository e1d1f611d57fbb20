"""Frontier models on simple tasks: what the provider's own small model would have charged for the same tokens."""


import numpy as np

from costsim.summary.findings.contract import Case, Savings
from costsim.summary.priced import Priced

ID = "frontier-for-simple"
HOW = (
    "the same tokens at the price of the provider's own small model (assumes that it needs as many); calls classified "
    "with a confidence of 0.6 or more, of simple complexity, without tools"
)
DO = "try the small model on a sample of these calls, and route the task to it where the answers hold"

_TASKS: set[str | None] = {"classification", "extraction", "formatting", "translation", "rewriting", "summarization"}
_SURE = 0.6


def savings(priced: Priced) -> Savings:
    """Return the sure and simple calls whose own provider sells a small model for less."""
    simple = priced.among("task", _TASKS) & priced.among("complexity", {"simple"})
    sure = priced.calls.column("task_confidence").to_numpy() >= _SURE
    plain = simple & sure & (priced.cost > 0) & priced.among("modalities", {None}) & priced.among("operation", {"chat"})
    rows = np.flatnonzero(plain)
    small = priced.by_model(lambda facts: priced.prices.small_model(facts.provider), rows)
    rows, small = rows[small >= 0], small[small >= 0]
    amount = priced.saved_if(rows, model=small)
    better = amount > 0
    return Savings(rows[better], amount[better], ("task", "model"))




def title(case: Case) -> str:
    """Return the line of the report."""
    task, model = case.label
    return f"{task} on {model}: {case.calls:,} calls that look simple enough for a small model"
