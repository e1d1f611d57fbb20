"""What stands in two places: bodies beside Bedrock's log, and requests that Azure's gateway tells of in two logs."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import Read, assert_holds
from tests.ingest.logs import lines

Row = dict[str, Any]
COUNTS: Row = {"input_tokens": 30, "cache_read_input_tokens": 50, "cache_creation_input_tokens": 20}
ANSWER: Row = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "yo"}], "usage": {**COUNTS, "output_tokens": 20},
}  # fmt: skip
ASKED: Row = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [
    {"role": "user", "content": "hi"}]}  # fmt: skip


def entry(**counted: Row) -> Row:
    sides = {
        side: {f"{side}BodyS3Path": f"s3://b/logs/00/data/r1_{side}.json.gz", **counted.get(side, {})}
        for side in ("input", "output")
    }
    return {"schemaType": "ModelInvocationLog", "timestamp": "2026-01-01T00:00:00Z", "requestId": "r1",
            "operation": "InvokeModel", "modelId": "anthropic.claude-sonnet-4-20250514-v1:0", **sides}  # fmt: skip


def folder(place: Path, *, bodies: bool) -> Path:
    (place / "00" / "data").mkdir(parents=True)
    (place / "00" / "20260101T000000Z_a.json.gz").write_bytes(gzip.compress(lines(entry())))
    if bodies:
        for side, body in (("input", ASKED), ("output", ANSWER)):
            (place / "00" / "data" / f"r1_{side}.json.gz").write_bytes(gzip.compress(json.dumps(body).encode()))
    return place


def test_a_body_that_lies_beside_the_log_goes_with_its_entry_and_is_no_call(read: Read, tmp_path: Path) -> None:
    log = read(folder(tmp_path / "logs", bodies=True))
    assert_holds(log, "bedrock-log", [(100, 20, 50, 20)])
    assert (log.rows()[0]["call_id"], log.rows()[0]["turns"], log.manifest.skipped) == ("r1", 1, [])


def test_a_body_that_is_missing_leaves_what_the_entry_says(read: Read, tmp_path: Path) -> None:
    assert_holds(read(folder(tmp_path / "logs", bodies=False)), "bedrock-log", [(None, None, None, None)])
    counted = entry(input={"inputTokenCount": 30}, output={"outputTokenCount": 20})
    assert_holds(read(lines(counted)), "bedrock-log", [(30, 20, None, None)])


USAGE: Row = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
URL = "https://x.openai.azure.com/openai/deployments/chat/chat/completions"
CHAT: Row = {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06", "usage": USAGE,
             "choices": [{"message": {"role": "assistant", "content": "y" * 99}}]}  # fmt: skip


def azure(category: str, **properties: Any) -> Row:
    return {"time": "2026-01-01T00:00:00Z", "category": category, "correlationId": "c", "properties": properties,
            "operationName": f"Microsoft.ApiManagement/{category}"}  # fmt: skip


def told(number: int) -> Row:
    return azure("GatewayLlmLogs", requestId="q", deploymentName="chat", modelName="gpt-4o", promptTokens=100,
                 completionTokens=20, totalTokens=120, sequenceNumber=number)  # fmt: skip


@pytest.mark.parametrize("kept", [120, 8192])
def test_a_request_in_both_of_a_gateways_logs_is_one_call_with_the_counts_of_the_provider(
    kept: int, read: Read
) -> None:
    passed = azure("GatewayLogs", backendUrl=URL, url=URL, responseCode=200, requestSize=9000, responseSize=9000,
                   backendResponseBody=json.dumps(CHAT)[:kept])  # fmt: skip
    assert_holds(read(lines({"records": [passed, told(0)]}, {"records": [told(1)]})), "azure-log", [
        (100, 20, None, None)])  # fmt: skip


def test_rows_of_log_analytics_are_read_as_its_query_api_writes_them(read: Read) -> None:
    row = {"TimeGenerated": "2026-01-01T00:00:00Z", "CorrelationId": "c", "BackendUrl": URL, "Url": URL,
           "BackendResponseBody": json.dumps(CHAT)}  # fmt: skip
    table = {"name": "PrimaryResult", "columns": [{"name": each, "type": "string"} for each in row],
             "rows": [list(row.values())]}  # fmt: skip
    assert_holds(read(json.dumps({"tables": [table]}).encode()), "azure-log", [(100, 20, None, None)])


def test_what_an_event_hub_captured_is_read(read: Read) -> None:
    body = json.dumps({"records": [told(0)]})
    assert_holds(read(lines({"SequenceNumber": 1, "EnqueuedTimeUtc": "1/1/2026 12:00:00 AM", "Body": body})),
                 "azure-log", [(100, 20, None, None)])  # fmt: skip
