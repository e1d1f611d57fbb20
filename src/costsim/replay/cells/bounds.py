"""How far from any limit, other price or change of price a call must be, so that its cost is tokens times rates."""

from collections.abc import Iterable, Iterator
from functools import reduce

import msgspec
import numpy as np

from costsim.policies.columns import Ints
from costsim.prices import NO_TIME, TIERS, UNIT_CODE, PriceTable
from costsim.replay.cells.rates import UNITS

_NO_LIMIT = 10**7
"""Of tokens, even where no model has a limit: far below what is absurd, and sums of millions stay exact."""
_INPUT, _OUTPUT, _REQUEST = UNIT_CODE["input"], UNIT_CODE["output"], UNIT_CODE["request"]
_OF_TOKENS = [UNIT_CODE[unit] for unit in UNITS if unit != "request"]


class Bounds(msgspec.Struct, frozen=True):
    """What holds for a model, or for all of some models."""

    prompt: int = _NO_LIMIT
    """Input tokens: from here on another price holds."""
    tokens: int = _NO_LIMIT
    """Input and output together: from here on a context is full, or another price may hold."""
    output: int = _NO_LIMIT
    """More are not written in one answer."""
    rate: int = 0
    """No token costs more, in 10^-12 USD."""
    request: int = 0
    """Nor a request, besides its tokens."""
    changes: frozenset[int] = frozenset()
    """Moments (UTC microseconds) from which another price holds, or a model is retired."""
    steady: bool = True
    """Whether a price is the same at every hour, and of input and output alike known."""

    def both(self, other: "Bounds") -> "Bounds":
        """Return what holds for this and for another model."""
        return Bounds(
            prompt=min(self.prompt, other.prompt),
            tokens=min(self.tokens, other.tokens),
            output=min(self.output, other.output),
            rate=max(self.rate, other.rate),
            request=max(self.request, other.request),
            changes=self.changes | other.changes,
            steady=self.steady and other.steady,
        )


class AllBounds:
    """The bounds of every model of a table, worked out when they are first asked for."""

    def __init__(self, prices: PriceTable) -> None:
        self._prices = prices
        self._known: dict[int, Bounds] = {}

    def of(self, models: Iterable[int]) -> Bounds:
        """Return what holds for all of these models, by their index."""
        return reduce(Bounds.both, map(self.of_model, models), Bounds())

    def of_model(self, model: int) -> Bounds:
        """Return what holds for a model, by its index."""
        if model not in self._known:
            self._known[model] = self._worked_out(model)
        return self._known[model]

    def _worked_out(self, model: int) -> Bounds:
        arrays, facts = self._prices.arrays, self._prices.facts(model)
        periods = list(self._periods(model))
        rows = np.array([row for period in periods for row in self._rows(period)], np.int64)
        starts = arrays.level_start[rows]
        rates = arrays.by_unit[:, rows]
        prompt = min([_NO_LIMIT, *starts[starts > 0].tolist()])
        changes = {int(arrays.period_from[period]) for period in periods}
        if facts.retires is not None:
            changes.add(int(np.datetime64(facts.retires, "us").astype(np.int64)))
        hourly = any(arrays.period_week[period] >= 0 for period in periods)
        return Bounds(
            prompt=prompt,
            tokens=min(prompt, facts.context_window or _NO_LIMIT),
            output=min(_NO_LIMIT, facts.max_output_tokens or _NO_LIMIT),
            rate=int(rates[_OF_TOKENS].max(initial=0)),
            request=int(rates[_REQUEST].max(initial=0)),
            changes=frozenset(changes),
            steady=not hourly and bool(((rates[_INPUT] >= 0) == (rates[_OUTPUT] >= 0)).all()),
        )

    def _periods(self, model: int) -> Iterator[int]:
        arrays = self._prices.arrays
        for cell in range(model * len(TIERS), (model + 1) * len(TIERS)):
            first = int(arrays.cell_period[cell])
            yield from range(first, first + int(arrays.cell_periods[cell]))

    def _rows(self, period: int) -> range:
        first = int(self._prices.arrays.period_row[period])
        return range(first, first + int(self._prices.arrays.period_levels[period]))


def eras(at: Ints, changes: Iterable[int]) -> tuple[Ints, int]:
    """Return the era of each time, and how many there are: no change divides one; the last is that of no time."""
    last = int(at.max(initial=NO_TIME))
    if last == NO_TIME:
        return np.zeros(len(at), np.int64), 1
    first = int(at.min())
    everywhere = first != NO_TIME
    if not everywhere:
        first = int(at[at != NO_TIME].min())
    within = np.array(sorted(change for change in changes if first < change <= last), np.int64)
    if everywhere and not len(within):
        return np.zeros(len(at), np.int64), 1
    return np.where(at != NO_TIME, np.searchsorted(within, at, "right"), len(within) + 1), len(within) + 2
