"""OpenAI responses in the shapes that people log."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.openai import chat as openai_chat
from costsim.formats.openai import responses as openai_responses
from costsim.schema import Call, answer_of, text_of

REQUEST: dict[str, Any] = {
    "model": "gpt-5.4",
    "instructions": "Be brief.",
    "input": [{"role": "user", "content": "Hi"}, {"type": "function_call_output", "output": "4 degrees"}],
}
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1700158546,
    "status": "completed",
    "model": "gpt-5.4-2026-03-05",
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello."}]}],
    "usage": {
        "input_tokens": 100,
        "output_tokens": 20,
        "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30},
        "output_tokens_details": {"reasoning_tokens": 12},
    },
}


def events(*payloads: dict[str, Any]) -> str:
    return "".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in payloads)


STREAM = events(
    {"type": "response.created", "response": {"id": "resp_1", "object": "response", "status": "in_progress"}},
    {"type": "response.output_text.delta", "delta": "Hel"},
    {"type": "response.completed", "response": RESPONSE},
)


def read(record: dict[str, Any]) -> list[Call]:
    assert detect(record, "a.jsonl") is openai_responses
    return openai_responses.read(json.dumps(record).encode())


@pytest.mark.parametrize(
    "record",
    [
        {"request": REQUEST, "response": RESPONSE},
        {"request": {"body": REQUEST}, "response": {"status_code": 200, "body": RESPONSE}},
        {"request": {"body": json.dumps(REQUEST)}, "response": {"status_code": 200, "body": json.dumps(RESPONSE)}},
        {"request_body": REQUEST, "response_body": RESPONSE},
        {"request": json.dumps(REQUEST), "response": json.dumps(RESPONSE)},
        {"request": REQUEST, "response": None, "response_text": STREAM},
        {"request": REQUEST, "response": STREAM},
        {"request": {"body": REQUEST}, "response": {"body_raw": STREAM}},
        {**REQUEST, **RESPONSE},
    ],
)
def test_one_call_in_every_shape_that_people_log(record: dict[str, Any]) -> None:
    (call,) = read(record)
    assert (call.call_id, call.model, call.operation) == ("resp_1", "gpt-5.4-2026-03-05", "chat")
    assert (call.input_tokens, call.cache_read_tokens, call.cache_write_tokens) == (100, 60, 30)
    assert (call.output_tokens, call.reasoning_tokens, call.tokens_basis) == (20, 12, "logged")
    assert (answer_of(call), call.finish_reason, call.started_at) == ("Hello.", "stop", 1700158546000000)
    said = [(message[0], text_of(message)) for message in call.messages or ()]
    assert said == [("system", "Be brief."), ("user", "Hi"), ("tool", "4 degrees")]


@pytest.mark.parametrize("record", [RESPONSE, {"type": "response.completed", "response": RESPONSE}])
def test_a_response_alone_is_a_call_without_a_prompt(record: dict[str, Any]) -> None:
    (call,) = read(record)
    assert (call.input_tokens, call.messages) == (100, None)


@pytest.mark.parametrize(
    ("path", "claimed"),
    [
        ("/v1/responses", openai_responses),
        ("/openai/v1/responses?api-version=preview", openai_responses),
        ("/v1/embeddings", openai_chat),
        ("/v1/responses/resp_1", openai_responses),
    ],
)
def test_a_failure_without_a_body_is_told_by_its_address(path: str, claimed: Any) -> None:
    assert detect({"uri": f"https://x.test{path}", "status": 500, "request": {"input": "a"}}, "a") is claimed


def test_only_searches_are_billed_of_what_the_webs_tool_does() -> None:
    output = [
        {"type": "web_search_call", "action": {"type": "search"}},
        {"type": "web_search_call", "action": {"type": "open_page"}},
        {"type": "web_search_call"},
        {"type": "file_search_call", "results": [{"text": "x"}]},
    ]
    (call,) = read({"request": REQUEST, "response": RESPONSE | {"output": output}})
    assert (call.web_searches, call.file_searches) == (2, 1)


def test_what_came_of_a_stream_that_was_cut_off_is_its_text() -> None:
    text = STREAM.partition("event: response.completed")[0]
    (call,) = read({"request": REQUEST, "response_text": text})
    assert (answer_of(call), call.input_tokens, call.status) == ("Hel", None, "ok")


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_failed_response_is_billed_for_what_it_used(status: str) -> None:
    used, unused = RESPONSE | {"status": status}, RESPONSE | {"status": status, "usage": None}
    (call,), (other,) = read({"request": REQUEST, "response": used}), read({"request": REQUEST, "response": unused})
    assert (call.status, call.billed, other.status, other.billed) == ("error", True, "error", False)


def test_the_response_before_and_the_conversation_tie_calls_together() -> None:
    (call,) = read(
        {"request": REQUEST | {"previous_response_id": "resp_0", "conversation": "conv_1"}, "response": RESPONSE}
    )
    assert (call.parent_id, call.conversation_id) == ("resp_0", "conv_1")
