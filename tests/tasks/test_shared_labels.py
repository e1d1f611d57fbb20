"""Floors on labelled prompts, where they are at hand; scripts/evaluate_tasks.py leaves sources out."""

from pathlib import Path

import msgspec
import pytest

from costsim.tasks import Classifier, Evaluation, Shape, evaluate


class Row(msgspec.Struct):
    prompt: str
    label: str
    system: str | None = None


@pytest.fixture(scope="module")
def found(shared_data: Path, classifier: Classifier) -> Evaluation:
    path = shared_data / "labels" / "tasks.jsonl"
    rows = [msgspec.json.decode(line, type=Row) for line in path.read_bytes().splitlines()]
    return evaluate((row.label, classifier.guess(row.system or "", row.prompt, Shape())) for row in rows)


def test_accuracy_and_f1_stay_above_their_floors(found: Evaluation) -> None:
    assert found.accuracy > 0.75
    assert found.macro_f1 > 0.78
    assert found.accuracy_at(0.8) > 0.83


def test_confidence_is_calibrated(found: Evaluation) -> None:
    assert found.calibration_error < 0.08  # the weights have seen these prompts: it is surer than it says


def test_no_task_is_hopeless(found: Evaluation) -> None:
    assert [one.task for one in found.tasks if one.f1 < 0.4] == []
