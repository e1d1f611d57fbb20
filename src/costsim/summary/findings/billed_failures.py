"""Calls that failed and were billed all the same, and answers that were cut off at the length limit."""

import numpy as np

from costsim.summary.findings.contract import Case, Savings
from costsim.summary.priced import Priced

ID = "billed-failures"
HOW = "the whole cost of calls that ended in an error or with no answer and yet used tokens"
DO = "look at the error first; a retry of a request that cannot succeed pays for it again"

_CUT_OFF: set[str | None] = {"length", "max_tokens", "MAX_TOKENS"}


def savings(priced: Priced) -> Savings:
    """Return failed calls that cost something, and calls cut off before they said anything."""
    failed = priced.among("status", {"error"})
    said = priced.number("output_tokens") - np.maximum(priced.number("reasoning_tokens"), 0)
    silent = priced.among("finish_reason", _CUT_OFF) & (said <= 0)
    rows = np.flatnonzero((failed | silent) & (priced.cost > 0))
    return Savings(rows, priced.cost[rows], ("model", "error_type"))


def title(case: Case) -> str:
    """Return the line of the report."""
    model, error = case.label
    return f"{case.calls:,} calls of {model} failed ({error or 'cut off before any answer'}) and were billed"
