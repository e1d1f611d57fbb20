"""Recorded streams as proxies and recorders write them: server-sent events, or an object a line, to JSON payloads."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

Event = TypeVar("Event")

_LINE_END = re.compile(r"\r\n|\n|\r")
"""Of event streams: JSON may hold the other characters at which Python ends a line."""


def looks_like_events(text: str) -> bool:
    """Whether `text` is a recorded event stream; a line that begins with a colon is a comment."""
    return text.lstrip().startswith(("data:", "event:", ":", "id:", "retry:"))


def payloads(text: str) -> list[bytes]:
    """Return the JSON payload of each `data:` line in order; `[DONE]` and comments are left out."""
    found = []
    for line in _LINE_END.split(text):
        if line.startswith("data:"):
            payload = line[5:].strip()
            if payload and payload != "[DONE]":
                found.append(payload.encode())
    return found


def json_payloads(text: str) -> list[bytes]:
    """Return the payloads of recorded events, or the objects of text that has one a line; of other text, none."""
    if looks_like_events(text):
        return payloads(text)
    lines = [line.strip() for line in _LINE_END.split(text)]
    return [line.encode("utf-8", "replace") for line in lines if line.startswith("{") and line.endswith("}")]


def decoded(payloads: Iterable[bytes], decode: Callable[[bytes], Event]) -> Iterator[Event]:
    """Yield what payloads hold; what cannot be decoded is left out, as a recording may be cut off within an event."""
    for payload in payloads:
        try:
            yield decode(payload)
        except msgspec.DecodeError:
            continue


def as_events(chunks: Iterable[Any]) -> str:
    """Return the text of the stream that chunks were recorded from."""
    return "".join(f"{_event_line(chunk)}data: {msgspec.json.encode(chunk).decode()}\n\n" for chunk in chunks)


def _event_line(chunk: Any) -> str:
    kind = chunk.get("type") if isinstance(chunk, dict) else None
    return f"event: {kind}\n" if isinstance(kind, str) else ""
