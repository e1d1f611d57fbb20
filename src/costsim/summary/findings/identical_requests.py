"""Identical requests: the same prompt sent to the same model again within a day of its last answer."""

import numpy as np

from costsim.summary.findings.contract import Case, Savings, name
from costsim.summary.priced import Priced

ID = "identical-requests"
HOW = "every repeat, within 24 hours, of a prompt that the same model already answered without an error, at what it cost"
DO = "keep answers for a day under a hash of the request, or find out why it is sent again"

_DAY_MS = 24 * 3600 * 1000


def savings(priced: Priced) -> Savings:
    """Return the repeats whose predecessor succeeded."""
    since = priced.number("since_answer_ms")
    rows = np.flatnonzero((since >= 0) & (since <= _DAY_MS) & (priced.cost > 0))
    return Savings(rows, priced.cost[rows], ("route",))


def title(case: Case) -> str:
    """Return the line of the report."""
    return f"{case.calls:,} requests of {name(case.label[0], 'route')} repeat one that was answered within the day"
