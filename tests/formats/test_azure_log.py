"""Azure's logs: bodies that passed through a gateway, tokens that it counted, and rows that hold bytes only."""

import json
from base64 import b64encode
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.providers import azure_log
from costsim.schema import Call, answer_of

URL = "https://gate.azure-api.net/openai/deployments/chat/chat/completions?api-version=2024-10-21"
BODY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-2024-08-06",
    "choices": [{"message": {"content": "Oslo."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 21, "completion_tokens": 3},
}
ASKED = {"messages": [{"role": "user", "content": "Capital?"}]}
GATEWAY: dict[str, Any] = {
    "url": URL,
    "responseCode": 200,
    "backendTime": 880,
    "backendRequestBody": json.dumps(ASKED),
    "backendResponseBody": json.dumps(BODY) + "\n",
}
OWN: dict[str, Any] = {
    "requestTime": 638515262815394150,
    "responseTime": 638515262835394150,
    "requestLength": 1200,
    "responseLength": 1800,
    "streamType": "Non-Streaming",
    "modelDeploymentName": "chat",
    "modelName": "gpt-4o",
    "modelVersion": "2024-05-13",
}


def row(category: str, properties: Any, **more: Any) -> dict[str, Any]:
    shared = {"time": "2024-05-17T07:09:00.1234567Z", "correlationId": "c", "location": "eastus", "durationMs": -3}
    return {**shared, "category": category, "properties": properties, **more}


def own(properties: Any = OWN, **more: Any) -> dict[str, Any]:
    return row(
        "RequestResponse", properties, **{"operationName": "ChatCompletions_Create", "resultSignature": "200"} | more
    )


def read(record: dict[str, Any]) -> list[Call]:
    assert detect(record, "a.jsonl") is azure_log
    return azure_log.read(json.dumps(record).encode())


@pytest.mark.parametrize("as_text", [False, True])
def test_the_body_inside_a_gateways_row_is_read_as_its_api_would(as_text: bool) -> None:
    (call,) = read(row("GatewayLogs", json.dumps(GATEWAY) if as_text else GATEWAY))
    assert (call.call_id, call.model, call.requested_model) == ("chatcmpl-1", "gpt-4o-2024-08-06", "chat")
    assert (call.input_tokens, call.output_tokens, call.tokens_basis, call.provider) == (21, 3, "logged", "azure")
    assert (answer_of(call), call.duration_ms, call.region) == ("Oslo.", 880, "eastus")


def test_a_response_of_the_other_api_or_a_stream_is_known_by_its_address() -> None:
    answer: dict[str, Any] = {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "gpt-5",
        "output": [],
    }
    answer["usage"] = {"input_tokens": 9, "output_tokens": 1}
    (call,) = read(
        row("GatewayLogs", GATEWAY | {"url": "https://g/openai/responses", "backendResponseBody": json.dumps(answer)})
    )
    assert (call.call_id, call.input_tokens, call.output_tokens) == ("resp_1", 9, 1)
    chunk = {**BODY, "object": "chat.completion.chunk", "choices": [{"delta": {"content": "Oslo."}}]}
    (call,) = read(
        row("GatewayLogs", GATEWAY | {"backendResponseBody": f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n"})
    )
    assert (answer_of(call), call.input_tokens) == ("Oslo.", 21)


def test_a_refusal_by_the_content_filter_is_a_failed_call() -> None:
    refused = {"responseCode": 400, "backendResponseBody": json.dumps({"error": {"code": "content_filter"}})}
    (call,) = read(row("GatewayLogs", GATEWAY | refused))
    assert (call.status, call.error_type, call.billed) == ("error", "content_filter", False)


def test_what_the_gateway_answered_from_its_cache_costs_nothing() -> None:
    (call,) = read(row("GatewayLogs", GATEWAY | {"cache": "hit"}))
    assert (call.billed, call.status, call.input_tokens) == (False, "ok", 21)


@pytest.mark.parametrize("as_text", [False, True])
def test_properties_may_be_spelled_with_a_capital(as_text: bool) -> None:
    properties = {name[0].upper() + name[1:]: value for name, value in GATEWAY.items()}
    (call,) = read(row("GatewayLogs", json.dumps(properties) if as_text else properties))
    assert (call.call_id, call.input_tokens, call.duration_ms) == ("chatcmpl-1", 21, 880)


def test_what_is_no_call_of_a_model_is_none() -> None:
    assert read(row("GatewayLogs", {"url": "https://gate/orders/17", "responseCode": 200, "responseSize": 90})) == []
    assert read(own(operationName="Create_Thread")) == []
    assert read(row("AzureOpenAIRequestUsage", OWN | {"promptTokens": 900})) == []


@pytest.mark.parametrize("properties", [OWN, json.dumps(OWN)])
def test_tokens_of_rows_that_hold_bytes_are_estimated_and_said_to_be(properties: Any) -> None:
    (call,) = read(own(properties))
    assert (call.input_tokens, call.output_tokens, call.tokens_basis) == (300, 450, "estimated")
    assert (call.model, call.requested_model, call.operation) == ("gpt-4o-2024-05-13", "chat", "chat")
    assert (call.started_at, call.duration_ms) == (1715929481539415, 2000)


def test_the_events_of_a_stream_weigh_more_than_its_text() -> None:
    (call,) = read(own(OWN | {"streamType": "Streaming", "responseLength": 67500}))
    assert (call.output_tokens, call.streamed) == (100, True)


def test_a_refused_request_costs_nothing_and_a_negative_duration_is_none() -> None:
    (call,) = read(own(OWN | {"requestTime": None}, resultSignature="429"))
    assert (call.status, call.error_type, call.billed, call.input_tokens) == ("error", "429", False, None)
    assert (call.duration_ms, call.started_at) == (None, 1715929740123456)


@pytest.mark.parametrize(
    "record",
    [
        {"Category": "RequestResponse", "OperationName": "ChatCompletions_Create", "properties_s": json.dumps(OWN)},
        {"OperationName": "ChatCompletions_Create", **{f"{key}_s": each for key, each in OWN.items()}},
    ],
)  # fmt: skip
def test_log_analytics_has_the_same_under_other_names(record: dict[str, Any]) -> None:
    (call,) = read({"TimeGenerated": "2024-05-17T07:09:00Z", "CorrelationId": "c", "ResultSignature": "200", **record})
    assert (call.input_tokens, call.output_tokens, call.model) == (300, 450, "gpt-4o-2024-05-13")


def test_a_gateways_log_of_tokens_has_them_from_the_provider() -> None:
    counted = {
        "PromptTokens": 90,
        "CompletionTokens": 12,
        "DeploymentName": "chat",
        "ModelName": "gpt-4o",
        "RequestId": "r",
    }
    (call,) = read({"TimeGenerated": "2024-05-17T07:09:00Z", "CorrelationId": "c", **counted})
    assert (call.call_id, call.model, call.input_tokens, call.output_tokens) == ("c", "gpt-4o", 90, 12)


def test_a_body_is_read_as_an_object_or_in_base64_too() -> None:
    for kept in (lambda body: body, lambda body: b64encode(json.dumps(body).encode()).decode()):
        (call,) = read(row("GatewayLogs", GATEWAY | {
            "backendRequestBody": kept(ASKED), "backendResponseBody": kept(BODY)}))  # fmt: skip
        assert (call.call_id, call.input_tokens, answer_of(call)) == ("chatcmpl-1", 21, "Oslo.")


def test_what_was_cut_off_of_a_body_is_estimated_by_what_went_through() -> None:
    chunk = {**BODY, "usage": None, "object": "chat.completion.chunk", "choices": [{"delta": {"content": "Oslo."}}]}
    begun = f"data: {json.dumps(chunk)}\n\n"
    for body, tokens in ((begun, 100), (json.dumps(BODY)[:90], 16_875), (json.dumps(BODY), 3)):
        (call,) = read(row("GatewayLogs", GATEWAY | {
            "backendResponseBody": body, "requestSize": 4000, "responseSize": 67_500}))  # fmt: skip
        assert call.output_tokens == tokens
        assert (call.input_tokens, call.tokens_basis) == ((21, "logged") if tokens == 3 else (1000, "estimated"))
    (call,) = read(row("GatewayLogs", GATEWAY | {"backendResponseBody": begun, "responseSize": len(begun) + 300}))
    assert (call.output_tokens, answer_of(call)) == (None, "Oslo.")  # it is all there, and will be counted
