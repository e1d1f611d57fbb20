"""How good guesses are against labels: accuracy, F1 by task, what is confused with what, and calibration."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from costsim.tasks.labels import UNKNOWN, Guess

BINS = 10


class TaskScore(msgspec.Struct, frozen=True):
    """One task: of those guessed, how many were right, and of those labelled, how many were found."""

    task: str
    rows: int
    precision: float
    recall: float
    f1: float


class Bin(msgspec.Struct, frozen=True):
    """The guesses with a confidence in [low, high): how sure they were on average, and how often right."""

    low: float
    high: float
    rows: int
    confidence: float
    accuracy: float


class Evaluation(msgspec.Struct, frozen=True):
    """What `evaluate` found; `unknown` counts as wrong, and claims nothing that could be calibrated."""

    rows: int
    unknown: int
    accuracy: float
    macro_f1: float
    tasks: tuple[TaskScore, ...]
    confusion: dict[str, dict[str, int]]
    """Label, then guess, then how many."""
    calibration: tuple[Bin, ...]
    calibration_error: float
    """The mean distance of confidence and accuracy over the bins, weighted by their rows; 0 where all are unknown."""

    def accuracy_at(self, coverage: float) -> float:
        """The accuracy of the surest guesses that make up this share of the rows."""
        kept = max(1, round(self.rows * coverage))
        return sum(right for _, right in self.ranked[:kept]) / kept

    ranked: tuple[tuple[float, bool], ...] = ()
    """Every guess as (confidence, right), surest first."""


def evaluate(rows: Iterable[tuple[str, Guess]]) -> Evaluation:
    """Return how good these guesses are, each given with the right label; at least one row."""
    pairs = list(rows)
    ranked = sorted(((guess.confidence, guess.task == label) for label, guess in pairs), reverse=True)
    tasks = _scores(pairs)
    named = [(guess.confidence, guess.task == label) for label, guess in pairs if guess.task != UNKNOWN]
    bins = _bins(named)
    return Evaluation(
        rows=len(pairs),
        unknown=len(pairs) - len(named),
        accuracy=sum(right for _, right in ranked) / len(pairs),
        macro_f1=sum(one.f1 for one in tasks) / len(tasks),
        tasks=tasks,
        confusion=_confusion(pairs),
        calibration=bins,
        calibration_error=sum(one.rows * abs(one.confidence - one.accuracy) for one in bins) / max(len(named), 1),
        ranked=tuple(ranked),
    )


def _scores(pairs: list[tuple[str, Guess]]) -> tuple[TaskScore, ...]:
    """The score of every task that occurs as a label."""
    labelled = Counter(label for label, _ in pairs)
    guessed = Counter(guess.task for _, guess in pairs)
    hits = Counter(label for label, guess in pairs if guess.task == label)
    return tuple(
        TaskScore(
            task=task,
            rows=rows,
            precision=hits[task] / guessed[task] if guessed[task] else 0.0,
            recall=hits[task] / rows,
            f1=2 * hits[task] / (guessed[task] + rows),
        )
        for task, rows in sorted(labelled.items())
    )


def _confusion(pairs: list[tuple[str, Guess]]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (label, task), rows in sorted(Counter((label, guess.task) for label, guess in pairs).items()):
        counts.setdefault(label, {})[task] = rows
    return counts


def _bins(named: list[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Ten bins of equal width; a bin without rows is left out."""
    inside: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in named:
        inside[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    return tuple(
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            rows=len(members),
            confidence=sum(confidence for confidence, _ in members) / len(members),
            accuracy=sum(right for _, right in members) / len(members),
        )
        for number, members in enumerate(inside)
        if members
    )
