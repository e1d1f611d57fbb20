"""What a program that takes an answer sees at once: no JSON where JSON was asked for, broken tool calls, refusals."""

import json
from typing import Any

import pytest

from costsim.formats.agents import codex
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.formats.bedrock import runtime
from costsim.formats.google import gemini
from costsim.formats.openai import chat as openai_chat
from costsim.formats.openai import responses as openai_responses
from costsim.formats.platforms import litellm
from costsim.formats.tables import generic
from costsim.ingest.answers import check_of
from costsim.schema import Call


def check(found: list[Call]) -> str | None:
    (call,) = found
    return call.answer_check


def openai(message: dict[str, Any]) -> bytes:
    usage = {"prompt_tokens": 9, "completion_tokens": 5}
    return json.dumps({"id": "c", "model": "m", "choices": [{"message": message}], "usage": usage}).encode()


def called(*arguments: Any) -> dict[str, Any]:
    return {"tool_calls": [{"id": "t", "function": {"name": "f", "arguments": each}} for each in arguments]}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"content": "plain"}, None),
        (called('{"a": 1}', ""), "ok"),
        (called({"a": 1}), "ok"),
        (called('{"a": 1}', '{"a": '), "unparsable_tool_call"),
        ({"function_call": {"name": "f", "arguments": "{'a': 1}"}}, "unparsable_tool_call"),
        ({"content": None, "refusal": "I cannot help with that."}, "refusal"),
        ({"content": "fine", "refusal": None}, None),
    ],
)
def test_openai_answers_are_checked_as_they_stand(message: dict[str, Any], said: str | None) -> None:
    assert check(openai_chat.read(openai(message))) == said


def stream(*deltas: dict[str, Any]) -> bytes:
    chunks = [{"object": "chat.completion.chunk", "model": "m", "choices": [{"delta": delta}]} for delta in deltas]
    return json.dumps({"response_text": "\n\n".join(f"data: {json.dumps(chunk)}" for chunk in chunks)}).encode()


def fragment(arguments: str, name: str | None = None, index: int = 0) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, "function": {"name": name, "arguments": arguments}}]}


def test_fragments_of_a_stream_are_put_together_before_they_are_checked() -> None:
    whole = [fragment("", "f"), fragment('{"a"'), fragment('{"b": 2}', "g", 1), fragment(": 1}")]
    assert check(openai_chat.read(stream(*whole))) == "ok"
    assert check(openai_chat.read(stream(*whole[:-1]))) == "unparsable_tool_call"
    assert check(openai_chat.read(stream(fragment("{}", "f"), fragment("{}", "g")))) == "ok", "both counted as 0"
    one_chunk = {"object": "chat.completion.chunk", "model": "m",
                 "choices": [{"delta": fragment('{"a'), "finish_reason": "stop"}]}  # fmt: skip
    assert check(openai_chat.read(json.dumps(one_chunk).encode())) is None, "a fragment says nothing"


def test_other_formats_say_it_in_their_own_ways() -> None:
    item = {"type": "function_call", "name": "f", "arguments": '{"a": '}
    refused = {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    usage = {"input_tokens": 3, "output_tokens": 2}
    for output, said in ((item, "unparsable_tool_call"), (refused, "refusal"), (item | {"arguments": "{}"}, "ok")):
        answer = {"id": "r", "object": "response", "model": "m", "output": [output], "usage": usage}
        assert check(openai_responses.read(json.dumps(answer).encode())) == said
    blocks = [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]
    message = {"id": "a", "type": "message", "model": "m", "content": blocks, "usage": usage}
    assert check(anthropic_messages.read(json.dumps(message).encode())) == "ok"
    candidate = {"content": {"parts": [{"functionCall": {"name": "f", "args": {"a": 1}}}]}, "finishReason": "STOP"}
    body = {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}}
    assert check(gemini.read(json.dumps({"request": {"model": "m"}, "response": body}).encode())) == "ok"
    row = {"id": "l", "model": "m", "call_type": "acompletion", "prompt_tokens": 3, "completion_tokens": 2,
           "response": {"choices": [{"message": called("{")}]}}  # fmt: skip
    assert check(litellm.read(json.dumps(row).encode())) == "unparsable_tool_call"


def events(*payloads: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({**more, "response_text": "\n\n".join(f"data: {json.dumps(each)}" for each in payloads)}).encode()


START = {"type": "message_start", "message": {"model": "claude", "usage": {"input_tokens": 9, "output_tokens": 1}}}
STOP = {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 8}}


def piece(text: str, index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": text}}


def converse(text: str, index: int = 0) -> dict[str, Any]:
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": {"toolUse": {"input": text}}}}


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (('{"a"', ": 1}"), "ok"),
        (('{"a"', ": "), "unparsable_tool_call"),
        (("", ""), "ok"),
    ],
)
def test_arguments_in_a_recorded_stream_are_put_together_before_they_are_checked(
    pieces: tuple[str, str], said: str
) -> None:
    first, second = pieces
    mixed = [piece(first, 1), piece('{"b": 2}', 2), piece(second, 1)]
    assert check(anthropic_messages.read(events(START, *mixed, STOP))) == said
    assert check(anthropic_messages.read(events(START, *mixed))) is None, "a recording that was cut off"
    url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-haiku-4-5/converse-stream"
    mixed = [converse(first, 1), converse('{"b": 2}', 2), converse(second, 1)]
    ended = [{"messageStart": {"role": "assistant"}}, *mixed, {"messageStop": {"stopReason": "tool_use"}}]
    assert check(runtime.read(json.dumps({"url": url, "response": ended}).encode())) == said
    assert check(runtime.read(json.dumps({"url": url, "response": ended[:-1]}).encode())) is None
    url = url.replace("converse-stream", "invoke-with-response-stream")
    mixed = [piece(first, 1), piece('{"b": 2}', 2), piece(second, 1)]
    assert check(runtime.read(events(START, *mixed, STOP, url=url, request={"messages": []}))) == said


def test_tools_that_an_agent_calls_are_checked_with_the_request_that_wrote_them() -> None:
    def item(arguments: str) -> dict[str, Any]:
        return {"type": "response_item", "payload": {"type": "function_call", "arguments": arguments}}

    def counted(total: int) -> dict[str, Any]:
        usage = {"input_tokens": total, "output_tokens": total}
        return {"type": "event_msg", "payload": {"type": "token_count", "info": {"total_token_usage": usage}}}

    read = codex.session()
    rows = [item('{"cmd": ["ls"]}'), item('{"cmd": ["ls"'), counted(10), item("{}"), counted(20), counted(30)]
    found = [call for row in rows for call in read(json.dumps(row).encode())]
    assert [call.answer_check for call in found] == ["unparsable_tool_call", "ok", None]


def test_a_table_may_say_whether_answers_were_valid() -> None:
    for cell, said in ((False, "invalid_json"), ("yes", "ok"), ("", None), ("refusal", "refusal")):
        row = {"model": "m", "input_tokens": 1, "output_tokens": 1, "json_valid": cell}
        assert check(generic.read(json.dumps(row).encode())) == said


@pytest.mark.parametrize(
    ("answer", "tokens", "said"),
    [
        (' {"a": 1}\n', 6, "ok"),
        ('{"a": 1', 6, "invalid_json"),
        ('```json\n{"a": 1}\n```', 9, "invalid_json"),
        ("A wren.", 3, "invalid_json"),
        ("", 0, "invalid_json"),
        ('Let me think.\n{"a": 1}', 9, None),
        ('{"a": 1}\n{"a": 2}', 12, None),
        ('{"a": "and so', 900, None),
        ('{"a": "\ud800"}', 6, "ok"),
        ("[" * 100_000, 9, "invalid_json"),
    ],
)
def test_what_was_to_be_json_is_judged_only_where_the_log_lets_one(answer: str, tokens: int, said: str | None) -> None:
    assert check_of(answer, tokens) == said
