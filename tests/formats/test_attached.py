"""Requests that carry images and files: told apart by what these are, where the log holds all of it."""

import base64
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from costsim.formats import FORMATS, reader
from costsim.formats.shared.attached import fingerprint

Row = dict[str, Any]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40) + b"IEND\xaeB`\x82").decode()
OTHER = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20) + b"x" * 20 + b"IEND\xaeB`\x82").decode()
CUT = PNG[:40]
TEXT = "What is this?"
NANO = "1767225600000000000"


def asked_openai(data: str) -> Row:
    url = {"url": f"data:image/png;base64,{data}"}
    return {
        "model": "gpt-5",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": TEXT}, {"type": "image_url", "image_url": url}]}
        ],
    }


def openai_chat(data: str) -> Row:
    usage = {"prompt_tokens": 900, "completion_tokens": 5}
    return {"request": asked_openai(data), "response": {"id": "c", "object": "chat.completion", "usage": usage}}


def openai_responses(data: str) -> Row:
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{data}"}
    content = [{"type": "input_text", "text": TEXT}, image]
    return {
        "request": {"model": "gpt-5", "input": [{"role": "user", "content": content}]},
        "response": {"id": "r", "object": "response", "usage": {"input_tokens": 900, "output_tokens": 5}},
    }


def anthropic(data: str) -> Row:
    source = {"type": "base64", "media_type": "image/png", "data": data}
    content = [{"type": "text", "text": TEXT}, {"type": "image", "source": source}]
    usage = {"input_tokens": 900, "output_tokens": 5}
    return {
        "request": {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": content}]},
        "response": {"id": "m", "type": "message", "model": "claude-sonnet-4-5", "content": [], "usage": usage},
    }


def gemini(data: str) -> Row:
    parts = [{"text": TEXT}, {"inlineData": {"mimeType": "image/png", "data": data}}]
    usage = {"promptTokenCount": 900, "candidatesTokenCount": 5}
    return {
        "request": {"contents": [{"role": "user", "parts": parts}]},
        "response": {"candidates": [], "modelVersion": "gemini-2.5-pro", "responseId": "g", "usageMetadata": usage},
    }


def bedrock(data: str) -> Row:
    content = [{"text": TEXT}, {"image": {"format": "png", "source": {"bytes": data}}}]
    answer = {"output": {"message": {"role": "assistant", "content": [{"text": "yo"}]}}, "stopReason": "end_turn"}
    return {
        "request": {"modelId": "amazon.nova-lite-v1:0", "messages": [{"role": "user", "content": content}]},
        "response": {**answer, "usage": {"inputTokens": 900, "outputTokens": 5}, "metrics": {"latencyMs": 9}},
    }


def ollama(data: str) -> Row:
    return {
        "request": {"model": "llava", "messages": [{"role": "user", "content": TEXT, "images": [data]}]},
        "response": {"model": "llava", "message": {"content": "yo"}, "done": True, "eval_count": 5},
    }


def litellm(data: str) -> Row:
    return {
        "request_id": "l", "call_type": "acompletion", "spend": 0.1, "prompt_tokens": 900, "completion_tokens": 5,
        "startTime": "2026-01-01 00:00:00+00:00", "model": "gpt-5", "metadata": "{}",
        "messages": json.dumps(asked_openai(data)["messages"]),
    }  # fmt: skip


def otel(data: str) -> Row:
    blob = {"type": "blob", "modality": "image", "mime_type": "image/png", "content": data}
    said = [{"role": "user", "parts": [{"type": "text", "content": TEXT}, blob]}]
    values = {
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5", "gen_ai.usage.input_tokens": "900",
        "gen_ai.usage.output_tokens": "5", "gen_ai.input.messages": json.dumps(said),
    }  # fmt: skip
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]
    span = {"traceId": "ab12", "spanId": "cd34", "name": "chat", "startTimeUnixNano": NANO, "endTimeUnixNano": NANO}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [{**span, "attributes": attributes}]}]}]}


def openinference(data: str) -> Row:
    start = "llm.input_messages.0.message."
    values = {
        "openinference.span.kind": "LLM", "llm.model_name": "gpt-5", "llm.token_count.prompt": "900",
        "llm.token_count.completion": "5", f"{start}role": "user",
        f"{start}contents.0.message_content.text": TEXT,
        f"{start}contents.1.message_content.image.image.url": f"data:image/png;base64,{data}",
    }  # fmt: skip
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]
    span = {"traceId": "ab12", "spanId": "cd34", "name": "llm", "startTimeUnixNano": NANO, "endTimeUnixNano": NANO}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [{**span, "attributes": attributes}]}]}]}


LOGS: dict[str, tuple[str, Callable[[str], Row]]] = {
    "openai-chat": ("openai-chat", openai_chat),
    "openai-responses": ("openai-responses", openai_responses),
    "anthropic": ("anthropic-messages", anthropic),
    "gemini": ("gemini", gemini),
    "bedrock": ("bedrock", bedrock),
    "ollama": ("ollama", ollama),
    "litellm": ("litellm", litellm),
    "otel": ("otel", otel),
    "openinference": ("otel", openinference),
}


def attached(log_format: str, row: Row) -> int | None:
    [call] = reader(FORMATS[log_format])(json.dumps(row).encode())
    assert call.modalities == "image"
    return call.attached


@pytest.mark.parametrize(("log_format", "row"), LOGS.values(), ids=LOGS)
def test_an_image_is_told_from_others_in_every_format_and_nothing_is_said_of_a_part_of_one(
    log_format: str, row: Callable[[str], Row]
) -> None:
    assert attached(log_format, row(PNG)) == attached(log_format, row(PNG)) is not None
    assert attached(log_format, row(PNG)) != attached(log_format, row(OTHER)) is not None
    assert attached(log_format, row(CUT)) is None


WHOLE = [
    {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}},
    {"type": "input_image", "file_id": "file-6F2ksmvXxt4VdoqmHRw6kL"},
    {"type": "document", "source": {"type": "file", "file_id": "file_011CNha8iCJcU1wXNR6q4V8w"}},
    {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://bucket/a.mp4"}},
    {"document": {"format": "pdf", "name": "a", "source": {"s3Location": {"uri": "s3://bucket/a.pdf"}}}},
    {"type": "image_url", "image_url": {
        "url": "@@@langfuseMedia:type=image/png|id=cc48838a-3da8-4ca4-a007-2cf8df930e69|source=base64_data_uri@@@"}},
]  # fmt: skip
NOT_WHOLE = [
    {"type": "image_url", "image_url": {"url": "[image]"}},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,<redacted>"}},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG[:24]}... (truncated 90 chars)"}},
    {"type": "image_url", "image_url": {"url": "https://example.com/..."}},
    {"type": "image_url", "image_url": {"url": "file:///home/ada/upload.png"}},
    {"type": "image", "source": {"type": "base64", "media_type": "image/png"}},
    {"type": "image", "image": {"0": 137, "1": 80}},
    {"type": "file", "file": {"filename": "a.pdf"}},
    {"inlineData": {"mimeType": "image/png", "data": "[REDACTED]"}},
]


def test_addresses_and_ids_stand_for_what_they_name_and_placeholders_for_nothing() -> None:
    told = [fingerprint([part]) for part in WHOLE]
    assert None not in told
    assert len(set(told)) == len(WHOLE)
    assert [fingerprint([WHOLE[0], part]) for part in NOT_WHOLE] == [None] * len(NOT_WHOLE)


def test_what_cannot_be_read_is_not_known_and_ends_nothing() -> None:
    broken = [b"[" * 5000 + b"]" * 5000, b'"\xff"', b"{"]
    assert [fingerprint([WHOLE[0], msgspec.Raw(each)]) for each in broken] == [None] * len(broken)
    assert fingerprint([WHOLE[0], "\ud800"]) is None


def test_the_same_images_in_another_order_or_at_another_place_are_another_request() -> None:
    first, second, text = WHOLE[0], WHOLE[1], {"type": "text", "text": TEXT}
    orders: list[list[Any]] = [
        [first, second, text],
        [second, first, text],
        [first, text, second],
        [[first, second], text],
    ]
    assert len({fingerprint(order) for order in orders}) == len(orders)


def with_a_word(log: str, place: str, word: str) -> Row:
    """A request whose attached thing has a word beside it, such as a title."""
    row = LOGS[log][1](PNG)
    message = row["request"].get("messages", row["request"].get("contents", [None]))[0]
    part = message.get("content", message.get("parts"))[1]
    for name in place.split(".")[:-1]:
        part = part.setdefault(name, {})
    part[place.rpartition(".")[2]] = word
    return row


@pytest.mark.parametrize(
    ("log", "place"),
    [
        ("openai-chat", "image_url.detail"),
        ("anthropic", "title"),
        ("anthropic", "context"),
        ("gemini", "videoMetadata.startOffset"),
    ],
)
def test_what_stands_beside_something_attached_tells_requests_apart(log: str, place: str) -> None:
    hashes = {attached(LOGS[log][0], with_a_word(log, place, word)) for word in ("one", "other")}
    assert len(hashes) == 2
    assert None not in hashes
