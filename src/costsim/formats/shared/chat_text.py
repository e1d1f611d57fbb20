"""Chat messages of unknown origin, to (role, text): gateways and people's own tables log OpenAI's and
Anthropic's shapes alike.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from costsim.formats.shared import attached, tool_calls
from costsim.schema import MESSAGE_ROLES, REFUSAL, Call, Message

_ROLES = {
    "developer": "system",
    "function": "tool",
    "model": "assistant",
    "human": "user",
    "ai": "assistant",
    "bot": "assistant",
}
_ROLES.update({role: role for role in MESSAGE_ROLES})
_MODALITIES = {
    "image_url": "image", "input_image": "image", "image": "image",
    "input_audio": "audio", "audio": "audio", "video_url": "video", "video": "video",
    "file": "file", "input_file": "file", "document": "file", "container_upload": "file",
}  # fmt: skip
ITEMS_OF_TOOLS = {
    "function_call_output": "tool",
    "tool_result": "tool",
    "function_call": "assistant",
    "reasoning": "assistant",
}
_NO_RAW = msgspec.Raw()


class Part(msgspec.Struct, gc=False, omit_defaults=True):
    """One part of a message's content, or one item of a Responses input; what is no text is not decoded."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    content: Any = None
    input: msgspec.Raw = _NO_RAW
    image_url: msgspec.Raw = _NO_RAW
    image: msgspec.Raw = _NO_RAW
    source: msgspec.Raw = _NO_RAW
    input_audio: msgspec.Raw = _NO_RAW
    audio: msgspec.Raw = _NO_RAW
    video_url: msgspec.Raw = _NO_RAW
    video: msgspec.Raw = _NO_RAW
    file: msgspec.Raw = _NO_RAW
    file_id: msgspec.Raw = _NO_RAW
    file_data: msgspec.Raw = _NO_RAW
    data: msgspec.Raw = _NO_RAW
    url: msgspec.Raw = _NO_RAW
    title: msgspec.Raw = _NO_RAW
    context: msgspec.Raw = _NO_RAW
    detail: msgspec.Raw = _NO_RAW


class ChatMessage(msgspec.Struct, gc=False, omit_defaults=True):
    """One message as APIs write it: with a role, or an item of a Responses input that has a type instead."""

    role: str | None = None
    type: str | None = None
    content: str | list[Part | str] | None = None
    text: str | None = None
    arguments: str | None = None
    output: Any = None
    tool_calls: msgspec.Raw = _NO_RAW
    function_call: msgspec.Raw = _NO_RAW
    refusal: str | None = None
    images: msgspec.Raw = _NO_RAW
    """Beside the text, as Ollama has them."""
    attachments: msgspec.Raw = _NO_RAW
    experimental_attachments: msgspec.Raw = _NO_RAW
    """Beside the text, as the AI SDK has them."""


Conversation = list[ChatMessage | str | list[int] | None]
"""What stands where the request's messages are logged: messages, texts to embed, or texts as token numbers.
"""
_conversation = msgspec.json.Decoder(Conversation, strict=False).decode


def size(raw: msgspec.Raw) -> int:
    """Return the characters of a value that stands undecoded; null and what is empty have none."""
    length = len(memoryview(raw))
    return length if length > 4 else 0


def conversation(items: Conversation, call: Call) -> list[Message]:
    """Return the messages as (role, text) and note in `call` what they carry besides text."""
    found: list[Message] = []
    for item in items:
        if isinstance(item, ChatMessage):
            found.extend(_message(item, call))
        elif isinstance(item, str):
            found.append(("user", item))
    attached.put(call, items)
    return found


def messages_in(value: Any, call: Call) -> list[Message] | None:
    """Return the messages of a cell that holds a prompt: plain text, or messages as JSON, or a text of it."""
    if isinstance(value, dict):
        value = value.get("messages") or value.get("input") or value.get("prompt")
    if isinstance(value, str):
        if value[:1] not in ("[", "{"):
            return [("user", value)] if value else None
        listed = _listed(value.encode())
        return conversation(listed, call) if listed is not None else [("user", value)]
    listed = _listed(msgspec.json.encode(value)) if isinstance(value, list) else None
    return conversation(listed, call) if listed else None


def text_in(value: Any) -> str | None:
    """Return the text of a cell that holds an answer."""
    if isinstance(value, str):
        return value or None
    listed = _listed(msgspec.json.encode(value)) if isinstance(value, list) else None
    return "\n".join(said(each) for each in listed if isinstance(each, ChatMessage)) if listed else None


def _listed(raw: bytes) -> Conversation | None:
    try:
        return _conversation(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def said(message: ChatMessage) -> str:
    """Return what a message says: its text, else its refusal, else the tool calls that it consists of."""
    text = message.content if isinstance(message.content, str) else _joined(message.content or [])
    text = text or message.text or message.refusal or message.arguments or _plain(message.output)
    if text:
        return text
    called = message.tool_calls if size(message.tool_calls) else message.function_call
    return bytes(called).decode("utf-8", "replace") if size(called) else ""


def calls_tools(message: ChatMessage) -> bool:
    """Return whether the message calls a tool, in any of the shapes for it."""
    if size(message.tool_calls) or size(message.function_call) or message.type == "function_call":
        return True
    parts = message.content if isinstance(message.content, list) else ()
    return any(isinstance(part, Part) and part.type == "tool_use" for part in parts)


def fill_check(call: Call, messages: Sequence[ChatMessage]) -> None:
    """Note in `call` whether an answer is a refusal, else whether the arguments of the tools it calls are JSON."""
    if any(message.refusal for message in messages):
        call.answer_check = REFUSAL
        return
    called = [tool_calls.check(message.tool_calls, message.function_call) for message in messages]
    called += [tool_calls.of_text(message.arguments) for message in messages if message.type == "function_call"]
    call.answer_check = tool_calls.worst(called)


def role_of(name: str | None) -> str:
    """Return the role that costsim calls what a log calls `name`; a role of no known name is the user's."""
    return _ROLES.get((name or "user").lower(), "user")


def serialised_role(kind: str) -> str:
    """Return the role of a message by the name of LangChain's class for it, or by its type."""
    return kind.lower().removesuffix("message").removesuffix("chunk")


def _message(message: ChatMessage, call: Call) -> list[Message]:
    """One message, with the tool results that Anthropic puts inside a user's message apart from what the user
    wrote.
    """
    role = ITEMS_OF_TOOLS.get(message.type or "") or role_of(message.role)
    if size(message.images):
        attached.note(call, {"image"})
    if size(message.attachments) or size(message.experimental_attachments):
        attached.note(call, {"file"})
    if not isinstance(message.content, list):
        return [(role, said(message))]
    _note_modalities(message.content, call)
    results = [part for part in message.content if isinstance(part, Part) and (part.type or "").endswith("tool_result")]
    if not results:
        return [(role, said(message))]
    own = [part for part in message.content if part not in results]
    found: list[Message] = [("tool", _joined(results))]
    return [*found, (role, _joined(own))] if own else found


def _note_modalities(parts: list[Part | str], call: Call) -> None:
    kinds = {_MODALITIES[part.type] for part in parts if isinstance(part, Part) and part.type in _MODALITIES}
    if kinds:
        attached.note(call, kinds)


def _joined(parts: Any) -> str:
    return "\n".join(text for part in parts if (text := part if isinstance(part, str) else _inner(part)))


def _inner(part: Part) -> str:
    if part.text or part.thinking:
        return part.text or part.thinking or ""
    return _plain(part.content) or bytes(part.input).decode("utf-8", "replace")


def _plain(value: Any) -> str:
    """The text in a tool's result: a text, or parts of it as plain JSON."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else []
    return "\n".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
