"""Requests and responses side by side, as loggers of HTTP exchanges write them: bare, under `body`, or as JSON text."""

from collections.abc import Callable
from typing import Any

import msgspec


def body(part: Any, decode: Callable[[bytes], Any]) -> Any:
    """Return a logged request or response: itself, its `body`, or what its JSON text decodes to, else None."""
    if isinstance(part, str):
        try:
            return decode(part.encode("utf-8", "replace")) if part.lstrip().startswith("{") else None
        except msgspec.DecodeError:
            return None
    inner = getattr(part, "body", None)
    return part if inner is None else inner


def refusal(response: Any) -> str | None:
    """Return the HTTP status of a logged response that tells of a failure, else None."""
    status = getattr(response, "status_code", None)
    return str(status) if status is not None and status >= 400 else None
