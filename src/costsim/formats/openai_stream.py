"""Recorded streams of OpenAI chats: many chunks to the one response that they add up to."""

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats import event_stream
from costsim.formats.envelope import NO_RAW
from costsim.formats.openai_rows import Choice, Chunk, Message, Response, ToolCall
from costsim.formats.openai_text import content_of, length
from costsim.schema import Call, json_of

_chunk = TolerantDecoder(Chunk).decode


def joined(text: str) -> Response:
    """Return the response that a recorded stream adds up to: texts joined, the last usage and finish reason."""
    whole = Response()
    said: list[str] = []
    called = finish = None
    for payload in event_stream.payloads(text):
        try:
            chunk = _chunk(payload)
        except msgspec.DecodeError:
            continue  # a recording cut off in the middle of an event
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
                called = choice.delta.tool_calls
                said.append(_called(called))
    if whole.object == "chat.completion.chunk":  # a whole recording, even one cut off, is no single chunk
        whole.object = "chat.completion"
    content = msgspec.Raw(json_of("".join(said)))
    # that tools were called is told apart from the text, which holds the calls already
    message = Message(role="assistant", content=content, function_call=called or NO_RAW)
    whole.choices = [Choice(message=message, finish_reason=finish)]
    return whole


def _overlay(whole: Response, chunk: Chunk) -> None:
    whole.id, whole.model = whole.id or chunk.id, whole.model or chunk.model
    whole.object, whole.created = whole.object or chunk.object, whole.created or chunk.created
    whole.service_tier = chunk.service_tier or whole.service_tier
    usage = chunk.usage or (chunk.x_groq.usage if chunk.x_groq is not None else None)
    whole.usage, whole.error = usage or whole.usage, chunk.error or whole.error


def _called(fragment: msgspec.Raw) -> str:
    """The text of a fragment of tool calls, which the model wrote and bills: names and arguments."""
    try:
        calls = msgspec.json.decode(fragment, type=list[ToolCall])
    except msgspec.ValidationError:
        return ""
    functions = [call.function for call in calls if call.function]
    return "".join(f"{function.name or ''}{function.arguments or ''}" for function in functions)
