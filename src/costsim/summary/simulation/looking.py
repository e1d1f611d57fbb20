"""What the log itself shows, looked at before any policy is replayed: rates, durations, and token factors."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from costsim import projection
from costsim.policies import as_logged
from costsim.policies.columns import Columns
from costsim.policies.document import Escalate
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.projection import Answered, Factors, Measured, Stated
from costsim.replay import eligible, observed
from costsim.replay.failures import failed
from costsim.replay.observed import Observed
from costsim.schema import stated_numbers
from costsim.summary.simulation import silent
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.in_cells import Found, InCells
from costsim.summary.simulation.parts import FEW_IN_CELLS, Parts, spread
from costsim.summary.simulation.silent import Seen

COLUMNS = (*observed.COLUMNS, *eligible.COLUMNS)
"""Columns of `calls` that are looked at, besides those of `as_logged`, prompts and durations."""


@dataclass
class Looked:
    """What the log shows."""

    observed: Observed = field(default_factory=Observed)
    measured: Measured = field(default_factory=Measured)
    kept: Found = field(default_factory=Found)
    """What was put into cells on the way."""
    seen: Seen = field(default_factory=Seen)
    """What there is of that which the policies ask for."""

    def add(self, other: "Looked") -> None:
        """Add what other calls show."""
        self.observed.add(other.observed)
        self.measured += other.measured
        self.kept.add(other.kept)
        self.seen.add(other.seen)

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
        self.factors = any(wants_factors(run.policy) for run in ask.runs)

    def shown(self, parts: Sequence[int]) -> tuple[Looked, Tasks]:
        """Return what some parts of the store show; calls with a prompt, which other parts may have too, are kept."""
        found, tasks = Looked(), Tasks()
        for number, calls in self._parts.each(parts):
            columns = Columns(calls)
            if not len(columns):
                continue
            attempts = as_logged.attempts(columns.calls, self._prices, self._as_of)
            model = attempts.usage.model
            if self.rates:
                found.observed.take(columns, model.astype(np.int64), partial(self._prices.index_of, None))
            if self.factors:
                answered, labels = _answered(columns, model)
                found.measured += projection.alone(answered, self._prices.book.keys, labels)
                if answered.prompt.any():
                    tasks[number] = labels
                    answered.only(answered.prompt != 0).save(self._file(number))
            found.seen.take(columns, self._asking)
            if self._cells is not None:
                self._cells.keep(found.kept, number, columns, attempts)
        return found, tasks

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


def _answered(columns: Columns, model: NDArray[np.int32]) -> tuple[Answered, list[str | None]]:
    """What tokens of calls say of their model, where they were answered in full; and what the codes of tasks mean."""
    codes, labels = columns.word("task")
    found = Answered(
        columns.calls.column("prompt_hash").fill_null(0).to_numpy(),
        np.where(failed(columns) | ~columns.flag("billed"), np.int32(-1), model),
        codes.astype(np.int32),
        columns.number("input_tokens"),
        columns.number("output_tokens"),
        stated_numbers(columns.calls, "reasoning_tokens"),
    )
    return found, labels


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


def wants_factors(policy: Policy) -> bool:
    """Return whether a policy projects tokens."""
    return policy.assume.input_tokens != "same" or policy.assume.output_tokens != "same"


def _is_observed(rate: object) -> bool:
    return rate == "observed" or isinstance(rate, dict)
