"""What the log itself shows, looked at before any policy is replayed: rates, durations, and token factors."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace

from costsim import projection
from costsim.policies import as_logged
from costsim.policies.attempts import Attempts
from costsim.policies.columns import Columns
from costsim.policies.document import Escalate
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.projection import Answered, Factors, InRuns, Measured, Stated
from costsim.replay import eligible, observed, telling
from costsim.replay.observed import Observed
from costsim.summary.simulation import silent
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.in_cells import Found, InCells, Plain
from costsim.summary.simulation.parts import FEW_IN_CELLS, Parts, spread
from costsim.summary.simulation.silent import Seen

COLUMNS = (*observed.COLUMNS, *eligible.COLUMNS)
"""Columns of `calls` that are looked at, besides those of `as_logged`, prompts and durations."""


class Looked(msgspec.Struct):
    """What the log shows."""

    observed: Observed = msgspec.field(default_factory=Observed)
    measured: Measured = msgspec.field(default_factory=Measured)
    kept: Found = msgspec.field(default_factory=Found)
    """What was put into cells on the way."""
    seen: Seen = msgspec.field(default_factory=Seen)
    """What there is of that which the policies ask for."""
    reads_cache: bool = False
    """Whether some call read its prompt from a cache."""

    def add(self, other: "Looked") -> None:
        """Add what other calls show."""
        self.observed.add(other.observed)
        self.measured += other.measured
        self.kept.add(other.kept)
        self.seen.add(other.seen)
        self.reads_cache |= other.reads_cache

    def factors(self, policy: Policy, prices: PriceTable) -> Factors:
        """Return the token factors of this log under the assumptions of a policy."""
        assume = policy.assume
        return projection.factors(
            self.measured, _by_key(assume.input_tokens, prices), _by_key(assume.output_tokens, prices)
        )


def _by_key(stated: Stated, prices: PriceTable) -> Stated:
    """A policy names models as people do; factors know them by their key."""
    if isinstance(stated, str):
        return stated
    return {prices.book.keys[prices.index_of(None, name)]: factor for name, factor in stated.items()}


Tasks = dict[int, list[str | None]]
"""Part -> what the codes of its tasks mean."""


class _Look:
    """What every process needs to look at a part."""

    def __init__(self, parts: Parts, prices: PriceTable, ask: Ask, folder: Path, cells: InCells | None) -> None:
        self._parts, self._prices, self._folder, self._cells = parts, prices, folder, cells
        self._as_of, self._asking = ask.question.as_of, silent.policies_of(ask)
        self.rates = any(wants_rates(run.policy) for run in ask.runs)
        self.factors = any(run.policy.assume.projects for run in ask.runs)

    def shown(self, parts: Sequence[int]) -> tuple[Looked, Tasks]:
        """Return what some parts of the store show; calls with a prompt, which other parts may have too, are kept."""
        found, tasks = Looked(), Tasks()
        for number, calls in self._parts.each(parts):
            columns = Columns(calls)
            if not len(columns):
                continue
            attempts = as_logged.attempts(columns.calls, self._prices, self._as_of)
            model, read = attempts.usage.model, attempts.usage.cache_read_tokens
            found.reads_cache |= read is not None and bool((read > 0).any())
            if self.rates:
                found.observed.take(columns, model.astype(np.int64), partial(self._prices.index_of, None))
            found.seen.take(columns, self._asking)
            kept = None if self._cells is None else self._cells.keep(found.kept, number, columns, attempts)
            if self.factors:
                found.measured += self._alone(columns, attempts, kept)
                if columns.stated("prompt_hash").any():
                    tasks[number] = columns.word("task")[1]
                    answered = telling.answered(columns, attempts)
                    answered.only(answered.prompt != 0).save(self._file(number))
        return found, tasks

    def _alone(self, columns: Columns, attempts: Attempts, plain: Plain | None) -> Measured:
        """What each call says by itself; of a cell all do, or none."""
        keys, (codes, labels) = self._prices.book.keys, columns.word("task")
        if plain is None:
            return projection.alone(telling.answered(columns, attempts), keys, labels)
        first, tokens = plain.first, plain.tokens
        model = np.where(telling.tells(columns, attempts).take(first), attempts.usage.model.take(first), -1)
        runs = InRuns(
            model, codes.take(first), plain.calls, tokens.input_tokens, tokens.output_tokens, tokens.reasoning_tokens
        )
        others = telling.answered(columns, attempts, plain.rest)
        return projection.alone_in_runs(runs, keys, labels) + projection.alone(others, keys, labels)

    def repeated(self, tasks: Tasks, calls: int) -> Measured:
        """Return what the prompts say that several models answered."""
        every, parts = list(dict.fromkeys(task for some in tasks.values() for task in some)), sorted(tasks)

        def load(place: int) -> Answered:
            number = parts[place]
            with np.load(self._file(number)) as columns:
                answered = Answered(**columns)
            places = np.array([every.index(task) for task in tasks[number]], np.int32)
            return replace(answered, task=places[answered.task])

        return projection.repeated(load, len(parts), calls, self._prices.book.keys, every)

    def _file(self, number: int) -> Path:
        return self._folder / f"answered-{number}.npz"


def look(
    parts: Parts, prices: PriceTable, ask: Ask, workers: int | None, folder: Path, cells: InCells | None = None
) -> Looked:
    """Return what the log shows, as far as a policy wants to know it, and put its calls into cells.

    `folder` is for files.
    """
    found, tasks, looker = Looked(), Tasks(), _Look(parts, prices, ask, folder, cells)
    for part, more in spread(looker.shown, len(parts), parts.stored, workers, FEW_IN_CELLS):
        found.add(part)
        tasks |= more
    if tasks:
        found.measured += looker.repeated(tasks, parts.stored)
    return found


def columns_of(ask: Ask) -> list[str]:
    """Return the columns of `calls` that are looked at."""
    columns = {*as_logged.COLUMNS, *COLUMNS, "prompt_hash"} | ask.question.selection.columns()
    if any(run.policy.limits.p95_latency_ms is not None for run in ask.runs):
        columns.add(observed.DURATIONS)
    for policy in silent.policies_of(ask).values():
        columns |= silent.columns_of(policy)
    return sorted(columns)


def wants_rates(policy: Policy) -> bool:
    """Return whether a policy asks how often calls fail, or how long they take."""
    cascades = [rule.route.escalate or Escalate() for rule in policy.rules if rule.route.cascade]
    falls = policy.fallback is not None and policy.fallback.rate == "observed"
    return falls or policy.limits.p95_latency_ms is not None or any(_is_observed(each.rate) for each in cascades)


def _is_observed(rate: object) -> bool:
    return rate == "observed" or isinstance(rate, dict)
