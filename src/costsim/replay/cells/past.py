"""What cells were: how many calls each has, and what they cost."""

from functools import cached_property

import numpy as np

from costsim.cost import Usage
from costsim.policies.attempts import Ints, Leg
from costsim.prices import PriceTable
from costsim.replay.cells.expecting import is_linear
from costsim.replay.cells.rates import PARTS, UNITS, priced, rates, units, unread
from costsim.replay.cells.tokens import CellTokens
from costsim.replay.history import Replay
from costsim.replay.outcome import NANO, Spent, nano_dollars


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
        logged = {name: self._tokens.stated(name) for name in self._parts()}
        return priced(self._rates, np.arange(len(self._tokens)), logged, self._tokens.runs.counts)[0]

    @cached_property
    def nano_of_calls(self) -> Ints:
        """What each call cost, in 10^-9 USD, as `expected_cost` cuts it."""
        runs, tokens = self._tokens.runs, self._tokens.usage
        linear = is_linear(self._rates, UNITS)
        rates = {unit: rate // NANO if linear else rate for unit in UNITS if (rate := self._rates.of(unit)).any()}
        found = runs.spread(rates.pop("request")) if "request" in rates else np.zeros(len(runs), np.int64)
        for some, of_cells in runs.pieces:
            logged = {name: np.maximum(getattr(tokens, name)[some], 0) for name in self._parts()}
            for unit, counts in units(logged):
                if unit in rates:
                    more = runs.over(rates[unit], of_cells)
                    more *= counts
                    found[some] += more
        return found if linear else nano_dollars(found)

    @cached_property
    def hits(self) -> tuple[Ints, Ints, Ints]:
        """How many calls of each cell read from a cache for less, how many tokens, and what these would cost unread."""
        read = self._tokens.usage.cache_read_tokens
        if read is None:
            nothing = np.zeros(len(self._tokens), np.int64)
            return nothing, nothing, nothing
        tokens = self._tokens.stated("cache_read_tokens")
        more = np.where(self._known, unread(self._rates, self.model, tokens), 0)
        calls = self._tokens.runs.sums((read > 0).astype(np.int64))
        return np.where(more > 0, calls, 0), np.where(more > 0, tokens, 0), more

    def _parts(self) -> list[str]:
        return [name for name in PARTS if getattr(self._tokens.usage, name) is not None]

    def counted(self, which: Ints, groups: int, rows: Ints) -> list[int]:
        """Return how many calls the cells of each group have."""
        found: list[int] = np.bincount(which, self._tokens.runs.counts[rows], groups).astype(np.int64).tolist()
        return found

    def spent(self, rule: int, leg: Leg) -> Spent:
        """Return a leg of cells that are as they were, with what they cost."""
        rows, usage = leg.rows, self._usage
        read, written = (self._tokens.stated(name)[rows] for name in ("input_tokens", "output_tokens"))
        found = Usage(usage.model[rows], usage.at[rows], usage.tier[rows], read, written)
        return Spent(rule, leg, found, self.cost[rows], self._known[rows])
