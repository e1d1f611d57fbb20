"""Long answers that nothing limited."""

import numpy as np

from costsim.summary.findings.contract import Case, Savings, name
from costsim.summary.priced import Priced

ID = "unbounded-answers"
HOW = "output tokens beyond 2,000 (reasoning apart) of calls without a limit, where long answers are not the work itself"
DO = "set a limit on output tokens, and say in the prompt how long an answer should be"

_ENOUGH = 2_000
_LONG_WORK: set[str | None] = {"code", "agent", "translation", "rewriting", "formatting"}


def savings(priced: Priced) -> Savings:
    """Return long answers without a limit."""
    reasoning = np.maximum(priced.number("reasoning_tokens"), 0)
    said = priced.number("output_tokens") - reasoning
    unlimited = (priced.number("max_output_tokens") < 0) & ~priced.among("task", _LONG_WORK)
    stated = priced.calls.column("turns").is_valid().to_numpy()  # only a log that holds the request shows that there is none
    rows = np.flatnonzero(unlimited & stated & (said > _ENOUGH) & (priced.cost > 0))
    amount = priced.saved_if(rows, output_tokens=reasoning[rows] + _ENOUGH)
    return Savings(rows, amount, ("route",))


def title(case: Case) -> str:
    """Return the line of the report."""
    return f"{case.calls:,} answers of {name(case.label[0], 'route')} run past 2,000 tokens with no limit set"
