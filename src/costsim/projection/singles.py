"""What each model's calls say by themselves: its mean output by task, and how much of it was thought."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from costsim.projection.answered import Answered, limited
from costsim.projection.sums import Ints, sums_by


class Alone(NamedTuple):
    """Sums over the calls of one model in one task."""

    calls: int = 0
    input: int = 0
    output: int = 0
    output_squares: int = 0
    told: int = 0
    """Output of the calls of which the log tells how much of it was reasoning."""
    said: int = 0
    """What these calls said besides."""

    @property
    def thought(self) -> float | None:
        """The logarithm of output over what was said; None where the log does not tell."""
        return math.log(self.told / self.said) if self.said else None


Singles = dict[tuple[str, str | None], Alone]
"""(model, task) -> sums."""


class InRuns(msgspec.Struct, frozen=True):
    """Calls that stand in runs, those of each alike in model and task, and all of them usable or none."""

    model: Ints
    """Of each run, as `Answered` has it; -1 also where its calls are not usable."""
    task: Ints
    calls: Ints
    """How many calls each run has: one at least."""
    input_tokens: Ints
    """Of each call, from here on."""
    output_tokens: Ints
    reasoning_tokens: Ints | None = None


def added(some: Singles, more: Singles) -> Singles:
    """Return the sums over both."""

    def plus(key: tuple[str, str | None], sums: Alone) -> Alone:
        return Alone(*(mine + its for mine, its in zip(some.get(key, Alone()), sums, strict=True)))

    return some | {key: plus(key, sums) for key, sums in more.items()}


def of_calls(answered: Answered, models: Sequence[str], tasks: Sequence[str | None]) -> Singles:
    """Return the sums of calls."""
    model = np.where(answered.usable, answered.model.astype(np.int64), -1)
    calls = np.ones(len(model), np.int64)
    return _by_kind(model, answered.task.astype(np.int64), [calls, *_tokens(answered)], models, tasks)


def of_runs(runs: InRuns, models: Sequence[str], tasks: Sequence[str | None]) -> Singles:
    """Return the same of calls that stand in runs, which takes a quarter of the time."""
    starts = np.cumsum(runs.calls) - runs.calls
    sums = (np.add.reduceat(tokens, starts, dtype=np.int64) for tokens in _tokens(runs) if len(starts))
    return _by_kind(runs.model, runs.task, [runs.calls, *sums], models, tasks)


def _tokens(calls: Answered | InRuns) -> list[Ints]:
    """What is summed of each call besides their number, in the order of `Alone`."""
    inputs, outputs = limited(calls.input_tokens), limited(calls.output_tokens).astype(np.int64, copy=False)
    found = [inputs, outputs, outputs * outputs]
    if calls.reasoning_tokens is not None:
        tells = (calls.reasoning_tokens >= 0) & (calls.reasoning_tokens < outputs)
        found += [np.where(tells, outputs, 0), np.where(tells, outputs - calls.reasoning_tokens, 0)]
    return found


def _by_kind(
    model: Ints, task: Ints, counts: Sequence[Ints], models: Sequence[str], tasks: Sequence[str | None]
) -> Singles:
    """Sums by model and task; rows of no use are one group more, which is faster than to leave them out."""
    size = (int(model.max(initial=-1)) + 2) * len(tasks)
    codes = (model.astype(np.int64) + 1) * len(tasks) + task
    sums = [sums_by(codes, each, size)[len(tasks) :] for each in counts]
    return {
        (models[code // len(tasks)], tasks[code % len(tasks)]): Alone(*(int(column[code]) for column in sums))
        for code in np.flatnonzero(sums[0]).tolist()
    }
