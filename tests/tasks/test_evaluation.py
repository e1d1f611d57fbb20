"""The measures of guesses against labels."""

import pytest

from costsim.tasks import Guess, evaluate


def guess(task: str, confidence: float) -> Guess:
    return Guess(task, confidence, "simple", 0.0)


ROWS = [
    ("code", guess("code", 0.95)),
    ("code", guess("math", 0.45)),
    ("math", guess("math", 0.85)),
    ("chat", guess("unknown", 0.05)),
]


def test_accuracy_counts_unknown_as_wrong() -> None:
    assert evaluate(ROWS).accuracy == 0.5


def test_f1_is_averaged_over_the_labels_that_occur() -> None:
    found = evaluate(ROWS)
    assert {one.task: (one.precision, one.recall) for one in found.tasks} == {
        "chat": (0.0, 0.0),
        "code": (1.0, 0.5),
        "math": (0.5, 1.0),
    }
    assert found.macro_f1 == pytest.approx((0 + 2 / 3 + 2 / 3) / 3)


def test_the_confusion_adds_up_to_the_rows() -> None:
    found = evaluate(ROWS)
    assert found.confusion["code"] == {"code": 1, "math": 1}
    assert sum(sum(row.values()) for row in found.confusion.values()) == found.rows == 4


def test_fewer_guesses_are_surer() -> None:
    assert [evaluate(ROWS).accuracy_at(share) for share in (0.5, 1.0)] == [1.0, 0.5]


def test_calibration_compares_what_was_said_with_what_was_right_where_a_task_was_said() -> None:
    found = evaluate(ROWS)
    assert [(one.low, one.rows, one.accuracy) for one in found.calibration] == [
        (0.4, 1, 0.0),
        (0.8, 1, 1.0),
        (0.9, 1, 1.0),
    ]
    assert found.calibration_error == pytest.approx((0.45 + 0.15 + 0.05) / 3)


def test_certainty_that_is_right_is_perfectly_calibrated() -> None:
    assert evaluate([("code", guess("code", 1.0))]).calibration_error == 0.0
