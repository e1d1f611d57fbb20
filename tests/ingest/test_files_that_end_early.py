"""Logs that end within a call, and files in which one recorded stream follows another: nothing that was begun is lost.

Shapes: documentation and source of the producers; every value is made up. A call is (input, output, cache read, cache
write), in the order of the log.
"""

import json
from typing import Any

import pytest
from tests.ingest.conftest import Counts, Read, assert_holds
from tests.ingest.logs import lines

from costsim.ingest.sources import splits

Row = dict[str, Any]
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
SAID = "five words of an answer"


def events(*told: Row) -> bytes:
    """A recorded stream, without a mark of its end."""
    return b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in told)


def gemini(asked: int, answered: int, finish: str | None = None, **more: Any) -> Row:
    ended = {"finishReason": finish} if finish else {}
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "yo"}]}, **ended}],
        "usageMetadata": {"promptTokenCount": asked, "candidatesTokenCount": answered}, **more,
    }  # fmt: skip


def chat(name: str, **more: Any) -> Row:
    return {
        "id": f"chatcmpl-{name}", "choices": [{"index": 0, "delta": {"content": SAID}}], "created": 1767225600,
        "model": "gpt-4o", "object": "chat.completion.chunk", "usage": None, **more,
    }  # fmt: skip


def begun(name: str) -> Row:
    return {"type": "message_start", "message": {"id": name, "type": "message", "model": "claude-sonnet-4-5",
            "usage": {"input_tokens": 30, "output_tokens": 1}}}  # fmt: skip


DELTA: Row = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": SAID}}
STATED: Row = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}}


def response(name: str, number: int, kind: str = "created", **more: Any) -> Row:
    """An event with all of a response of OpenAI, as far as it is."""
    told = {"id": name, "object": "response", "created_at": 1767225600, "model": "gpt-4o", "status": "in_progress",
            "output": [], "usage": None}  # fmt: skip
    return {"type": f"response.{kind}", "sequence_number": number, "response": {**told, **more}}


def piece(item: str, number: int, text: str) -> Row:
    return {"type": "response.output_text.delta", "item_id": item, "sequence_number": number, "delta": text}


def item(item: str, number: int) -> Row:
    return {"type": "response.output_item.added", "sequence_number": number, "item": {"id": item, "type": "message"}}


def logged(kind: str, name: str) -> Row:
    told = response(f"{name} as it was logged", 0, status="completed", usage=ANSWERED)["response"]
    return {"type": kind, "payload": told}


ANSWERED: Row = {"input_tokens": 100, "output_tokens": 20}
BROKEN_OFF = [response("a", 0), response("a", 1, "in_progress"), item("m", 2), piece("m", 3, SAID[:5]),
              piece("m", 4, SAID[5:])]  # fmt: skip
SPOKEN = [{"type": "response.created", "response": {"object": "realtime.response", "id": "a", "status": "in_progress"}},
          *({"type": f"response.{kind}.delta", "response_id": "a", "item_id": "i", "delta": SAID}
            for kind in ("output_audio_transcript", "output_audio"))]  # fmt: skip
CONVERSED: list[Row] = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"text": SAID}, "contentBlockIndex": 0}},
]
COUNTED: Row = {"metadata": {"usage": {"inputTokens": 30, "outputTokens": 20, "totalTokens": 50}}}
COHERE: list[Row] = [
    {"id": "c", "type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": SAID}}}},
]
STARTED: Row = {"id": "c", "op_name": "weave:///e/p/op/openai.chat.completions.create:1", "trace_id": "t",
                "started_at": "2026-01-01T00:00:00Z", "inputs": {"model": "gpt-4o"}}  # fmt: skip
FINISHED: Row = {"id": "c", "ended_at": "2026-01-01T00:00:01Z", "output": {"model": "gpt-4o", "usage": USAGE},
                 "summary": {"usage": {"gpt-4o": USAGE}}}  # fmt: skip
AROUND: Row = {**FINISHED, "id": "p", "output": "what a function returned"}
PATCH: Row = {"patch": [{"id": "r", "trace_id": "t", "dotted_order": "20260101T000000000000Zr", "outputs": {
    "generations": [[{"text": SAID}]], "llm_output": {"token_usage": USAGE, "model_name": "gpt-4o"}}}]}  # fmt: skip
ASKED: Row = {"contents": [{"parts": [{"text": "hi"}]}]}
STREAMED = "streamGenerateContent"
FULL: Counts = (100, 20, None, None)
PARTLY: Counts = (30, 1, None, None)
COUNTED_TEXT = 5
FILES: list[tuple[str, str, bytes, list[Counts]]] = [
    ("gemini", "a chunk a line", lines(gemini(9, 1), gemini(9, 4, "STOP"), gemini(100, 3), gemini(100, 20)),
     [(9, 4, None, None), FULL]),
    ("gemini", "a list of chunks in a text", lines({"url": f"https://x/models/g:{STREAMED}", "request": ASKED,
        "response": json.dumps([gemini(100, 3), gemini(100, 20), gemini(100, 25)])[:-40]}), [FULL]),
    ("gemini", "events of two streams", events(
        gemini(9, 4, responseId="a"), gemini(100, 1, responseId="b"), gemini(100, 20, "STOP", responseId="b")),
     [(9, 4, None, None), FULL]),
    ("openai-chat", "a chunk a line, none with usage", lines(chat("a"), chat("b")),
     [(None, COUNTED_TEXT, None, None)] * 2),
    ("openai-chat", "chunks of two streams", lines(chat("a"), chat("b"), chat("a", choices=[], usage=USAGE)),
     [FULL, (None, COUNTED_TEXT, None, None)]),
    ("openai-chat", "lists of chunks", lines(*[{"request": {"messages": []}, "chunks": [chat("a"), {
        "choices": [], "usage": USAGE, "object": "chat.completion.chunk"}]}] * 2), [FULL]),
    ("openai-chat", "events of two streams", events(chat("a"), chat("b", usage=USAGE)),
     [(None, COUNTED_TEXT, None, None), FULL]),
    ("anthropic-messages", "an event a line", lines(begun("a"), DELTA, begun("b"), STATED),
     [PARTLY, (30, 20, None, None)]),
    ("anthropic-messages", "events of two streams", events(begun("a"), STATED, begun("b"), DELTA),
     [(30, 20, None, None), PARTLY]),
    ("openai-responses", "an event a line", lines(*BROKEN_OFF, response("b", 0), item("n", 1), piece("n", 2, "yo"),
        response("b", 3, "completed", status="completed", usage=ANSWERED)), [FULL, (None, COUNTED_TEXT, None, None)]),
    ("openai-responses", "an event a line, two streams at once", lines(
        response("b", 0), *BROKEN_OFF[:-1], item("n", 1), BROKEN_OFF[-1], piece("n", 2, SAID * 9), response(
            "b", 3, "incomplete", usage=ANSWERED)), [FULL, (None, COUNTED_TEXT, None, None)]),
    ("openai-responses", "an event a line, the last without usage", lines(*BROKEN_OFF, response("a", 5, "completed")),
     [(None, COUNTED_TEXT, None, None)]),
    ("openai-responses", "rows of a logger's own whose names are like those of events", lines(
        logged("error", "a"), logged("response.logged", "b"), *BROKEN_OFF, logged("response.logged", "c")),
     [FULL, FULL, FULL, (None, COUNTED_TEXT, None, None)]),
    ("openai-responses", "an event of the Realtime API a line", lines(*SPOKEN), [(None, COUNTED_TEXT, None, None)]),
    ("bedrock", "an event a line", lines(*CONVERSED, *CONVERSED, COUNTED),
     [(None, COUNTED_TEXT, None, None), (30, 20, None, None)]),
    ("bedrock", "events", events(*CONVERSED, COUNTED), [(30, 20, None, None)]),
    ("cohere", "an event a line", lines(*COHERE), [(None, COUNTED_TEXT, None, None)]),
    ("weave-events", "a start alone", lines({"start": STARTED}), [(None, None, None, None)]),
    ("weave-events", "ends alone, one of a call of a model", lines({"end": FINISHED}, {"end": AROUND}), [FULL]),
    ("langsmith", "an end alone", lines(PATCH), [FULL]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [(name, content, counts) for name, _, content, counts in FILES],
    ids=[f"{each[0]}: {each[1]}" for each in FILES],
)
def test_what_was_begun_is_counted_with_what_is_known_of_it(
    name: str, content: bytes, expected: list[Counts], read: Read
) -> None:
    assert_holds(read(content), name, expected)


def test_an_answer_of_which_only_the_placeholder_is_counted_is_said_to_be_partial(read: Read) -> None:
    so_far = response("a", 0, usage={"input_tokens": 100, "output_tokens": 1})
    for told in ([begun("a"), DELTA], [so_far, piece("m", 1, SAID)]):
        for content in (lines(*told), events(*told)):
            (row,) = read(content).rows()
            assert (row["output_tokens"], row["tokens_basis"]) == (1, "partial")


def test_a_file_of_chunks_is_read_in_one_piece(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 300)
    assert_holds(read(lines(*[chat("a") for _ in range(9)], chat("a", choices=[], usage=USAGE))), "openai-chat", [FULL])
    assert_holds(read(lines(*BROKEN_OFF)), "openai-responses", [(None, COUNTED_TEXT, None, None)])
