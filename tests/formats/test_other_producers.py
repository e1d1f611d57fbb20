"""The same calls as other producers write them: other names, other layers, other wrappers, other stores.

Each is claimed by its format alone and comes to the counts that the plain shape comes to. Shapes: documentation and
source of the producers; every value is made up.
"""

import base64
import gzip
import json
import re
from typing import Any

import pytest

from costsim.formats import FORMATS, claimants, reader
from costsim.schema import Call

Row = dict[str, Any]
AT = 1767225600 * 10**6
"""2026-01-01, in microseconds."""


def text(value: Any) -> str:
    return json.dumps(value)


def packed(value: Any) -> str:
    return base64.b64encode(gzip.compress(text(value).encode())).decode()


def sse(chunks: list[Row]) -> str:
    return "".join(f"data: {text(chunk)}\r\n\r\n" for chunk in chunks) + "data: [DONE]\r\n\r\n"


def snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            re.sub("([A-Z])", lambda found: "_" + found[1].lower(), name): snake(each) for name, each in value.items()
        }
    return [snake(each) for each in value] if isinstance(value, list) else value


def camel(row: Row) -> Row:
    return {re.sub("_(.)", lambda found: found[1].upper(), name): value for name, value in row.items()}


ASKED: Row = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
USAGE: Row = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
CHAT: Row = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "yo"}, "finish_reason": "stop"}],
    "usage": USAGE,
}  # fmt: skip
CHUNK: Row = {**CHAT, "object": "chat.completion.chunk", "usage": None, "choices": [{"delta": {"content": "a\u2028b"}}]}
CHUNKS = [CHUNK, {**CHUNK, "choices": [], "usage": USAGE}]
URL = "https://api.openai.com/v1/chat/completions"
PAIR: Row = {"request": ASKED, "response": CHAT}
CHAT_SHAPES: dict[str, Row] = {
    "names in camel case": {"requestBody": ASKED, "responseBody": CHAT},
    "bodies as texts": {"requestBody": text(ASKED), "responseBody": text(CHAT), "durationMs": 12},
    "input and output": {"input": ASKED, "output": CHAT},
    "pino": {"level": 30, "time": 1767225600000, "msg": "llm", "req": ASKED, "res": CHAT},
    "a proxy's texts": {"request": {"url": URL, "body": text(ASKED)}, "response": {"status": 200, "body": text(CHAT)}},
    "a proxy's stream": {"request": {"url": URL, "body": text(ASKED)}, "response": {"body": sse(CHUNKS)}},
    "HAR": {
        "startedDateTime": "2026-01-01T00:00:00Z", "time": 12,
        "request": {"method": "POST", "url": URL, "postData": {"text": text(ASKED)}},
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": text(CHAT)}},
    },
    "a cassette": {
        "request": {"uri": URL, "body": {"string": text(ASKED)}},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": text(CHAT)}},
    },
    "a list of chunks": {"request": ASKED, "response": CHUNKS},
    "chunks beside": {"request": ASKED, "chunks": CHUNKS},
    "Elastic": {"hits": {"hits": [{"_source": {"@timestamp": "2026-01-01T00:00:00Z", **PAIR}}]}},
    "Loki": {"data": {"result": [{"stream": {}, "values": [["1767225600000000000", text(PAIR)], ["1", "no JSON"]]}]}},
    "Cloud Logging": {"jsonPayload": {"message": "llm", **PAIR}, "timestamp": "2026-01-01T00:00:00Z"},
    "a queue": {"Records": [{"body": text({"Type": "Notification", "Message": text(PAIR)})}]},
    "EventBridge": {"detail-type": "llm", "time": "2026-01-01T00:00:00Z", "detail": PAIR},
    "Docker": {"log": f"INFO {text(PAIR)}\n", "stream": "stdout", "time": "2026-01-01T00:00:00Z"},
    "twice in one row": {"attributes": {"message": text(PAIR), "attributes": PAIR}},
}  # fmt: skip
MESSAGE: Row = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "yo"}],
    "usage": {
        "input_tokens": 30, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 50, "output_tokens": 20,
    },
}  # fmt: skip
EVENTS: list[Row] = [
    {"type": "message_start", "message": {**MESSAGE, "usage": {**MESSAGE["usage"], "output_tokens": 1}}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}},
]
ASKED_CLAUDE: Row = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": ASKED["messages"]}
RESPONSE: Row = {
    "id": "resp_1", "object": "response", "created_at": 1767225600, "status": "completed", "model": "gpt-5",
    "output": [], "usage": {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120},
}  # fmt: skip
GEMINI: Row = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "yo"}]}, "finishReason": "STOP"}],
    "modelVersion": "gemini-2.5-pro", "responseId": "r1",
    "usageMetadata": {
        "promptTokenCount": 100, "candidatesTokenCount": 5, "thoughtsTokenCount": 15, "totalTokenCount": 120,
    },
}  # fmt: skip
ASKED_GEMINI: Row = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"
CONVERSED: Row = {
    "output": {"message": {"role": "assistant", "content": [{"text": "yo"}]}}, "stopReason": "end_turn",
    "usage": {"inputTokens": 50, "outputTokens": 20, "totalTokens": 120, "cacheReadInputTokens": 50},
}  # fmt: skip
COHERE: Row = {
    "id": "c1",
    "finish_reason": "COMPLETE",
    "usage": {"billed_units": {"input_tokens": 100.0, "output_tokens": "20"}},
}
OLLAMA: Row = {
    "model": "llama3",
    "message": {"content": "yo"},
    "done": True,
    "prompt_eval_count": 100,
    "eval_count": 20,
}
LOG: Row = {
    "schemaType": "ModelInvocationLog", "timestamp": "2026-01-01T00:00:00Z", "requestId": "r", "operation": "Converse",
    "modelId": "amazon.nova-lite-v1:0", "input": {"inputTokenCount": "100"}, "output": {"outputTokenCount": 20},
}  # fmt: skip
SPEND: Row = {
    "request_id": "l1", "call_type": "acompletion", "spend": 0.1, "prompt_tokens": "100", "completion_tokens": "20",
    "startTime": "2026-01-01 00:00:00+00:00", "model": "gpt-4o", "custom_llm_provider": "openai", "metadata": "{}",
}  # fmt: skip
GENERATION: Row = {
    "id": "gen-1", "total_cost": 0.0015, "created_at": "2026-01-01T00:00:00+00:00", "model": "openai/gpt-4o",
    "is_byok": False, "tokens_prompt": 10, "tokens_completion": 25, "native_tokens_prompt": 100,
    "native_tokens_completion": 20,
}  # fmt: skip
HELICONE: Row = {
    "request_id": "h1", "request_created_at": "2026-01-01T00:00:00Z", "response_created_at": "2026-01-01T00:00:01Z",
    "response_status": 200, "provider": "OPENAI", "request_model": "gpt-4o", "prompt_tokens": 50,
    "completion_tokens": 15, "prompt_cache_read_tokens": 40, "prompt_audio_tokens": 10, "reasoning_tokens": 5,
    "total_tokens": 70, "response_body": {"helicone_message": "fetching body from signed_url"}, "target_url": URL,
}  # fmt: skip
ATTRIBUTES: Row = {
    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": "100", "gen_ai.usage.output_tokens": "20",
}  # fmt: skip
TAGS = [{"key": name, "type": "string", "value": value} for name, value in ATTRIBUTES.items()]
PAIRS = [{"key": name, "value": {"stringValue": value}} for name, value in ATTRIBUTES.items()]
JAEGER: Row = {
    "traceID": "ab12", "spanID": "cd34", "operationName": "chat", "startTime": AT, "duration": 900_000, "tags": TAGS,
    "references": [{"refType": "CHILD_OF", "traceID": "ab12", "spanID": "ef56"}], "logs": [], "processID": "p1",
}  # fmt: skip
NANO = "1767225600000000000"
OTEL_SHAPES: dict[str, Row] = {
    "Jaeger's UI": {"data": [{"traceID": "ab12", "spans": [JAEGER], "processes": {"p1": {"serviceName": "s"}}}]},
    "Jaeger in Elastic": {**JAEGER, "process": {"serviceName": "s"}},
    "Zipkin": {
        "traceId": "ab12", "id": "cd34", "name": "chat", "timestamp": AT, "duration": 900_000, "tags": ATTRIBUTES,
        "localEndpoint": {"serviceName": "s"},
    },
    "ClickHouse": {
        "Timestamp": "2026-01-01 00:00:00.000000000", "TraceId": "ab12", "SpanId": "cd34", "SpanName": "chat",
        "ServiceName": "s", "SpanAttributes": ATTRIBUTES, "Duration": 900_000_000, "StatusCode": "Ok",
    },
    "CloudWatch": {
        "traceId": "ab12", "spanId": "cd34", "name": "chat", "startTimeUnixNano": int(NANO), "attributes": ATTRIBUTES,
        "endTimeUnixNano": int(NANO) + 900_000_000, "status": {"code": "UNSET"},
    },
    "Application Insights": {
        "timestamp": "2026-01-01T00:00:00Z", "itemType": "dependency", "operation_Id": "ab12", "id": "cd34",
        "duration": 900, "success": "True", "customDimensions": text(ATTRIBUTES),
    },
    "Phoenix's table": {
        "context.trace_id": "ab12", "context.span_id": "cd34", "span_kind": "LLM", "start_time": "2026-01-01T00:00:00Z",
        "end_time": "2026-01-01T00:00:00.900Z", "status_code": "OK", "attributes.llm.model_name": "gpt-4o",
        "attributes.llm.token_count.prompt": 100, "attributes.llm.token_count.completion": 20.0,
    },
    "Tempo": {
        "trace": {"resourceSpans": [{"scopeSpans": [{"spans": [{
            "traceId": "ab12", "spanId": "cd34", "name": "chat", "startTimeUnixNano": NANO, "attributes": PAIRS,
            "endTimeUnixNano": int(NANO) + 900_000_000,
        }]}]}]},
    },
    "an event of details": {
        "resourceLogs": [{"scopeLogs": [{"logRecords": [
            {"timeUnixNano": NANO, "eventName": "gen_ai.client.inference.operation.details", "attributes": PAIRS,
             "traceId": "ab12", "spanId": "cd34"},
            {"timeUnixNano": NANO, "eventName": "gen_ai.choice", "traceId": "ab12", "spanId": "cd34",
             "body": {"kvlistValue": {"values": [{"key": "index", "value": {"intValue": "0"}}]}}},
        ]}]}],
    },
}  # fmt: skip
SHAPES: list[tuple[str, str, Row]] = [
    *(("openai-chat", name, row) for name, row in CHAT_SHAPES.items()),
    *(("otel", name, row) for name, row in OTEL_SHAPES.items()),
    ("openai-chat", "counts as texts", {**CHAT, "usage": {name: str(count) for name, count in USAGE.items()}}),
    ("openai-chat", "an ISO time", {**CHAT, "created": "2026-01-01T00:00:00Z"}),
    ("openai-chat", "thoughts left out", {"url": "https://api.x.ai/v1/chat/completions", "request": ASKED, "response": {
        **CHAT, "usage": {**USAGE, "completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 15}},
    }}),
    ("openai-chat", "thoughts untold", {**CHAT, "model": "gemini-2.5-pro", "usage": {**USAGE, "completion_tokens": 5}}),
    ("openai-responses", "events", {"request": {"model": "gpt-5", "input": "hi"}, "events": [
        {"type": "response.created", "response": {**RESPONSE, "usage": None}},
        {"type": "response.completed", "response": RESPONSE},
    ]}),
    ("openai-responses", "camel case", {"requestBody": {"model": "gpt-5", "input": "hi"}, "responseBody": RESPONSE}),
    ("openai-batch", "Azure's, without an id", {"custom_id": "a", "response": {"body": CHAT, "status_code": 200}}),
    ("anthropic-messages", "events", {"request": ASKED_CLAUDE, "events": EVENTS}),
    ("anthropic-messages", "texts", {"requestBody": text(ASKED_CLAUDE), "responseBody": text(MESSAGE)}),
    ("anthropic-messages", "a proxy's stream", {"request": ASKED_CLAUDE, "response": {"body": sse(EVENTS)}}),
    ("gemini", "the SDK's dump", {**snake(GEMINI), "sdk_http_response": {"headers": {}}, "parsed": None}),
    ("gemini", "chunks", {"url": GEMINI_URL, "request": ASKED_GEMINI, "response": [GEMINI, GEMINI]}),
    ("gemini", "a list in a text", {
        "request": {"url": GEMINI_URL, "body": text(ASKED_GEMINI)}, "response": {"body": text([GEMINI])},
    }),
    ("gemini", "counts as texts", {**GEMINI, "usageMetadata": {n: str(c) for n, c in GEMINI["usageMetadata"].items()}}),
    ("gemini", "the Live API", {"usageMetadata": {"promptTokenCount": 100, "responseTokenCount": 20}}),
    ("vertex-log", "JSON in columns", {
        "endpoint": "projects/1/locations/us-central1/publishers/google/models/gemini-2.5-pro", "request_id": "7",
        "logging_time": "2026-01-01 00:00:00.123 UTC", "full_request": text(ASKED_GEMINI),
        "full_response": text(GEMINI),
    }),
    ("bedrock", "boto", {
        "request": {"modelId": "m", **ASKED}, "response": {**CONVERSED, "ResponseMetadata": {"RequestId": "r"}},
    }),
    ("bedrock", "model beside", {"modelId": "m", "request": {"messages": []}, "response": CONVERSED}),
    ("bedrock", "events", {"request": {"modelId": "m"}, "response": [
        {"messageStart": {"role": "assistant"}}, {"metadata": {"usage": CONVERSED["usage"]}},
    ]}),
    ("bedrock-log", "Firehose", {"messageType": "DATA_MESSAGE", "logEvents": [{"timestamp": 1, "message": text(LOG)}]}),
    ("bedrock-log", "Lambda", {"awslogs": {"data": packed({"logEvents": [{"message": text(LOG)}]})}}),
    ("bedrock-log", "Kinesis", {"Records": [{"kinesis": {"data": base64.b64encode(text(LOG).encode()).decode()}}]}),
    ("cohere", "events", {"request": {"model": "command-r", "messages": []}, "response": [
        {"type": "message-start", "id": "c1"}, {"type": "message-end", "delta": COHERE},
    ]}),
    ("ollama", "objects", {"request": {"model": "llama3"}, "response": [{**OLLAMA, "done": False}, OLLAMA]}),
    ("litellm", "Elastic", {"_index": "x", "_source": SPEND}),
    ("openrouter", "the SDK's words", {"data": camel(GENERATION)}),
    ("helicone", "counts side by side", HELICONE),
    ("helicone", "its API's page", {"data": [HELICONE], "error": None}),
    ("weave", "columns of a CSV", {
        "id": "w1", "op_name": "weave:///e/p/op/openai.chat.completions.create:x", "trace_id": "t", "inputs.model": "",
        "summary.usage.gpt-4.1.prompt_tokens": "100", "summary.usage.gpt-4.1.completion_tokens": "20",
    }),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "row"), [(name, row) for name, _, row in SHAPES], ids=[f"{n}: {s}" for n, s, _ in SHAPES]
)
def test_the_same_call_in_another_shape_is_claimed_by_its_format_alone_and_counted_the_same(
    name: str, row: Row
) -> None:
    assert [each.NAME for each in claimants(row)] == [name]
    (call,) = reader(FORMATS[name])(text(row).encode())
    assert (call.input_tokens, call.output_tokens, call.tokens_basis, call.status) == (100, 20, "logged", "ok")


def read(name: str, row: Row) -> list[Call]:
    return reader(FORMATS[name])(text(row).encode())


def test_spans_of_all_stores_are_the_same_call() -> None:
    assert len(OTEL_SHAPES) == 9
    for shape, row in OTEL_SHAPES.items():
        (call,) = read("otel", row)
        lasted = None if "event" in shape else 900.0
        assert (call.call_id, call.started_at, call.duration_ms, call.model) == ("ab12:cd34", AT, lasted, "gpt-4o"), (
            shape
        )


def test_what_the_wrapper_knows_goes_with_the_call() -> None:
    wrapped = {"ts": "2026-01-01T00:00:00Z", "user_id": "u", "route": "search", "data": {**PAIR, "route": "own"}}
    (call,) = read("openai-chat", wrapped)
    assert (call.started_at, call.user, call.route) == (AT, "u", "own")


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("openai-chat", {"request": ASKED, "response": {"error": "overloaded"}, "status": 503}),
        ("openai-chat", {"request": ASKED, "response": None, "error": "RateLimitError: 429"}),
        ("openai-chat", {"request": {"url": URL, "body": text(ASKED)}, "response": {"status": 429, "body": "{}"}}),
        (
            "anthropic-messages",
            {"request": ASKED_CLAUDE, "response": {"type": "error", "error": {"type": "overloaded_error"}}},
        ),
        ("gemini", {"request": ASKED_GEMINI, "response": {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}}),
        ("bedrock-log", {**LOG, "input": {}, "output": {}, "errorCode": "ThrottlingException"}),
    ],
)
def test_a_refusal_of_any_kind_is_a_failed_call_that_costs_nothing(name: str, row: Row) -> None:
    assert [each.NAME for each in claimants(row)] == [name]
    (call,) = read(name, row)
    assert (call.status, call.billed) == ("error", False)
    assert call.error_type


def test_charges_are_taken_in_every_providers_unit() -> None:
    ticks = {**CHAT, "usage": {**USAGE, "cost_in_usd_ticks": 1_234_567}}
    parts = {**CHAT, "usage": {**USAGE, "cost": {"input_tokens_cost": 0.0003, "total_cost": 0.0065}}}
    row = {"status": 200, **{name: value for name, value in HELICONE.items() if name != "response_status"}}
    assert [read("openai-chat", row)[0].reported_cost for row in (ticks, parts)] == [123_456_700, 6_500_000_000]
    assert read("helicone", {**row, "cost": 3_000_000})[0].reported_cost == 3 * 10**9


def test_agents_that_send_telemetry_name_their_counts_in_their_own_words() -> None:
    def told(name: str, **attributes: Any) -> Row:
        pairs = [
            {"key": key, "value": {"stringValue": str(value)}}
            for key, value in {"event.name": name, **attributes}.items()
        ]
        return {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": NANO, "attributes": pairs}]}]}]}

    claude = told("api_request", model="claude-sonnet-4-5", input_tokens=30, cache_read_tokens=50,
                  cache_creation_tokens=20, output_tokens=20, cost_usd="0.01", duration_ms=900)  # fmt: skip
    gemini = told("gemini_cli.api_response", model="gemini-2.5-pro", input_token_count=100, output_token_count=5,
                  thoughts_token_count=15, cached_content_token_count=40)  # fmt: skip
    for row in (claude, gemini):
        (call,) = read("otel", row)
        assert (call.input_tokens, call.output_tokens) == (100, 20)
    assert read("otel", told("user_prompt", prompt_length=3)) == []


def test_what_two_formats_could_take_for_theirs_stays_with_the_one_that_wrote_it() -> None:
    for _, name, row in SHAPES:
        for wrapped in ({"jsonPayload": row}, {"records": [row]}, {"log": text(row) + "\n", "stream": "stdout"}):
            assert len(claimants(wrapped)) == 1, name
