"""The text of a span: messages in JSON, in numbered attributes, in events, or the provider's bodies as they were."""

from typing import Any

import msgspec

from costsim.formats.otel import numbered
from costsim.formats.otel.one_span import OneSpan
from costsim.formats.otel.parts import RESULTS, texts
from costsim.formats.shared import attached, chat_text, kept_text, tool_calls
from costsim.formats.shared.attributes import Attributes
from costsim.formats.shared.cells import plain
from costsim.formats.shared.chat_text import role_of
from costsim.formats.shared.kept_request import json_in
from costsim.schema import REFUSAL, Call, Message, one_text

_INPUTS = ("gen_ai.input.messages", "ai.prompt.messages", "gen_ai.prompt", "gen_ai.content.prompt")
_OUTPUTS = ("gen_ai.output.messages", "gen_ai.completion", "gen_ai.content.completion")
_BODIES = ("input.value", "langfuse.observation.input", "request_data", "ai.prompt", "genkit:input")
_ANSWER_BODIES = ("output.value", "langfuse.observation.output", "response_data", "genkit:output")
_TOOLS = ("gen_ai.tool.definitions", "ai.prompt.tools", "gen_ai.request.tools")
_ROLE_EVENTS = {
    "gen_ai.system.message": "system", "gen_ai.user.message": "user", "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}  # fmt: skip


class _Part(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A part of a message that is a text."""

    type: str
    content: msgspec.Raw


class _Spoken(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A message of texts alone, as the conventions have it."""

    role: str
    parts: list[_Part]
    finish_reason: Any = None


_spoken = msgspec.json.Decoder(list[_Spoken]).decode


def fill(call: Call, span: OneSpan) -> None:
    """Put the messages, the answer and the tools of a span into the call."""
    found = span.attributes
    call.messages = _from_json(call, found) or numbered.messages(call, found) or _from_events(call, span)
    call.messages = call.messages or _from_body(call, found, _BODIES)
    if call.modalities is not None and call.attached is None:
        attached.put(call, found.opened(*_INPUTS), numbered.media(found))
    _fill_answer(call, span)
    call.tool_definitions = _tools(found)
    call.has_tools = call.tool_definitions > 0


def _from_json(call: Call, found: Attributes) -> list[Message] | None:
    raw = found.json(*_INPUTS) if found.has_any(_INPUTS) else None
    if raw is None:
        return None
    if (said := _texts_alone(raw)) is None:
        listed = found.opened(*_INPUTS)
        if not isinstance(listed, list):
            return None
        said = [each for item in listed if isinstance(item, dict) for each in _message(call, item)]
    instructions = found.opened("gen_ai.system_instructions")
    if isinstance(instructions, list):
        said.insert(0, ("system", texts(call, instructions)))
    elif (system := found.text("gen_ai.system_instructions")) is not None:
        said.insert(0, ("system", system))
    return said or None


def _texts_alone(raw: bytes) -> list[Message] | None:
    """Messages of which each is one text, as it stands: the rule; None where one is of more."""
    try:
        spoken = _spoken(json_in(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found: list[Message] = []
    for message in spoken:
        text = bytes(message.parts[0].content) if len(message.parts) == 1 else b""
        if text[:1] != b'"' or message.parts[0].type != "text":
            return None
        found.append((role_of(message.role), text))
    return found


def _message(call: Call, item: dict[str, Any]) -> list[Message]:
    role, content = role_of(plain(item.get("role"))), item.get("parts", item.get("content"))
    if isinstance(content, str):
        return [(role, content)]
    parts = content if isinstance(content, list) else []
    results = [part for part in parts if isinstance(part, dict) and str(part.get("type")) in RESULTS]
    if not results or role == "tool":
        return [(role, texts(call, parts))]
    own = [part for part in parts if part not in results]
    found: list[Message] = [("tool", texts(call, results))]
    return [*found, (role, texts(call, own))] if own else found


def _from_events(call: Call, span: OneSpan) -> list[Message] | None:
    """Older conventions' messages: an event for each, or for all of them."""
    said: list[Message] = []
    for name, found in span.events:
        if name in _ROLE_EVENTS:
            said.append((_ROLE_EVENTS[name], found.text("content", "gen_ai.event.content") or ""))
        elif (listed := _from_json(call, found)) is not None:
            said.extend(listed)
        elif (prompt := found.text("gen_ai.prompt")) is not None:
            said.append(("user", prompt))
    listed = span.attributes.opened("events", "all_messages_events")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and item.get("event.name") in _ROLE_EVENTS:
            said.extend(_message(call, {"role": _ROLE_EVENTS[item["event.name"]], **item}))
    return said or None


def _from_body(call: Call, found: Attributes, names: tuple[str, ...]) -> list[Message] | None:
    for name in names if found.has_any(names) else ():
        value = found.opened(name)
        if (said := chat_text.messages_in(found.text(name) if value is None else value, call)) is not None:
            return said
    return None


def _fill_answer(call: Call, span: OneSpan) -> None:
    found = span.attributes
    for read in (_answer_from_json, numbered.answer, _answer_of_the_ai_sdk, _answer_from_body):
        if (answer := read(call, found)) is not None:
            call.answer = answer
            return
    for name, inner in span.events:
        if name in ("gen_ai.choice", "gen_ai.content.completion", "gen_ai.client.inference.operation.details"):
            call.answer = _answer_from_json(call, inner) or inner.text("content", "message", "gen_ai.completion")


def _answer_from_json(call: Call, found: Attributes) -> str | bytes | None:
    raw = found.json(*_OUTPUTS) if found.has_any(_OUTPUTS) else None
    if raw is None:
        return None
    if said := _texts_alone(raw):
        return one_text([text for _, text in said])
    listed = found.opened(*_OUTPUTS)
    if not isinstance(listed, list):
        return None
    parts = [item for item in listed if isinstance(item, dict)]
    call.answer_has_tool_calls = any(part.get("tool_calls") or _has_tool_calls(part.get("parts")) for part in parts)
    if call.answer_has_tool_calls:
        lists = [part.get("tool_calls") or part.get("parts") for part in parts]
        call.answer_check = tool_calls.worst(tool_calls.check_plain(each) for each in lists)
    return "\n".join(str(text) for part in parts for _, text in _message(call, part))


def _has_tool_calls(parts: Any) -> bool:
    """Whether one of the parts is a call of a tool, by its type or by a name in it."""
    listed = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return any("tool_call" in str(part.get("type")) or any("tool_call" in name for name in part) for part in listed)


def _answer_of_the_ai_sdk(call: Call, found: Attributes) -> str | None:
    called = found.text("ai.response.toolCalls", "ai.result.toolCalls")
    call.answer_has_tool_calls |= bool(called)
    said = [found.text("ai.response.text", "ai.result.text", "ai.response.object", "ai.result.object"), called]
    return "\n".join(text for text in said if text) or None


def _answer_from_body(call: Call, found: Attributes) -> str | None:
    for name in _ANSWER_BODIES if found.has_any(_ANSWER_BODIES) else ():
        body = found.opened(name)
        if kept_text.refuses(body):
            call.answer_check = REFUSAL
        if (text := answer_in(body or found.text(name))) is not None:
            return text
    return None


def answer_in(value: Any) -> str | None:
    """Return the text of an answer that a tracer kept: a text, a message, or a provider's whole body."""
    if isinstance(value, dict):
        for name in ("choices", "output", "messages", "content", "message", "text", "generations", "response"):
            if value.get(name):
                return answer_in(value[name])
        return None
    if isinstance(value, list):
        inner = [item.get("message", item) if isinstance(item, dict) else item for item in value]
        return chat_text.text_in([item for item in inner if isinstance(item, dict)]) or _first_text(inner)
    return value if isinstance(value, str) and value else None


def _first_text(items: list[Any]) -> str | None:
    for item in items:
        if (text := answer_in(item) if isinstance(item, str | list) else None) is not None:
            return text
    return None


def _tools(found: Attributes) -> int:
    listed = found.json(*_TOOLS)
    if listed is not None:
        return len(listed)
    if not found.apart:
        return 0
    numbered = (found.rows(start) for start in ("llm.tools.", "llm.request.functions."))
    return sum(len(bytes(value)) for rows in numbered for row in rows for value in row.values())
