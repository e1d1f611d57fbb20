"""Which input belongs to which output of batch jobs, where a run reads several of both."""

import gzip
import json
from pathlib import Path

import pytest

from costsim.app.reading import Reading, calls_of


def write(path: Path, *, count: int, answered: bool, asking: int = 1) -> None:
    """A batch's output, or an input whose prompts all have a length of their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {
        "object": "chat.completion",
        "model": "m",
        "choices": [],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}] * asking}
    lines = [
        {"id": f"batch_req_{path}{n}", "custom_id": f"request-{n}", "response": {"status_code": 200, "body": body}}
        if answered
        else {"custom_id": f"request-{n}", "method": "POST", "url": "/v1/chat/completions", "body": asked}
        for n in range(count)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def turns(folder: Path, home: Path) -> dict[str, set[int | None]]:
    """How many messages of a user the calls of each file are known to have."""
    found: dict[str, set[int | None]] = {}
    with calls_of([str(folder)], Reading(home=home, workers=1)) as store:
        for batch in store.batches(["source_file", "turns"]):
            for row in batch.to_pylist():
                found.setdefault(Path(row["source_file"]).name, set()).add(row["turns"])
    return found


@pytest.mark.parametrize("output", ["out.jsonl", "out.jsonl.gz"])
def test_an_output_has_the_prompts_of_its_input(tmp_path: Path, output: str) -> None:
    write(tmp_path / "logs" / "in.jsonl", count=5, answered=False, asking=2)
    write(tmp_path / "logs" / output, count=5, answered=True)
    assert turns(tmp_path / "logs", tmp_path) == {output: {2}}


def test_of_several_inputs_with_the_same_ids_the_nearest_by_folder_and_name_is_taken(tmp_path: Path) -> None:
    for number, folder in enumerate(("monday", "tuesday"), 1):
        write(tmp_path / "logs" / folder / "input.jsonl", count=5, answered=False, asking=number)
        write(tmp_path / "logs" / folder / f"{folder}.jsonl", count=5, answered=True)
    write(tmp_path / "logs" / "monday" / "monday_input.jsonl", count=5, answered=False, asking=7)
    assert turns(tmp_path / "logs", tmp_path) == {"monday.jsonl": {7}, "tuesday.jsonl": {2}}


def test_where_no_input_is_nearer_than_another_no_prompt_is_guessed(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / "logs" / f"{number}" / "input.jsonl", count=5, answered=False, asking=number)
    write(tmp_path / "logs" / "output.jsonl", count=5, answered=True)
    assert turns(tmp_path / "logs", tmp_path) == {"output.jsonl": {None}}


def test_an_input_that_has_more_of_the_ids_wins(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "short.jsonl", count=2, answered=False, asking=1)
    write(tmp_path / "logs" / "long.jsonl", count=5, answered=False, asking=2)
    write(tmp_path / "logs" / "output.jsonl", count=5, answered=True)
    assert turns(tmp_path / "logs", tmp_path) == {"output.jsonl": {2}}
