"""Gemini's answers, of Google's API and of Vertex AI, in the shapes that people log."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.google import gemini, vertex_log
from costsim.schema import Call, answer_of, text_of

URL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-latest:generateContent"
VERTEX = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google/models/"
REQUEST: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"x": 1}}}]},
    ],
}
USAGE = {
    "promptTokenCount": 100,
    "cachedContentTokenCount": 60,
    "candidatesTokenCount": 20,
    "thoughtsTokenCount": 300,
    "toolUsePromptTokenCount": 7,
    "totalTokenCount": 427,
}
CANDIDATE = {"content": {"role": "model", "parts": [{"text": "Hello."}]}, "finishReason": "STOP"}
RESPONSE: dict[str, Any] = {
    "candidates": [CANDIDATE],
    "usageMetadata": USAGE,
    "modelVersion": "gemini-3-flash",
    "responseId": "r1",
}


def read(record: dict[str, Any]) -> Call:
    assert detect(record, "a.jsonl") is gemini
    (call,) = gemini.read(json.dumps(record).encode())
    return call


def snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {"".join(f"_{c.lower()}" if c.isupper() else c for c in key): snake(each) for key, each in value.items()}
    return [snake(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "record",
    [
        {"uri": URL, "request": REQUEST, "response": RESPONSE},
        {"request": {"url": URL, "body": REQUEST}, "response": {"status_code": 200, "body": RESPONSE}},
        {"url": URL, "request_body": json.dumps(REQUEST), "response_body": json.dumps(RESPONSE)},
        {"uri": URL, "request": REQUEST, "response_text": f"data: {json.dumps(RESPONSE)}\n\n"},
        {"uri": URL, "request": REQUEST, "response": [RESPONSE]},
        {"uri": URL, "request": REQUEST, "response_text": json.dumps([RESPONSE], indent=1)},
        {"uri": URL, "request": snake(REQUEST), "response": snake(RESPONSE)},
        {"uri": URL, **REQUEST, **RESPONSE},
    ],
)
def test_one_call_in_every_shape_that_people_log(record: dict[str, Any]) -> None:
    call = read(record)
    assert (call.call_id, call.model, call.requested_model) == ("r1", "gemini-3-flash", "gemini-flash-latest")
    assert (call.input_tokens, call.cache_read_tokens) == (107, 60)
    assert (call.output_tokens, call.reasoning_tokens, call.tokens_basis) == (320, 300, "logged")
    assert (answer_of(call), call.finish_reason, call.provider) == ("Hello.", "STOP", "google")
    said = [(message[0], text_of(message)) for message in call.messages or ()]
    assert said[:2] == [("system", "Be brief."), ("user", "Hi")]
    assert [role for role, _ in said[2:]] == ["assistant", "tool"]


@pytest.mark.parametrize(
    "record", [RESPONSE, {"response": RESPONSE}, snake(RESPONSE), {"key": "a", "response": RESPONSE}]
)
def test_a_response_alone_is_a_call_without_a_prompt(record: dict[str, Any]) -> None:
    call = read(record)
    assert (call.input_tokens, call.messages) == (107, None)
    assert call.service_tier == ("batch" if "key" in record else None)


def test_of_a_streams_counts_the_last_hold_even_where_they_are_lower() -> None:
    first = RESPONSE | {"usageMetadata": {"promptTokenCount": 110, "totalTokenCount": 110}}
    call = read({"uri": URL, "request": REQUEST, "response": [first, RESPONSE]})
    assert (call.input_tokens, call.output_tokens, answer_of(call)) == (107, 320, "Hello.\nHello.")


def test_counts_that_are_left_out_follow_from_the_total_or_are_nothing() -> None:
    usage = {"candidatesTokenCount": 20, "thoughtsTokenCount": 5, "totalTokenCount": 40}
    assert read(RESPONSE | {"usageMetadata": usage}).input_tokens == 15
    assert read(RESPONSE | {"usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9}}).output_tokens == 0
    unknown = read(RESPONSE | {"usageMetadata": {"candidatesTokenCount": 20, "thoughtsTokenCount": 5}})
    assert (unknown.input_tokens, unknown.output_tokens, unknown.tokens_basis) == (None, 25, None)


@pytest.mark.parametrize(
    ("traffic", "tier"),
    [
        ("ON_DEMAND", "standard"), (1, "standard"), ("ON_DEMAND_FLEX", "flex"), ("ON_DEMAND_PRIORITY", "priority"),
        ("PROVISIONED_THROUGHPUT", "provisioned_throughput"), ("NEW", "new"), (None, None),
    ],
)  # fmt: skip
def test_the_kind_of_traffic_is_the_tier(traffic: Any, tier: str | None) -> None:
    record = {"uri": f"{VERTEX}gemini-2.5-flash:generateContent", "request": REQUEST}
    call = read(record | {"response": RESPONSE | {"usageMetadata": USAGE | {"trafficType": traffic}}})
    assert (call.service_tier, call.provider, call.region) == (tier, "vertex_ai", "europe-west4")


def test_modalities_have_counts_of_their_own() -> None:
    usage = USAGE | {
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 40}, {"modality": 2, "tokenCount": 5}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 12}],
    }
    call = read(RESPONSE | {"usageMetadata": usage})
    assert (call.audio_input_tokens, call.image_input_tokens, call.image_output_tokens) == (40, 5, 12)


@pytest.mark.parametrize(("model", "searches"), [("gemini-2.5-flash", 1), ("gemini-3-flash-preview", 2)])
def test_searches_are_billed_by_the_prompt_or_one_by_one(model: str, searches: int) -> None:
    candidate = CANDIDATE | {
        "groundingMetadata": {"webSearchQueries": ["", "a", "b"], "groundingChunks": [{"maps": {"uri": "x"}}]}
    }
    call = read(RESPONSE | {"modelVersion": model, "candidates": [candidate]})
    assert (call.web_searches, call.map_searches) == (searches, 1)


def test_a_refusal_is_not_billed_and_a_blocked_prompt_is() -> None:
    refused = read(
        {"uri": URL, "status": 429, "request": REQUEST, "response": {"error": {"status": "RESOURCE_EXHAUSTED"}}}
    )
    assert (refused.status, refused.error_type, refused.billed) == ("error", "RESOURCE_EXHAUSTED", False)
    feedback = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
    blocked = read({"uri": URL, "request": REQUEST, "response": feedback})
    assert (blocked.status, blocked.finish_reason, blocked.input_tokens, blocked.billed) == ("ok", "SAFETY", 3, True)


def test_counting_tokens_is_no_call() -> None:
    url = URL.replace("generateContent", "countTokens")
    assert gemini.read(json.dumps({"uri": url, "request": REQUEST, "response": {"totalTokens": 3}}).encode()) == []


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_logged_row_of_vertex_holds_one_call(wrapped: bool) -> None:
    bodies = {"full_request": snake(REQUEST), "full_response": snake(RESPONSE)}
    row: dict[str, Any] = {
        "endpoint": "projects/p/locations/us-east5/publishers/google/models/m",
        "logging_time": "2026-05-01 09:00:00 UTC",
    }
    row |= {name: json.dumps(body) for name, body in bodies.items()} if wrapped else bodies
    row |= {"metadata": {"request_latency": 5, "sampling_rate": 0.25}}
    assert detect(row, "a.jsonl") is vertex_log
    (call,) = vertex_log.read(json.dumps(row).encode())
    assert (call.call_id, call.input_tokens, call.output_tokens, call.region) == ("r1", 107, 320, "us-east5")
    assert (call.started_at, call.duration_ms) == (1777626000000000, 5)
    assert call.tags == {"sampling_rate": "0.25"}


def test_a_text_that_speaks_of_fields_is_no_field() -> None:
    asked = {"contents": [{"role": "user", "parts": [{"text": 'What is "usage_metadata", what "response_id"?'}]}]}
    call = read({"request": asked, "response": RESPONSE, "uri": URL})
    assert (call.input_tokens, call.call_id) == (107, "r1")
