"""Plain calls under several policies at once, in cells of calls that are alike.

A first pass finds the cells of each part and keeps what a replay needs of its calls; the replay takes many parts
together.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from costsim.ingest.ties.buckets import buckets_of
from costsim.policies.as_logged import OF_MODEL
from costsim.policies.attempts import Attempts, Bools, Ints
from costsim.policies.columns import Columns
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.replay import timed
from costsim.replay.cells.alike import OF_WORK, codes, numbered
from costsim.replay.cells.bounds import AllBounds, Bounds
from costsim.replay.cells.kept import Kept, Shelf, of_interest, together
from costsim.replay.cells.plain import plain
from costsim.replay.cells.tokens import Tokens
from costsim.replay.simulating import Simulation
from costsim.schema import as_arrow
from costsim.summary import sampled
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.redrawn import redrawn
from costsim.summary.simulation.runs import MISCLASSIFIED
from costsim.summary.simulation.totals import SimulationSums
from costsim.summary.simulation.worlds import World
from costsim.summary.sums import Sums

_MOST_CELLS = 20_000
"""Of a part; beyond, calls are too different from each other to gain by it."""
_MOSTLY = 0.5
"""Parts of which fewer calls are plain are replayed one by one."""


class Found(msgspec.Struct):
    """What the first pass kept, and saw on the way."""

    parts: set[int] = msgspec.field(default_factory=set)
    basis: Sums = msgspec.field(default_factory=Sums)
    """No more than when the calls were made, and which of the plain ones are a sample."""

    def add(self, other: "Found") -> None:
        """Add what other parts show."""
        self.parts |= other.parts
        self.basis.add(other.basis)


class Plain(NamedTuple):
    """The plain calls of a part, in the order of their cells."""

    calls: Ints
    """How many each cell has."""
    first: Ints
    """The row of one call of each cell."""
    tokens: Tokens
    rest: Ints
    """The rows of all other calls."""


class InCells:
    """What every part is put into cells with; `folder` is for files."""

    def __init__(self, prices: PriceTable, ask: Ask, folder: Path) -> None:
        self._prices, self._ask, self._shelf = prices, ask, Shelf(folder)
        self._every = AllBounds(prices)
        self._told = any(run.policy.assume.projects for run in ask.runs)
        self.places = [place for place, run in enumerate(ask.runs) if self._can_be(run.policy)]
        """The runs that calls can be in cells for."""
        drawn = [place for place in self.places if ask.runs[place].control == MISCLASSIFIED]
        others = [place for place in self.places if place not in drawn]
        self._worlds = [places for places in (others, drawn) if places]
        """Calls as they are come first: what is replayed with drawn tasks is replayed with those of the log, too."""

    def _can_be(self, policy: Policy) -> bool:
        """Whether a policy asks for nothing of single calls but their tokens."""
        of_calls = self._ask.per_call is not None or bool(self._ask.scores) or self._ask.question.mode == "reported"
        decided = any(rule.route.decisions for rule in policy.rules)
        trimmed = any(levers.trim is not None for levers in policy.all_levers())
        dear = policy.limits.max_cost_per_call is not None
        return not (of_calls or decided or trimmed or dear or timed.is_timed(policy)) and self._bounds(policy).steady

    def _bounds(self, policy: Policy) -> Bounds:
        return self._every.of(self._prices.everywhere(policy.models()))

    def _policies(self, places: Sequence[int]) -> list[Policy]:
        return [self._ask.runs[place].policy for place in places]

    @cached_property
    def _all_bounds(self) -> Bounds:
        models = {name for policy in self._policies(self.places) for name in policy.models()}
        return self._every.of(self._prices.everywhere(sorted(models)))

    def keep(self, found: Found, number: int, columns: Columns, attempts: Attempts) -> Plain | None:
        """Put the calls of a part into cells, as far as they are plain, and keep them; `attempts` are the calls."""
        is_plain = self._plain(columns, attempts)
        if is_plain.mean() < _MOSTLY:
            return None
        changes = self._bounds_with(attempts.usage.model.take(_kinds(columns)[1])).changes
        others = [] if is_plain.all() else [((~is_plain).astype(np.int64), 2)]  # other calls are in cells after these
        every = [
            (world, numbered([*others, *codes(world, attempts, self._policies(places), changes, told=self._told)]))
            for places, world in zip(self._worlds, self._columns(columns), strict=True)
        ]
        first = [cells.first[is_plain.take(cells.first)] for _, cells in every]
        if max(map(len, first)) > _MOST_CELLS:
            return None
        order, calls = every[0][1].order()
        calls = calls[: len(first[0])]
        rows, rest = np.split(order, [int(calls.sum())])
        stated = of_interest(columns.calls)
        short: Any = buckets_of(columns.calls).astype(np.int16)
        kept = Kept(
            calls,
            [cells.which.take(rows) for _, cells in every[1:]],
            [_one_of_each(world, stated, ones) for (world, _), ones in zip(every, first, strict=True)],
            Tokens.short(attempts.usage, rows),
            short.take(rows),
            stated.take(as_arrow(rest)),
            short.take(rest),
        )
        self._shelf.put(number, kept)
        found.parts.add(number)
        found.basis.take_times(columns.number("started_at"))
        words, labels = columns.word("tags")
        if len(labels) > 1:
            found.basis.sampled.update(sampled.counted(words.take(rows), labels))
        return Plain(calls, first[0], kept.tokens, rest)

    def _plain(self, columns: Columns, attempts: Attempts) -> Bools:
        """Which calls can be replayed in cells."""
        calls = columns.calls
        if not self.places or calls.column("quality").null_count < len(columns):
            return np.zeros(len(columns), np.bool_)
        reported = calls.column("reported_cost").null_count < len(columns)
        return plain(attempts, _kinds(columns), reported, self._all_bounds, self._every, self._prices)

    def _columns(self, columns: Columns) -> Iterator[Columns]:
        for places in self._worlds:
            is_drawn = self._ask.runs[places[0]].control == MISCLASSIFIED
            yield redrawn(columns) if is_drawn else columns

    def _bounds_with(self, models: Ints) -> Bounds:
        own = self._every.of((np.flatnonzero(np.bincount(models[models >= 0]))).tolist())
        return own.both(self._all_bounds)

    def take(
        self, found: SimulationSums, parts: Sequence[int], simulations: Sequence[Simulation]
    ) -> tuple[Kept, list[World]]:
        """Add the plain calls of parts that were kept; return all that was kept, and worlds with what they left."""
        kept = together([self._shelf.get(number) for number in parts])
        worlds = [
            World(places, simulations, self._ask, self._prices, ones)
            for places, ones in zip(self._worlds, kept.ones, strict=True)
        ]
        for place, world in enumerate(worlds):
            world.divide(kept, place, self._bounds_with, self._all_bounds)
            world.add_to(found)
        worlds[0].add_basis(found)
        return kept, worlds


def _kinds(columns: Columns) -> tuple[Ints, Ints]:
    """A number for each call, the same where it is alike in what cells are made of first, and a call for each."""
    return columns.different(*OF_MODEL, *OF_WORK)


def _one_of_each(columns: Columns, stated: pa.Table, rows: Ints) -> pa.Table:
    """The calls in these rows, with the tasks that they have here."""
    codes, labels = columns.word("task")
    codes = codes.take(rows)
    words = pa.DictionaryArray.from_arrays(
        as_arrow(codes.astype(np.int32), np.array([label is not None for label in labels])[codes]),
        pa.array([label or "" for label in labels], pa.string()),
    )
    calls = stated.take(as_arrow(rows))
    if "task" not in calls.column_names:
        return calls.append_column("task", words)
    return calls.set_column(calls.column_names.index("task"), "task", words)
