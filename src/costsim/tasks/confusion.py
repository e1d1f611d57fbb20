"""What the classifier takes for what, measured on sources that the weights had not seen: confusion.json."""

from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.tasks.labels import TASKS, UNKNOWN
from costsim.tasks.model import shipped_text

Floats = NDArray[np.float64]

_UNKNOWN = TASKS.index(UNKNOWN)


class Measured(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """confusion.json: of how many labelled prompts each guess was made, by what they truly were."""

    rows: int
    sources: int
    counts: dict[str, dict[str, int]]
    """Guess, then label, then how many."""


class Confusion:
    """Probabilities of the true task of a call, given its guess; tasks are places in TASKS."""

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        counts = np.array([[measured.counts.get(guess, {}).get(label, 0) for label in TASKS] for guess in TASKS], float)
        self.by_guess = _shares(counts)
        """[guess, truth]: whatever the confidence was; each row adds up to 1."""
        self.when_wrong = _shares(np.where(np.eye(len(TASKS), dtype=bool), 0.0, counts))
        """[guess, truth]: of the guesses that were wrong; the diagonal is 0, unless a guess was never wrong."""

    def spread(self, task: NDArray[np.int64], confidence: Floats) -> Floats:
        """Return [calls, truth]: the confidence stays on the guess, the rest goes where wrong guesses of it went.

        This rests on confidence being calibrated. A task that the user stated has confidence 1 and stays whole. An
        `unknown` below the threshold goes to what such calls truly were; one of confidence 0, which had nothing to
        read, stays unknown. Sums over calls of one guess need only the sum of their confidences:
        sum = confidences x guess + (calls - confidences) x when_wrong.
        """
        unsure = (task == _UNKNOWN) & (confidence > 0)
        stays = np.where(unsure, 0.0, np.where(task == _UNKNOWN, 1.0, confidence))
        spread = (1 - stays)[:, None] * self.when_wrong[task]
        spread[np.arange(len(task)), task] += stays
        return spread


def _shares(counts: Floats) -> Floats:
    """Each row's counts as shares; a row without any stays what it was guessed to be."""
    totals = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.where(totals > 0, counts / np.maximum(totals, 1), np.eye(len(counts)))
    return shares


@cache
def confusion() -> Confusion:
    """Return the confusion that ships with the package, measured by scripts/measure_confusion.py."""
    return Confusion(msgspec.json.decode(shipped_text("confusion.json"), type=Measured))
