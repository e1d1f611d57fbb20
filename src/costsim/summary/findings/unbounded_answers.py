"""Long answers that nothing limited: several times as long as their route's usual ones."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from costsim.summary.dimensions import Codes
from costsim.summary.findings import sizes
from costsim.summary.findings.contract import Case, Ints, Part, share_of
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally
from costsim.summary.words import number, of, rounded

ID = "unbounded-answers"
SAVES_ON: Part = "output"
HOW = (
    "output tokens (reasoning apart) beyond twice the route's median answer, in answers without a limit that are "
    "at least 500 tokens and four times as long as that; tasks whose answers are as long as the work are left out"
)
DO = "set a limit on output tokens, and say in the prompt how long an answer should be"
MEASURES: tuple[str, ...] = ("calls", "said", "paid", "spend")

_FREE, _LIMITED = "free", "limited"
_GROUPING = ("route", "limit", "size")
_LONG_WORK: set[str | None] = {"code", "agent", "translation", "rewriting", "formatting"}
_LEAST = 500
_TIMES = 4
_ENOUGH = 2
"""Twice the usual length is as long as an answer may need to be."""
_USUAL_CALLS = 10
"""Fewer answers do not tell what is usual."""


def sums(priced: Priced) -> tuple[Mapping[tuple[str, ...], Sequence[Codes]], dict[str, Ints]]:
    """Return answers by route, by whether something limits them, and by size."""
    said = priced.number("output_tokens") - priced.count("reasoning_tokens")
    counted = (said > 0) & (priced.cost > 0)
    stated = priced.stated("turns")  # only a log that holds the request shows that it has no limit
    free = stated & (priced.number("max_output_tokens") < 0) & ~priced.among("task", _LONG_WORK)
    values = {
        "calls": counted.astype(np.int64),
        "said": np.where(counted, said, 0),
        "paid": np.where(counted, priced.spent_on("output"), 0),
        "spend": np.where(counted, priced.cost, 0),
    }
    limits: Codes = (free.astype(np.int64), [_LIMITED, _FREE])
    return {_GROUPING: [priced.word("route"), limits, sizes.classes(np.maximum(said, 0))]}, values


def cases(tally: Tally) -> list[Case]:
    """Return the routes with answers far longer than usual."""
    all_sizes: dict[str | None, dict[int, tuple[int, int]]] = defaultdict(dict)
    for (route, _, size), each in tally.rows(_GROUPING).items():
        calls, said = all_sizes[route].get(int(size or 0), (0, 0))
        all_sizes[route][int(size or 0)] = calls + each["calls"], said + each["said"]
    found: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (route, limit, _), each in tally.rows(_GROUPING).items():
        usual = sizes.median(all_sizes[route]) if limit == _FREE and _calls(all_sizes[route]) >= _USUAL_CALLS else 0
        length = each["said"] / max(each["calls"], 1)
        if usual and length >= max(_TIMES * usual, _LEAST):
            saving = share_of(each["paid"], 1 - _ENOUGH * usual / length)
            more = (each["calls"], saving, each["spend"], each["said"])
            found[route] = [a + b for a, b in zip(found[route], more, strict=True)]
    return [Case((route,), calls, saving, spend, (said,)) for route, (calls, saving, spend, said) in found.items()]


def _calls(classes: dict[int, tuple[int, int]]) -> int:
    return sum(calls for calls, _ in classes.values())


def title(case: Case) -> str:
    """Return the line of the report."""
    route = case.label[0]
    answers = f"{number(case.calls, 'answer')} {of(route, 'route')} {'without' if route else 'or'} a limit"
    return f"{answers}: some {rounded(case.facts[0] // case.calls)} tokens each, many times the usual"
