"""Messages of spans with an attribute for each field of each: OpenInference's, and OpenLLMetry's."""

from typing import Any

from costsim.formats.otel.parts import texts
from costsim.formats.shared import attached
from costsim.formats.shared.attributes import Attributes, Json, decoded
from costsim.formats.shared.cells import plain
from costsim.formats.shared.chat_text import role_of
from costsim.schema import Call, Message

_ASKED, _ANSWERED = ("llm.input_messages.", "gen_ai.prompt."), ("llm.output_messages.", "gen_ai.completion.")
_MEDIA = (".image.url", ".audio.url")


def messages(call: Call, found: Attributes) -> list[Message] | None:
    """Return the messages of a request; None where they are not told so."""
    return [(role_of(_role(row)), _said(call, row)) for row in _rows(found, *_ASKED)] or None


def media(found: Attributes) -> list[Any]:
    """Return what messages carry besides text, of each message beside its place, or all parts of it."""
    return [[_medium(name, decoded(bytes(value))) for name, value in row.items()] for row in _rows(found, *_ASKED)]


def _rows(found: Attributes, name: str, or_else: str) -> list[dict[str, Json]]:
    return (found.rows(name) or found.rows(or_else)) if found.apart else []


def _medium(name: str, value: Any) -> Any:
    if name.endswith(_MEDIA):
        return [name, {"image_url": {"url": value}}]
    return decoded(value) if isinstance(value, str) and value.startswith("[{") else value


def _role(row: dict[str, Json]) -> str | None:
    return plain(decoded(bytes(row["role"]))) if "role" in row else None


def _said(call: Call, row: dict[str, Json]) -> str | bytes:
    """The text of a numbered message; the JSON of it where it is one text, which is the rule."""
    content = bytes(row.get("content", b""))
    if content[:1] == b'"' and content[:3] != b'"[{' and not _calls_tools(row):
        return content
    said = []
    for name, raw in row.items():
        if name == "content" or name.endswith((".text", ".function.arguments", ".arguments", ".function.name")):
            said.append(_content(call, bytes(raw)))
        elif name.endswith(_MEDIA):
            attached.note(call, {"image" if name.endswith(".image.url") else "audio"})
    return "\n".join(text for text in said if text)


def _content(call: Call, raw: bytes) -> str:
    """A content, or the parts of one as JSON in a text, as OpenLLMetry writes them."""
    value = decoded(raw)
    text = value if isinstance(value, str) else ""
    parts = decoded(text) if text.startswith("[{") else None
    return texts(call, parts) if isinstance(parts, list) else text


def _calls_tools(row: dict[str, Json]) -> bool:
    return any("tool_calls." in name or "function_call" in name for name in row)


def answer(call: Call, found: Attributes) -> str | bytes | None:
    """Return what the answer says, as text or as the JSON of one; None where it is not told so."""
    rows = [row for row in _rows(found, *_ANSWERED) if row.keys() - {"role", "finish_reason"}]
    if not rows:
        return None
    call.answer_has_tool_calls = any(_calls_tools(row) for row in rows)
    said = [_said(call, row) for row in rows]
    if len(said) == 1:
        return said[0]
    return "\n".join(text if isinstance(text, str) else str(decoded(text)) for text in said)
