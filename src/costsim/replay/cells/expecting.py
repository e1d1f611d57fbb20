"""What each plain call is expected to cost, where its requests cost tokens times rates of whole nano-dollars.

`expected_cost` cuts each request to whole nano-dollars, which here cuts off nothing: what a call is expected to cost is
a sum of its tokens on each model, each times a number that all calls of its cell share, whatever the requests are.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from costsim.policies.attempts import Ints
from costsim.replay.cells.rates import CellRates
from costsim.replay.cells.tokens import CellTokens, Key
from costsim.replay.outcome import NANO

_UNITS = ("input", "output", "request")
_DEAREST = 10**8
"""10^-12 USD for a token: a plain call that costs no more is far below what `expected_cost` can hold."""


def is_linear(rates: CellRates, units: Sequence[str] = _UNITS) -> bool:
    """Return whether requests at these rates cost whole nano-dollars, and not very many."""
    return all(not (rate % NANO).any() and rate.max(initial=0) <= _DEAREST for rate in map(rates.of, units))


def nano(rate: Ints) -> Ints:
    """Return rates of 10^-12 USD in 10^-9 USD."""
    return rate // NANO


class Linear(msgspec.Struct, dict=True):
    """Numbers by cell that tokens on a model are multiplied with."""

    tokens: CellTokens
    _by_cell: dict[tuple[Key, int], Ints] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        self._fixed = self._nothing()

    def _nothing(self) -> Ints:
        return np.zeros(len(self.tokens), np.int64)

    def add_fixed(self, cells: Ints, amount: Ints) -> None:
        """Add what each call of some cells costs, whatever its tokens."""
        self._fixed[cells] += amount

    def add(self, key: Key, side: int, cells: Ints, amount: Ints) -> None:
        """Add what each token of input (0) or output (1) on another model costs in some cells."""
        self._by_cell.setdefault((key, side), self._nothing())[cells] += amount

    def add_to(self, found: Ints) -> None:
        """Add what calls are expected to cost, as `expected_cost` has it, to what was found of each."""
        if self._fixed.any():
            for some, of_cells in self.tokens.runs.pieces:
                found[some] += self.tokens.runs.over(self._fixed, of_cells)
        for (key, side), by_cell in self._by_cell.items():
            self.tokens.add_times(key, side, by_cell, found)
