"""Calls that ended on another model after failures: what they cost beyond what their route usually costs."""

from collections.abc import Mapping, Sequence

import numpy as np

from costsim.ingest.ties.links import ESCALATED
from costsim.summary.dimensions import Codes
from costsim.summary.findings.contract import Case, Ints, Part
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally
from costsim.summary.words import number, of

ID = "fallbacks"
SAVES_ON: Part = "model"
HOW = "what calls cost that moved to another model after a failure, less what the route's other calls cost each"
DO = (
    "find out why the first model fails (limits, time-outs), wait before trying again, or fall back to a model of "
    "its price"
)
MEASURES: tuple[str, ...] = ("calls", "spend", "usual_calls", "usual_spend")

_GROUPING = ("route", "model")


def sums(priced: Priced) -> tuple[Mapping[tuple[str, ...], Sequence[Codes]], dict[str, Ints]]:
    """Return calls that fell back, and the others of their route, by route and model."""
    moved = priced.stated("fallback_of") | (priced.number("tried_again") == ESCALATED)
    paid = (priced.cost > 0) & ~priced.among("status", {"error"})
    values = {
        "calls": (paid & moved).astype(np.int64),
        "spend": np.where(paid & moved, priced.cost, 0),
        "usual_calls": (paid & ~moved).astype(np.int64),
        "usual_spend": np.where(paid & ~moved, priced.cost, 0),
    }
    return {_GROUPING: [priced.word("route"), priced.word("model")]}, values


def cases(tally: Tally) -> list[Case]:
    """Return the models that routes fall back to, where those are dearer than the route's other calls."""
    usual: dict[str | None, list[int]] = {}
    for (route, _), each in tally.rows(_GROUPING).items():
        calls, spend = usual.get(route, [0, 0])
        usual[route] = [calls + each["usual_calls"], spend + each["usual_spend"]]
    found = []
    for label, each in tally.rows(_GROUPING).items():
        calls, spend = usual[label[0]]
        if label[0] is not None and each["calls"] and calls:
            saving = each["spend"] - each["calls"] * spend // calls
            found.append(Case(label, each["calls"], max(saving, 0), each["spend"]))
    return found


def title(case: Case) -> str:
    """Return the line of the report."""
    route, model = case.label
    usual = case.spend - case.saving
    times = f", at {case.spend / usual:.0f} times the usual cost" if usual and case.spend >= 2 * usual else ""
    return f"{number(case.calls, 'call')} {of(route, 'route')} ended on {model} after failures{times}"
