"""The text of Gemini's contents: parts joined, calls of functions and what they returned as the text that they are."""

import msgspec

from costsim.formats.google.rows import Blob, Content, Part, Request
from costsim.formats.shared import attached
from costsim.schema import Call, Message, text_of

_ROLES = {"model": "assistant", "system": "system", "function": "tool", "tool": "tool"}
_MEDIA = frozenset({"image", "audio", "video"})


def messages(request: Request, call: Call) -> list[Message] | None:
    """Return what a request says as (role, text), the instruction first; None where it says nothing."""
    found = _messages(request, call)
    asked = (request.system_instruction, request.contents, request.content, request.requests, request.instances)
    attached.put(call, *asked)
    return found


def _messages(request: Request, call: Call) -> list[Message] | None:
    found: list[Message] = []
    if request.system_instruction is not None:
        found.append(("system", _plain(request.system_instruction, call)))
    contents = request.contents if request.contents is not None else request.content
    embedded = request.requests or request.instances
    if embedded is not None:
        return [("user", _plain(each.content, call)) for each in embedded if each.content is not None]
    if contents is None:
        return None
    return found + [_message(each, call) for each in (contents if isinstance(contents, list) else [contents])]


def _message(content: Content | str, call: Call) -> Message:
    if isinstance(content, str):
        return "user", content
    parts = content.parts or []
    role = _ROLES.get(content.role or "", "user")
    if len(parts) == 1 and len(text := bytes(parts[0].text)) > 4:  # as a rule
        return role, text
    if any(len(memoryview(part.function_response)) for part in parts):
        role = "tool"
    return role, said(parts, call)


def _plain(content: Content | str, call: Call) -> str:
    return content if isinstance(content, str) else said(content.parts or [], call)


def said(parts: list[Part], call: Call) -> str:
    """Return the text of parts, and note in `call` what they carry besides text."""
    texts = []
    for part in parts:
        if (blob := part.inline_data or part.file_data) is not None:
            _note(call, blob)
        texts += [_text(part.text), _text(part.function_call), _text(part.function_response)]
        texts += [_text(part.executable_code), _text(part.code_execution_result)]
    return "\n".join([text for text in texts if text])


def _text(raw: msgspec.Raw) -> str:
    value = bytes(raw)
    if len(value) <= 2 or value == b"null":
        return ""
    return text_of(("", value)) if value[:1] == b'"' else value.decode("utf-8", "replace")


def _note(call: Call, blob: Blob) -> None:
    kind = (blob.mime_type or "").partition("/")[0].lower()
    found = {kind if kind in _MEDIA else "file"}
    attached.note(call, found)
