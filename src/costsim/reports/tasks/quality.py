"""How good guesses are against labels: what `costsim tasks evaluate` prints."""

from collections.abc import Callable, Mapping

import msgspec

from costsim.reports.aligned import NOTHING, columns
from costsim.reports.numbers import plural

_INDENT = "  "
_HEAD = 4
"""Letters of a task's name above its column of the confusion."""


class LabelLine(msgspec.Struct, frozen=True):
    """One label: its rows, how many guesses of it were right, and how many of its rows were found."""

    task: str
    rows: int
    precision: float
    recall: float
    f1: float


class Band(msgspec.Struct, frozen=True):
    """The guesses with a confidence from `low` to below `high`: the mean of what they said, and of what was right."""

    low: float
    high: float
    rows: int
    said: float
    right: float


class TaskQuality(msgspec.Struct, frozen=True):
    """An evaluation as plain values; a guess of `unknown` is wrong, and stands in no band."""

    rows: int
    unknown: int
    accuracy: float
    macro_f1: float
    accuracy_at_80_pct_coverage: float
    calibration_error: float
    labels: list[LabelLine]
    confusion: Mapping[str, Mapping[str, int]]
    """Label, then guess, then how many."""
    calibration: list[Band]


def as_table(found: TaskQuality) -> str:
    """Return the figures, then labels, confusion and calibration as tables."""
    blocks = [_figures(found), _labels(found), _confusion(found), _calibration(found)]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def as_json(found: TaskQuality) -> str:
    """Return the values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


SHAPES: dict[str, Callable[[TaskQuality], str]] = {"table": as_table, "json": as_json}
"""What `costsim tasks evaluate --format` names."""


def _figures(found: TaskQuality) -> list[str]:
    rows = [
        ("accuracy", f"{found.accuracy:.3f}", f"of {plural(found.rows, 'text')}, {found.unknown:,} of them unknown"),
        ("macro-F1", f"{found.macro_f1:.3f}", f"over {plural(len(found.labels), 'label')}"),
        ("accuracy at 80 % coverage", f"{found.accuracy_at_80_pct_coverage:.3f}", "of the surest 80 % of the guesses"),
        ("calibration error", f"{found.calibration_error:.3f}", "between what is said and what is right"),
    ]
    return columns(rows, right=(1,))


def _labels(found: TaskQuality) -> list[str]:
    rows = [
        (one.task, f"{one.rows:,}", f"{one.precision:.2f}", f"{one.recall:.2f}", f"{one.f1:.2f}")
        for one in found.labels
    ]
    return columns([("label", "rows", "precision", "recall", "F1"), *rows], right=(1, 2, 3, 4))


def _confusion(found: TaskQuality) -> list[str]:
    """A row for each label, a column for each guess; the right ones stand on the diagonal."""
    guessed = {guess for row in found.confusion.values() for guess in row}
    labels = list(found.confusion)
    guesses = [*(label for label in labels if label in guessed), *sorted(guessed - set(labels))]
    rows = [
        (
            label,
            *(
                f"{found.confusion[label][guess]:,}" if guess in found.confusion[label] else NOTHING
                for guess in guesses
            ),
        )
        for label in labels
    ]
    table = columns([("", *(guess[:_HEAD] for guess in guesses)), *rows], _INDENT, right=range(1, len(guesses) + 1))
    return ["Confusion: a row for each label, a column for each guess", *table]


def _calibration(found: TaskQuality) -> list[str]:
    rows = [
        (f"{one.low:.1f} to {one.high:.1f}", f"{one.rows:,}", f"{one.said:.2f}", f"{one.right:.2f}")
        for one in found.calibration
    ]
    return ["Calibration", *columns([("confidence", "rows", "said", "right"), *rows], _INDENT, right=(1, 2, 3))]
