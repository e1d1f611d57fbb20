"""Identical requests: the same prompt sent to the same model again within a day of the last time."""

import numpy as np

from costsim.schema import words
from costsim.summary.findings.contract import Case, Savings, name
from costsim.summary.priced import Priced

ID = "identical-requests"
KEY = "prompt_hash"
HOW = "every repeat, within 24 hours, of a prompt that the same model already answered without an error, at what it cost"
DO = "keep answers for a day under a hash of the request, or find out why it is sent again"

_DAY = 24 * 3600 * 1_000_000


def savings(priced: Priced) -> Savings:
    """Return the repeats whose predecessor succeeded."""
    prompt = priced.calls.column("prompt_hash").fill_null(0).to_numpy()
    model, _ = words(priced.calls, "model")
    at = priced.usage.at
    answered = priced.among("status", {"ok"})
    places = np.flatnonzero(answered & (prompt != 0) & priced.among("operation", {"chat", "completion", "embedding"}))
    order = places[np.lexsort((at[places], model[places], prompt[places]))]
    later, earlier = order[1:], order[:-1]
    again = (prompt[later] == prompt[earlier]) & (model[later] == model[earlier]) & (at[later] - at[earlier] <= _DAY)
    rows = later[again & (priced.cost[later] > 0)]
    return Savings(rows, priced.cost[rows], ("route",))


def title(case: Case) -> str:
    """Return the line of the report."""
    return f"{case.calls:,} requests of {name(case.label[0], 'route')} repeat one that was answered within the day"
