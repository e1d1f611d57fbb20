"""What a token of a cell costs on a model, unit by unit, and which tokens are of which unit."""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from costsim.policies.attempts import Bools, Ints
from costsim.prices import UNIT_CODE, PriceTable

PARTS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "output_tokens",
         "reasoning_tokens")  # fmt: skip
"""Columns of `Usage` that say what a plain call is billed for."""
_OF_OUTPUT = ("output", "reasoning")
UNITS = ("request", "input", "cache_read", "cache_write", "cache_write_1h", *_OF_OUTPUT)
"""What plain calls have prices for."""


class CellRates(msgspec.Struct, frozen=True):
    """Rates of requests of cells, one for each."""

    prices: PriceTable
    row: Ints
    """Row of the price table; -1 where the model has no price in that tier."""
    _of: dict[str, Ints] = msgspec.field(default_factory=dict)

    @property
    def known(self) -> Bools:
        """Which have a price."""
        found: Bools = (self.row >= 0) & (self.prices.arrays.by_unit[UNIT_CODE["input"]].take(self.row) >= 0)
        return found

    def of(self, unit: str) -> Ints:
        """Return the rate of a unit in 10^-12 USD; 0 where it has none."""
        if unit not in self._of:
            rates = self.prices.arrays.by_unit[UNIT_CODE[unit]].take(self.row)
            self._of[unit] = np.where(self.known, np.maximum(rates, 0), 0)
        return self._of[unit]


def rates(prices: PriceTable, model: Ints, at: Ints, tier: Ints, prompt: int = 0) -> CellRates:
    """Return the rates of requests whose prompts are of this size, or, as those of plain calls, below every level."""
    return CellRates(prices, prices.rows(model, at, tier, np.full(len(model), prompt, np.int64)).row)


def priced(of_cell: CellRates, cells: Ints, tokens: Mapping[str, Ints], calls: Ints) -> tuple[Ints, Ints]:
    """Return what requests cost, each of a cell, and what of that is paid for output; `tokens` by `PARTS`."""
    cost, output = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64)
    if (request := of_cell.of("request")).any():
        cost += request.take(cells) * calls
    for unit, count in units(tokens):
        part = of_cell.of(unit).take(cells)
        part *= count
        cost += part
        if unit in _OF_OUTPUT:
            output += part
    return cost, output


def units(tokens: Mapping[str, Ints]) -> Iterator[tuple[str, Ints]]:
    """Yield each unit with its count; every token is in one, those that `tokens` does not name are none."""
    reads, writes, long = (tokens.get(name) for name in PARTS[1:4])
    yield "input", _less(_less(tokens["input_tokens"], reads), writes)
    if reads is not None:
        yield "cache_read", reads
    if writes is not None:
        yield "cache_write", _less(writes, long)
    if long is not None:
        yield "cache_write_1h", long
    reasoning = tokens.get("reasoning_tokens")
    yield "output", _less(tokens["output_tokens"], reasoning)
    if reasoning is not None:
        yield "reasoning", reasoning


def _less(whole: Ints, part: Ints | None) -> Ints:
    return whole if part is None else whole - part


def unread(of_rows: CellRates, model: Ints, tokens: Ints) -> Ints:
    """Return what tokens read from a cache would cost more, had they to be written anew or, else, read afresh."""
    written = of_rows.of("cache_write")
    asked = (of_rows.prices.fact_columns.cache_automatic[model] == 0) & (written > 0)
    more: Ints = np.maximum(np.where(asked, written, of_rows.of("input")) - of_rows.of("cache_read"), 0)
    return more * tokens
