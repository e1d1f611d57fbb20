"""A hundred calls of real logs, read by a person: costsim reads the logs and agrees on most."""

from pathlib import Path

import msgspec
import pytest

from costsim.decode import read_yaml
from costsim.ingest.collect import Options, collect
from costsim.tasks import Classifier


class Reading(msgspec.Struct, forbid_unknown_fields=True):
    """One call, and what it was taken for."""

    at: tuple[int, int]
    first: str
    second: str


CALLS = read_yaml(Path(__file__).with_name("labelled_calls.yaml"), dict[str, list[Reading]])


@pytest.fixture(scope="module")
def pairs(shared_data: Path, classifier: Classifier) -> list[tuple[Reading, str]]:
    """Each reading with the task that costsim names, every file read alone."""
    return [
        (reading, task)
        for name, readings in CALLS.items()
        for reading, task in zip(readings, _tasks(shared_data / "logs" / name, readings, classifier), strict=True)
    ]


def _tasks(log: Path, readings: list[Reading], classifier: Classifier) -> list[str]:
    with collect([str(log)], None, classifier, Options(workers=1)) as store:
        rows = [row for batch in store.batches(["source_line", "task"]) for row in batch.to_pylist()]
    by_line: dict[int, list[str]] = {}
    for row in rows:
        by_line.setdefault(row["source_line"], []).append(row["task"])
    return [tasks[min(reading.at[1], len(tasks) - 1)] for reading in readings for tasks in [by_line[reading.at[0]]]]


def test_a_hundred_calls_of_two_dozen_files_are_read() -> None:
    assert sum(map(len, CALLS.values())) == 100
    assert len(CALLS) >= 24


@pytest.mark.parametrize("which", ["first", "second"])
def test_costsim_agrees_with_each_reading_on_eighty_of_them(pairs: list[tuple[Reading, str]], which: str) -> None:
    apart = [(reading, task) for reading, task in pairs if getattr(reading, which) != task]
    assert len(apart) <= 20, apart
