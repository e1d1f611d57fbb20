"""The text of a Responses input and output: messages with their roles, calls of tools and what they returned."""

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.openai.responses_rows import Item, Part, Parts
from costsim.formats.shared import attached
from costsim.schema import Call, Message, one_text, text_of

_ROLES = {"system": "system", "developer": "system", "assistant": "assistant", "tool": "tool"}
_MODALITIES = {"input_image": "image", "input_file": "file", "input_audio": "audio", "input_video": "video"}
_parts = TolerantDecoder(Parts).decode


def length(raw: msgspec.Raw) -> int:
    """Return the characters of a value that stands undecoded; what is empty or null has none."""
    size = len(memoryview(raw))
    return size if size > 4 else 0


def messages(items: list[Item], call: Call) -> list[Message]:
    """Return an input's items as (role, text); the text of plain ones stays as it stands in the log."""
    found: list[Message] = []
    for item in items:
        content = bytes(item.content)
        if content[:1] == b'"':  # as a rule
            found.append((_ROLES.get(item.role or "", "user"), content))
        else:
            found.append((_role(item), said(item, call)))
    return found


def _role(item: Item) -> str:
    if item.role is not None:
        return _ROLES.get(item.role, "user")
    kind = item.type or ""
    return "tool" if kind.endswith("_output") else "user" if kind in ("", "message") else "assistant"


def said(item: Item, call: Call) -> str | bytes:
    """Return all that an item says: text, reasoning, the arguments of a tool's call, what the tool returned.

    The JSON of it where it is one text, which is the rule.
    """
    texts = [_text(raw, call) for raw in (item.summary, item.content, item.output) if length(raw)]
    if length(item.arguments) or length(item.input) or item.code:
        given = item.arguments if length(item.arguments) else item.input
        texts.append(f"{item.name or ''}{text_of(('', _text(given, call))) or item.code or ''}")
    return one_text(texts)


def refuses(item: Item) -> bool:
    """Return whether an item of an answer says that there will be none."""
    content = bytes(item.content)
    if b'"refusal"' not in content:
        return False
    return any(part.refusal for part in _parts(b'{"parts":' + content + b"}").parts or [])


def _text(raw: msgspec.Raw, call: Call) -> str | bytes:
    """The text of a value: of a text itself, of a list that of its parts, of anything else its JSON."""
    value = bytes(raw)
    if value[:1] == b'"':
        return value
    if value[:1] != b"[":
        return value.decode("utf-8", "replace")
    parts = _parts(b'{"parts":' + value + b"}").parts or []
    _note_modalities(call, parts)
    return one_text([_of_part(part) for part in parts])


def _of_part(part: Part) -> str | bytes:
    text = bytes(part.text)
    return text if text[:1] == b'"' and text != b'""' else part.refusal or ""


def _note_modalities(call: Call, parts: list[Part]) -> None:
    found = {_MODALITIES[part.type] for part in parts if part.type in _MODALITIES}
    if found:
        attached.note(call, found)
