"""What cells were: how many calls each has, and what they cost."""

from functools import cached_property

import numpy as np

from costsim.cost import Usage
from costsim.policies.attempts import Ints, Leg
from costsim.prices import PriceTable
from costsim.replay.cells.rates import PARTS, priced, rates
from costsim.replay.cells.tokens import Amounts, CallTokens, CellTokens, pieces
from costsim.replay.history import Replay
from costsim.replay.outcome import Spent


class CellPast:
    """Cells as they were."""

    def __init__(self, one_of_each: Replay, tokens: CellTokens, prices: PriceTable) -> None:
        self._usage, self._known, self._tokens = one_of_each.attempts.usage, one_of_each.known, tokens
        self.model = self._usage.model.astype(np.int64)
        """The model of each cell."""
        self._rates = rates(prices, self.model, self._usage.at, self._usage.tier.astype(np.int64))

    @cached_property
    def cost(self) -> Ints:
        """What the calls of each cell cost."""
        return self._cost(self._tokens, np.arange(len(self._tokens.cells)))

    @cached_property
    def cost_of_calls(self) -> Ints:
        """What each call cost."""
        which = self._tokens.cells.which
        found = np.empty(len(which), np.int64)
        for some in pieces(len(which)):
            found[some] = self._cost(CallTokens(self._tokens, some), which[some])
        return found

    def _cost(self, amounts: Amounts, cells: Ints) -> Ints:
        logged = {name: amounts.logged(name, cells) for name in PARTS}
        tokens = {name: counts for name, counts in logged.items() if counts is not None}
        return priced(self._rates, cells, tokens, amounts.calls(cells))[0]

    def counted(self, which: Ints, groups: int, rows: Ints) -> list[int]:
        """Return how many calls the cells of each group have."""
        found: list[int] = np.bincount(which, self._tokens.counts[rows], groups).astype(np.int64).tolist()
        return found

    def spent(self, rule: int, leg: Leg) -> Spent:
        """Return a leg of cells that are as they were, with what they cost."""
        rows, usage = leg.rows, self._usage
        read, written = (self._tokens.stated(name)[rows] for name in ("input_tokens", "output_tokens"))
        found = Usage(usage.model[rows], usage.at[rows], usage.tier[rows], read, written)
        return Spent(rule, leg, found, self.cost[rows], self._known[rows])
