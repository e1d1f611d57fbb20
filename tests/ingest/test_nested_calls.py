"""A call that two instrumentors wrote, one around the other, is counted once, wherever the two stand."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import Read


def observation(name: str, parent: str | None, **more: Any) -> str:
    usage = {"input": 100, "output": 20, "total": 120}
    row = {"id": name, "traceId": "t", "parentObservationId": parent, "type": "GENERATION", "model": "gpt-4o"}
    return json.dumps({**row, "usageDetails": usage, **more}) + "\n"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_a_call_and_the_one_around_it_the_inner_one_is_kept(
    tmp_path: Path, read: Read, order: tuple[int, int]
) -> None:
    rows = [observation("outer", None), observation("inner", "outer")]
    for number, place in enumerate(order):
        (tmp_path / f"{number}.jsonl").write_text(rows[place])
    log = read(str(tmp_path))
    assert [call["call_id"] for call in log.rows()] == ["inner"]
    assert log.adds_up()


def test_an_inner_call_that_knows_no_tokens_is_a_copy_of_the_one_around_it(tmp_path: Path, read: Read) -> None:
    silent = observation("inner", "outer", usageDetails={}, input="How deep is the lake?", output="Very.")
    failed = observation("failed", "outer", usageDetails={}, level="ERROR")
    (tmp_path / "a.jsonl").write_text(observation("outer", None) + silent + failed)
    log = read(str(tmp_path))
    assert [call["call_id"] for call in log.rows()] == ["outer", "failed"]
    assert log.adds_up()


def test_a_call_that_names_itself_as_its_parent_is_kept(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a.jsonl").write_text(observation("one", "one"))
    assert [call["call_id"] for call in read(str(tmp_path)).rows()] == ["one"]
