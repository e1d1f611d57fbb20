"""The results of batch jobs: billed at the batch's price, whatever their bodies say, or not at all."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.anthropic import batch as anthropic_batch
from costsim.formats.openai import batch as openai_batch
from costsim.schema import Call

CHAT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4.1-nano-2025-04-14",
    "choices": [{"message": {"content": "repair"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 24, "completion_tokens": 2},
    "service_tier": "default",
}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-haiku-4-5-20251001",
    "content": [{"type": "text", "text": "Short."}],
    "usage": {"input_tokens": 20, "output_tokens": 4, "service_tier": "standard"},
}


def read(record: dict[str, Any], log_format: Any, asked: dict[str, Any] | None = None) -> list[Call]:
    claimed: Any = detect(record, "a.jsonl")
    assert claimed is log_format
    line = json.dumps(record).encode()
    if asked is None:
        return list(claimed.read(line))
    assert claimed.custom_id(json.dumps(asked).encode()) == record["custom_id"]
    return list(claimed.joined_reader(lambda name: json.dumps(asked).encode() if name == "a" else None)(line))


@pytest.mark.parametrize(
    "wrapper",
    [
        {"id": "batch_req_1", "response": {"status_code": 200, "request_id": "r", "body": CHAT}, "error": None},
        {"response": {"status_code": 200, "body": CHAT}, "error": None},
        {"id": "batch-abc-0", "response": {"status_code": 200, "body": CHAT}, "error": None},
    ],
)
def test_an_output_line_is_billed_as_batch_whatever_its_body_says(wrapper: dict[str, Any]) -> None:
    (call,) = read({"custom_id": "a", **wrapper}, openai_batch)
    assert (call.call_id, call.model, call.service_tier) == ("chatcmpl-1", "gpt-4.1-nano-2025-04-14", "batch")
    assert (call.input_tokens, call.output_tokens, call.messages) == (24, 2, None)


def test_the_prompt_of_an_output_line_stands_in_its_input() -> None:
    body = {"model": "gpt-4.1-nano", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}
    asked = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    assert read(asked, openai_batch) == []
    (call,) = read({"custom_id": "a", "response": {"status_code": 200, "body": CHAT}}, openai_batch, asked)
    assert (call.messages, call.max_output_tokens) == ([("user", b'"Hi"')], 9)
    assert (call.requested_model, call.model) == ("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ({"id": "batch_req_1", "response": None, "error": {"code": "batch_expired"}}, "batch_expired"),
        ({"id": "batch_req_1", "response": {"status_code": 400, "body": {"error": {"code": "bad"}}}}, "bad"),
    ],
)  # fmt: skip
def test_what_was_not_answered_is_a_failed_call_that_costs_nothing(line: dict[str, Any], kind: str) -> None:
    (call,) = read({"custom_id": "a", **line}, openai_batch)
    assert (call.call_id, call.status, call.error_type, call.billed) == ("batch_req_1", "error", kind, False)


def test_a_message_of_a_batch_has_the_batchs_price_and_the_prompt_of_its_request() -> None:
    asked = {"custom_id": "a", "params": {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Hi"}]}}
    assert read(asked, anthropic_batch) == []
    (call,) = read({"custom_id": "a", "result": {"type": "succeeded", "message": MESSAGE}}, anthropic_batch, asked)
    assert (call.call_id, call.service_tier, call.input_tokens, call.output_tokens) == ("msg_1", "batch", 20, 4)
    assert call.messages == [("user", "Hi")]


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ({"type": "errored", "error": {"type": "error", "error": {"type": "overloaded_error"}}}, "overloaded_error"),
        ({"type": "errored", "error": {"type": "api_error"}}, "api_error"),
        ({"type": "canceled"}, "canceled"),
        ({"type": "expired"}, "expired"),
    ],
)
def test_a_result_without_a_message_costs_nothing(result: dict[str, Any], kind: str) -> None:
    (call,) = read({"custom_id": "a", "result": result}, anthropic_batch)
    assert (call.status, call.error_type, call.billed) == ("error", kind, False)
