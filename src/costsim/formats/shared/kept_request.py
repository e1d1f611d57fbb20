"""Requests as tracers keep them, of which the usual messages are taken as they stand: their texts are not decoded."""

from typing import Any

import msgspec
from msgspec.structs import astuple

from costsim.formats.shared.attributes import Json, decoded, value_of
from costsim.formats.shared.chat_text import ITEMS_OF_TOOLS, role_of, serialised_role
from costsim.schema import Message

LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens", "maxTokens", "maxOutputTokens")
AROUND_PARAMETERS = ("invocation_params", "kwargs", "config", "options", "generation_config", "model_parameters")
OF_A_REQUEST = (*LIMITS, "temperature", "stream", "tools", "functions", "response_format")
"""Names in a kept request of all parameters that are looked at, and of what may hold them."""
_QUOTE, _LIST, _OBJECT = b'"', b"[", b"{"
_NOTHING_SAID = b'""'
_MAY_OPEN = (b"{", b"[", b"\\")
_NOT_PLAIN = (*_MAY_OPEN, b"<")
_SERIALISED = b'"kwargs"'


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A message of a role and a text, and nothing else that is billed."""

    role: str
    content: msgspec.Raw
    name: Any = None
    id: Any = None
    timestamp: Any = None


class _Inside(msgspec.Struct, gc=False):
    """What LangChain serialises of a message; where it holds a text, that is all that is said."""

    content: msgspec.Raw
    type: str | None = None


class _Serialised(msgspec.Struct, gc=False):
    """A message as LangChain serialises it; its kind is the last part of its path."""

    id: list[str]
    kwargs: _Inside


class _Text(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A part of a content that is a text."""

    type: str
    text: msgspec.Raw
    citations: Any = None
    annotations: Any = None
    cache_control: Any = None


_BESIDE = ("model", *OF_A_REQUEST, *AROUND_PARAMETERS)
_Request = msgspec.defstruct(
    "_Request",
    [
        ("messages", list[_Plain]),
        ("system", msgspec.Raw, msgspec.Raw()),
        *((name, Any, msgspec.UNSET) for name in _BESIDE),
    ],
    gc=False,
)
"""A request of plain messages, with what else of it is looked at."""

_request = msgspec.json.Decoder(_Request).decode
_plain = msgspec.json.Decoder(list[_Plain]).decode
_serialised = msgspec.json.Decoder(list[_Serialised]).decode
_serialised_lists = msgspec.json.Decoder(list[list[_Serialised]]).decode
_texts = msgspec.json.Decoder(list[_Text]).decode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NOT_SO = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def request_in(raw: Json) -> tuple[Any, list[Message] | None]:
    """Return a kept request decoded, as JSON or a text of it, and its messages, which then are not in it.

    None for the messages where they are not all plain: they are in the request. Where they are, of what stands beside
    them there are the model and the parameters.
    """
    text = json_in(raw)
    if is_plain_text(text):
        return None, [("user", text)]
    if text[:1] == _LIST and (messages := _messages(text)):
        return None, messages
    if text[:1] == _OBJECT and (found := _plain_request(text) or _serialised_request(text)) is not None:
        return found
    found = decoded(text)
    return value_of(raw) if found is None else found, None


def json_in(raw: Json) -> bytes:
    """Return the JSON of an object or a list that stands in a text, or the JSON as it is."""
    text = bytes(raw)
    if text[:1] != _QUOTE or text[1:2] not in _MAY_OPEN:
        return text
    value = decoded(text)
    return value.encode("utf-8", "replace") if isinstance(value, str) and value[:1] in ("{", "[") else text


def is_plain_text(text: bytes) -> bool:
    """Return whether JSON is a text that holds no JSON, and does not stand for an object; most texts are."""
    return text[:1] == _QUOTE and text[1:2] not in _NOT_PLAIN and len(text) > len(_NOTHING_SAID)


def _plain_request(text: bytes) -> tuple[Any, list[Message] | None] | None:
    try:
        messages, system, *beside = astuple(_request(text))
    except _NOT_SO:
        return None
    if (said := _in_order(bytes(system), _plain_messages(messages))) is None:
        return None
    return {name: value for name, value in zip(_BESIDE, beside, strict=True) if value is not msgspec.UNSET}, said


def _serialised_request(text: bytes) -> tuple[Any, list[Message] | None] | None:
    if _SERIALISED not in text:
        return None
    try:
        fields = _fields(text)
    except _NOT_SO:
        return None
    said = _serialised_messages(bytes(fields.pop("messages", b"")))
    if (said := _in_order(bytes(fields.pop("system", b"")), said)) is None:
        return None
    return {name: decoded(value) for name, value in fields.items()}, said


def _in_order(system: bytes, said: list[Message] | None) -> list[Message] | None:
    """The messages of a request after its system prompt, where it stands apart; None where one is of more than text."""
    if not said or not system:
        return said or None
    if (text := plain_content(system)) is None:
        return None
    return [("system", text), *said] if len(text) > len(_NOTHING_SAID) else said


def _messages(text: bytes) -> list[Message] | None:
    try:
        return _plain_messages(_plain(text))
    except _NOT_SO:
        return _serialised_messages(text)


def _plain_messages(rows: list[_Plain]) -> list[Message] | None:
    found: list[Message] = []
    for row in rows:
        content = plain_content(bytes(row.content))
        if content is None:
            return None
        found.append((role_of(row.role), content))
    return found


def _serialised_messages(text: bytes) -> list[Message] | None:
    """LangChain's messages, or the first of its lists of them, if each is a text."""
    try:
        rows = _serialised(text) if text[1:2] == _OBJECT else _serialised_lists(text)[0]
    except (*_NOT_SO, IndexError):
        return None
    found: list[Message] = []
    for row in rows:
        content = plain_content(bytes(row.kwargs.content))
        if content is None or content == _NOTHING_SAID or not row.id or row.kwargs.type in ITEMS_OF_TOOLS:
            return None
        found.append((role_of(serialised_role(row.id[-1])), content))
    return found


def plain_content(raw: bytes) -> bytes | None:
    """Return the JSON of a content's text, where it has just one."""
    if raw[:1] == _QUOTE:
        return raw
    try:
        parts = _texts(raw)
    except _NOT_SO:
        return None
    text = bytes(parts[0].text) if len(parts) == 1 and parts[0].type == "text" else b""
    return text if text[:1] == _QUOTE and len(text) > 2 else None
