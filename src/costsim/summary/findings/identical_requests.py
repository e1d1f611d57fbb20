"""Identical requests: the same prompt sent to the same model again within a day of its last answer."""

import numpy as np

from costsim.summary.findings.contract import Case, Part, Savings
from costsim.summary.priced import Priced
from costsim.summary.words import number, of

ID = "identical-requests"
SAVES_ON: Part = "call"
HOW = (
    "every repeat, within 24 hours, of a prompt that the same model already answered without an error, at what it cost"
)
DO = (
    "find out why it is sent again (a probe, a retry button, an answer that was cut off), or keep answers for a "
    "day under a hash of the request"
)

_DAY_MS = 24 * 3600 * 1000


def savings(priced: Priced) -> Savings:
    """Return the repeats whose predecessor succeeded."""
    since = priced.number("since_answer_ms")
    rows = np.flatnonzero((since >= 0) & (since <= _DAY_MS) & (priced.cost > 0))
    return Savings(rows, priced.cost[rows], ("route",))


def title(case: Case) -> str:
    """Return the line of the report."""
    requests = f"{number(case.calls, 'request')} {of(case.label[0], 'route')}"
    return f"{requests}, word for word as one answered within a day before"
