"""What the past cost: the replay of the policy `as_logged`."""

from typing import Literal, get_args

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim import cost
from costsim.cost import Costs
from costsim.policies import as_logged
from costsim.policies.as_logged import LOGGED, AsOf
from costsim.policies.attempts import Attempts
from costsim.prices import PriceTable
from costsim.schema import whole_numbers

CostMode = Literal["auto", "computed", "reported"]
COST_MODES: tuple[CostMode, ...] = get_args(CostMode)

UNPRICED, COMPUTED, REPORTED = range(3)
BASES = ("unpriced", "computed", "reported")
"""Where a call's cost comes from; `Replay.basis` holds the places."""

COLUMNS = (*as_logged.COLUMNS, "reported_cost")
_NO_REPORT = -1


class Replay(msgspec.Struct, frozen=True):
    """A batch of calls with what they cost, in 10^-12 USD."""

    attempts: Attempts
    costs: Costs
    """What the price table says of each attempt."""
    cost: NDArray[np.int64]
    """What each call cost, by the mode that was asked for; 0 where the basis is UNPRICED."""
    basis: NDArray[np.int8]
    reported: NDArray[np.int64]
    """What the log claims; -1 where it claims nothing."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which calls have a cost."""
        known: NDArray[np.bool_] = self.basis != UNPRICED
        return known


def history(calls: pa.Table, prices: PriceTable, as_of: AsOf = LOGGED, mode: CostMode = "auto") -> Replay:
    """Return what the calls cost as they were made.

    `mode` computed takes the price table's word, reported the log's, auto the table's and where it has none the
    log's. Auto also takes the log's word for what a router charged (rule 8), unless the prices of another day are
    asked for. A call that its provider did not bill costs exactly nothing.
    """
    attempts = as_logged.attempts(calls, prices, as_of)
    costs = cost.price(attempts.usage, prices)
    _forget_unbilled(attempts, costs)
    reported = whole_numbers(calls, "reported_cost", _NO_REPORT)
    basis = np.where(costs.known, COMPUTED, UNPRICED).astype(np.int8)
    paid = costs.cost
    if mode != "computed":
        wanted = attempts.billed
        if mode == "auto":
            wanted = ~costs.known | (_charged(attempts, prices, as_of) & (reported != costs.cost))
        use_report = (reported >= 0) & wanted
        basis[use_report] = REPORTED
        if mode == "reported":
            basis[~use_report & attempts.billed] = UNPRICED
        paid = np.where(basis == UNPRICED, 0, np.where(use_report, reported, costs.cost))
    return Replay(attempts, costs, paid, basis, reported)


def _charged(attempts: Attempts, prices: PriceTable, as_of: AsOf) -> NDArray[np.bool_]:
    """Which calls went through a router whose own report of a cost is its bill."""
    if as_of.at is not None:
        return np.zeros(len(attempts.billed), np.bool_)
    return attempts.billed & prices.arrays.charged[attempts.usage.model]


def _forget_unbilled(attempts: Attempts, costs: Costs) -> None:
    """What was not billed is known to be nothing, whatever the price of its model."""
    free = ~attempts.billed
    costs.cost[free] = 0
    costs.known[free] = True
    costs.reason[free] = cost.PRICED
    for part in costs.parts.values():
        part[free] = 0
