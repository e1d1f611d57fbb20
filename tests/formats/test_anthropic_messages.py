"""Anthropic messages: input beside its cache, lifetimes of writes, streams whose last word counts."""

import json
from typing import Any

import msgspec
import pytest

from costsim.formats import detect
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.schema import Call

REQUEST: dict[str, Any] = {
    "model": "claude-x",
    "max_tokens": 50,
    "system": "Be brief.",
    "messages": [{"role": "user", "content": "Hi"}],
}
RESPONSE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-x-20260101",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 3,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 200,
        "cache_creation": {"ephemeral_5m_input_tokens": 150, "ephemeral_1h_input_tokens": 50},
        "output_tokens": 20,
        "output_tokens_details": {"thinking_tokens": 7},
        "server_tool_use": {"web_search_requests": 2},
        "service_tier": "standard",
    },
}
START_USAGE = {"input_tokens": 3, "cache_read_input_tokens": 40, "output_tokens": 1}
END_USAGE = {"output_tokens": 20, "input_tokens": 5}
EVENTS: list[dict[str, Any]] = [
    {"type": "message_start", "message": RESPONSE | {"content": [], "usage": START_USAGE}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "lo."}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": END_USAGE},
]
STREAM = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in EVENTS)


def read(record: dict[str, Any]) -> list[Call]:
    return anthropic_messages.read(json.dumps(record).encode())


@pytest.mark.parametrize(
    "record",
    [
        {"request": REQUEST, "response": RESPONSE},
        {"request": {"body": REQUEST}, "response": {"status_code": 200, "body": RESPONSE}},
        {"request_body": REQUEST, "response_body": RESPONSE},
        {"request": json.dumps(REQUEST), "response": RESPONSE},
    ],
)
def test_one_call_in_every_shape_that_people_log(record: dict[str, Any]) -> None:
    assert detect(record, "a.jsonl") is anthropic_messages
    (call,) = read(record)
    assert (call.call_id, call.model, call.requested_model) == ("msg_1", "claude-x-20260101", "claude-x")
    assert (call.output_tokens, call.reasoning_tokens, call.web_searches) == (20, 7, 2)
    assert (call.answer, call.finish_reason, call.max_output_tokens) == ("Hello.", "end_turn", 50)
    assert call.messages == [("system", "Be brief."), ("user", "Hi")]


def test_the_input_is_the_sum_of_three() -> None:
    (call,) = read(RESPONSE)
    assert (call.input_tokens, call.cache_read_tokens, call.cache_write_tokens) == (1203, 1000, 200)
    assert call.cache_write_1h_tokens == 50


def test_writes_that_are_told_by_lifetime_only_are_summed() -> None:
    usage = {
        "input_tokens": 3,
        "output_tokens": 1,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 5},
    }
    (call,) = read(RESPONSE | {"usage": usage})
    assert (call.input_tokens, call.cache_write_tokens, call.cache_write_1h_tokens) == (18, 15, 5)


def test_the_last_usage_of_a_stream_replaces_what_its_start_said() -> None:
    (call,) = read({"request": REQUEST | {"stream": True}, "response_text": STREAM})
    assert (call.input_tokens, call.cache_read_tokens, call.output_tokens) == (45, 40, 20)
    assert (call.answer, call.finish_reason, call.streamed) == ("Hello.", "end_turn", True)


def test_a_stream_as_a_proxy_records_it_is_read() -> None:
    record = {
        "request": {"timestamp": 1748554704.5, "body": REQUEST},
        "response": {"timestamp": 1748554706.0, "body_raw": STREAM},
    }
    assert detect(record, "a.jsonl") is anthropic_messages
    (call,) = read(record)
    assert (call.output_tokens, call.started_at, call.duration_ms) == (20, 1748554704500000, 1500.0)


def test_a_stream_that_was_cut_off_keeps_what_it_had() -> None:
    (call,) = read({"request": REQUEST, "response_text": STREAM[: STREAM.index("lo.")]})
    assert (call.input_tokens, call.answer) == (43, "Hel")


def test_work_that_another_model_did_inside_is_a_call_of_its_own() -> None:
    iterations = [
        {"type": "message", "input_tokens": 3, "output_tokens": 20},
        {"type": "advisor_message", "model": "claude-big", "input_tokens": 8, "output_tokens": 9},
    ]
    own, other = read(RESPONSE | {"usage": RESPONSE["usage"] | {"iterations": iterations}})
    assert (own.model, own.input_tokens) == ("claude-x-20260101", 1203)
    assert (other.model, other.input_tokens, other.output_tokens, other.parent_id) == (
        "claude-big",
        8,
        9,
        "msg_1",
    )
    assert other.call_id != own.call_id


@pytest.mark.parametrize(("output", "calls"), [(20, 2), (29, 1)])
def test_a_compaction_is_billed_beside_the_message_unless_it_is_in_its_usage(output: int, calls: int) -> None:
    work = {"type": "compaction", "input_tokens": 90, "output_tokens": 9}
    iterations = [work, {"type": "message", "input_tokens": 3, "output_tokens": 20}]
    usage = RESPONSE["usage"] | {"output_tokens": output, "iterations": iterations}
    assert len(read(RESPONSE | {"usage": usage})) == calls


def test_what_another_model_said_after_the_first_declined_is_a_call_that_stood_in_for_it() -> None:
    iterations = [
        {"type": "message", "input_tokens": 3, "output_tokens": 20},
        {"type": "fallback_message", "model": "claude-x-20260101", "input_tokens": 8, "output_tokens": 9},
    ]
    usage = RESPONSE["usage"] | {"output_tokens": 20, "iterations": iterations}
    first, other = read({"request": REQUEST, "response": RESPONSE | {"usage": usage}})
    assert (first.model, other.model, other.fallback_of) == (REQUEST["model"], "claude-x-20260101", REQUEST["model"])


def test_on_vertex_the_address_names_the_model_of_a_refused_request() -> None:
    url = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-x"
    record = {"uri": f"{url}:rawPredict", "status": 429, "request": {"messages": []}, "response": {"error": {}}}
    (call,) = read(record)
    assert (call.model, call.provider, call.region, call.billed) == ("claude-x", "vertex_ai", "us-east5", False)


def test_us_only_inference_is_a_region_and_fast_is_a_tier() -> None:
    (call,) = read(RESPONSE | {"usage": RESPONSE["usage"] | {"inference_geo": "us", "speed": "fast"}})
    assert (call.region, call.service_tier) == ("us", "fast")
    (call,) = read(RESPONSE | {"usage": RESPONSE["usage"] | {"inference_geo": "not_available"}})
    assert (call.region, call.service_tier) == (None, "standard")


def test_tool_results_are_apart_from_what_the_user_wrote() -> None:
    content = [
        {"type": "tool_result", "content": [{"type": "text", "text": "42"}]},
        {"type": "text", "text": "So?"},
    ]
    (call,) = read({"request": REQUEST | {"messages": [{"role": "user", "content": content}]}, "response": RESPONSE})
    assert call.messages == [("system", "Be brief."), ("tool", "42"), ("user", "So?")]


def test_images_and_documents_are_modalities() -> None:
    content = [
        {"type": "image", "source": {}},
        {"type": "document", "source": {}},
        {"type": "text", "text": "What?"},
    ]
    (call,) = read({"request": REQUEST | {"messages": [{"role": "user", "content": content}]}, "response": RESPONSE})
    assert call.modalities == "file+image"


def test_a_tool_use_answer_is_known_as_one() -> None:
    content = [{"type": "tool_use", "name": "find", "input": {"q": "x"}}]
    (call,) = read({"request": REQUEST | {"tools": [{"name": "find"}]}, "response": RESPONSE | {"content": content}})
    assert call.answer_has_tool_calls
    assert call.has_tools


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (
            {"response": {"type": "error", "error": {"type": "overloaded_error"}}, "status": 529},
            "overloaded_error",
        ),
        ({"response": {"type": "error", "error": {"type": "rate_limit_error"}}}, "rate_limit_error"),
        ({"response": {"status_code": 500, "body": None}}, "500"),
    ],
)
def test_a_failed_request_is_a_call_that_nobody_billed(record: dict[str, Any], kind: str) -> None:
    (call,) = read({"uri": "https://api.anthropic.com/v1/messages", "request": REQUEST, **record})
    assert (call.status, call.error_type, call.billed, call.model) == ("error", kind, False, "claude-x")


@pytest.mark.parametrize("record", [{}, {"level": "info"}, {"request": REQUEST, "response": None}])
def test_a_line_that_holds_no_answer_is_no_call(record: dict[str, Any]) -> None:
    assert read(record) == []


@pytest.mark.parametrize("line", [b"", b"{", b"[1]", b"null"])
def test_a_broken_line_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        anthropic_messages.read(line)


def test_an_agents_transcript_around_a_message_is_not_claimed() -> None:
    assert not anthropic_messages.claims({"sessionId": "s", "type": "assistant", "message": RESPONSE})
