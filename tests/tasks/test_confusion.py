"""The shipped confusion, as a simulation applies it."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.tasks import TASKS
from costsim.tasks.confusion import confusion
from costsim.tasks.model import shipped_text

CALLS = st.lists(st.tuples(st.integers(0, len(TASKS) - 1), st.floats(0, 1)), min_size=1, max_size=30)
CLASSIFICATION, EXTRACTION, UNKNOWN = (TASKS.index(name) for name in ("classification", "extraction", "unknown"))


@given(CALLS)
def test_every_call_is_something_and_no_more_than_one_thing(calls: list[tuple[int, float]]) -> None:
    spread = confusion().spread(np.array([task for task, _ in calls]), np.array([sure for _, sure in calls]))
    assert spread.sum(axis=1) == pytest.approx(1)
    assert spread.min() >= 0


@given(st.integers(0, len(TASKS) - 2), st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_sums_over_calls_need_only_the_sum_of_their_confidences(task: int, sure: list[float]) -> None:
    found = confusion().spread(np.full(len(sure), task), np.array(sure)).sum(axis=0)
    by_sums = (len(sure) - sum(sure)) * confusion().when_wrong[task]
    by_sums[task] += sum(sure)
    assert found == pytest.approx(by_sums)


def test_a_wrong_guess_goes_where_its_like_went() -> None:
    spread = confusion().spread(np.array([CLASSIFICATION]), np.array([0.6]))[0]
    assert spread[CLASSIFICATION] == pytest.approx(0.6)
    labels = msgspec.json.decode(shipped_text("confusion.json"))["counts"]["classification"]
    likeliest = max(labels.keys() - {"classification"}, key=labels.__getitem__)
    assert spread[TASKS.index(likeliest)] == max(np.delete(spread, CLASSIFICATION))


def test_what_the_user_states_stays_and_so_does_what_had_nothing_to_read() -> None:
    spread = confusion().spread(np.array([EXTRACTION, UNKNOWN]), np.array([1.0, 0.0]))
    assert spread[0, EXTRACTION] == spread[1, UNKNOWN] == 1


def test_an_unknown_below_the_threshold_was_something() -> None:
    assert confusion().spread(np.array([UNKNOWN]), np.array([0.3]))[0, UNKNOWN] == 0


def test_guesses_were_right_far_more_often_than_by_chance() -> None:
    right = confusion().by_guess.diagonal()[:UNKNOWN]
    weak = [TASKS[place] for place in np.flatnonzero(right < 0.7)]
    assert weak == ["question_answering"]  # what nothing else claims
    assert right.min() > 0.4
    counts = confusion().measured.counts
    assert sum(sum(row.values()) for row in counts.values()) == confusion().measured.rows
