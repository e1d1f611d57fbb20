"""OpenAI chat completions, completions and embeddings in the shapes that people log."""

import json
from typing import Any

import msgspec
import pytest

from costsim.formats import detect
from costsim.formats.openai import chat as openai_chat
from costsim.schema import Call, answer_of, text_of


def said(call: Call) -> list[tuple[str, str]]:
    return [(message[0], text_of(message)) for message in call.messages or ()]


REQUEST: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
}
RESPONSE: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1700158546,
    "model": "gpt-4o-2024-08-06",
    "choices": [{"message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30, "audio_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 12, "audio_tokens": 3},
    },
}
CHUNKS: list[dict[str, Any]] = [
    {
        "id": "chatcmpl-2",
        "object": "chat.completion.chunk",
        "model": "gpt-4o",
        "choices": [{"delta": {"content": "Hel"}}],
    },
    {
        "id": "chatcmpl-2",
        "object": "chat.completion.chunk",
        "choices": [{"delta": {"content": "lo."}, "finish_reason": "stop"}],
    },
    {
        "id": "chatcmpl-2",
        "object": "chat.completion.chunk",
        "choices": [],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2},
    },
]
STREAM = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in CHUNKS) + "data: [DONE]\n\n"


def read(record: dict[str, Any]) -> list[Call]:
    return openai_chat.read(json.dumps(record).encode())


@pytest.mark.parametrize(
    "record",
    [
        {"request": REQUEST, "response": RESPONSE},
        {"request": {"body": REQUEST}, "response": {"status_code": 200, "body": RESPONSE}},
        {"request_body": REQUEST, "response_body": RESPONSE},
        {"request": json.dumps(REQUEST), "response": json.dumps(RESPONSE)},
        {**REQUEST, **RESPONSE},
    ],
)
def test_one_call_in_every_shape_that_people_log(record: dict[str, Any]) -> None:
    assert detect(record, "a.jsonl") is openai_chat
    (call,) = read(record)
    assert (call.call_id, call.model, call.operation) == ("chatcmpl-1", "gpt-4o-2024-08-06", "chat")
    assert (call.input_tokens, call.output_tokens, call.tokens_basis) == (100, 20, "logged")
    assert (answer_of(call), call.finish_reason, call.started_at) == ("Hello.", "stop", 1700158546000000)
    assert said(call) == [("system", "Be brief."), ("user", "Hi")]


@pytest.mark.parametrize("record", [RESPONSE, {"response": RESPONSE}, {"body": RESPONSE}])
def test_a_response_alone_is_a_call_without_a_prompt(record: dict[str, Any]) -> None:
    assert detect(record, "a.jsonl") is openai_chat
    (call,) = read(record)
    assert (call.input_tokens, call.messages) == (100, None)


def test_the_details_are_parts_of_the_headline_counts() -> None:
    (call,) = read({"request": REQUEST, "response": RESPONSE})
    assert (call.cache_read_tokens, call.cache_write_tokens, call.audio_input_tokens) == (60, 30, 4)
    assert (call.reasoning_tokens, call.audio_output_tokens) == (12, 3)


def test_deepseek_names_its_cached_tokens_otherwise() -> None:
    (call,) = read(
        {"response": RESPONSE | {"usage": {"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 5}}}
    )
    assert call.cache_read_tokens == 5


def test_the_model_that_answered_is_kept_apart_from_the_one_asked_for() -> None:
    (call,) = read({"request": REQUEST | {"model": "gpt-4o-latest"}, "response": RESPONSE})
    assert (call.model, call.requested_model) == ("gpt-4o-2024-08-06", "gpt-4o-latest")


def test_the_tier_is_the_one_served_not_the_one_asked_for() -> None:
    (call,) = read({"request": REQUEST | {"service_tier": "auto"}, "response": RESPONSE | {"service_tier": "flex"}})
    assert call.service_tier == "flex"


def test_a_row_of_a_batch_output_is_batch_whatever_its_body_says() -> None:
    body = RESPONSE | {"service_tier": "default"}
    record = {
        "id": "batch_req_1",
        "custom_id": "a",
        "response": {"status_code": 200, "request_id": "r", "body": body},
        "error": None,
    }
    assert read(record)[0].service_tier == "batch"


@pytest.mark.parametrize("field", ["response_text", "response"])
def test_a_recorded_stream_adds_up_to_its_text_and_final_usage(field: str) -> None:
    record = {"request": REQUEST | {"stream": True}, field: STREAM}
    assert detect(record, "a.jsonl") is openai_chat
    (call,) = read(record)
    assert (call.call_id, answer_of(call), call.finish_reason, call.streamed) == (
        "chatcmpl-2",
        "Hello.",
        "stop",
        True,
    )
    assert (call.input_tokens, call.output_tokens) == (9, 2)


def test_a_stream_that_was_cut_off_has_unknown_tokens_and_the_text_so_far() -> None:
    (call,) = read({"request": REQUEST, "response_text": STREAM[: STREAM.index("lo.")]})
    assert (answer_of(call), call.input_tokens, call.tokens_basis) == ("Hel", None, None)


def test_of_chunks_logged_one_a_line_only_the_ends_are_calls() -> None:
    calls = [read(chunk) for chunk in CHUNKS]
    assert [len(each) for each in calls] == [0, 1, 1]
    assert calls[2][0].call_id == calls[1][0].call_id
    assert calls[2][0].input_tokens == 9


def test_tool_calls_are_output_and_tool_definitions_are_input() -> None:
    tool_calls = [{"function": {"name": "find", "arguments": '{"q": "x"}'}}]
    answer = {"choices": [{"message": {"content": None, "tool_calls": tool_calls}, "finish_reason": "tool_calls"}]}
    (call,) = read({"request": REQUEST | {"tools": [{"type": "function"}]}, "response": RESPONSE | answer})
    assert call.answer_has_tool_calls
    assert call.has_tools
    assert call.tool_definitions > 10
    assert "find" in (call.answer or "")


def test_empty_tools_are_no_tools() -> None:
    (call,) = read({"request": REQUEST | {"tools": []}, "response": RESPONSE})
    assert (call.has_tools, call.tool_definitions) == (False, 0)


def test_images_and_audio_are_modalities_not_text() -> None:
    parts = [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": "data:..."}},
        {"type": "input_audio"},
    ]
    (call,) = read({"request": REQUEST | {"messages": [{"role": "user", "content": parts}]}, "response": RESPONSE})
    assert (said(call), call.modalities) == ([("user", "What?")], "audio+image")


def test_embeddings_of_a_server_that_states_the_total_alone_read_all_of_it() -> None:
    vectors = [{"object": "embedding", "embedding": [0.1], "index": 0}]
    alone = {"object": "list", "data": vectors, "model": "voyage-3", "usage": {"total_tokens": 8}}
    assert getattr(detect(alone, "log"), "NAME", None) == "openai-chat"
    (call,) = read(alone)
    assert (call.input_tokens, call.output_tokens, call.tokens_basis) == (8, 0, "logged")


def test_embeddings_and_legacy_completions_are_other_operations() -> None:
    vectors = {"object": "list", "model": "e", "data": [], "usage": {"prompt_tokens": 8, "total_tokens": 8}}
    (call,) = read({"request": {"model": "e", "input": ["a", "b"]}, "response": vectors})
    assert (call.operation, call.output_tokens, call.messages) == (
        "embedding",
        0,
        [("user", "a"), ("user", "b")],
    )
    text = {
        "object": "text_completion",
        "model": "c",
        "choices": [{"text": "x"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }
    (call,) = read({"request": {"model": "c", "prompt": "p"}, "response": text})
    assert (call.operation, answer_of(call), said(call)) == ("completion", "x", [("user", "p")])


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (
            {"response": {"error": {"type": "invalid_request_error", "code": "context_length_exceeded"}}},
            "context_length_exceeded",
        ),
        ({"response": {"error": {"type": "server_error", "code": None}}}, "server_error"),
        ({"response": {"error": "overloaded"}}, "error"),
        ({"response": None, "status": 429}, "429"),
        ({"response": {"status_code": 500, "body": None}}, "500"),
        ({"response": None, "error": {"type": "timeout"}}, "timeout"),
    ],
)
def test_a_failed_request_is_a_call_that_nobody_billed(record: dict[str, Any], kind: str) -> None:
    (call,) = read({"request": REQUEST, **record})
    assert (call.status, call.error_type, call.billed, call.model) == ("error", kind, False, "gpt-4o")


@pytest.mark.parametrize(
    "record",
    [{}, {"level": "info", "msg": "started"}, {"request": REQUEST, "response": None}, {"status": "ok"}],
)
def test_a_line_that_holds_no_answer_is_no_call(record: dict[str, Any]) -> None:
    assert read(record) == []


def test_a_field_of_an_unexpected_type_costs_only_itself() -> None:
    odd = RESPONSE | {
        "choices": "none",
        "usage": {"prompt_tokens": "100", "completion_tokens": 20, "prompt_tokens_details": [1]},
    }
    (call,) = read({"request": REQUEST | {"temperature": "warm"}, "response": odd})
    assert (call.input_tokens, call.output_tokens, call.cache_read_tokens, call.temperature) == (
        100,
        20,
        None,
        None,
    )


def test_invalid_utf8_in_a_text_costs_no_tokens() -> None:
    record = json.dumps({"request": REQUEST, "response": RESPONSE}).encode().replace(b"Hello.", b"Hell\xff")
    (call,) = openai_chat.read(record)
    assert call.input_tokens == 100


@pytest.mark.parametrize("line", [b"", b"{", b"[1]", b"null", b"\x00\xff", b'{"request": {"model"'])
def test_a_broken_line_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        openai_chat.read(line)


def test_rows_of_gateways_around_a_completion_are_not_claimed() -> None:
    assert not openai_chat.claims({"call_type": "completion", "response": RESPONSE})
    assert not openai_chat.claims({"spend": 0.1, "response": RESPONSE})


def test_what_a_router_charged_is_the_reported_cost() -> None:
    usage = {"prompt_tokens": 9171, "completion_tokens": 113, "cost": 0.00123}
    (call,) = read({"request": REQUEST, "response": {**RESPONSE, "usage": usage}})
    assert call.reported_cost == 1_230_000_000


@pytest.mark.parametrize(("own_key", "expected"), [(True, 36_079_500_000), (False, 0)])
def test_the_providers_own_charge_counts_only_on_a_key_of_ones_own(own_key: bool, expected: int) -> None:
    details = {"upstream_inference_cost": 0.0360795}
    usage = {"prompt_tokens": 9171, "completion_tokens": 113, "cost": 0, "is_byok": own_key, "cost_details": details}
    (call,) = read({"request": REQUEST, "response": {**RESPONSE, "usage": usage}})
    assert call.reported_cost == expected


def test_a_streams_calls_of_tools_stand_in_its_answer_once() -> None:
    def chunk(arguments: str) -> dict[str, Any]:
        call = {"index": 0, "function": {"name": "f" if arguments == "{" else None, "arguments": arguments}}
        return {"id": "c", "object": "chat.completion.chunk", "choices": [{"delta": {"tool_calls": [call]}}]}

    text = "".join(f"data: {json.dumps(chunk(each))}\n\n" for each in ("{", '"x":1', "}"))
    (call,) = read({"request": REQUEST, "response_text": text})
    assert (answer_of(call), call.answer_has_tool_calls) == ('f{"x":1}', True)
