"""Plain calls of a batch under several policies at once, in cells of calls that are alike."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from costsim.policies.attempts import WHOLE, Attempts, Bools, Ints
from costsim.policies.columns import Columns
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.projection import ONE
from costsim.replay import history, timed
from costsim.replay.cells.alike import Cells, codes, numbered
from costsim.replay.cells.bounds import AllBounds, Bounds
from costsim.replay.cells.choosing import divided
from costsim.replay.cells.past import CellPast
from costsim.replay.cells.plain import plain
from costsim.replay.cells.simulating import CellSimulation
from costsim.replay.cells.tokens import CellTokens
from costsim.replay.moving import Shared
from costsim.replay.outcome import billed_part, expected_cost
from costsim.replay.simulating import Simulation
from costsim.summary.simulation.redrawn import redrawn
from costsim.summary.simulation.runs import MISCLASSIFIED
from costsim.tasks import TASKS

if TYPE_CHECKING:
    from costsim.summary.simulation.simulate import Ask, SimulationSums

_MOST_CELLS = 20_000
"""Beyond, calls are too different from each other to gain by it."""


class InCells:
    """What every batch is replayed with in cells."""

    def __init__(self, prices: PriceTable, ask: "Ask", simulations: Sequence[Simulation]) -> None:
        self._prices, self._ask, self._simulations = prices, ask, simulations
        self._every = AllBounds(prices)
        self._factors: dict[tuple[tuple[int, ...], frozenset[str | None]], int] = {}
        self._draws = any(run.control == MISCLASSIFIED for run in ask.runs)
        self.places = [place for place, each in enumerate(simulations) if self._can_be(each.policy)]

    def _can_be(self, policy: Policy) -> bool:
        """Whether a policy asks for nothing of single calls but their tokens."""
        of_calls = self._ask.per_call is not None or bool(self._ask.scores) or self._ask.question.mode == "reported"
        decided = any(rule.route.decisions for rule in policy.rules)
        trimmed = any(levers.trim is not None for levers in policy.all_levers())
        dear = policy.limits.max_cost_per_call is not None
        return not (of_calls or decided or trimmed or dear or timed.is_timed(policy)) and self._bounds(policy).steady

    def _bounds(self, policy: Policy) -> Bounds:
        return self._every.of(self._prices.index_of(None, name) for name in policy.models())

    @cached_property
    def _all_bounds(self) -> Bounds:
        models = {name for place in self.places for name in self._simulations[place].policy.models()}
        return self._every.of(self._prices.index_of(None, name) for name in sorted(models))

    def plain(self, columns: Columns, attempts: Attempts) -> Bools:
        """Return which calls can be replayed in cells."""
        calls = columns.calls
        if not self.places or calls.column("quality").null_count < len(columns):
            return np.zeros(len(columns), np.bool_)
        reported = calls.column("reported_cost").null_count < len(columns)
        sources = np.flatnonzero(np.bincount(attempts.usage.model + 1)) - 1
        most = self._largest_factor(tuple(sources.tolist()), frozenset(columns.word("task")[1]))
        return plain(attempts, reported, most, self._all_bounds, self._every, self._prices)

    def _largest_factor(self, sources: tuple[int, ...], tasks: frozenset[str | None]) -> int:
        """The largest token factor, in millionths, that any of these calls may meet."""
        if (sources, tasks) not in self._factors:
            self._factors[sources, tasks] = max(self._of_these(sources, tasks), default=ONE)
        return self._factors[sources, tasks]

    def _of_these(self, sources: tuple[int, ...], tasks: frozenset[str | None]) -> Iterator[int]:
        for simulation in {id(each.factors): each for each in self._chosen(self.places)}.values():
            targets = {self._prices.index_of(None, name) for name in simulation.policy.models()}
            for source, target, task in product(sources, targets, tasks | {*TASKS} if self._draws else tasks):
                factor = simulation.factor(source, target, task)
                yield max(factor.input, factor.output)

    def _chosen(self, places: Sequence[int]) -> list[Simulation]:
        return [self._simulations[place] for place in places]

    def take(
        self, found: "SimulationSums", columns: Columns, attempts: Attempts, buckets: Ints, rows: Ints | None
    ) -> bool:
        """Add the calls in these rows, or all, which are plain; False where they are too different from each other."""
        drawn = [place for place in self.places if self._ask.runs[place].control == MISCLASSIFIED]
        others = [place for place in self.places if place not in drawn]
        worlds = [
            _World(places, self._simulations, columns if places is others else redrawn(columns), attempts, rows)
            for places in (others, drawn)
            if places
        ]
        for world in worlds:
            world.divide(self._changes(attempts), self._prices, self._ask)
        if any(len(world.cells) > _MOST_CELLS for world in worlds):
            return False
        for world in worlds:
            world.add_to(found, self._ask, buckets if rows is None else buckets[rows], self._prices)
        worlds[0].add_basis(found, buckets if rows is None else buckets[rows])
        return True

    def _changes(self, attempts: Attempts) -> frozenset[int]:
        models = np.flatnonzero(np.bincount(attempts.usage.model + 1)) - 1
        own = self._every.of(models[models >= 0].tolist())
        return own.changes | self._all_bounds.changes


class _World:
    """The same calls, perhaps with other tasks, under some of the policies."""

    def __init__(
        self,
        places: Sequence[int],
        simulations: Sequence[Simulation],
        columns: Columns,
        attempts: Attempts,
        rows: Ints | None,
    ) -> None:
        self._places, self._simulations = places, [simulations[place] for place in places]
        self._columns, self._attempts, self._rows = columns, attempts, rows
        self._usage = attempts.usage if rows is None else attempts.usage.part(rows)

    def divide(self, changes: frozenset[int], prices: PriceTable, ask: "Ask") -> None:
        """Find the cells, and what becomes of one call of each."""
        policies = [each.policy for each in self._simulations]
        cells = numbered(codes(self._columns, self._attempts.usage, policies, changes), self._rows)
        self._look(cells, prices, ask)
        if (smaller := divided(cells, self._replays, self._usage)) is not cells:
            self._look(smaller, prices, ask)

    def _look(self, cells: Cells, prices: PriceTable, ask: "Ask") -> None:
        self.cells, one_of_each, shared = cells, self._columns.part(cells.first), Shared()
        self._one_of_each = history(one_of_each.calls, prices, ask.question.as_of, ask.question.mode)
        self._replays = [CellSimulation(each, one_of_each, self._one_of_each, shared) for each in self._simulations]

    def add_to(self, found: "SimulationSums", ask: "Ask", buckets: Ints, prices: PriceTable) -> None:
        """Add what the policies make of the cells."""
        tokens = CellTokens(self.cells, self._usage)
        self._past = CellPast(self._one_of_each, tokens, prices)
        for each in self._replays:
            each.want(tokens)
        for place, each in zip(self._places, self._replays, strict=True):
            simulated = each.replayed(self._past)
            found.runs[place].take(simulated, self._past, each.columns)
            if ask.runs[place].is_policy:
                found.runs[place].take_buckets(each.expected(simulated), buckets)

    def add_basis(self, found: "SimulationSums", buckets: Ints) -> None:
        """Add what the report says of the calls themselves."""
        cells, past = self.cells, self._past
        found.past.take_buckets(expected_cost(past.cost_of_calls, billed_part(WHOLE)), buckets)
        codes, labels = self._columns.word("tokens_basis")
        counts = past.counted(codes[cells.first], len(labels), np.arange(len(cells)))
        bases = {label or "unknown": count for label, count in zip(labels, counts, strict=True) if count}
        (_, before_first) = past.counted(
            self._one_of_each.costs.before_first.astype(np.int64), 2, np.arange(len(cells))
        )
        at = self._columns.number("started_at")
        at = at if cells.rows is None else at[cells.rows]
        found.basis.take_computed(len(cells.which), before_first, bases, at)
