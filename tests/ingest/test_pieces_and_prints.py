"""Calls in pieces, and answers as Python prints them: files with counts that are known; every value is made up.

A call is (input, output, cache read, cache write), in the order of the log. Shapes: the SDKs' `__str__` and `__repr__`,
AutoGen's file logger, LangSmith's batches, Gemini's streams, `claude -p --output-format json` before it told models.
"""

from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import Counts, Read, assert_holds
from tests.ingest.logs import lines

ONE: list[Counts] = [(100, 20, None, None)]
READ: list[Counts] = [(100, 20, 40, None)]

CHAT = (
    "ChatCompletion(id='c%d', choices=[Choice(finish_reason='stop', index=0, message=ChatCompletionMessage("
    "content=\"It's (well) = fine\", role='assistant', tool_calls=None))], created=1767225600, model='gpt-4o', "
    "object='chat.completion', usage=CompletionUsage(completion_tokens=20, prompt_tokens=100, total_tokens=120, "
    "prompt_tokens_details=PromptTokensDetails(audio_tokens=0, cached_tokens=40)))"
)
GEMINI = (
    "sdk_http_response=HttpResponse(headers=<dict len=11>) candidates=[Candidate(content=Content(parts=[Part(text="
    "'a = b')], role='model'), finish_reason=<FinishReason.STOP: 'STOP'>)] model_version='gemini-2.5-flash' "
    "usage_metadata=GenerateContentResponseUsageMetadata(candidates_token_count=20, prompt_token_count=100)"
)
LANGCHAIN = (
    "content='yo' additional_kwargs={} response_metadata={'model_name': 'gpt-4o'} id='run-1' "
    "usage_metadata={'input_tokens': 100, 'output_tokens': 20, 'input_token_details': {'cache_read': 40}}"
)
POST = {"id": "r", "trace_id": "r", "dotted_order": "20260101T000000000000Zr", "run_type": "llm", "start_time":
        "2026-01-01T00:00:00Z", "inputs": {"messages": [{"role": "user", "content": "hi"}]},
        "extra": {"metadata": {"ls_provider": "anthropic", "ls_model_name": "claude-sonnet-4-5"}}}  # fmt: skip
PATCH = {"id": "r", "trace_id": "r", "dotted_order": POST["dotted_order"], "end_time": "2026-01-01T00:00:02Z",
         "outputs": {"usage_metadata": {"input_tokens": 100, "output_tokens": 20}}}  # fmt: skip


def chunk(said: int, **more: Any) -> dict[str, Any]:
    content = {"parts": [{"text": "yo"}], "role": "model"}
    return {"candidates": [{"content": content, **more}], "modelVersion": "gemini-2.5-flash",
            "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": said}}  # fmt: skip


FILES = [
    ("openai-chat", lines({"request": {"model": "gpt-4o", "messages": []}, "response": CHAT % 1}), READ),
    ("gemini", lines({"prompt": "hi", "response": GEMINI}), ONE),
    ("langchain", lines({"input": "hi", "output": LANGCHAIN}), READ),
    ("gemini", lines(chunk(5), chunk(12), chunk(20, finishReason="STOP"), chunk(3), chunk(20, finishReason="STOP")),
     ONE * 2),
    ("gemini", lines(chunk(20), {**chunk(5, finishReason="STOP"), "modelVersion": "gemini-2.5-pro"}),
     [*ONE, (100, 5, None, None)]),
    ("claude-code", lines({"type": "result", "session_id": "s", "total_cost_usd": 0.1, "usage": {
        "input_tokens": 60, "output_tokens": 20, "cache_read_input_tokens": 40}}), READ),
    ("langsmith", lines({"post": [POST]}, {"patch": [PATCH]}), ONE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "expected"), FILES)
def test_what_stands_in_pieces_or_in_pythons_words_is_counted_once(
    name: str, content: bytes, expected: list[Counts], read: Read
) -> None:
    assert_holds(read(content), name, expected)


def test_the_half_of_a_run_that_ends_is_of_the_model_that_the_other_half_named(read: Read) -> None:
    (row,) = read(lines({"post": [POST]}, {"patch": [PATCH]})).rows()
    assert (row["model"], row["provider"], row["duration_ms"]) == ("claude-sonnet-4-5", "anthropic", 2000.0)


def test_an_answer_out_of_autogens_own_cache_costs_nothing(read: Read) -> None:
    rows = [{"invocation_id": f"i{number}", "request": {"model": "gpt-4o"}, "response": CHAT % number,
             "is_cached": cached, "cost": 0.1} for number, cached in enumerate((0, 1, True, False, None))]  # fmt: skip
    assert [row["billed"] for row in read(lines(*rows)).rows()] == [True, False, False, True, True]


def test_how_a_run_ended_counts_only_where_its_transcript_is_not_there(read: Read, tmp_path: Path) -> None:
    usage = {"input_tokens": 60, "output_tokens": 20, "cache_read_input_tokens": 40}
    message = {"id": "msg_1", "role": "assistant", "model": "claude-sonnet-4-5", "usage": usage, "content": []}
    row = {"type": "assistant", "uuid": "u", "isSidechain": False, "userType": "external", "message": message}
    for session in ("s", "t"):
        ended = {
            "type": "result",
            "session_id": session,
            "uuid": f"end-{session}",
            "total_cost_usd": 0.1,
            "usage": usage,
        }
        (tmp_path / f"{session}.json").write_bytes(lines(ended))
    (tmp_path / "transcript.jsonl").write_bytes(lines({**row, "sessionId": "s"}))
    log = read(tmp_path / "s.json", tmp_path / "t.json", tmp_path / "transcript.jsonl")
    assert [(row["trace_id"], row["input_tokens"]) for row in log.rows()] == [("t", 100), ("s", 100)]
    assert log.adds_up()
