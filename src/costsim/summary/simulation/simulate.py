"""Calls of a store -> SimulationReport: what the log shows first, then every policy in one pass over the batches."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from costsim.policies.columns import Columns
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.replay import COLUMNS, Replay, history, timed, trimming
from costsim.replay.decisions import Decisions
from costsim.replay.moving import Shared
from costsim.replay.outcome import NOTHING_SOLVED, Simulated
from costsim.replay.rates import Rates
from costsim.replay.scores import Scores
from costsim.replay.simulating import BatchSimulation, Simulation
from costsim.replay.timed import Timetable
from costsim.summary.audit import Question
from costsim.summary.priced import Priced
from costsim.summary.simulation import assemble, looking, per_call, quality, silent
from costsim.summary.simulation.parts import Batches, Parts, spread
from costsim.summary.simulation.redrawn import redrawn
from costsim.summary.simulation.report import SimulationReport
from costsim.summary.simulation.runs import MISCLASSIFIED, Run
from costsim.summary.simulation.sums import BUCKET_COLUMNS, BUCKETS, PolicySums, buckets_of
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
    past: np.ndarray[tuple[int], np.dtype[np.int64]] = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))
    """Cost as it was by bucket, in 10^-9 USD."""
    runs: list[PolicySums] = field(default_factory=list)

    def add(self, other: "SimulationSums") -> None:
        """Add the sums of other batches."""
        self.basis.add(other.basis)
        self.past = self.past + other.past
        for mine, more in zip(self.runs, other.runs, strict=True):
            mine.add(more)


class Pass:
    """What every process needs to replay a batch under every policy."""

    def __init__(self, store: Batches, prices: PriceTable, ask: Ask, simulations: Sequence[Simulation]) -> None:
        self._prices, self._ask, self.simulations = prices, ask, simulations
        self.parts = Parts(store, ask.question, columns_of(ask))
        self._redraws = any(run.control == MISCLASSIFIED for run in ask.runs)
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
            columns, past = self._load(number)
            if len(columns):
                self._take(found, number, columns, past)
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
        question, calls = self._ask.question, self.parts.calls(number)
        return Columns(calls), history(calls, self._prices, question.as_of, question.mode)

    def _seen_by(self, place: int, number: int) -> tuple[Columns, Replay]:
        """A part as one of the runs sees it."""
        columns, past = self._load(number)
        return redrawn(columns) if self._ask.runs[place].control == MISCLASSIFIED else columns, past

    def _take(self, found: SimulationSums, number: int, columns: Columns, past: Replay) -> None:
        drawn = redrawn(columns) if self._redraws else columns
        buckets = buckets_of(columns)
        found.basis.take_basis(Priced(columns.calls, past, self._prices, self._ask.question.mode))
        found.past += np.bincount(buckets, past.cost // 1000, BUCKETS).astype(np.int64)
        tables: list[pa.Table] = []
        shared = Shared() if len(found.runs) > 1 else None
        for place, sums in enumerate(found.runs):
            as_drawn = self._ask.runs[place].control == MISCLASSIFIED
            batch = BatchSimulation(self.simulations[place], drawn if as_drawn else columns, past, shared)
            solved = self._timetables[place].of(number, batch) if place in self._timetables else NOTHING_SOLVED
            simulated = batch.priced(batch.legs(solved), solved)
            sums.take(simulated, past, buckets, batch.columns)
            sums.quality.add(quality.sums(simulated, past, columns, self._ask.scores, self._compared(place)))
            if self._folder is not None and self._ask.runs[place].is_policy:
                tables += per_call.tables(self.simulations[place], simulated, past, columns)
        if self._folder is not None:
            per_call.PartFile(self._folder, number).write(tables)


def columns_of(ask: Ask) -> list[str]:
    """Return the columns of `calls` that the replay of these policies reads."""
    needed = {"call_id"} if ask.per_call is not None or ask.scores else set()
    needed |= {*COLUMNS, *looking.COLUMNS, *BUCKET_COLUMNS, *BASIS}
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
