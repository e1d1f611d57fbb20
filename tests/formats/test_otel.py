"""OpenTelemetry: what is nested is one call, what is beside it another, and every spelling of OTLP-JSON is the same."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.otel import otel
from costsim.schema import Call, text_of

TRACE = "5b8efff798038103d269b633813fc60c"
USAGE: dict[str, Any] = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20}
CHAT: dict[str, Any] = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.system": "openai"}


def value(of: Any) -> dict[str, Any]:
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    return {"doubleValue": of} if isinstance(of, float) else {"stringValue": of}


def span(number: int, parent: int | None = None, at: int = 0, **more: Any) -> dict[str, Any]:
    attributes = more.pop("attributes", CHAT | USAGE)
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "startTimeUnixNano": str((1_793_959_200 + at) * 10**9),
        "endTimeUnixNano": str((1_793_959_201 + at) * 10**9),
        "attributes": [{"key": key, "value": value(each)} for key, each in attributes.items()],
    } | more


def export(*spans: dict[str, Any], scope: str = "s") -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}]}]}


def read(*spans: dict[str, Any], scope: str = "s") -> list[Call]:
    return otel.read(json.dumps(export(*spans, scope=scope)).encode())


def one(**attributes: Any) -> Call:
    (call,) = read(span(1, attributes=attributes))
    return call


def test_every_spelling_of_an_export_is_claimed_and_the_same_call() -> None:
    plain = export(span(1))
    snake = json.dumps(plain)
    for name, other in (("resourceSpans", "resource_spans"), ("scopeSpans", "scope_spans"), ("spanId", "span_id"),
                        ("traceId", "trace_id"), ("stringValue", "string_value"), ("intValue", "int_value"),
                        ("startTimeUnixNano", "start_time_unix_nano"), ("parentSpanId", "parent_span_id"),
                        ("endTimeUnixNano", "end_time_unix_nano")):  # fmt: skip
        snake = snake.replace(name, other)
    numbers = json.dumps(plain).replace('"intValue": "100"', '"intValue": 100')
    single = json.dumps(span(1))
    calls = []
    for text in (json.dumps(plain), snake, numbers, single):
        assert detect(json.loads(text), "a") is otel
        calls += otel.read(text.encode())
    assert len(calls) == 4
    assert all(call == calls[0] for call in calls)
    assert (calls[0].input_tokens, calls[0].duration_ms) == (100, 1000.0)


def test_ids_in_base64_are_the_ids_in_hex() -> None:
    (call,) = read(span(1) | {"traceId": "W47/95gDgQPSabYzgT/GDA==", "spanId": "AAAAAAAAAAE="})
    assert call.call_id == f"{TRACE}:0000000000000001"


@pytest.mark.parametrize("operation", ["invoke_agent", "execute_tool", "create_agent", "invoke_workflow"])
def test_what_only_contains_calls_is_none(operation: str) -> None:
    assert read(span(1, attributes=CHAT | USAGE | {"gen_ai.operation.name": operation})) == []


def test_of_nested_spans_of_one_call_the_inner_one_counts() -> None:
    outer, between, inner = span(1), span(2, 1, attributes={"traceloop.span.kind": "task"}), span(3, 2)
    calls = read(inner, between, outer)
    assert [call.call_id for call in calls] == [f"{TRACE}:0000000000000003"]


def test_where_the_inner_span_knows_no_tokens_the_outer_one_counts() -> None:
    calls = read(span(1), span(2, 1, attributes=CHAT))
    assert [(call.parent_id, call.input_tokens) for call in calls] == [(None, 100)]


def test_a_failed_attempt_inside_a_call_that_succeeded_is_a_call_of_its_own() -> None:
    failed = span(2, 1, attributes=CHAT | {"error.type": "429"}, status={"code": 2})
    calls = read(span(1, attributes=CHAT), failed, span(3, 1, at=5))
    assert [(call.status, call.billed, call.attempt) for call in calls] == [("error", False, None), ("ok", True, 2)]
    assert calls[1].retry_of == calls[0].call_id


def test_a_sibling_on_another_model_after_a_failure_is_a_fallback() -> None:
    failed = span(2, 1, attributes=CHAT, status={"code": "STATUS_CODE_ERROR"})
    calls = read(failed, span(3, 1, at=5, attributes=CHAT | USAGE | {"gen_ai.request.model": "gpt-4.1"}))
    assert [call.fallback_of for call in calls] == [None, "gpt-4o"]


def test_a_circle_of_parents_does_not_hang() -> None:
    assert len(read(span(1, 2), span(2, 1))) <= 2


def test_two_instrumentors_that_name_the_same_answer_name_the_same_call() -> None:
    calls = read(*(span(n, attributes=CHAT | USAGE | {"gen_ai.response.id": "chatcmpl-1"}) for n in (1, 2)))
    assert len({call.call_id for call in calls}) == 1


def test_tokens_are_made_inclusive_where_the_figures_show_that_they_are_not() -> None:
    cache = {"gen_ai.usage.cache_read.input_tokens": 60, "gen_ai.usage.cache_creation.input_tokens": 30}
    assert one(**CHAT, **USAGE, **cache).input_tokens == 100
    assert one(**CHAT, **USAGE, **cache, **{"gen_ai.usage.total_tokens": 210}).input_tokens == 190
    assert one(**CHAT, **USAGE, **{"gen_ai.usage.cache_read_input_tokens": 900}).input_tokens == 1000


def test_an_instrumentor_that_leaves_out_what_was_cached_is_known_by_its_name() -> None:
    claude = CHAT | {"gen_ai.system": "anthropic", "gen_ai.usage.cache_read.input_tokens": 60}
    (call,) = read(span(1, attributes=claude | USAGE), scope="openlit.instrumentation.anthropic")
    assert call.input_tokens == 160
    (call,) = read(span(1, attributes=claude | USAGE), scope="com.anthropic.sdk.python")
    assert call.input_tokens == 100


def test_what_a_provider_said_whole_fills_in_what_no_attribute_has() -> None:
    raw = {"input_tokens": 10, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 30, "output_tokens": 20}
    call = one(**CHAT, **USAGE, **{"gen_ai.usage.raw": json.dumps(raw)})
    assert (call.input_tokens, call.cache_read_tokens, call.cache_write_tokens) == (100, 60, 30)


def test_a_streamed_request_whose_answer_has_a_log_of_its_own_is_one_call() -> None:
    asked = span(1, attributes=CHAT | {"logfire.span_type": "span", "gen_ai.response.model": "gpt-4o"})
    told = span(2, attributes=CHAT | USAGE | {"logfire.span_type": "log"})
    assert [call.input_tokens for call in read(asked, told, scope="logfire.openai")] == [100]
    failed = asked | {"status": {"code": "STATUS_CODE_ERROR"}}
    assert [call.status for call in read(failed, scope="logfire.openai")] == ["error"]


def test_a_provider_is_known_by_where_the_request_went() -> None:
    assert one(**CHAT, **USAGE, **{"server.address": "api.groq.com"}).provider == "groq"
    assert one(**CHAT | {"gen_ai.system": "aws.bedrock"}, **USAGE).provider == "bedrock"


def test_one_odd_span_costs_the_others_nothing() -> None:
    odd = span(2) | {"attributes": "none", "status": 7, "events": {}}
    assert [call.input_tokens for call in read(span(1), odd)] == [100]


def test_older_conventions_events_are_messages() -> None:
    event = {"name": "gen_ai.user.message", "attributes": [{"key": "content", "value": {"stringValue": "Hi"}}]}
    (call,) = read(span(1, events=[event]))
    assert [(role, text_of((role, text))) for role, text in call.messages or ()] == [("user", "Hi")]


def test_an_answer_that_speaks_of_tool_calls_makes_none() -> None:
    def answered(*parts: dict[str, Any]) -> Call:
        said = [{"role": "assistant", "parts": list(parts)}]
        names = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1, "gen_ai.usage.output_tokens": 2}
        return one(**names, **{"gen_ai.output.messages": json.dumps(said)})

    assert not answered({"type": "text", "content": "A tool_call has a name."}).answer_has_tool_calls
    assert answered({"type": "tool_call", "name": "look", "arguments": {}}).answer_has_tool_calls


def test_a_streamed_call_that_two_libraries_tell_as_roots_is_one_and_two_of_one_library_are_two() -> None:
    openinference = {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o", "llm.token_count.prompt": 100,
                     "llm.token_count.completion": 20, "llm.token_count.prompt_details.cache_read": 64}  # fmt: skip
    own, others = export(span(1), span(2, at=9), scope="a"), export(span(3, attributes=openinference), scope="b")
    both = {"resourceSpans": own["resourceSpans"] + others["resourceSpans"]}
    assert [call.cache_read_tokens for call in otel.read(json.dumps(both).encode())] == [None, 64]
    assert len(read(span(1), span(2))) == 2
