"""What the log shows of each model: how often its calls were not good enough, failed, and how long they took.

A pass over the batches of a log before its replay; the counts of batches add up.
"""

from collections import Counter
from collections.abc import Callable

import msgspec
import numpy as np
from msgspec.structs import asdict

from costsim.policies.as_logged import OF_MODEL
from costsim.policies.attempts import Ints
from costsim.policies.columns import Columns
from costsim.replay import failures, prior
from costsim.replay.failures import failed

COLUMNS = (*failures.COLUMNS, "task", "complexity", "billed", "fallback_of")
"""Columns of `calls` that this pass reads, besides those of `as_logged`."""
DURATIONS = "duration_ms"
"""One more, for how long calls take."""

IndexOf = Callable[[str | None], int]
"""From the name of a model to its index; -1 where nobody knows it."""
Group = tuple[int, str | None, str | None]
"""Index of the model, task, complexity."""

_WORDS = ("task", "complexity")
_BORROWED_CALLS = 20.0
"""The rate of a model on a task counts as so many calls towards that of one complexity of it."""
_STEPS_PER_DOUBLING = 8
_PERCENTILE = 0.95
_SMALL = 1 << 20
_LONGEST = 1 << 10
"""More steps than any duration has, and below 0 as many."""


def _nobody(_: str | None) -> int:
    return -1


class Observed(msgspec.Struct):
    """Counts by model, task and complexity, and by model."""

    calls: Counter[Group] = msgspec.field(default_factory=Counter)
    failed: Counter[Group] = msgspec.field(default_factory=Counter)
    replaced: Counter[Group] = msgspec.field(default_factory=Counter)
    """Calls that stood in for this model, as the log says, whether or not it holds the call that failed."""
    errors: Counter[tuple[int, str]] = msgspec.field(default_factory=Counter)
    """(model, kind of error) -> calls that ended so."""
    billed_errors: Counter[int] = msgspec.field(default_factory=Counter)
    of_model: Counter[int] = msgspec.field(default_factory=Counter)
    durations: Counter[tuple[int, int]] = msgspec.field(default_factory=Counter)
    """(model, step of duration) -> calls; eight steps double it."""

    def add(self, other: "Observed") -> None:
        """Add the counts of other calls."""
        for name, counts in asdict(other).items():
            getattr(self, name).update(counts)

    def take(self, columns: Columns, model: Ints, index_of: IndexOf = _nobody) -> None:
        """Add a batch of calls, given the index of each call's model, and what tells that of a name."""
        which, first = columns.different(*OF_MODEL, *_WORDS)
        bad = which.take(np.flatnonzero(failed(columns)))
        counts, of_bad = (np.bincount(some, minlength=len(first)).tolist() for some in (which, bad))
        words = [[labels[code] for code in codes.take(first).tolist()] for codes, labels in map(columns.word, _WORDS)]
        for index, *kind, calls, failures_ in zip(model.take(first).tolist(), *words, counts, of_bad, strict=True):
            self.calls[index, kind[0], kind[1]] += calls
            self.of_model[index] += calls
            if failures_:
                self.failed[index, kind[0], kind[1]] += failures_
        self._take_replaced(columns, index_of)
        self._take_errors(columns, model)
        if DURATIONS in columns.calls.column_names:
            self._take_durations(columns, model)

    def rate(self, group: Group) -> tuple[float, int]:
        """Return the share of calls that are not good enough, and on how many calls it rests; 0 calls: a prior.

        The rate of a model on a task is drawn towards the prior, that of one complexity of it towards that of all.
        """
        model, task, _ = group
        seen, bad = self._of_task(model, task)
        before = prior.escalation()
        if not seen:
            return before.rate, 0
        of_task = (bad + before.calls * before.rate) / (seen + before.calls)
        here, bad_here = self._with_missing(group)
        return (bad_here + _BORROWED_CALLS * of_task) / (here + _BORROWED_CALLS), seen

    def _with_missing(self, group: Group) -> tuple[int, int]:
        """Calls, and failed ones, with those that are not in the log, for which others are said to have stood in."""
        missing = max(self.replaced[group] - self.failed[group], 0)
        return self.calls[group] + missing, self.failed[group] + missing

    def _of_task(self, model: int, task: str | None) -> tuple[int, int]:
        """The same of all complexities of a model's task."""
        groups = {group for group in (*self.calls, *self.replaced) if group[:2] == (model, task)}
        counts = [self._with_missing(group) for group in groups]
        return sum(calls for calls, _ in counts), sum(bad for _, bad in counts)

    def error_rate(self, model: int, kinds: frozenset[str]) -> float:
        """Return the share of a model's calls that ended in these kinds of errors; 0 where the log has none of it."""
        calls = self.of_model[model]
        return sum(self.errors[model, kind] for kind in kinds) / calls if calls else 0.0

    def billed_share_of_errors(self, model: int) -> float:
        """Return the share of a model's errors that were billed all the same."""
        errors = sum(count for (index, _), count in self.errors.items() if index == model)
        return self.billed_errors[model] / errors if errors else 0.0

    def p95_ms(self, model: int) -> float | None:
        """Return the time within which 95 of 100 calls of a model ended, to within a tenth; None where unknown."""
        steps = sorted((step, count) for (index, step), count in self.durations.items() if index == model)
        wanted = _PERCENTILE * sum(count for _, count in steps)
        for step, count in steps:
            wanted -= count
            if wanted <= 0:
                return float(2.0 ** (step / _STEPS_PER_DOUBLING))
        return None

    def _take_replaced(self, columns: Columns, index_of: IndexOf) -> None:
        stated, names = columns.word("fallback_of")
        rows = np.flatnonzero(stated < len(names) - 1) if len(names) > 1 else stated[:0]
        (tasks, task_names), (complexities, sizes) = map(columns.word, _WORDS)
        for name, task, complexity in zip(
            *(each.take(rows).tolist() for each in (stated, tasks, complexities)), strict=True
        ):
            if (index := index_of(names[name])) >= 0:
                self.replaced[index, task_names[task], sizes[complexity]] += 1

    def _take_errors(self, columns: Columns, model: Ints) -> None:
        rows = np.flatnonzero(failures.errors(columns))
        if not len(rows):
            return
        types, labels = columns.word("error_type")
        kinds = [failures.kind_of_error(label) for label in labels]
        for code, count in _counted(model[rows] * len(labels) + types[rows]):
            index, label = divmod(code, len(labels))
            self.errors[index, kinds[label]] += count
        paid = columns.flag("billed")[rows] & (columns.number("input_tokens")[rows] > 0)
        self.billed_errors.update(dict(_counted(model[rows][paid])))

    def _take_durations(self, columns: Columns, model: Ints) -> None:
        took = columns.calls.column(DURATIONS).fill_null(0).to_numpy()
        rows = np.flatnonzero(took > 0)
        steps = np.round(np.log2(took[rows]) * _STEPS_PER_DOUBLING).astype(np.int64)
        steps = np.clip(steps, -_LONGEST, _LONGEST - 1) + _LONGEST
        for code, count in _counted(model[rows] * 2 * _LONGEST + steps):
            index, step = divmod(code, 2 * _LONGEST)
            self.durations[index, step - _LONGEST] += count


def _counted(codes: Ints) -> list[tuple[int, int]]:
    if not len(codes):
        return []
    low = int(codes.min())
    if int(codes.max()) - low < _SMALL:
        counts = np.bincount(codes - low)
        found = np.flatnonzero(counts)
        return list(zip((found + low).tolist(), counts[found].tolist(), strict=True))
    distinct, counts = np.unique(codes, return_counts=True)
    return list(zip(distinct.tolist(), counts.tolist(), strict=True))
