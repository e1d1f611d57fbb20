"""Answers as SDKs of other languages print them, and what tracers make of them: each a file with counts that are known.

A call is (input, output, cache read, reasoning), in the order of the log. Every value is made up.
"""

from typing import Any

import pytest
from tests.ingest.conftest import Read
from tests.ingest.logs import lines

Row = dict[str, Any]
Counts = tuple[int | None, ...]
ONE: list[Counts] = [(100, 20, None, None)]
BOTH: list[Counts] = [(100, 20, 40, 5)]
CAMEL = {"promptTokens": 100, "completionTokens": 20, "totalTokens": 120, "promptTokensDetails": {"cachedTokens": 40},
         "completionTokensDetails": {"reasoningTokens": 5}}  # fmt: skip
CHAT = {"id": "c", "object": "chat.completion", "model": "gpt-4o", "usage": CAMEL,
        "choices": [{"message": {"role": "assistant", "content": "yo"}, "finishReason": "stop"}]}  # fmt: skip
ASKED = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
RESPONSE = {"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-4o", "output": [], "usage": {
    "inputTokens": 100, "inputTokensDetails": {"cachedTokens": 40}, "outputTokens": 20,
    "outputTokensDetails": {"reasoningTokens": 5}}}  # fmt: skip
NET = {"Model": "gpt-4o", "Usage": {
    "InputTokenCount": 100, "OutputTokenCount": 20, "InputTokenDetails": {"CachedTokenCount": 40},
    "OutputTokenDetails": {"ReasoningTokenCount": 5}}}  # fmt: skip
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
MESSAGE = {"lc": 1, "type": "constructor", "id": ["langchain", "AIMessage"], "kwargs": {
    "content": "yo", "response_metadata": {"model_name": "gpt-4o"}, "usage_metadata": {
        "input_tokens": 100, "output_tokens": 20, "input_token_details": {"cache_read": 40},
        "output_token_details": {"reasoning": 5}}}}  # fmt: skip
RESULT = {"generations": [[{"text": "yo"}]], "llm_output": {"token_usage": USAGE, "model_name": "gpt-4o"}}
EVENT = {"event": "$ai_generation", "timestamp": "2026-01-01T00:00:00Z", "properties": {
    "$ai_model": "gpt-4o", "$ai_input_tokens": 100, "$ai_output_tokens": 20, "$ai_cache_read_input_tokens": 40,
    "$ai_reasoning_tokens": 5}}  # fmt: skip
SPAN = {"span_id": "1", "trace_id": "t", "start_ns": 1767225600000000000, "meta": {"model_name": "gpt-4o"},
        "metrics": {"input_tokens": 100, "output_tokens": 20}}  # fmt: skip
MEASURED = {"prompt_tokens": 100, "completion_tokens": 20, "tokens": 120, "start": 1767225600.0, "end": 1767225601.0}
LLM = {"id": "a", "span_id": "s", "root_span_id": "s", "project_id": "p", "span_attributes": {"type": "llm"},
       "metadata": {"model": "gpt-4o"}, "metrics": MEASURED}  # fmt: skip
THOUGHT = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 150, "reasoning_tokens": 30}
TRACE = {"info": {"trace_id": "tr"}, "data": {"spans": [{"span_id": "a", "attributes": {
    "mlflow.spanType": '"CHAT_MODEL"', "mlflow.chat.tokenUsage": THOUGHT}}]}}  # fmt: skip
JS_RUN = {"id": "r", "trace_id": "t", "dotted_order": "20260101T000000000000Zr", "run_type": "llm", "outputs": {
    "generations": [[{"message": {"kwargs": {"content": "yo", "response_metadata": {"model_name": "gpt-4o"}}}}]],
    "llmOutput": {"tokenUsage": {"promptTokens": 100, "completionTokens": 20}}}}  # fmt: skip
AI_SDK = {"text": "yo", "finishReason": "stop", "response": {"id": "r", "modelId": "gpt-4o"}, "usage": {
    "inputTokens": 100, "outputTokens": 20, "reasoningTokens": 5, "cachedInputTokens": 40}}  # fmt: skip
AIDER = {"event": "message_send", "time": 1767225600, "properties": {
    "main_model": "gpt-4o", "prompt_tokens": 100, "completion_tokens": 20, "cost": 0.1}}  # fmt: skip
FILES = [
    ("openai-chat", "camel case", lines(CHAT), BOTH),
    ("openai-chat", "camel case beside the request", lines({"request": ASKED, "response": CHAT}), BOTH),
    ("openai-chat", "camel case, and not what it is", lines({**CHAT, "object": None}), BOTH),
    ("openai-responses", "camel case", lines(RESPONSE), BOTH),
    ("generic", ".NET", lines(NET), BOTH),
    ("langchain", "LangChain's message as it is dumped", lines(MESSAGE), BOTH),
    ("langchain", "LangChain's result", lines(RESULT), ONE),
    ("generic", "PostHog", lines(EVENT), BOTH),
    ("generic", "Datadog", lines(SPAN), ONE),
    ("braintrust", "a call around a call", lines(LLM, {**LLM, "id": "b", "span_id": "i", "span_parents": ["s"]}), ONE),
    ("langsmith", "LangChain.js before it had one usage for all", lines(JS_RUN), ONE),
    ("ai-sdk", "the AI SDK's result", lines(AI_SDK), BOTH),
    (
        "generic",
        "Kong's log",
        lines(
            {
                "started_at": 1767225600000,
                "ai": {"proxy": {"usage": USAGE, "meta": {"request_model": "gpt-4o", "provider_name": "openai"}}},
            }
        ),
        ONE,
    ),
    (
        "generic",
        "Envoy's log",
        lines(
            {
                "start_time": "2026-01-01T00:00:00Z",
                "genai_model_name": "gpt-4o",
                "genai_tokens_input": 100,
                "genai_tokens_output": 20,
            }
        ),
        ONE,
    ),
    ("generic", "Aider's analytics", lines(AIDER), ONE),
    ("mlflow", "thoughts beside the output", lines(TRACE), [(100, 50, None, 30)]),
]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [(name, content, counts) for name, _, content, counts in FILES],
    ids=[f"{each[0]}: {each[1]}" for each in FILES],
)
def test_each_language_tells_the_same_counts(name: str, content: bytes, expected: list[Counts], read: Read) -> None:
    log = read(content)
    counts = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens")
    assert log.source.format == name
    assert [tuple(row[each] for each in counts) for row in log.rows()] == expected
    assert log.adds_up()


KINDS = {"input": 100, "output": 20, "total": 120}
GENERATION = {"id": "o", "traceId": "t", "type": "GENERATION", "model": "m", "usageDetails": KINDS, "totalCost": 0}
FREE = [
    lines({**GENERATION, "costDetails": {}}),
    lines({**LLM, "metrics": {**MEASURED, "estimated_cost": 0}}),
    lines({"op_name": "weave:///e/p/op/openai.chat.completions.create:1", "id": "w", "trace_id": "t", "inputs": {},
           "summary": {"usage": {"m": USAGE}, "weave": {"costs": {"m": {"prompt_tokens_total_cost": 0}}}}}),
]  # fmt: skip


@pytest.mark.parametrize("content", FREE, ids=["langfuse", "braintrust", "weave"])
def test_no_cost_of_a_model_that_a_tracer_does_not_know_is_none(content: bytes, read: Read) -> None:
    assert [row["reported_cost"] for row in read(content).rows()] == [None]
    stated = content.replace(b'"costDetails": {}', b'"costDetails": {"total": 0.5}').replace(
        b'cost": 0}', b'cost": 0.5}'
    )
    assert [row["reported_cost"] for row in read(stated).rows()] == [500_000_000_000]


def test_a_rerank_on_bedrock_is_billed_by_the_query_and_not_by_its_words(read: Read) -> None:
    (row,) = read(lines({
        "schemaType": "ModelInvocationLog", "requestId": "r", "modelId": "cohere.rerank-v3-5:0",
        "operation": "InvokeModel", "region": "us-east-1", "inferenceRegion": "us-west-2",
        "input": {"inputBodyJson": {"query": "q", "documents": ["d"] * 150}},
        "output": {"outputBodyJson": {"results": [{"index": 0, "relevance_score": 0.9}]}}})).rows()  # fmt: skip
    assert (row["operation"], row["fees"], row["input_tokens"]) == ("rerank", '{"request":2}', None)
    assert row["tags"] == '{"inference_region":"us-west-2"}'


def test_attempts_are_counted_as_the_sdks_for_bedrock_say(read: Read) -> None:
    answer = {"output": {"message": {"content": [{"text": "yo"}]}}, "stopReason": "end_turn",
              "usage": {"inputTokens": 30, "outputTokens": 20, "totalTokens": 50}}  # fmt: skip
    js = {**answer, "$metadata": {"requestId": "r", "attempts": 2}}
    python = {"modelId": "m", "response": {**answer, "ResponseMetadata": {"RequestId": "q", "RetryAttempts": 1}}}
    found = [(row["call_id"], row["attempt"]) for row in read(lines(js, python)).rows()]
    assert found == [("r", 2), ("q", 2)]


def test_an_older_litellm_names_the_error_in_its_text(read: Read) -> None:
    (row,) = read(lines({"id": "l", "call_type": "completion", "status": "failure", "model": "gpt-4o",
        "response_cost": 0, "startTime": 1767225600.0, "endTime": 1767225601.0, "model_map_information": None,
        "error_str": "litellm.RateLimitError: OpenAIException - slow down"})).rows()  # fmt: skip
    assert (row["status"], row["error_type"]) == ("error", "RateLimitError")
