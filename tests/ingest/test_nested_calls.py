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


TRACE = "a" * 32


def span(scope: str, number: int, at_ms: int, answer: str | None = None, **more: Any) -> str:
    """A line with one span, of a call with 100 and 20 tokens; of OpenInference where no answer is named."""
    told: dict[str, Any] = {"llm.model_name": "gpt-4o", "llm.token_count.prompt": 100, "llm.token_count.completion": 20,
                            "openinference.span.kind": "LLM"}  # fmt: skip
    if answer is not None:
        told = {"gen_ai.operation.name": "chat", "gen_ai.response.model": "gpt-4o-2024-08-06",
                "gen_ai.response.id": answer, "gen_ai.usage.input_tokens": 100,
                "gen_ai.usage.output_tokens": 20}  # fmt: skip
    attributes = [
        {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for name, value in told.items()
    ]
    start = 1767225600 * 10**9 + at_ms * 10**6
    row = {"traceId": TRACE, "spanId": f"{number:016x}", "name": "chat", "startTimeUnixNano": str(start),
           "endTimeUnixNano": str(start + 10**9), "attributes": attributes, **more}  # fmt: skip
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": [row]}]}]}) + "\n"


def spans_kept(read: Read, *lines: str) -> list[str]:
    log = read("".join(lines).encode())
    assert log.adds_up()
    return [call["call_id"].partition(":")[2] for call in log.rows()]


def test_two_instrumentors_that_tell_of_a_call_in_lines_of_their_own_tell_of_one(read: Read) -> None:
    nested = [span("openinference", 2, 3, parentSpanId=f"{1:016x}"), span("openllmetry", 1, 0, "r")]
    assert spans_kept(read, *nested) == ["r"]
    beside = [span("openinference", 2, 3), span("openinference", 3, 5), span("o", 4, 0, "r"), span("o", 5, 1, "s")]
    assert spans_kept(read, *beside) == ["r", "s"]


def test_calls_that_only_look_alike_are_kept(read: Read) -> None:
    assert len(spans_kept(read, *(span("openinference", number, 0) for number in (1, 2)))) == 2
    assert len(spans_kept(read, *(span("openllmetry", number, 0, f"r{number}") for number in (1, 2)))) == 2
    later = [span("openinference", 1, 0), span("openllmetry", 2, 900, "r")]
    assert len(spans_kept(read, *later)) == 2
    elsewhere = [span("openinference", 1, 0), span("openllmetry", 2, 0, "r", traceId="b" * 32)]
    assert len(spans_kept(read, *elsewhere)) == 2
