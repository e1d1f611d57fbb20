"""One pass over the calls under every policy: what every process needs for it, and what parts of the log add up to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from costsim.ingest.ties import buckets
from costsim.policies.attempts import WHOLE, Ints
from costsim.policies.columns import Columns
from costsim.prices import PriceTable
from costsim.replay import Replay, history, timed
from costsim.replay.moving import Shared
from costsim.replay.outcome import NOTHING_SOLVED, Simulated, Solved, billed_part, expected_cost
from costsim.replay.outside import outside
from costsim.replay.rates import Rates
from costsim.replay.simulating import BatchSimulation, Simulation
from costsim.replay.timed import Timetable
from costsim.summary.priced import Priced
from costsim.summary.simulation import judged, looking, lost_hits, per_call, quality, rest
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.columns import columns_of
from costsim.summary.simulation.in_cells import InCells
from costsim.summary.simulation.lost_hits import LostHits, Routed
from costsim.summary.simulation.parts import AT_ONCE, Batches, Parts, at_once
from costsim.summary.simulation.quality import Scored
from costsim.summary.simulation.redrawn import redrawn
from costsim.summary.simulation.runs import MISCLASSIFIED
from costsim.summary.simulation.sums import OneByOne, PolicySums, expected_of_calls
from costsim.summary.simulation.totals import SimulationSums

_PARTS_AT_ONCE = 7
"""Kept parts that are replayed together: cells are worked out once for them, and little memory is touched anew."""
_NO_PART = -1
"""Where calls of several parts are replayed, of which the order of time says nothing."""


class Pass:
    """What every process needs to replay a part of the log under every policy."""

    def __init__(
        self, parts: Parts, prices: PriceTable, ask: Ask, looked: looking.Looked, cells: InCells | None
    ) -> None:
        self.parts, self.looked, self.simulations = parts, looked, _simulations(ask, prices, looked)
        self._prices, self._ask, self._cells = prices, ask, cells
        self._timetables: dict[int, Timetable] = {}
        self.lost = LostHits()
        """What calls that stay do not find in the cache, as those before them move."""
        self._folder: Path | None = None

    @classmethod
    def prepared(
        cls,
        store: Batches,
        prices: PriceTable,
        ask: Ask,
        workers: int | None,
        folder: Path,
        *,
        for_sums: bool = False,
    ) -> "Pass":
        """Return a pass that knows what the log shows, and what must be known of all calls in the order of time.

        `for_sums`: no single calls will be asked for; `folder` is for files.
        """
        cells = InCells(prices, ask, folder) if for_sums else None
        every_run = cells is not None and len(cells.places) == len(ask.runs)
        size = at_once(store.manifest.calls, in_cells=every_run)
        parts = Parts(store, ask.question, columns_of(ask, store.bucket_columns), size)
        if cells is None or not cells.places:
            cells, narrow = None, Parts(store, ask.question, looking.columns_of(ask))
            looked = looking.look(narrow, prices, ask, workers, folder)
        else:
            looked = looking.look(parts, prices, ask, workers, folder, cells)
        found = cls(parts, prices, ask, looked, cells)
        found.solve(folder)
        if looked.reads_cache and lost_hits.is_wanted(ask, store.manifest.calls):
            found.lost = lost_hits.find(store, ask.question, size, prices, found.routed, workers)
        return found

    def solve(self, folder: Path) -> None:
        """Find out what policies need to know of all calls in the order of time; `folder` is for files."""
        self._folder = folder if self._ask.per_call is not None else None
        for place, simulation in enumerate(self.simulations):
            if timed.is_timed(simulation.policy):
                own = folder / str(place)
                own.mkdir()
                self._timetables[place] = timed.solve(simulation, partial(self._seen_by, place), len(self.parts), own)

    @property
    def one_by_one(self) -> bool:
        """Whether some run is replayed call by call."""
        return self._cells is None or len(self._cells.places) < len(self.simulations)

    def sums_of(self, parts: Sequence[int]) -> SimulationSums:
        """Return what some parts of the store add up to: in cells where they are kept so, and else one by one.

        Where a few calls of kept parts are in no cell, they are left to `take_rest`.
        """
        found = SimulationSums(runs=[PolicySums() for _ in self.simulations])
        places, kept = [] if self._cells is None else self._cells.places, self.looked.kept.parts
        for some in _in_groups([number for number in parts if number in kept], _PARTS_AT_ONCE):
            self._take_kept(found, some)
            self.take_rest(found, AT_ONCE)
        self.take_rest(found, rest.FEW)
        for number in parts:
            if number in kept:
                self._take_lost(found, number)
        everything = range(len(self.simulations))
        for number in parts:
            left = [place for place in everything if place not in places] if number in kept else everything
            columns = Columns(self.parts.calls(number)) if left else None
            if columns is not None and len(columns):
                self._take_calls(
                    found, number, columns, buckets.buckets_of(columns.calls), left, is_basis=number not in kept
                )
        return found

    def take_rest(self, found: SimulationSums, most: int = 0) -> None:
        """Add the calls that are in no sum yet one by one, where they are more than so many."""
        if self._cells is not None and len(found.rest) > most:
            for columns, some in found.rest.taken(AT_ONCE):
                self._take_calls(found, _NO_PART, columns, some, self._cells.places, is_basis=True)

    def _take_kept(self, found: SimulationSums, parts: Sequence[int]) -> None:
        """Add parts that are kept in cells, but for those of their calls that are not plain."""
        assert self._cells is not None
        kept, worlds = self._cells.take(found, parts, self.simulations)
        found.rest.put(kept.rest, kept.rest_buckets)
        for world in worlds:
            for buckets_, columns in world.left(AT_ONCE):
                if world is worlds[0]:
                    paid = expected_cost(self._past(columns).cost, billed_part(WHOLE))
                    found.past.take_buckets(paid, buckets_)
                self._take_calls(found, _NO_PART, columns, buckets_, world.places, is_basis=False, drawn=columns)

    def _compared(self, place: int) -> list[int]:
        """The models of a policy whose failures are looked at together."""
        run = self._ask.runs[place]
        names = run.policy.models() if run.is_policy and self._ask.scores else ()
        return list(dict.fromkeys(self._prices.index_of(None, name) for name in names))

    def replayed(self, number: int, place: int) -> tuple[BatchSimulation, Solved, Simulated]:
        """Return one part under one of the runs: its calls, what the order of time says of them, what they come to."""
        columns, past = self._seen_by(place, number)
        batch = BatchSimulation(self.simulations[place], columns, past)
        solved = self._solved(place, number, batch)
        return batch, solved, batch.priced(batch.legs(solved), solved)

    def _solved(self, place: int, number: int, batch: BatchSimulation) -> Solved:
        """What is known of a part by looking at all calls."""
        solved = self._timetables[place].of(number, batch) if place in self._timetables else NOTHING_SOLVED
        lost = self.lost.spread(place, number, len(batch.columns))
        return solved if lost is None else replace(solved, lost=lost)

    def routed(self, number: int, rows: Ints) -> Iterator[Routed]:
        """Yield some calls of a part under each run, as if all else were as the log shows it."""
        columns = Columns(self.parts.calls(number))
        some = columns.part(rows)
        drawn, past, shared = self._drawn(some), self._past(some), Shared()
        for place, simulation in enumerate(self.simulations):
            if place in self._timetables:
                batch, _, simulated = self.replayed(number, place)
                yield batch, simulated, rows
            else:
                batch = BatchSimulation(simulation, drawn if self._is_drawn(place) else some, past, shared)
                yield batch, batch.priced(batch.legs(NOTHING_SOLVED), NOTHING_SOLVED), np.arange(len(rows))

    def _is_drawn(self, place: int) -> bool:
        return self._ask.runs[place].control == MISCLASSIFIED

    def _drawn(self, columns: Columns, places: Iterable[int] | None = None) -> Columns:
        """Calls as runs see them whose tasks are drawn anew, if there are any."""
        places = range(len(self.simulations)) if places is None else places
        return redrawn(columns) if any(map(self._is_drawn, places)) else columns

    def _take_lost(self, found: SimulationSums, number: int) -> None:
        """Add what the calls of a part that was replayed in cells cost more, as they find less in the cache."""
        assert self._cells is not None
        lost = [(place, *known) for place in self._cells.places if (known := self.lost.of(place, number)) is not None]
        if not lost:
            return
        columns = Columns(self.parts.calls(number))
        for place, rows, tokens in lost:
            some = columns.part(rows)
            batch = BatchSimulation(self.simulations[place], self._drawn(some, [place]), self._past(some))
            lost_hits.add(found.runs[place], batch, tokens, is_policy=self._ask.runs[place].is_policy)

    def _load(self, number: int) -> tuple[Columns, Replay]:
        columns = Columns(self.parts.calls(number))
        return columns, self._past(columns)

    def _past(self, columns: Columns) -> Replay:
        question = self._ask.question
        return history(columns.calls, self._prices, question.as_of, question.mode)

    def _seen_by(self, place: int, number: int) -> tuple[Columns, Replay]:
        """A part as one of the runs sees it."""
        columns, past = self._load(number)
        return self._drawn(columns, [place]), past

    def _take_calls(
        self,
        found: SimulationSums,
        number: int,
        columns: Columns,
        buckets: Ints,
        places: Sequence[int],
        *,
        is_basis: bool,
        drawn: Columns | None = None,
    ) -> None:
        """Add calls one by one under some of the policies, and what they were where nothing else does."""
        past = self._past(columns)
        if is_basis:
            found.basis.take_basis(Priced(columns.calls, past, self._prices, self._ask.question.mode))
            found.past.take_buckets(expected_cost(past.cost, billed_part(WHOLE)), buckets)
        if drawn is None:
            drawn = self._drawn(columns, places)
        one_by_one, shared = OneByOne(past), Shared() if len(places) > 1 else None
        tables: list[pa.Table] = []
        scored: dict[int, Scored] = {}
        for place in places:
            seen = drawn if self._is_drawn(place) else columns
            batch = BatchSimulation(self.simulations[place], seen, past, shared)
            solved = NOTHING_SOLVED if number == _NO_PART else self._solved(place, number, batch)
            simulated = batch.priced(batch.legs(solved), solved)
            found.runs[place].take(simulated, one_by_one, batch.columns)
            if (of_quality := quality.scored(simulated, past, columns, self._ask.scores)) is not None:
                scored[place] = of_quality
            if not self._ask.runs[place].is_policy:
                continue
            _take_policy(found.runs[place], batch, solved, simulated, past, buckets)
            if self._folder is not None:
                tables += per_call.tables(self.simulations[place], simulated, past, columns)
        self._take_quality(found, scored, columns, past)
        if self._folder is not None:
            per_call.PartFile(self._folder, number).write(tables)

    def _take_quality(
        self, found: SimulationSums, scored: Mapping[int, Scored], columns: Columns, past: Replay
    ) -> None:
        """Add the quality of calls; of a policy, its ends and its sweeps also over the calls that the three know."""
        for place, each in scored.items():
            sums, compared = found.runs[place], self._compared(place)
            sums.quality.add(each.sums(each.known))
            if compared:
                sums.quality.add(quality.together(columns, past, self._ask.scores, compared))
            policy = self._ask.runs[place].of
            three = (policy, *(judged.ends(policy, self._ask.runs) or ()))
            if len(three) > 1 and all(other in scored for other in three):
                known = np.logical_and.reduce([scored[other].known for other in three])
                sums.compared.add(each.sums(each.known & known))


def _take_policy(
    sums: PolicySums, batch: BatchSimulation, solved: Solved, simulated: Simulated, past: Replay, buckets: Ints
) -> None:
    """Add what is told of policies alone."""
    one_by_one = OneByOne(past)
    sums.take_buckets(expected_of_calls(simulated, past), buckets)
    sums.take_undated(simulated, one_by_one, batch.columns)
    sums.take_hits(lost_hits.stay(batch, simulated), lost_hits.kept(batch))
    sums.take_obstacles(batch.in_the_way(simulated.unroutable), one_by_one)
    sums.take_outside(outside(batch, solved))


def _simulations(ask: Ask, prices: PriceTable, looked: looking.Looked) -> list[Simulation]:
    rates, zone = Rates(looked.observed), ask.question.timezone
    factors = {repr(run.policy.assume): looked.factors(run.policy, prices) for run in ask.runs}
    return [
        Simulation(run.policy, prices, factors[repr(run.policy.assume)], rates, ask.decisions, ask.scores, zone)
        for run in ask.runs
    ]


def _in_groups(parts: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """About equal ones, of no more than a size."""
    for some in np.array_split(np.array(parts), -(-len(parts) // size)) if len(parts) else ():
        yield some.tolist()
