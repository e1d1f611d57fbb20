"""What all findings could save together: no dollar is saved twice.

In the order in which one would act: what need not be sent is left out, what is left goes to the cheaper
model, and the rest of it at the batch price. Two findings on the same part of a call save the larger of
their amounts.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from costsim.summary.findings import TRENDS, Case
from costsim.summary.findings.contract import Ints, Part, Savings
from costsim.summary.tally import Tally

MEASURES = ("cost", "left")
ROUTE = ("route",)
_PRICE: tuple[Part, ...] = ("model", "tier")
"""They save a part of whatever is left, in this order."""


class Remainder:
    """What each call of a batch would still cost once the findings about single calls are acted upon."""

    def __init__(self, cost: Ints) -> None:
        self._cost = cost
        self._saved: dict[Part, Ints] = {}

    def save(self, part: Part, savings: Savings) -> None:
        """Take in what one finding could save."""
        known = self._saved.setdefault(part, np.zeros(len(self._cost), np.int64))
        before = known[savings.rows]
        known[savings.rows] = np.where(before == 0, savings.amount, np.maximum(before, savings.amount))

    def left(self) -> Ints:
        """Return what is left of each cost."""
        less = [saved for part, saved in self._saved.items() if part not in _PRICE]
        left = self._cost - np.minimum(sum(less, np.zeros(len(self._cost), np.int64)), self._cost)
        for part in (part for part in _PRICE if part in self._saved):
            ratio = self._saved[part] / np.maximum(self._cost, 1)
            left -= np.minimum((left * ratio).astype(np.int64), left)
        return left


def together(routes: Tally, cases: Mapping[str, Sequence[Case]]) -> int:
    """Return what all could save: the findings call by call, then the trends on what those leave of a route."""
    less, lower = _by_route(cases, price=False), _by_route(cases, price=True)
    saved = 0
    for (route,), (cost, left) in routes.groups.get(ROUTE, {}).items():
        saved += cost - left
        if cost > 0:
            not_sent = left * min(less[route], cost) // cost
            saved += not_sent + (left - not_sent) * min(lower[route], cost) // cost
    return max(saved, 0)


def _by_route(cases: Mapping[str, Sequence[Case]], *, price: bool) -> dict[str | None, int]:
    found: dict[str | None, int] = defaultdict(int)
    for trend in TRENDS:
        if (trend.SAVES_ON in _PRICE) == price:
            for case in cases[trend.ID]:
                found[case.label[0]] += case.saving
    return found
