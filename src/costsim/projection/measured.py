"""What this log says of token factors: prompts that several models answered, and each model's mean output by task.

Everything that is kept are whole sums, so what parts of a log say adds up to what the log says, to the last digit.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.projection import singles
from costsim.projection.answered import MOST_TOKENS, Answered
from costsim.projection.singles import InRuns, Singles
from costsim.projection.sums import Ints, sums_by
from costsim.schema import among, distinct

AT_ONCE = 2_000_000
"""Calls looked at together; beyond that they are taken in parts by the hash of their prompts, so memory stays flat."""

LEAST_INPUT = 50
"""Inputs of fewer tokens say nothing of a tokenizer: a schema or what a provider puts around a prompt weighs more."""

_MODEL_BITS = 16


def _together(some: Sequence[Answered]) -> Answered:
    return Answered(
        np.concatenate([each.prompt for each in some]),
        np.concatenate([each.model for each in some]),
        np.concatenate([each.task for each in some]),
        np.concatenate([each.input_tokens for each in some]),
        np.concatenate([each.output_tokens for each in some]),
        np.concatenate([_reasoning(each) for each in some]),
    )


def _reasoning(answered: Answered) -> Ints:
    known = answered.reasoning_tokens
    return np.full(len(answered.prompt), -1, np.int64) if known is None else known


class Pair(NamedTuple):
    """Sums over prompts of a source's tokens x and a target's y, and over their squares and products."""

    prompts: int = 0
    x: int = 0
    y: int = 0
    xx: int = 0
    yy: int = 0
    xy: int = 0

    def plus(self, other: "Pair") -> "Pair":
        """Return the sums over both."""
        return Pair(*(mine + its for mine, its in zip(self, other, strict=True)))

    def reversed(self) -> "Pair":
        """Return the sums with source and target exchanged."""
        return Pair(self.prompts, self.y, self.x, self.yy, self.xx, self.xy)


Pairs = dict[tuple[str, str, str | None], Pair]
"""(source, target, task) -> sums; the source is the first of the two in the alphabet."""


class Measured(msgspec.Struct, frozen=True):
    """Sums over any part of a log; the sum of parts is the whole where no prompt is in two of them."""

    inputs: Pairs = msgspec.field(default_factory=dict)
    outputs: Pairs = msgspec.field(default_factory=dict)
    alone: Singles = msgspec.field(default_factory=dict)

    def __add__(self, other: "Measured") -> "Measured":
        return Measured(
            _added(self.inputs, other.inputs),
            _added(self.outputs, other.outputs),
            singles.added(self.alone, other.alone),
        )


def _added(some: Pairs, more: Pairs) -> Pairs:
    return some | {key: some.get(key, Pair()).plus(pair) for key, pair in more.items()}


def measured(answered: Answered, models: Sequence[str], tasks: Sequence[str | None]) -> Measured:
    """Return what the calls of a log say, all of them held at once."""
    return alone(answered, models, tasks) + repeated(lambda _: answered, 1, 1, models, tasks)


def alone(answered: Answered, models: Sequence[str], tasks: Sequence[str | None]) -> Measured:
    """Return what each call says by itself."""
    return Measured(alone=singles.of_calls(answered, models, tasks))


def alone_in_runs(runs: InRuns, models: Sequence[str], tasks: Sequence[str | None]) -> Measured:
    """Return the same of calls that stand in runs, which is found sooner."""
    return Measured(alone=singles.of_runs(runs, models, tasks))


def repeated(
    load: Callable[[int], Answered],
    batches: int,
    calls: int,
    models: Sequence[str],
    tasks: Sequence[str | None],
    at_once: int = AT_ONCE,
) -> Measured:
    """Return what the prompts say that more than one model answered.

    `load` returns the calls of a batch that have a prompt and is called a few times for each; `calls` is about how many
    there are in all. Memory: 28 bytes for each of `at_once` calls, and the sums.
    """
    parts = max(1, -(-calls // at_once))
    found = Measured()
    for part in range(parts):
        chosen = [_in_part(load(batch), part, parts) for batch in range(batches)]
        if chosen:
            found += Measured(*_pairs(_of_repeated(_together(chosen)), models, tasks))
    return found


def _in_part(answered: Answered, part: int, parts: int) -> Answered:
    usable = answered.usable
    if parts > 1:
        usable &= answered.prompt % np.uint64(parts) == part
    return answered.only(usable)


def _of_repeated(answered: Answered) -> Answered:
    """The calls whose prompts more than one model answered.

    Sorting numbers is ten times as fast as sorting their places, and most logs have no such prompt.
    """
    has_prompt = answered.prompt != 0
    above = np.uint64(_MODEL_BITS)
    keys = np.sort((answered.prompt[has_prompt] >> above) << above | answered.model[has_prompt].astype(np.uint64))
    same_prompt = keys[1:] >> above == keys[:-1] >> above
    repeated = distinct(keys[1:][same_prompt & (keys[1:] != keys[:-1])] >> above)
    return answered.only(among(answered.prompt >> above, repeated) & has_prompt)


class _Means(NamedTuple):
    """One row for each prompt and model that answered it, in order of both, with its mean tokens."""

    prompt: NDArray[np.uint64]
    model: Ints
    task: Ints
    input: Ints
    output: Ints


def _means(answered: Answered, models: Sequence[str]) -> _Means:
    """A prompt counts once for each model however often it was sent: a mean of its answers."""
    rank = np.argsort(np.argsort(np.array(models, object), kind="stable"), kind="stable")
    order = np.lexsort((answered.task, rank[answered.model], answered.prompt))
    prompt, model = answered.prompt[order], answered.model[order].astype(np.int64)
    first = np.ones(len(order), np.bool_)
    first[1:] = (prompt[1:] != prompt[:-1]) | (model[1:] != model[:-1])
    group, starts = np.cumsum(first) - 1, np.flatnonzero(first)
    counts = np.diff(np.append(starts, len(order)))

    def mean(tokens: Ints) -> Ints:
        capped = np.minimum(tokens[order], MOST_TOKENS)
        means: Ints = (sums_by(group, capped, len(starts)) + counts // 2) // counts
        return means

    task = answered.task[order][starts].astype(np.int64)
    return _Means(prompt[starts], model[starts], task, mean(answered.input_tokens), mean(answered.output_tokens))


def _pairs(answered: Answered, models: Sequence[str], tasks: Sequence[str | None]) -> tuple[Pairs, Pairs]:
    """Sums for inputs and for outputs, by (source, target, task)."""
    means = _means(answered, models)
    found: tuple[Pairs, Pairs] = ({}, {})
    for before, after in _neighbours(means.prompt):
        source, target, task = means.model[before], means.model[after], means.task[before]
        keys, groups = np.unique((source * len(models) + target) * len(tasks) + task, return_inverse=True)
        for place, (tokens, least) in enumerate(((means.input, LEAST_INPUT), (means.output, 0))):
            tells = np.minimum(tokens[before], tokens[after]) >= least
            x, y = tokens[before][tells], tokens[after][tells]
            of_keys = groups[tells]
            columns = [np.bincount(of_keys, minlength=len(keys))]
            columns += [sums_by(of_keys, values, len(keys)) for values in (x, y, x * x, y * y, x * y)]
            for number in np.flatnonzero(columns[0]).tolist():
                pair, of_task = divmod(int(keys[number]), len(tasks))
                name = (models[pair // len(models)], models[pair % len(models)], tasks[of_task])
                sums = Pair(*(int(column[number]) for column in columns))
                found[place][name] = found[place].get(name, Pair()).plus(sums)
    return found


def _neighbours(prompt: NDArray[np.uint64]) -> Iterator[tuple[Ints, Ints]]:
    """Places of every two rows of one prompt: those one apart, then two apart, and so on."""
    apart = 1
    while len(before := np.flatnonzero(prompt[apart:] == prompt[:-apart])):
        yield before, before + apart
        apart += 1
