"""Parts of a message of a span, told apart by their types: what is said in them, and what else they are."""

from typing import Any

import msgspec

from costsim.formats.shared import attached
from costsim.formats.shared.cells import plain
from costsim.schema import Call

_MODALITIES = {"blob": "file", "uri": "file", "image": "image", "audio": "audio", "video": "video", "file": "file"}
RESULTS = ("tool_call_response", "tool_result", "tool-result")
"""Types of parts that are results of tools."""


def texts(call: Call, parts: list[Any]) -> str:
    """Return what these parts say, one below the other; what else they are is noted in the call."""
    said = []
    for part in parts:
        if isinstance(part, dict):
            kind = str(part.get("modality") or part.get("type") or "").partition("-")[0]
            if kind.partition("_")[0] in _MODALITIES:
                attached.note(call, {_MODALITIES[kind.partition("_")[0]]})
            elif text := _part(part):
                said.append(text)
        elif isinstance(part, str):
            said.append(part)
    return "\n".join(said)


def _part(part: dict[str, Any]) -> str:
    """What a part says; calls of tools and their results are text that is sent and billed as well."""
    for name in ("content", "text", "result", "response", "output"):
        value = part.get(name)
        if isinstance(value, str):
            return value
        if value is not None:
            return msgspec.json.encode(value).decode()
    told = part.get("arguments", part.get("input", part.get("args")))
    if told is None:
        return ""
    name = plain(part.get("name") or part.get("toolName")) or ""
    return f"{name}{told if isinstance(told, str) else msgspec.json.encode(told).decode()}"
