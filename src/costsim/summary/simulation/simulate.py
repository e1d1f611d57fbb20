"""Calls of a store -> SimulationReport: what the log shows first, then every policy in one pass over the batches."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from costsim.policies import as_logged
from costsim.policies.attempts import WHOLE, Ints
from costsim.policies.columns import Columns
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.replay import COLUMNS, Replay, history, timed, trimming
from costsim.replay.decisions import Decisions
from costsim.replay.moving import Shared
from costsim.replay.outcome import NOTHING_SOLVED, Simulated, billed_part, expected_cost
from costsim.replay.rates import Rates
from costsim.replay.scores import Scores
from costsim.replay.simulating import BatchSimulation, Simulation
from costsim.replay.timed import Timetable
from costsim.summary.audit import Question
from costsim.summary.priced import Priced
from costsim.summary.simulation import assemble, looking, per_call, quality, silent
from costsim.summary.simulation import redrawn as redrawing
from costsim.summary.simulation.in_cells import InCells
from costsim.summary.simulation.parts import AT_ONCE, IN_CELLS, Batches, Parts, spread
from costsim.summary.simulation.redrawn import redrawn
from costsim.summary.simulation.report import SimulationReport
from costsim.summary.simulation.runs import MISCLASSIFIED, Run
from costsim.summary.simulation.sums import BUCKET_COLUMNS, OneByOne, PolicySums, buckets_of, expected_of_calls
from costsim.summary.sums import BASIS, Sums


@dataclass(frozen=True)
class Ask:
    """What the user wants to know, beside `Question`: the policies, and what they are compared with."""

    runs: tuple[Run, ...]
    question: Question
    decisions: Decisions = field(default_factory=Decisions)
    scores: Scores = field(default_factory=Scores)
    per_call: Path | None = None
    """Where to write the attempts of every call."""


@dataclass
class SimulationSums:
    """What all batches add up to."""

    basis: Sums = field(default_factory=Sums)
    past: PolicySums = field(default_factory=PolicySums)
    """What calls cost as they were: no more than sums by bucket."""
    runs: list[PolicySums] = field(default_factory=list)

    def add(self, other: "SimulationSums") -> None:
        """Add the sums of other batches."""
        self.basis.add(other.basis)
        self.past.add(other.past)
        for mine, more in zip(self.runs, other.runs, strict=True):
            mine.add(more)


class Pass:
    """What every process needs to replay a batch under every policy."""

    def __init__(self, store: Batches, prices: PriceTable, ask: Ask, simulations: Sequence[Simulation]) -> None:
        self._prices, self._ask, self.simulations = prices, ask, simulations
        self._cells = InCells(prices, ask, simulations)
        at_once = IN_CELLS if len(self._cells.places) == len(simulations) else AT_ONCE
        self.parts = Parts(store, ask.question, columns_of(ask), at_once)
        self._timetables: dict[int, Timetable] = {}
        self._folder: Path | None = None

    @classmethod
    def prepared(cls, store: Batches, prices: PriceTable, ask: Ask, workers: int | None, folder: Path) -> "Pass":
        """Return a pass that knows what the log shows, and what must be known of all calls in the order of time."""
        looked = looking.look(store, prices, ask, workers, folder)
        rates = Rates(looked.observed)
        zone = ask.question.timezone
        factors = {repr(run.policy.assume): looked.factors(run.policy, prices) for run in ask.runs}
        simulations = [
            Simulation(run.policy, prices, factors[repr(run.policy.assume)], rates, ask.decisions, ask.scores, zone)
            for run in ask.runs
        ]
        found = cls(store, prices, ask, simulations)
        found.solve(folder)
        return found

    def solve(self, folder: Path) -> None:
        """Find out what policies need to know of all calls in the order of time; `folder` is for files."""
        self._folder = folder if self._ask.per_call is not None else None
        for place, simulation in enumerate(self.simulations):
            if timed.is_timed(simulation.policy):
                own = folder / str(place)
                own.mkdir()
                self._timetables[place] = timed.solve(simulation, partial(self._seen_by, place), len(self.parts), own)

    def sums_of(self, parts: Sequence[int]) -> SimulationSums:
        """Return what some parts of the store add up to."""
        found = SimulationSums(runs=[PolicySums() for _ in self.simulations])
        for number in parts:
            columns = Columns(self.parts.calls(number))
            if len(columns):
                self._take(found, number, columns)
        return found

    def _compared(self, place: int) -> list[int]:
        """The models of a policy whose failures are looked at together."""
        run = self._ask.runs[place]
        names = run.policy.models() if run.is_policy and self._ask.scores else ()
        return list(dict.fromkeys(self._prices.index_of(None, name) for name in names))

    def replayed(self, number: int, place: int) -> tuple[BatchSimulation, Simulated]:
        """Return one part under one of the runs."""
        columns, past = self._seen_by(place, number)
        batch = BatchSimulation(self.simulations[place], columns, past)
        solved = self._timetables[place].of(number, batch) if place in self._timetables else NOTHING_SOLVED
        return batch, batch.priced(batch.legs(solved), solved)

    def _load(self, number: int) -> tuple[Columns, Replay]:
        columns = Columns(self.parts.calls(number))
        return columns, self._past(columns)

    def _past(self, columns: Columns) -> Replay:
        question = self._ask.question
        return history(columns.calls, self._prices, question.as_of, question.mode)

    def _seen_by(self, place: int, number: int) -> tuple[Columns, Replay]:
        """A part as one of the runs sees it."""
        columns, past = self._load(number)
        return redrawn(columns) if self._ask.runs[place].control == MISCLASSIFIED else columns, past

    def _take(self, found: SimulationSums, number: int, columns: Columns) -> None:
        """Add a part: plain calls in cells, as far as policies can be replayed so, and the rest one by one."""
        buckets = buckets_of(columns)
        attempts = as_logged.attempts(columns.calls, self._prices, self._ask.question.as_of)
        plain = self._cells.plain(columns, attempts)
        rest = np.flatnonzero(~plain)
        rows = None if not len(rest) else np.flatnonzero(plain)
        if len(rest) == len(columns) or not self._cells.take(found, columns, attempts, buckets, rows):
            rest = np.arange(len(columns))
        one_by_one = [place for place in range(len(found.runs)) if place not in self._cells.places]
        if len(rest) == len(columns):
            self._take_calls(found, number, columns, buckets, range(len(found.runs)), is_basis=True)
            return
        for some in np.array_split(rest, len(rest) // AT_ONCE + 1) if len(rest) else ():
            self._take_calls(found, number, columns.part(some), buckets[some], self._cells.places, is_basis=True)
        if one_by_one:
            self._take_calls(found, number, columns, buckets, one_by_one, is_basis=False)

    def _take_calls(
        self,
        found: SimulationSums,
        number: int,
        columns: Columns,
        buckets: Ints,
        places: Sequence[int],
        *,
        is_basis: bool,
    ) -> None:
        """Add calls one by one under some of the policies, and what they were where nothing else does."""
        past = self._past(columns)
        if is_basis:
            found.basis.take_basis(Priced(columns.calls, past, self._prices, self._ask.question.mode))
            found.past.take_buckets(expected_cost(past.cost, billed_part(WHOLE)), buckets)
        controls = [self._ask.runs[place].control for place in places]
        drawn = redrawn(columns) if MISCLASSIFIED in controls else columns
        one_by_one, shared = OneByOne(past), Shared() if len(places) > 1 else None
        tables: list[pa.Table] = []
        for place, control in zip(places, controls, strict=True):
            batch = BatchSimulation(
                self.simulations[place], drawn if control == MISCLASSIFIED else columns, past, shared
            )
            solved = self._timetables[place].of(number, batch) if place in self._timetables else NOTHING_SOLVED
            simulated = batch.priced(batch.legs(solved), solved)
            found.runs[place].take(simulated, one_by_one, batch.columns)
            if self._ask.runs[place].is_policy:
                found.runs[place].take_buckets(expected_of_calls(simulated, past), buckets)
            of_quality = quality.sums(simulated, past, columns, self._ask.scores, self._compared(place))
            found.runs[place].quality.add(of_quality)
            if self._folder is not None and self._ask.runs[place].is_policy:
                tables += per_call.tables(self.simulations[place], simulated, past, columns)
        if self._folder is not None:
            per_call.PartFile(self._folder, number).write(tables)


def columns_of(ask: Ask) -> list[str]:
    """Return the columns of `calls` that the replay of these policies reads."""
    needed = {"call_id"} if ask.per_call is not None or ask.scores else set()
    needed |= {*COLUMNS, *looking.COLUMNS, *BUCKET_COLUMNS, *BASIS}
    if any(run.control == MISCLASSIFIED for run in ask.runs):
        needed |= set(redrawing.COLUMNS)
    for run in ask.runs:
        needed |= run.policy.columns() | timed.columns(run.policy) | trimmed_columns(run.policy)
    return sorted(needed | ask.question.selection.columns())


def trimmed_columns(policy: Policy) -> set[str]:
    """Return the columns of `calls` that are read where a policy trims calls."""
    return set(trimming.COLUMNS) if any(levers.trim is not None for levers in policy.all_levers()) else set()


def simulate(store: Batches, prices: PriceTable, ask: Ask, workers: int | None = None) -> SimulationReport:
    """Return what the calls of the store would cost under each policy."""
    found = SimulationSums(runs=[PolicySums() for _ in ask.runs])
    with tempfile.TemporaryDirectory(prefix="costsim-") as folder:
        replay = Pass.prepared(store, prices, ask, workers, Path(folder))
        for part in spread(replay.sums_of, len(replay.parts), store.manifest.calls, workers):
            found.add(part)
        if ask.per_call is not None:
            per_call.joined(Path(folder), ask.per_call)
    said = assemble.report(store.manifest, prices, ask, replay.simulations, found)
    said.assumptions[1:1] = silent.notes(store, ask, found.runs)
    return said
