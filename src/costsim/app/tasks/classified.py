"""The task types; texts of a file with their tasks; how good that is against labels."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
from xxhash import xxh3_64_intdigest

from costsim.app.tasks.texts import Fields, Item, items
from costsim.errors import EvidenceError, UsageError, nearest
from costsim.reports.tasks.lines import TaskLine
from costsim.reports.tasks.quality import Band, LabelLine, TaskQuality
from costsim.reports.tasks.types import TaskType
from costsim.tasks import COMPLEXITIES, Classifier, Evaluation, Guess, evaluate, read_map
from costsim.tasks.batches import BatchClassifier, Texts
from costsim.tasks.definitions import definitions
from costsim.tasks.fact_columns import Shapes

AT_ONCE = 5_000
"""Texts that are classified together."""
MOST_SHOWN = 20
"""Bad lines that are told one by one."""
COVERAGE = 0.8


class BadLines(msgspec.Struct):
    """Lines that could not be read: how many, and the first of them."""

    lines: int = 0
    count: int = 0
    shown: list[str] = msgspec.field(default_factory=list)

    def take(self, item: Item) -> None:
        """Count a line."""
        self.lines += 1
        if item.problem is not None:
            self.count += 1
            self.shown += [f"{item.where}: {item.problem}"] if self.count <= MOST_SHOWN else []

    def warnings(self, so: str) -> list[str]:
        """Return the first bad lines, and how many there are of how many, with what became of them."""
        return [*self.shown, f"{self.count:,} of {self.lines:,} lines could not be read; {so}"] if self.count else []

    def insist(self, name: str) -> None:
        """Raise EvidenceError where no line could be read."""
        if self.count == self.lines:
            what = f"none of {self.lines:,} lines can be used" if self.lines else "no text in 0 lines"
            raise EvidenceError(what, where=name)


def classifier_of(tasks: Path | None, unknown_below: float | None) -> Classifier:
    """Return the classifier with the user's map, and his own threshold before that of the map."""
    return Classifier(read_map(tasks) if tasks else None, unknown_below)


def listed(tasks: Path | None) -> list[TaskType]:
    """Return every task type that a guess may name, the user's own last."""
    shipped = [TaskType(name, one.means, one.examples) for name, one in definitions().items()]
    own = classifier_of(tasks, None).own
    return [*shipped, *(TaskType(name, one.means or "(no meaning stated)", (), True) for name, one in own.items())]


def classified(name: str, fields: Fields, classifier: Classifier, bad: BadLines) -> Iterator[list[TaskLine]]:
    """Yield a line for each line of a file, many at a time and in order; `bad` counts the bad ones."""
    batches = BatchClassifier(classifier)
    for chunk in _chunks(items(name, fields)):
        guesses = _guesses(batches, chunk)
        for item in chunk:
            bad.take(item)
        yield [
            TaskLine(item.id) if guess is None else TaskLine(item.id, *_plain(guess))
            for item, guess in zip(chunk, guesses, strict=True)
        ]


def evaluated(name: str, fields: Fields, classifier: Classifier, bad: BadLines) -> TaskQuality:
    """Return how good the guesses for a labelled file are; `bad` counts lines without a text or a known label."""
    batches, pairs = BatchClassifier(classifier), []
    for chunk in _chunks(items(name, fields)):
        for item in chunk:
            item.problem = item.problem or _wrong_label(item, fields, classifier.tasks)
            bad.take(item)
        found = zip(chunk, _guesses(batches, chunk), strict=True)
        pairs += [(item.label, guess) for item, guess in found if guess is not None and item.label is not None]
    bad.insist(name)
    return _quality(evaluate(pairs))


def check_threshold(unknown_below: float | None) -> None:
    """Raise UsageError for a threshold that is no confidence."""
    if unknown_below is not None and not 0 <= unknown_below <= 1:
        raise UsageError(f"{unknown_below:g} is no confidence", where="--unknown-below", hint="from 0 to 1")


def _wrong_label(item: Item, fields: Fields, known: Sequence[str]) -> str | None:
    if item.label is None:
        return f"has no label in '{fields.label}'"
    return None if item.label in known else f"unknown label '{item.label}' ({nearest(item.label, known)})"


def _chunks(found: Iterator[Item]) -> Iterator[list[Item]]:
    while chunk := list(islice(found, AT_ONCE)):
        yield chunk


def _plain(guess: Guess) -> tuple[str, float, str, float]:
    return guess.task, round(guess.confidence, 4), guess.complexity, round(guess.score, 4)


def _guesses(batches: BatchClassifier, chunk: Sequence[Item]) -> list[Guess | None]:
    """A guess for each item, None where it has no text."""
    texts, good = Texts(), [item for item in chunk if item.problem is None]
    keys = [xxh3_64_intdigest(item.system.encode("utf-8", "surrogatepass")) if item.system else 0 for item in good]
    for key, item in zip(keys, good, strict=True):
        if not batches.knows(key):
            batches.learn(key, item.system)
    nothing = [None] * len(good)
    batches.add(texts, keys, [item.user for item in good], nothing, nothing, nothing, ["chat"] * len(good))
    found = batches.guess(texts, _shapes(good)) if good else None
    if found is None:
        return [None] * len(chunk)
    named = (batches.tasks[place] for place in found.task)
    hard = (COMPLEXITIES[place] for place in found.complexity)
    made = map(Guess, named, found.confidence.tolist(), hard, found.score.tolist())
    return [next(made) if item.problem is None else None for item in chunk]


def _shapes(good: Sequence[Item]) -> Shapes:
    """What texts alone tell of a request's shape."""
    no, not_said = np.zeros(len(good), dtype=bool), np.full(len(good), -1, np.int64)
    turns = np.array([item.turns for item in good], np.int64)
    return Shapes(turns, no, no, no, not_said, not_said, not_said)


def _quality(found: Evaluation) -> TaskQuality:
    return TaskQuality(
        rows=found.rows,
        unknown=found.unknown,
        accuracy=round(found.accuracy, 4),
        macro_f1=round(found.macro_f1, 4),
        accuracy_at_80_pct_coverage=round(found.accuracy_at(COVERAGE), 4),
        calibration_error=round(found.calibration_error, 4),
        labels=[
            LabelLine(one.task, one.rows, round(one.precision, 4), round(one.recall, 4), round(one.f1, 4))
            for one in found.tasks
        ],
        confusion=found.confusion,
        calibration=[
            Band(one.low, one.high, one.rows, round(one.confidence, 4), round(one.accuracy, 4))
            for one in found.calibration
        ],
    )
