"""Calls that were written in pieces, and events of tracers: what was sent, in whatever lines it came.

Shapes: documentation and source of the producers; every value is made up. A call is (input, output, cache read, cache
write), in the order of the log.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import Counts, Read, assert_holds
from tests.ingest.logs import lines

Row = dict[str, Any]
ONE: list[Counts] = [(100, 20, None, None)]
READ: list[Counts] = [(100, 20, 40, None)]
BOTH: list[Counts] = [(100, 20, 50, 20)]
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def pretty(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()


BEGUN: Row = {"type": "message_start", "message": {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [], "usage": {
        "input_tokens": 30, "cache_read_input_tokens": 50, "cache_creation_input_tokens": 20, "output_tokens": 1,
    }}}  # fmt: skip
SAID: Row = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "yo"}}
ENDED: Row = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}}
OTHER = {**BEGUN, "message": {**BEGUN["message"], "id": "msg_2"}}
CONVERSED: list[Row] = [
    {"messageStart": {"role": "assistant"}}, {"contentBlockDelta": {"delta": {"text": "yo"}, "contentBlockIndex": 0}},
    {"messageStop": {"stopReason": "end_turn"}},
    {"metadata": {"usage": {"inputTokens": 30, "outputTokens": 20, "cacheReadInputTokens": 50,
                            "cacheWriteInputTokens": 20}, "metrics": {"latencyMs": 812}}},
]  # fmt: skip
COHERE: list[Row] = [
    {"id": "c", "type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "yo"}}}},
    {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": {
        "billed_units": {"input_tokens": 100, "output_tokens": 20}, "tokens": {"input_tokens": 150}}}},
]  # fmt: skip


def sent(kind: str, **body: Any) -> Row:
    return {"id": "e", "type": kind, "timestamp": "2026-01-01T00:00:00Z", "body": body}


TRACE = sent("trace-create", id="t", userId="u", sessionId="s")
CREATED = sent("generation-create", id="g", traceId="t", startTime="2026-01-01T00:00:00Z", model="gpt-4o")
DETAILS = {"input": 60, "input_cached_tokens": 40, "output": 20, "total": 120}
UPDATED = sent("generation-update", id="g", model=None, endTime="2026-01-01T00:00:01Z", usageDetails=DETAILS)
INNER = sent("observation-create", id="h", type="GENERATION", traceId="t", parentObservationId="g", model="gpt-4o",
             usageDetails=DETAILS)  # fmt: skip
IN_OPENAIS_WORDS = {**USAGE, "prompt_tokens_details": {"cached_tokens": 40}}
STARTED = {"project_id": "p", "id": "c", "op_name": "weave:///e/p/op/openai.chat.completions.create:1",
           "trace_id": "t", "started_at": "2026-01-01T00:00:00Z", "inputs": {"model": "gpt-4o"}}  # fmt: skip
FINISHED = {"project_id": "p", "id": "c", "ended_at": "2026-01-01T00:00:01Z", "output": None, "summary": {
    "usage": {"gpt-4o": USAGE}}}  # fmt: skip
HALVES = [{"mode": "start", "req": {"start": STARTED}}, {"mode": "end", "req": {"end": FINISHED}}]
SUMMED = {"id": "i", "vendor": "openai", "ingest_source": "Python", "duration": 8.5, "request.model": "gpt-4o",
          "response.model": "gpt-4o-2024-08-06", "response.number_of_messages": 2,
          **{f"response.usage.{name}": value for name, value in USAGE.items()}}  # fmt: skip
SAYS = {"id": "m", "completion_id": "i", "sequence": 0, "role": "user", "vendor": "openai", "response.model": "gpt-4o"}


def copilot(kind: str, **data: Any) -> Row:
    return {"type": kind, "data": data, "id": kind, "timestamp": "2026-01-01T00:00:00Z", "parentId": None}


WROTE = copilot("assistant.message", messageId="m", outputTokens=20)
USED = copilot("assistant.usage", model="gpt-5", inputTokens=100, outputTokens=20, cacheReadTokens=40, apiCallId="a")
WROTE_ON = copilot("assistant.message", messageId="n", outputTokens=8)
OTHERS = copilot("assistant.message", messageId="o", outputTokens=9, model="gpt-5-mini")
SESSION = copilot("session.start", sessionId="s", selectedModel="gpt-5")
SHUT = copilot("session.shutdown", modelMetrics={"gpt-5": {"usage": {
    "inputTokens": 250, "outputTokens": 27, "cacheReadTokens": 90}}})  # fmt: skip
CODEX_USAGE = {"input_tokens": 100, "cached_input_tokens": 40, "output_tokens": 20, "reasoning_output_tokens": 0}


def codex(kind: str, **payload: Any) -> Row:
    return {"timestamp": "2026-01-01T00:00:00Z", "type": kind, "payload": payload}


CODEX = [
    codex("session_meta", id="s", model_provider="openai"),
    codex("turn_context", model="gpt-5"),
    codex("usage_of_a_later_version", response_id="r", usage=CODEX_USAGE),
    codex("event_msg", type="token_count", info={"total_token_usage": CODEX_USAGE, "last_token_usage": CODEX_USAGE}),
]
HEADERS = {"x-amzn-bedrock-input-token-count": "100", "x-amzn-bedrock-output-token-count": "20"}
KEPT = {"RequestId": "r", "HTTPStatusCode": 200, "HTTPHeaders": HEADERS}
DRAWN = {"created": 1767225600, "data": [{"b64_json": "AA"}], "usage": {
    "input_tokens": 100, "output_tokens": 20, "input_tokens_details": {"text_tokens": 100}}}  # fmt: skip
SDKS = [
    dict(sorted(event.items()))
    for event in ({**BEGUN, "message": {**BEGUN["message"], "note": "x" * 300}}, SAID, ENDED)
]
FILES = [
    ("anthropic-messages", "an event a line, two streams", lines(BEGUN, SAID, ENDED, OTHER, ENDED), BOTH * 2),
    ("anthropic-messages", "an event a line, its type last", lines(*SDKS), BOTH),
    ("anthropic-messages", "a stream that was cut off", lines(BEGUN, SAID), [(100, 1, 50, 20)]),
    ("codex", "a kind of row that says it once more", lines(*CODEX), [(100, 20, 40, 0)]),
    ("bedrock", "Converse, an event a line", lines(*CONVERSED), BOTH),
    ("bedrock", "counts in boto3's headers", lines({"modelId": "anthropic.claude-v2", "response": {
        "ResponseMetadata": KEPT, "contentType": "application/json"}}), ONE),
    ("bedrock", "boto3's answer with its body", lines({"modelId": "m", "response": {
        "ResponseMetadata": KEPT, "body": {"generation": "yo", "prompt_token_count": 100}}}), ONE),
    ("cohere", "an event a line", lines(*COHERE), ONE),
    ("langfuse-events", "one batch", lines({"batch": [TRACE, CREATED, UPDATED], "metadata": {}}), READ),
    ("langfuse-events", "an update in the next batch", lines({"batch": [CREATED]}, {"batch": [UPDATED]}), READ),
    ("langfuse-events", "events one by one", lines(TRACE, CREATED, UPDATED), READ),
    ("langfuse-events", "a call around a call", lines({"batch": [CREATED, UPDATED, INNER]}), READ),
    ("langfuse-events", "details in OpenAI's words", lines(CREATED, sent(
        "generation-update", id="g", usageDetails=IN_OPENAIS_WORDS)), READ),
    ("weave-events", "one batch", lines({"batch": HALVES}), ONE),
    ("weave-events", "halves in lines of their own", lines({"start": STARTED}, {"end": FINISHED}), ONE),
    ("weave", "whole calls in a batch", lines({"batch": [{**STARTED, **FINISHED}]}), ONE),
    ("new-relic", "events of a call and its message", lines(SUMMED, SAYS), ONE),
    ("new-relic", "a query's answer", pretty({"results": [{"events": [SUMMED, SAYS]}], "metadata": {}}), ONE),
    ("copilot-cli", "a message, then its request", lines(SESSION, WROTE, USED), READ),
    ("copilot-cli", "a request, then its message", lines(SESSION, USED, WROTE), READ),
    ("copilot-cli", "the rest of a session", lines(SESSION, WROTE, USED, SHUT), [*READ, (150, 7, 50, None)]),
    ("copilot-cli", "a session that shut down, and went on", lines(SESSION, WROTE, SHUT, WROTE_ON, OTHERS),
     [(250, 7, 90, None), (0, 20, None, None), (None, 8, None, None), (None, 9, None, None)]),
    ("openai-media", "an image", lines({"request": {"model": "gpt-image-1", "prompt": "x"}, "response": DRAWN}), ONE),
    ("litellm", "times in snake case", lines({"request_id": "l", "call_type": "acompletion", "spend": 0.1,
        "model": "gpt-4o", "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:01Z", **USAGE}), ONE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [(name, content, counts) for name, _, content, counts in FILES],
    ids=[f"{each[0]}: {each[1]}" for each in FILES],
)
def test_pieces_come_to_the_calls_that_they_are_of(
    name: str, content: bytes, expected: list[Counts], read: Read
) -> None:
    assert_holds(read(content), name, expected)


def test_a_session_that_never_shut_down_does_not_know_what_it_took_in(read: Read) -> None:
    silent = copilot("assistant.usage", model="gpt-5", outputTokens=8)
    log = read(lines(SESSION, WROTE, USED, WROTE_ON, silent))
    told = {row["call_id"]: (row["input_tokens"], row["output_tokens"], row["tokens_basis"]) for row in log.rows()}
    assert told == {"m": (100, 20, "logged"), "n": (None, 8, None)}
    assert (log.source.lines, log.source.calls, log.source.not_calls, log.manifest.duplicates) == (5, 2, 3, 0)


def test_what_a_trace_says_holds_for_the_generations_in_it(read: Read) -> None:
    (row,) = read(lines({"batch": [TRACE, CREATED]}, {"batch": [UPDATED]})).rows()
    assert (row["user"], row["conversation_id"], row["duration_ms"], row["model"]) == ("u", "s", 1000.0, "gpt-4o")


def test_an_error_of_boto3_is_a_call_that_failed(read: Read) -> None:
    refused = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {
        "HTTPStatusCode": 429, "HTTPHeaders": {"x-amzn-requestid": "r"}}}  # fmt: skip
    (row,) = read(lines({"modelId": "m", "response": refused})).rows()
    assert (row["status"], row["error_type"], row["billed"]) == ("error", "ThrottlingException", False)


def test_audio_that_is_billed_by_the_second_has_no_tokens(read: Read) -> None:
    heard = {"text": "yo", "usage": {"type": "duration", "seconds": 9}}
    (row,) = read(lines({"model": "whisper-1", "response": heard})).rows()
    assert (row["operation"], row["input_tokens"], row["fees"]) == ("audio", 0, '{"second_input":9}')


TABLES = {
    "log": ("id INTEGER PRIMARY KEY, model, timestamp, prompt, system, response, chat_id, debug, duration_ms",
            (1, "gpt-4", "2023-06-01 10:00:00", "hi", None, "yo", None, json.dumps({"usage": USAGE}), 120)),
    "logs": ("id TEXT PRIMARY KEY, model, prompt, system, prompt_json, response, response_json, chat_id, datetime_utc",
             ("01h", "gpt-4", "hi", None, "{}", "yo", json.dumps({"usage": USAGE}), None, "2023-07-01T10:00:00")),
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_the_first_tables_of_llm_are_read(table: str, tmp_path: Path, read: Read) -> None:
    columns, values = TABLES[table]
    path = tmp_path / "llm.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE {table} ({columns})")
        database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
        database.commit()
    log = read(path.read_bytes())
    (row,) = log.rows()
    assert log.source.format == "llm"
    assert (row["input_tokens"], row["output_tokens"], row["started_at"].year) == (100, 20, 2023)
