"""The same calls, perhaps with other tasks than in the log, in cells under some of the policies."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from costsim.policies import as_logged
from costsim.policies.attempts import WHOLE, Ints
from costsim.policies.columns import Columns, renumbered
from costsim.prices import PriceTable
from costsim.projection import ONE
from costsim.replay import history
from costsim.replay.cells.alike import codes, numbered
from costsim.replay.cells.bounds import Bounds
from costsim.replay.cells.choosing import choices
from costsim.replay.cells.kept import Kept
from costsim.replay.cells.past import CellPast
from costsim.replay.cells.plain import most_stated, small
from costsim.replay.cells.rates import PARTS
from costsim.replay.cells.runs import Runs
from costsim.replay.cells.simulating import CellSimulation
from costsim.replay.cells.tokens import CellTokens, Tokens
from costsim.replay.moving import Shared
from costsim.replay.outcome import billed_part
from costsim.replay.simulating import Simulation
from costsim.schema import as_arrow
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.lost_hits import stay
from costsim.summary.simulation.totals import SimulationSums


class World:
    """Calls of one or more parts; `ones` holds one call of each cell of each part."""

    def __init__(
        self, places: Sequence[int], simulations: Sequence[Simulation], ask: Ask, prices: PriceTable, ones: pa.Table
    ) -> None:
        self.places, self._simulations = places, [simulations[place] for place in places]
        self._ask, self._prices, self._ones = ask, prices, Columns(ones)

    def divide(self, kept: Kept, place: int, bounds_with: Callable[[Ints], Bounds], bounds: Bounds) -> None:
        """Find the cells of all parts together, and what becomes of one call of each, given this world's place.

        `bounds` are those of all models of the policies, and `bounds_with` returns them with those of other models;
        calls that may come near them are left out.
        """
        attempts = as_logged.attempts(self._ones.calls, self._prices, self._ask.question.as_of)
        policies, everywhere = [each.policy for each in self._simulations], bounds_with(attempts.usage.model)
        found = numbered(codes(self._ones, attempts, policies, everywhere.changes))
        self._ones = self._one_of_each = self._ones.part(found.first)
        order, like = kept.in_order(place)
        self._runs = Runs.of(found.which.take(like.cell), like.calls, len(found))
        self._tokens, self._buckets = kept.tokens, kept.buckets
        if order is not None:
            self._pick(order)
        self._all = self._runs, self._tokens, self._buckets
        limits = replace(bounds, rate=everywhere.rate, request=everywhere.request)
        factors = self._factors(attempts.usage.model[found.first])
        is_small = small(self._runs, self._tokens, factors, limits, max(map(most_stated, policies)))
        self._large = np.zeros(0, np.int64) if is_small is None else np.flatnonzero(~is_small)
        if is_small is None:
            self._look(self._ones)
        else:
            self._pick(np.flatnonzero(is_small))
            self._runs, before = self._runs.part(is_small)
            self._go_on(before, self._runs.one_of_each())
        if divided_by := choices(self._runs, self._replays, self._tokens):
            which = self._runs.which
            cells = numbered([(which, self._runs.cells), *divided_by])
            self._go_on(which[cells.first], cells.first)
            order, self._runs = Runs.in_order(cells)
            self._pick(order)

    def _pick(self, calls: Ints) -> None:
        """Go on with these calls, in this order."""
        self._tokens, self._buckets = Tokens.of(self._tokens, calls), self._buckets.take(calls)

    def _go_on(self, ones: Ints, calls: Ints) -> None:
        """Look at other cells: of each, one of the cells before, and one of its calls."""
        self._look(_using(self._one_of_each.part(ones), Tokens.of(self._tokens, calls)))

    def _factors(self, models: Ints) -> Ints:
        """The largest token factor of each cell on any model of the policies, in millionths."""
        tasks, labels = self._ones.word("task")
        keys, which = renumbered(
            (models.astype(np.int64) + 1) * len(labels) + tasks, (len(self._prices) + 1) * len(labels)
        )
        pairs = [(model - 1, labels[task]) for model, task in (divmod(key, len(labels)) for key in keys.tolist())]
        targets = (
            (each, model) for each in self._simulations for model in each.prices.everywhere(each.policy.models())
        )
        asked = {(id(each.factors), model): each for each, model in targets}
        found = np.full(len(pairs), ONE)
        for (_, target), simulation in asked.items():
            factors = [simulation.factor(source, target, task) for source, task in pairs]
            found = np.maximum(found, [max(factor.input, factor.output) for factor in factors])
        return found[which]

    def left(self, at_once: int) -> Iterator[tuple[Ints, Columns]]:
        """Yield the calls that were left out, so many at once: their buckets, and their columns."""
        runs, tokens, buckets = self._all
        for start in range(0, len(self._large), at_once):
            rows = self._large[start : start + at_once]
            yield buckets[rows], _using(self._ones.part(runs.which[rows]), Tokens.of(tokens, rows))

    def _look(self, one_of_each: Columns) -> None:
        self._one_of_each, shared = one_of_each, Shared()
        question = self._ask.question
        self._history = history(one_of_each.calls, self._prices, question.as_of, question.mode)
        self._replays = [CellSimulation(each, one_of_each, self._history, shared) for each in self._simulations]

    def add_to(self, found: SimulationSums) -> None:
        """Add what the policies make of the cells."""
        tokens = CellTokens(self._runs, self._tokens)
        self._past = CellPast(self._history, tokens, self._prices)
        for place, each in zip(self.places, self._replays, strict=True):
            each.want(tokens, kept=self._ask.runs[place].is_policy)
        for place, each in zip(self.places, self._replays, strict=True):
            simulated = each.replayed(self._past)
            found.runs[place].take(simulated, self._past, each.columns)
            if self._ask.runs[place].is_policy:
                found.runs[place].take_buckets(each.expected(simulated), self._buckets)
                found.runs[place].take_undated(simulated, self._past, each.columns)
                found.runs[place].take_hits(stay(each, simulated), self._past.hits)
                found.runs[place].take_obstacles(each.in_the_way(simulated.unroutable), self._past)

    def add_basis(self, found: SimulationSums) -> None:
        """Add what the report says of the calls themselves; of those left out, all but what they cost."""
        found.past.take_buckets(self._past.nano_of_calls, self._buckets, billed_part(WHOLE))
        runs, tokens, _ = self._all
        question = self._ask.question
        costs = history(self._ones.calls, self._prices, question.as_of, question.mode).costs
        which, labels = self._ones.word("tokens_basis")
        bases = np.bincount(which, runs.counts, len(labels)).astype(np.int64).tolist()
        found.basis.take_computed(
            len(tokens),
            int(runs.counts[costs.before_first].sum()),
            int(runs.counts[self._ones.undated()].sum()),
            {label or "unknown": count for label, count in zip(labels, bases, strict=True) if count},
        )


def _using(columns: Columns, tokens: Tokens) -> Columns:
    """The same calls with other tokens; conditions hold of them as before."""
    calls = columns.calls
    for name in PARTS:
        counts = tokens.stated(name).astype(np.int64)
        calls = calls.set_column(calls.column_names.index(name), name, as_arrow(counts, counts >= 0))
    return Columns(calls)
