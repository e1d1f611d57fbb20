"""What this log says of token factors: prompts that several models answered, and each model's mean output by task.

Everything that is kept are whole sums, so what parts of a log say adds up to what the log says, to the last digit.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from costsim.projection.sums import Ints, sums_by

AT_ONCE = 2_000_000
"""Calls looked at together; beyond that they are taken in parts by the hash of their prompts, so memory stays flat."""

MOST_TOKENS = 1 << 20
"""Longer calls count as so long: the square of a count must be summed a million times."""

LEAST_INPUT = 50
"""Inputs of fewer tokens say nothing of a tokenizer: a schema or what a provider puts around a prompt weighs more."""

_MODEL_BITS = 16


@dataclass(frozen=True)
class Answered:
    """Calls of one batch, and who answered them; arrays of one length."""

    prompt: NDArray[np.uint64]
    """Hash of the prompt; 0 where the log has none."""
    model: NDArray[np.int32]
    """Places in the `models` of `measure`; -1 unknown, or failed or cut off: its tokens say nothing of the model."""
    task: NDArray[np.int32]
    """Places in the `tasks` of `measure`."""
    input_tokens: Ints
    output_tokens: Ints
    """-1 where not known."""
    reasoning_tokens: Ints | None = None
    """The part of the output that nobody reads; -1 (or no column) where the log does not say."""

    def save(self, path: Path) -> None:
        """Write the columns that there are to a file."""
        np.savez(path, allow_pickle=False, **{name: each for name, each in vars(self).items() if each is not None})

    def only(self, chosen: NDArray[np.bool_]) -> "Answered":
        """Return the chosen calls."""
        if chosen.all():
            return self
        return Answered(
            self.prompt[chosen],
            self.model[chosen],
            self.task[chosen],
            self.input_tokens[chosen],
            self.output_tokens[chosen],
            None if self.reasoning_tokens is None else self.reasoning_tokens[chosen],
        )


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


Pairs = dict[tuple[str, str, str | None], Pair]
"""(source, target, task) -> sums; the source is the first of the two in the alphabet."""
Singles = dict[tuple[str, str | None], Alone]
"""(model, task) -> sums."""


@dataclass(frozen=True)
class Measured:
    """Sums over any part of a log; the sum of parts is the whole where no prompt is in two of them."""

    inputs: Pairs = field(default_factory=dict)
    outputs: Pairs = field(default_factory=dict)
    alone: Singles = field(default_factory=dict)

    def __add__(self, other: "Measured") -> "Measured":
        return Measured(
            _added(self.inputs, other.inputs),
            _added(self.outputs, other.outputs),
            _added_alone(self.alone, other.alone),
        )


def _added(some: Pairs, more: Pairs) -> Pairs:
    return some | {key: some.get(key, Pair()).plus(pair) for key, pair in more.items()}


def _added_alone(some: Singles, more: Singles) -> Singles:
    def plus(key: tuple[str, str | None], sums: Alone) -> Alone:
        return Alone(*(mine + its for mine, its in zip(some.get(key, Alone()), sums, strict=True)))

    return some | {key: plus(key, sums) for key, sums in more.items()}


def measured(answered: Answered, models: Sequence[str], tasks: Sequence[str | None]) -> Measured:
    """Return what the calls of a log say, all of them held at once."""
    return alone(answered, models, tasks) + repeated(lambda _: answered, 1, 1, models, tasks)


def alone(answered: Answered, models: Sequence[str], tasks: Sequence[str | None]) -> Measured:
    """Return what each call says by itself."""
    return Measured(alone=_alone(answered, models, tasks))


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
    usable = _usable(answered)
    if parts > 1:
        usable &= answered.prompt % np.uint64(parts) == part
    return answered.only(usable)


def _usable(answered: Answered) -> NDArray[np.bool_]:
    usable: NDArray[np.bool_] = (answered.model >= 0) & (answered.output_tokens > 0) & (answered.input_tokens > 0)
    return usable


def _alone(answered: Answered, models: Sequence[str], tasks: Sequence[str | None]) -> Singles:
    """Sums by model and task; calls that are of no use are one group more, which is faster than to leave them out."""
    low = int(answered.model.min(initial=0))
    rest = (int(answered.model.max(initial=0)) - low + 1) * len(tasks)
    codes, usable = (answered.model.astype(np.int64) - low) * len(tasks) + answered.task, _usable(answered)
    if not usable.all():
        codes = np.where(usable, codes, rest)
    size = rest + 1
    inputs, outputs = _limited(answered.input_tokens), _limited(answered.output_tokens)
    told, said = np.zeros(size, np.int64), np.zeros(size, np.int64)
    if answered.reasoning_tokens is not None:
        tells = (answered.reasoning_tokens >= 0) & (answered.reasoning_tokens < outputs)
        told = sums_by(codes, np.where(tells, outputs, 0), size)
        said = sums_by(codes, np.where(tells, outputs - answered.reasoning_tokens, 0), size)
    columns = (
        np.bincount(codes, minlength=size),
        sums_by(codes, inputs, size),
        sums_by(codes, outputs, size),
        sums_by(codes, outputs * outputs, size),
        told,
        said,
    )
    found = {
        code: Alone(*(int(column[code]) for column in columns)) for code in np.flatnonzero(columns[0][:rest]).tolist()
    }
    return {(models[code // len(tasks) + low], tasks[code % len(tasks)]): sums for code, sums in found.items()}


def _limited(tokens: Ints) -> Ints:
    return tokens if tokens.max(initial=0) <= MOST_TOKENS else np.minimum(tokens, MOST_TOKENS)


def _of_repeated(answered: Answered) -> Answered:
    """The calls whose prompts more than one model answered.

    Sorting numbers is ten times as fast as sorting their places, and most logs have no such prompt.
    """
    has_prompt = answered.prompt != 0
    above = np.uint64(_MODEL_BITS)
    keys = np.sort((answered.prompt[has_prompt] >> above) << above | answered.model[has_prompt].astype(np.uint64))
    same_prompt = keys[1:] >> above == keys[:-1] >> above
    repeated = np.unique(keys[1:][same_prompt & (keys[1:] != keys[:-1])] >> above)
    return answered.only(np.isin(answered.prompt >> above, repeated) & has_prompt)


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
