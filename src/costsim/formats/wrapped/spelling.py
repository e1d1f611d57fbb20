"""OpenAI's bodies in camel case, as SDKs of Java, Kotlin and JavaScript print them: in the API's own spelling."""

import re
from typing import Any

_MARKS = (b'"promptTokens"', b'"promptTokensDetails"', b'"inputTokensDetails"')
_NAMES = tuple(mark.decode().strip('"') for mark in _MARKS)
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_DEEPEST = 6


def may_be(record: bytes) -> bool:
    """Whether a record may hold counts in camel case; quick."""
    return any(mark in record for mark in _MARKS)


def in_snake_case(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return a record whose usage is in camel case with all names in snake case; None where it has none such."""
    parts = [record, *(record[name] for name in ("response", "body") if isinstance(record.get(name), dict))]
    usages = [part.get("usage") for part in parts]
    if not any(isinstance(usage, dict) and any(name in usage for name in _NAMES) for usage in usages):
        return None
    return {name: _snake(value, 0) if name in _SPELLED else value for name, value in _snake_names(record).items()}


_SPELLED = ("response", "body", "usage", "choices")
"""What of a record is spelled by the SDK too."""


def _snake_names(value: dict[str, Any]) -> dict[str, Any]:
    return {_HUMP.sub(lambda hump: "_" + hump[1].lower(), name): inner for name, inner in value.items()}


def _snake(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return value
    if isinstance(value, dict):
        return {name: _snake(inner, depth + 1) for name, inner in _snake_names(value).items()}
    return [_snake(each, depth + 1) for each in value] if isinstance(value, list) else value
