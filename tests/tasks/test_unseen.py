"""How good the classifier is on prompts of two writers who know nothing of it, and that nobody who works on it reads.

Half of each writer's prompts are here; weights are fitted on the other halves (scripts/work_prompts.jsonl). Whoever
reads these misses, or fits on them, must have new ones written. The same holds for spoken.jsonl, everyday requests in
twelve languages; their writer mended signals after the other half of them.
"""

from pathlib import Path

import msgspec
import pytest

from costsim.tasks import Classifier, Evaluation, Shape, evaluate


class Row(msgspec.Struct):
    prompt: str
    label: str
    system: str = ""


def of_file(classifier: Classifier, name: str) -> Evaluation:
    lines = Path(__file__).with_name(name).read_bytes().splitlines()
    rows = [msgspec.json.decode(line, type=Row) for line in lines]
    return evaluate((row.label, classifier.guess(row.system, row.prompt, Shape())) for row in rows)


@pytest.fixture(scope="module")
def found(classifier: Classifier) -> Evaluation:
    return of_file(classifier, "unseen.jsonl")


def test_three_of_four_unseen_prompts_get_their_task(found: Evaluation) -> None:
    assert found.rows == 180
    assert found.accuracy >= 0.73
    assert found.macro_f1 >= 0.73
    assert found.accuracy_at(0.8) >= 0.79


def test_confidence_on_unseen_prompts_is_calibrated(found: Evaluation) -> None:
    assert found.calibration_error < 0.1  # of 180 prompts, some 0.03 is chance


def test_unseen_requests_in_twelve_languages_get_a_task_and_mostly_theirs(classifier: Classifier) -> None:
    spoken = of_file(classifier, "spoken.jsonl")
    assert spoken.rows == 78
    assert spoken.accuracy >= 0.85
    assert sum(of.get("unknown", 0) for of in spoken.confusion.values()) <= 2
