"""Bedrock's runtime and its invocation log: the counts of every maker, wherever they stand."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.formats.bedrock import log as bedrock_log
from costsim.formats.bedrock import runtime as bedrock
from costsim.schema import Call, answer_of

URL = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/{}/{}"
CLAUDE = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
ADDRESS = URL.format(CLAUDE, "converse")
REQUEST: dict[str, Any] = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
CONVERSE: dict[str, Any] = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello."}]}},
    "stopReason": "end_turn",
    "metrics": {"latencyMs": 5},
    "usage": {"inputTokens": 10, "outputTokens": 4, "cacheReadInputTokens": 100, "cacheWriteInputTokens": 20},
}
ANTHROPIC: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "model": "claude-haiku-4-5-20251001",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 10,
        "output_tokens": 4,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 20,
        "cache_creation": {"ephemeral_1h_input_tokens": 20},
    },
}


def read(record: dict[str, Any], log_format: Any = bedrock) -> Call:
    claimed: Any = detect(record, "a.jsonl")
    assert claimed is log_format
    (call,) = claimed.read(json.dumps(record).encode())
    assert isinstance(call, Call)
    return call


def pair(response: Any, action: str = "converse", model: str = CLAUDE, **more: Any) -> dict[str, Any]:
    return {"uri": URL.format(model, action), "status": 200, "request": REQUEST, "response": response, **more}


@pytest.mark.parametrize(
    "record",
    [
        pair(CONVERSE),
        pair(ANTHROPIC, "invoke"),
        pair(CONVERSE, model=CLAUDE.replace(":", "%3A")),
        {"request": {"url": ADDRESS, "body": REQUEST}, "response": {"body": CONVERSE}},
        {"request": {"modelId": CLAUDE, **REQUEST}, "response": {**CONVERSE, "ResponseMetadata": {"RequestId": "r"}}},
        {"url": ADDRESS, "request_body": json.dumps(REQUEST), "response_body": json.dumps(CONVERSE)},
    ],
)  # fmt: skip
def test_one_call_in_every_shape_that_people_log(record: dict[str, Any]) -> None:
    call = read(record)
    assert (call.provider, call.model) == ("bedrock", CLAUDE)
    assert (call.input_tokens, call.cache_read_tokens, call.cache_write_tokens) == (130, 100, 20)
    assert (call.output_tokens, call.tokens_basis, call.finish_reason) == (4, "logged", "end_turn")
    assert answer_of(call) == "Hello."
    assert call.messages == [("user", b'"Hi"')]


@pytest.mark.parametrize(
    ("request_body", "response", "said"),
    [
        ({"prompt": "Hi"}, {"completion": "Hello."}, "Hello."),
        ({"prompt": "Hi"}, {"generations": [{"text": "Hello.", "finish_reason": "COMPLETE"}]}, "Hello."),
        ({"prompt": "Hi"}, {"completions": [{"data": {"text": "Hello."}, "finishReason": {"reason": "x"}}]}, "Hello."),
        ({"prompt": "Hi"}, {"outputs": [{"text": "Hello.", "stop_reason": "stop"}]}, "Hello."),
        ({"texts": ["Hi"]}, {"embeddings": [[0.1]]}, None),
    ],
)
def test_counts_that_no_body_has_stand_in_headers(request_body: Any, response: Any, said: str | None) -> None:
    headers = {"X-Amzn-Bedrock-Input-Token-Count": "7", "x-amzn-bedrock-output-token-count": "3"}
    headers |= {"x-amzn-bedrock-cache-read-input-token-count": "90", "x-amzn-RequestId": "r-1"}
    call = read(pair(response, "invoke", "m", response_headers=headers) | {"request": request_body})
    assert (call.call_id, call.input_tokens, call.cache_read_tokens, call.output_tokens) == ("r-1", 97, 90, 3)
    assert answer_of(call) == said
    assert call.operation == ("chat" if said else "embedding")


@pytest.mark.parametrize(
    "events",
    [
        [
            {"contentBlockDelta": {"delta": {"text": "Hel"}}},
            {"contentBlockDelta": {"delta": {"text": "lo."}}},
            {"messageStop": {"stopReason": "end_turn"}},
            {"metadata": {"usage": CONVERSE["usage"]}},
        ],
        [
            {"type": "message_start", "message": {"usage": {**ANTHROPIC["usage"], "output_tokens": 1}}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hello."}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}},
            {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 10}},
        ],
    ],
)  # fmt: skip
@pytest.mark.parametrize("recorded", [list, lambda events: "".join(f"data: {json.dumps(e)}\n\n" for e in events)])
def test_a_stream_adds_up_to_one_answer(events: list[Any], recorded: Any) -> None:
    call = read(pair(recorded(events), "converse-stream"))
    assert (call.input_tokens, call.cache_read_tokens, call.output_tokens, call.streamed) == (130, 100, 4, True)
    assert (answer_of(call), call.finish_reason) == ("Hello.", "end_turn")


def test_the_lifetimes_of_cache_writes_are_kept_apart() -> None:
    details = [{"ttl": "5m", "inputTokens": 12}, {"ttl": "1h", "inputTokens": 8}]
    assert read(pair(CONVERSE | {"usage": {**CONVERSE["usage"], "cacheDetails": details}})).cache_write_1h_tokens == 8
    assert read(pair(ANTHROPIC, "invoke")).cache_write_1h_tokens == 20


def test_a_profile_of_ones_own_is_priced_by_the_model_that_answered() -> None:
    arn = "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fabc"
    call = read(pair(ANTHROPIC, "invoke", arn))
    assert call.model == "claude-haiku-4-5-20251001"
    assert call.requested_model == "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"


def test_what_is_asked_of_guardrails_or_counted_is_no_call() -> None:
    for path in ("/guardrail/g/version/1/apply", f"/model/{CLAUDE}/count-tokens"):
        record = {"uri": f"https://bedrock-runtime.us-east-1.amazonaws.com{path}", "status": 200, "response": {"x": 1}}
        assert bedrock.read(json.dumps(record).encode()) == []


def test_a_refusal_is_not_billed() -> None:
    headers = {"x-amzn-errortype": "ThrottlingException:http://x"}
    call = read(pair({"message": "slow down"}, status=429, response_headers=headers))
    assert (call.status, call.error_type, call.billed) == ("error", "ThrottlingException", False)


ENTRY: dict[str, Any] = {
    "schemaType": "ModelInvocationLog",
    "timestamp": "2026-05-04T07:00:00Z",
    "requestId": "r-1",
    "operation": "InvokeModel",
    "modelId": CLAUDE,
    "region": "eu-west-1",
    "input": {"inputBodyJson": REQUEST, "inputTokenCount": 10, "cacheReadInputTokenCount": 100},
    "output": {"outputBodyJson": ANTHROPIC, "outputTokenCount": 4},
}
TEXT = json.dumps(ENTRY, indent=1)


@pytest.mark.parametrize(
    "record",
    [
        ENTRY,
        {"timestamp": 1, "message": TEXT},
        {"@timestamp": "x", "@message": ENTRY},
        {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": TEXT}]},
        {"events": [{"message": TEXT}], "searchedLogStreams": []},
        {"results": [[{"field": "@ptr", "value": "x"}, {"field": "@message", "value": TEXT}]], "status": "Complete"},
    ],
)  # fmt: skip
def test_an_entry_of_the_invocation_log_is_found_in_any_export(record: dict[str, Any]) -> None:
    call = read(record, bedrock_log)
    assert (call.call_id, call.model, call.input_tokens, call.output_tokens) == ("r-1", CLAUDE, 130, 4)
    assert (call.cache_read_tokens, call.cache_write_1h_tokens) == (100, 20)
    assert (call.started_at, answer_of(call)) == (1777878000000000, "Hello.")


def test_what_the_log_leaves_out_is_not_known_unless_a_guardrail_stopped_it() -> None:
    assert read(ENTRY | {"input": {}, "output": {}}, bedrock_log).input_tokens is None
    blocked = {"outputBodyJson": {"type": "message", "amazon-bedrock-guardrailAction": "INTERVENED"}}
    call = read(ENTRY | {"input": {"inputBodyJson": REQUEST}, "output": blocked}, bedrock_log)
    assert (call.input_tokens, call.output_tokens, call.finish_reason) == (0, 0, "guardrail_intervened")


def test_anthropics_own_api_is_not_bedrocks() -> None:
    record = {"uri": "https://api.anthropic.com/v1/messages", "request": REQUEST, "response": ANTHROPIC}
    assert detect(record, "a.jsonl") is anthropic_messages
