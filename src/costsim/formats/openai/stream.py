"""Recorded streams of OpenAI chats: many chunks to the one response that they add up to."""

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.openai.rows import Answer, Choice, Chunk, Response, ToolCall
from costsim.formats.openai.text import content_of, length
from costsim.formats.shared import event_stream
from costsim.formats.shared.envelope import NO_RAW
from costsim.schema import Call, json_of

_chunk = TolerantDecoder(Chunk).decode


def joined(text: str) -> Response:
    """Return the response that a recorded stream adds up to: texts joined, the last usage and finish reason."""
    whole = Response()
    said: list[str] = []
    called: list[_Called] = []
    finish = None
    for chunk in event_stream.decoded(event_stream.payloads(text), _chunk):
        _overlay(whole, chunk)
        said.append(chunk.value or "")
        for choice in chunk.choices or ():
            finish = choice.finish_reason or finish
            if choice.delta is None:
                said.append(choice.text or "")
                continue
            said.append(choice.delta.reasoning_content or choice.delta.reasoning or "")
            said.append(content_of(choice.delta, Call()))
            if length(choice.delta.tool_calls):
                said.append(_called(choice.delta.tool_calls, called))
    if whole.object == "chat.completion.chunk":  # a whole recording, even one cut off, is no single chunk
        whole.object = "chat.completion"
    content = msgspec.Raw(json_of("".join(said)))
    # that tools were called is told apart from the text, which holds the calls already
    calls = msgspec.Raw(msgspec.json.encode(called)) if called else NO_RAW
    message = Answer(role="assistant", content=content, function_call=calls)
    whole.choices = [Choice(message=message, finish_reason=finish)]
    return whole


def _overlay(whole: Response, chunk: Chunk) -> None:
    whole.id, whole.model = whole.id or chunk.id, whole.model or chunk.model
    whole.object, whole.created = whole.object or chunk.object, whole.created or chunk.created
    whole.service_tier = chunk.service_tier or whole.service_tier
    usage = chunk.usage or (chunk.x_groq.usage if chunk.x_groq is not None else None)
    whole.usage, whole.error = usage or whole.usage, chunk.error or whole.error


class _Called(msgspec.Struct):
    """A call of a tool, as far as the stream has come."""

    index: int
    arguments: str = ""


def _called(fragment: msgspec.Raw, whole: list[_Called]) -> str:
    """The text of a fragment of tool calls, which the model wrote and bills: names and arguments.

    It is added to `whole`, the calls so far. A name begins a call, even where a server counts them all as 0.
    """
    try:
        calls = msgspec.json.decode(fragment, type=list[ToolCall])
    except msgspec.ValidationError:
        return ""
    said = []
    for place, call in enumerate(calls):
        name, arguments = (call.function.name or "", call.function.arguments or "") if call.function else ("", "")
        index = place if call.index is None else call.index
        known = next((each for each in reversed(whole) if each.index == index), None)
        if known is None or (name and known.arguments):
            known = _Called(index)
            whole.append(known)
        known.arguments += arguments
        said.append(name + arguments)
    return "".join(said)
