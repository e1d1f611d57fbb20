"""Calls above a long-context cliff, where the whole request is billed at a higher rate."""

import numpy as np

from costsim.prices import ModelFacts
from costsim.summary.findings.contract import Case, Part, Savings
from costsim.summary.pieces import saved_in_pieces
from costsim.summary.priced import Priced
from costsim.summary.words import number, of, verb

ID = "above-a-cliff"
SAVES_ON: Part = "history"
HOW = (
    "the same tokens at the rates below the model's long-context threshold, as if they had been sent in several "
    "requests; instructions that each of them would repeat are not counted"
)
DO = "split or trim these inputs, or use a model without a threshold"


def savings(priced: Priced) -> Savings:
    """Return the calls at or above their model's first threshold."""
    threshold = priced.by_model(_first_threshold)
    above = (threshold > 0) & (priced.number("input_tokens") >= threshold)
    rows = np.flatnonzero(above & (priced.cost > 0))
    amount = saved_in_pieces(priced, rows, threshold[rows])
    dear = amount > 0
    return Savings(rows[dear], amount[dear], ("route", "model"), (threshold[rows[dear]],))


def _first_threshold(facts: ModelFacts) -> int:
    return min((each for each in facts.thresholds if each > 0), default=-1)


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    calls, pay = f"{number(case.calls, 'call')} {of(route, 'route')} on {model}", verb(case.calls, "pays", "pay")
    return f"{calls} above {case.facts[0] // case.calls - 1:,} input tokens {pay} more for each"
