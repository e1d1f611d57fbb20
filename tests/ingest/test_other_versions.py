"""What other versions of the producers write, and other ways out of them: files with counts that are known.

Shapes: documentation and source of the producers; every value is made up. A call is (input, output, cache read, cache
write), in the order of the log.
"""

import json
from typing import Any

import pytest
from tests.ingest.conftest import Counts, Read, assert_holds
from tests.ingest.logs import lines

Row = dict[str, Any]


def text(value: Any) -> str:
    return json.dumps(value)


def pretty(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()


def table(*rows: Row) -> bytes:
    """CSV with every cell quoted."""
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    quoted = [[f'"{str(cell).replace(chr(34), chr(34) * 2)}"' for cell in each] for each in cells]
    return "\n".join(",".join(each) for each in quoted).encode()


ONE: list[Counts] = [(100, 20, None, None)]
READ: list[Counts] = [(100, 20, 40, None)]
BOTH: list[Counts] = [(100, 20, 50, 20)]
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
ASKED = [{"role": "user", "content": "hi"}]


def chat(usage: Row) -> bytes:
    choices = [{"message": {"role": "assistant", "content": "yo"}, "finish_reason": "stop"}]
    answer = {"id": "c1", "object": "chat.completion", "model": "m", "choices": choices, "usage": {**USAGE, **usage}}
    return lines({"request": {"model": "m", "messages": ASKED}, "response": answer})


CLAUDE = {"input_tokens": 30, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 50, "output_tokens": 20}
SPOKEN = {
    "prompt_token_count": 100, "candidates_token_count": 20, "total_token_count": 120, "cached_content_token_count": 40,
    "traffic_type": "TrafficType.ON_DEMAND", "prompt_tokens_details": [{"modality": "MediaModality.AUDIO"}],
}  # fmt: skip
REALTIME = {"object": "realtime.response", "id": "r", "output": [], "usage": {
    "input_tokens": 100, "output_tokens": 20, "input_token_details": {"cached_tokens": 40}}}  # fmt: skip
MESSAGE: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
           "content": [{"type": "text", "text": "yo"}], "usage": CLAUDE}  # fmt: skip
PROVIDERS = [
    ("openai-chat", "a text beside its usage", lines({"model": "m", "messages": ASKED, "response": "yo",
                                                      "usage": USAGE}), ONE),
    ("openai-chat", "Mistral's spelling", chat({"prompt_token_details": {"cached_tokens": 40}}), READ),
    ("openai-chat", "Qwen's cache", chat({"prompt_tokens_details": {
        "cached_tokens": 50, "cache_creation_input_tokens": 20}}), BOTH),
    ("openai-chat", "LiteLLM's cache", chat({"cache_creation_input_tokens": 20, "cache_read_input_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 50, "cache_creation_tokens": 20}}), BOTH),
    ("openai-chat", "an older LiteLLM", chat({"cache_creation_input_tokens": 20, "cache_read_input_tokens": 50}), BOTH),
    ("openai-chat", "Anthropic's own arithmetic", chat({"prompt_tokens": 30, "total_tokens": 50,
        "cache_creation_input_tokens": 20, "cache_read_input_tokens": 50}), BOTH),
    ("openai-responses", "the Realtime API", lines({"type": "response.done", "response": REALTIME}), READ),
    ("gemini", "enums that Python wrote", lines({"candidates": [{"finish_reason": "FinishReason.STOP"}],
                                                 "usage_metadata": SPOKEN}), READ),
]  # fmt: skip

EXEC = {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 20}
LATER = {"input_tokens": 250, "cached_input_tokens": 100, "output_tokens": 30}
TOTALS = {"total_token_usage": EXEC, "last_token_usage": EXEC}
STEP = {"id": "msg_1", "sessionID": "s", "role": "assistant", "modelID": "claude-sonnet-4-5", "providerID": "anthropic",
        "time": {"created": 1767225600000}, "tokens": {"input": 30, "output": 15, "reasoning": 5,
                                                       "cache": {"read": 50, "write": 20}}}  # fmt: skip
RUN: dict[str, Any] = {"type": "result", "subtype": "success", "session_id": "s", "uuid": "u", "total_cost_usd": 0.1,
                       "modelUsage": {
    "claude-sonnet-4-5": {"inputTokens": 30, "outputTokens": 20, "cacheReadInputTokens": 50,
                          "cacheCreationInputTokens": 20, "costUSD": 0.1},
}}  # fmt: skip
PRINTED = {"type": "assistant", "message": MESSAGE, "session_id": "s"}
FIRST = {**MESSAGE, "usage": {**MESSAGE["usage"], "output_tokens": 1}}
BEGUN = {**PRINTED, "message": FIRST, "uuid": "v"}
ENDED = {**RUN, "modelUsage": {"claude-sonnet-4-5[1m]": RUN["modelUsage"]["claude-sonnet-4-5"],
                               "claude-haiku-4-5": {"inputTokens": 300, "outputTokens": 9}}}  # fmt: skip
EVENTS = [
    {"type": "stream_event", "session_id": "s", "parent_tool_use_id": None, "event": event}
    for event in (
        {"type": "message_start", "message": FIRST},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}},
    )
]
AGENTS = [
    ("claude-code", "rows without a user type", lines({"type": "assistant", "sessionId": "s", "uuid": "u", "version":
        "2.3.0", "timestamp": "2026-01-01T00:00:00Z", "message": MESSAGE}), BOTH),
    ("claude-code", "the first versions that print", lines(PRINTED), BOTH),
    ("claude-code", "only how a run ended", lines(RUN), BOTH),
    ("claude-code", "a run and how it ended", lines(PRINTED, RUN), BOTH),
    ("claude-code", "rows with the first tokens only, and a model that no row names", lines(BEGUN, ENDED, ENDED),
     [(100, 1, 50, 20), (0, 19, 0, 0), (300, 9, 0, 0)]),
    ("claude-code", "events of an answer", lines(*EVENTS[:1], BEGUN, *EVENTS[1:], RUN), BOTH),
    ("claude-code", "events of an answer that was cut off", lines(*EVENTS[:1]), [(100, 1, 50, 20)]),
    ("codex", "a thread that goes on", lines(
        {"type": "thread.started", "thread_id": "t"}, {"type": "turn.completed", "usage": EXEC},
        {"type": "thread.started", "thread_id": "t"}, {"type": "turn.completed", "usage": LATER},
    ), [(100, 20, 40, 0), (150, 10, 60, 0)]),
    ("codex", "threads that come to the same", lines(
        {"type": "thread.started", "thread_id": "t"}, {"type": "turn.completed", "usage": EXEC},
        {"type": "thread.started", "thread_id": "u"}, {"type": "turn.completed", "usage": EXEC},
    ), [(100, 20, 40, 0)] * 2),
    ("codex", "events by number", lines(
        {"id": "0", "msg": {"type": "session_configured", "session_id": "x", "model": "gpt-5"}},
        {"id": "0", "msg": {"type": "token_count", "info": TOTALS}},
        {"id": "0", "msg": {"type": "token_count", "info": TOTALS}},
    ), [(100, 20, 40, 0)]),
    ("codex", "counts in the event", lines({"id": "0", "msg": {"type": "token_count", **EXEC}}), [(100, 20, 40, 0)]),
    ("opencode", "a session that was exported", pretty({"info": {"id": "s", "title": "t"}, "messages": [
        {"info": {**STEP, "role": "user", "tokens": None}, "parts": []}, {"info": STEP, "parts": []}]}), BOTH),
    ("opencode", "what a run prints", lines(
        {"type": "text", "timestamp": 1767225600000, "sessionID": "s", "part": {"id": "p", "type": "text"}},
        {"type": "step_finish", "timestamp": 1767225600000, "sessionID": "s", "part": {
            "id": "p", "messageID": "msg_1", "sessionID": "s", "type": "step-finish", "tokens": STEP["tokens"]}},
    ), BOTH),
]  # fmt: skip

SPAN = {"id": "w", "span_id": "s", "root_span_id": "r", "span_attributes": {"type": "llm"}, "project_id": "p",
        "metadata": {"model": "gpt-4o"}, "metrics": {"start": 1767225600.0}}  # fmt: skip
MERGED = {"id": "w", "span_id": "s", "root_span_id": "r", "_is_merge": True, "metrics": {
    "end": 1767225601.0, "prompt_tokens": 100, "completion_tokens": 20, "prompt_cached_tokens": 40}}  # fmt: skip
UNITS = {"id": "p", "created_at": "2026-01-01T00:00:00Z", "ai_model": "gpt-4o", "req_units": "100", "res_units": 20,
         "request_url": "https://api.openai.com/v1/chat/completions"}  # fmt: skip
PLATFORMS = [
    ("braintrust", "a page of its API", pretty({"events": [SPAN, MERGED], "cursor": None}), READ),
    ("braintrust", "a query's answer", pretty({"data": [SPAN, MERGED], "schema": {}}), READ),
    ("braintrust", "a merge without its project", lines(SPAN, MERGED), READ),
    ("portkey", "without the provider", lines(UNITS), ONE),
]  # fmt: skip
KINDS = {"input": 60, "output": 20, "input_cached_tokens": 40, "total": 120}
GENERATION = {"id": "o", "traceId": "t", "name": "n", "startTime": "2026-01-01T00:00:00.000Z", "model": "gpt-4o",
              "usageDetails": text(KINDS)}  # fmt: skip
EXPORTED = {"id": "o", "trace_id": "t", "type": "GENERATION", "parent_observation_id": "", "usage_details": KINDS,
            "start_time": "2026-01-01 00:00:00.000", "provided_model_name": "gpt-4o"}  # fmt: skip
RUN_ROW = {"id": "r", "name": "ChatOpenAI", "run_type": "llm", "start_time": "2026-01-01T00:00:00", "inputs": "{}",
           "prompt_tokens": 100, "completion_tokens": 20}  # fmt: skip
COUNTED = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120, "cache_read_input_tokens": 40}
TRACED = {"spans": [{"span_id": "a", "attributes": {
    "mlflow.spanType": text("CHAT_MODEL"), "mlflow.llm.model": text("gpt-4o"), "mlflow.chat.tokenUsage": text(COUNTED),
    "mlflow.traceRequestId": text("tr-1")}}]}  # fmt: skip
EVALUATED = {"status": "success", "eval": {"task": "t", "run_id": "r", "config": {"log_samples": False}}, "stats": {
    "model_usage": {"openai/gpt-4o": {**COUNTED, "input_tokens_cache_read": 40}}}}  # fmt: skip
PLATFORMS += [
    ("langfuse", "a table of generations", table(GENERATION), READ),
    ("langfuse", "details as Python writes them", table(EXPORTED), READ),
    ("langfuse", "characters are no tokens", lines({**GENERATION, "type": "GENERATION", "usageDetails": None, "usage": {
        "input": 1000, "output": 200, "unit": "CHARACTERS"}}), [(None, None, None, None)]),
    ("langsmith", "a table of runs", table(RUN_ROW, {**RUN_ROW, "id": "c", "run_type": "chain"}), ONE),
    ("mlflow", "a trace's file in its store", pretty(TRACED), READ),
    ("inspect-ai", "without samples", pretty(EVALUATED), READ),
    ("llm", "before there were columns of tokens", lines({"id": "l", "model": "gpt-4", "prompt": "hi", "response": "yo",
        "prompt_json": "{}", "datetime_utc": "2023-07-01T00:00:00", "response_json": text({"usage": USAGE})}), ONE),
    ("litellm", "what its callbacks get", lines({"standard_logging_object": {"id": "s", "call_type": "acompletion",
        "response_cost": 0.1, "model": "gpt-4o", **USAGE}}), ONE),
]  # fmt: skip


def span(**attributes: Any) -> bytes:
    values = [
        {"key": key.replace("__", "."), "value": {"stringValue": str(value)}} for key, value in attributes.items()
    ]
    return lines(
        {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "ab", "spanId": "cd", "attributes": values}]}]}]}
    )


ASKS = {"gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt-4o"}
ATTRIBUTES = {"gen_ai.request.model": "gpt-4o", "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 100,
              "gen_ai.usage.output_tokens": 20}  # fmt: skip
SPANS = [
    ("otel", "Semantic Kernel", span(**ASKS, gen_ai__response__prompt_tokens=100,
                                     gen_ai__response__completion_tokens=20), ONE),
    ("otel", "Microsoft.Extensions.AI", span(**ASKS, gen_ai__response__input_tokens=100,
                                             gen_ai__response__output_tokens=20), ONE),
    ("otel", "LangSmith", span(**ASKS, gen_ai__usage__input_tokens=100, gen_ai__usage__output_tokens=20,
                               gen_ai__usage__input_token_details=text({"cache_read": 40})), READ),
    ("otel", "Langfuse's SDK", span(langfuse__observation__type="generation", langfuse__observation__model__name="m",
                                    langfuse__observation__usage_details=text(KINDS)), READ),
    ("otel", "Langtrace", span(llm__model="gpt-4o", llm__token__counts=text(USAGE)), ONE),
    ("otel", "Genkit", span(genkit__name="googleai/gemini", **{"genkit:metadata:subtype": "model", "genkit:output":
        text({"usage": {"inputTokens": 100, "outputTokens": 20}})}), ONE),
    ("otel", "MLflow", span(mlflow__spanType=text("CHAT_MODEL"), mlflow__llm__model=text("gpt-4o"),
                            mlflow__chat__tokenUsage=text(COUNTED)), READ),
    ("otel", "vLLM, which names no model", span(gen_ai__latency__e2e=1.5, gen_ai__usage__prompt_tokens=100,
                                                gen_ai__usage__completion_tokens=20), ONE),
    ("otel", "a table of spans", table({"trace_id": "ab", "span_id": "cd", "attributes": text(ATTRIBUTES)}), ONE),
    ("otel", "JavaScript's console", lines({"traceId": "ab", "id": "cd", "parentSpanContext": None, "duration": 5,
                                            "timestamp": 1767225600000000, "attributes": ATTRIBUTES}), ONE),
]  # fmt: skip
STREAMED: list[Row] = [
    {"type": "message_start", "message": {**MESSAGE, "usage": {**CLAUDE, "output_tokens": 1}}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}},
    {"type": "message_stop"},
]
CHUNK: Row = {"id": "c1", "object": "chat.completion.chunk", "model": "m"}
CHUNKS: list[Row] = [{**CHUNK, "choices": [{"delta": {"content": "yo"}}]}, {**CHUNK, "choices": [], "usage": USAGE}]


def events(*payloads: Row) -> bytes:
    return "".join(f"event: {each.get('type')}\ndata: {text(each)}\n\n" for each in payloads).encode()


LOGGED = {"id": "c1", "object": "chat.completion", "model": "m", "choices": [], "usage": USAGE}
INVOKED = {"schemaType": "ModelInvocationLog", "requestId": "r", "timestamp": "2026-01-01T00:00:00Z", "modelId": "m",
           "operation": "Converse", "input": {"inputTokenCount": 100}, "output": {"outputTokenCount": 20}}  # fmt: skip
CONTAINERS = [
    ("anthropic-messages", "a recorded stream", events(*STREAMED), BOTH),
    ("anthropic-messages", "two of them", events(*STREAMED) + events(*STREAMED).replace(b"msg_1", b"msg_2"), BOTH * 2),
    ("openai-chat", "a recorded stream", events(*CHUNKS) + b"data: [DONE]\n\n", ONE),
    ("openai-chat", "behind a logger's words", f"2026-01-01 00:00:00,123 INFO llm {text(LOGGED)}\n".encode(), ONE),
    ("bedrock-log", "exported by CloudWatch", f"2026-01-01T00:00:00.000Z {text(INVOKED)}\n".encode() * 2, ONE),
]
BURST = {"Timestamp": 5, "Session ID": "s", "Elapsed time": 2.5, "Model": "ChatGPT", "Request tokens": 100,
         "Response tokens": 20, "Total tokens": 120, "Log Type": "API log"}  # fmt: skip
TRACES = [
    ("request-trace", "BurstGPT", table(BURST, {**BURST, "Response tokens": 0}), [*ONE, (100, 0, None, None)]),
    ("request-trace", "LMCache", lines({"timestamp": 0.5, "input": 100, "output": 20, "session_id": "s"}), ONE),
]
NAMED = {"model_name": "gpt-4o", "token_usage": USAGE}
SAID = {"type": "ai", "content": "yo", "id": "run-1", "response_metadata": NAMED,
        "usage_metadata": {"input_tokens": 100, "output_tokens": 20}}  # fmt: skip
TABLES = [("langchain", "LangChain's messages", lines(SAID), ONE)]
FILES = [*TABLES, *TRACES, *CONTAINERS, *PROVIDERS, *AGENTS, *PLATFORMS, *SPANS]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [(name, content, counts) for name, _, content, counts in FILES],
    ids=[f"{each[0]}: {each[1]}" for each in FILES],
)
def test_other_versions_of_a_format_are_told_and_counted(
    name: str, content: bytes, expected: list[Counts], read: Read
) -> None:
    assert_holds(read(content), name, expected)


def test_the_model_stands_where_langchain_puts_it(read: Read) -> None:
    assert [row["model"] for row in read(lines(SAID)).rows()] == ["gpt-4o"]


def test_a_time_before_the_record_is_the_records_unless_it_says_its_own(read: Read) -> None:
    bare, dated = LOGGED, {**LOGGED, "id": "c2", "timestamp": "2026-02-02T00:00:00Z"}
    log = read("".join(f"2026-01-01T00:00:00.5Z stdout F {text(each)}\n" for each in (bare, dated)).encode())
    assert [row["started_at"].isoformat() for row in log.rows()] == [
        "2026-01-01T00:00:00.500000+00:00",
        "2026-02-02T00:00:00+00:00",
    ]
