"""The shipped confusion, as a simulation applies it."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from costsim.tasks import TASKS
from costsim.tasks.confusion import confusion
from costsim.tasks.model import shipped_text

CLASSIFICATION, EXTRACTION, UNKNOWN = (TASKS.index(name) for name in ("classification", "extraction", "unknown"))


LOTS = np.linspace(0, 1, 10_001)


def spread(task: int, confidence: float) -> NDArray[np.float64]:
    """How often each task is drawn for a guess."""
    found = confusion().drawn(np.full(len(LOTS), task), np.full(len(LOTS), confidence), LOTS)
    return np.bincount(found, minlength=len(TASKS)) / len(LOTS)


@given(st.lists(st.tuples(st.integers(0, len(TASKS) - 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_the_first_task_up_to_which_the_probabilities_add_up_to_the_lot_is_drawn(
    calls: list[tuple[int, float, float]],
) -> None:
    task, confidence, lot = (np.array(column) for column in zip(*calls, strict=True))
    stays = np.where((task == UNKNOWN) & (confidence > 0), 0.0, np.where(task == UNKNOWN, 1.0, confidence))
    chances = (1 - stays)[:, None] * confusion().when_wrong[task]
    chances[np.arange(len(task)), task] += stays
    assert chances.sum(axis=1) == pytest.approx(1)
    up_to = chances.cumsum(axis=1)
    found = confusion().drawn(task, confidence, lot)
    rows = np.arange(len(task))
    assert (up_to[rows, found] >= lot - 1e-9).all()
    assert (up_to[rows, found] - chances[rows, found] <= lot + 1e-9).all()


def test_a_wrong_guess_goes_where_its_like_went() -> None:
    found = spread(CLASSIFICATION, 0.6)
    assert found[CLASSIFICATION] == pytest.approx(0.6, abs=0.001)
    labels = msgspec.json.decode(shipped_text("confusion.json"))["counts"]["classification"]
    likeliest = max(labels.keys() - {"classification"}, key=labels.__getitem__)
    assert found[TASKS.index(likeliest)] == max(np.delete(found, CLASSIFICATION))


def test_what_the_user_states_stays_and_so_does_what_had_nothing_to_read() -> None:
    assert spread(EXTRACTION, 1.0)[EXTRACTION] == spread(UNKNOWN, 0.0)[UNKNOWN] == 1


def test_an_unknown_below_the_threshold_was_something() -> None:
    assert spread(UNKNOWN, 0.3)[UNKNOWN] == 0


def test_guesses_were_right_far_more_often_than_by_chance() -> None:
    right = confusion().by_guess.diagonal()[:UNKNOWN]
    weak = [TASKS[place] for place in np.flatnonzero(right < 0.7)]
    assert weak == ["question_answering"]  # what nothing else claims
    assert right.min() > 0.4
    counts = confusion().measured.counts
    assert sum(sum(row.values()) for row in counts.values()) == confusion().measured.rows
