"""Calls that failed and were billed all the same, and those cut off at a limit before they said anything."""

import numpy as np

from costsim.summary.findings.contract import Case, Part, Savings
from costsim.summary.priced import Priced
from costsim.summary.words import number, of, verb

ID = "billed-failures"
SAVES_ON: Part = "call"
HOW = "the whole cost of calls that used tokens and ended in an error, or at their limit without an answer"
DO = "look at the error first: trying again what cannot succeed pays for it again; raise a limit that reasoning uses up"

_CUT_OFF: set[str | None] = {"length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "incomplete"}


def savings(priced: Priced) -> Savings:
    """Return failed calls that cost something, and calls cut off before they said anything."""
    failed = priced.among("status", {"error"})
    said = priced.number("output_tokens") - priced.count("reasoning_tokens")
    silent = priced.among("finish_reason", _CUT_OFF) & (said <= 0)
    rows = np.flatnonzero((failed | silent) & (priced.cost > 0))
    return Savings(rows, priced.cost[rows], ("route", "model", "status", "error_type"))


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model, status, error = case.label
    calls = f"{number(case.calls, 'call')} {of(route, 'route')} on {model}"
    were = verb(case.calls, "was", "were")
    if status != "error":
        return f"{calls} hit the output limit before any answer, and {were} billed"
    return f"{calls} failed{f' ({error})' if error else ''} and {were} billed"
