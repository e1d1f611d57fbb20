"""What the classifier takes for what, measured on sources that the weights had not seen: confusion.json."""

from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.tasks.labels import TASKS, UNKNOWN
from costsim.tasks.model import shipped_text

Floats = NDArray[np.float64]

_UNKNOWN = TASKS.index(UNKNOWN)
_APART = 2
"""How far apart sums up to 1 of several guesses stand, so that all are searched as one row of numbers in order."""


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
        self._up_to = np.minimum(self.when_wrong.cumsum(axis=1), 1.0)
        self._up_to[:, -1] = 1.0
        self._steps = (self._up_to + _APART * np.arange(len(TASKS))[:, None]).ravel()

    def drawn(self, task: NDArray[np.int64], confidence: Floats, lot: Floats) -> NDArray[np.int64]:
        """Return a true task for each guess; `lot` (0 to 1) says which of the likely ones.

        The confidence stays on the guess, the rest goes where wrong guesses of it went; this rests on confidence being
        calibrated. A task that the user stated has confidence 1 and stays. An `unknown` below the threshold goes to
        what such calls truly were; one of confidence 0, which had nothing to read, stays unknown.

        The task is the first up to which the probabilities add up to the lot. These sums are those of wrong guesses,
        times how likely the guess is wrong, with one step more at the guess itself: no call needs sums of its own.
        """
        stays = _stays(task, confidence)
        wrong = 1 - stays
        after = wrong * self._up_to[task, task] + stays
        before = after - stays - wrong * self.when_wrong[task, task]
        moved = np.flatnonzero((wrong > 0) & ((lot <= before) | (lot > after)))
        guess, lots = task[moved], lot[moved]
        place = (lots - np.where(lots > after[moved], stays[moved], 0.0)) / wrong[moved]
        found = task.copy()
        found[moved] = np.searchsorted(self._steps, np.clip(place, 0.0, 1.0) + _APART * guess) - len(TASKS) * guess
        return found


def _stays(task: NDArray[np.int64], confidence: Floats) -> Floats:
    """How likely each guess is right."""
    unsure = (task == _UNKNOWN) & (confidence > 0)
    return np.where(unsure, 0.0, np.where(task == _UNKNOWN, 1.0, confidence))


def _shares(counts: Floats) -> Floats:
    """Each row's counts as shares; a row without any stays what it was guessed to be."""
    totals = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.where(totals > 0, counts / np.maximum(totals, 1), np.eye(len(counts)))
    return shares


@cache
def confusion() -> Confusion:
    """Return the confusion that ships with the package, measured by scripts/measure_confusion.py."""
    return Confusion(msgspec.json.decode(shipped_text("confusion.json"), type=Measured))
