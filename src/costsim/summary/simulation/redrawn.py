"""Calls with the tasks that their guesses may stand for: one true task drawn for each, as the classifier errs."""

import numpy as np

from costsim.policies.attempts import Ints
from costsim.policies.columns import Columns
from costsim.policies.levers.grouping import mixed
from costsim.tasks import TASKS
from costsim.tasks.confusion import confusion

COLUMNS = ("task", "task_confidence", "prompt_hash", "started_at", "source_line")


def redrawn(columns: Columns) -> Columns:
    """Return the calls with drawn tasks: the same draw for the same call, whatever its batch.

    A guess keeps its call with its own confidence; else the call goes where wrong guesses of that task went when they
    were measured. Tasks that users defined are taken to be right.
    """
    codes, labels = columns.word("task")
    places = {task: place for place, task in enumerate(TASKS)}
    known = np.array([label in places for label in labels], np.bool_)[codes]
    guess = np.array([places.get(label or "", 0) for label in labels], np.int64)[codes]
    confidence = columns.calls.column("task_confidence").fill_null(0).to_numpy().astype(np.float64)
    drawn = np.where(known, confusion().drawn(guess, confidence, _lot(columns)), len(TASKS) + codes)
    return columns.with_words("task", (drawn.astype(np.int64), [*TASKS, *labels]))


def _lot(columns: Columns) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A number from 0 to 1 for each call, from what is its own."""
    prompt = columns.calls.column("prompt_hash").fill_null(0).to_numpy()
    moment: Ints = columns.number("started_at") * 31 + columns.number("source_line")
    lot: np.ndarray[tuple[int], np.dtype[np.float64]] = (mixed(prompt, moment) >> np.uint64(11)) / 2.0**53
    return lot
