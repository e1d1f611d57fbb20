"""Files that are recorded streams themselves, as `curl -N` writes them: each stream is one record."""

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from costsim.formats.shared.event_stream import looks_like_events

_ENDS = re.compile(
    rb'data:\s*(\[DONE\]|\{.*"type":\s*"(message_stop|message-end|response\.(completed|incomplete|failed))")'
)
_BEGINS = re.compile(rb'data:\s*\{"type":\s*"(message_start|response\.created)"')
_ID = re.compile(rb'data:\s*\{.*?"(?:responseId|response_id)":\s*"([^"]+)"|data:\s*\{"id":\s*"([^"]+)"')
"""In streams of chats and of Gemini, every event has it."""
_BEGINNING = 400


def begins(start: bytes) -> bool:
    """Whether a file that begins so is a recorded stream."""
    first = start[:_BEGINNING].decode("utf-8", "replace")
    return looks_like_events(first) and b"data:" in start and b"{" in start


def records(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each stream of a file as `{"response_text": ...}`, with the line on which it begins."""
    begun: list[bytes] = []
    first, last = 1, b""
    for number, line in enumerate(stream, 1):
        name = b"".join(found.groups(b"")) if (found := _ID.match(line)) else last
        is_first = (last and name != last) or _BEGINS.match(
            line
        )  # the one before was cut off, or has no mark of its end
        if is_first and any(each.startswith(b"data:") for each in begun):
            yield _record(begun), first
            begun, first = [], number
        last = name
        begun.append(line)
        if _ENDS.match(line):
            yield _record(begun), first
            begun, first, last = [], number + 1, b""
    if any(line.strip() for line in begun):
        yield _record(begun), first


def _record(lines: list[bytes]) -> bytes:
    return msgspec.json.encode({"response_text": b"".join(lines).decode("utf-8", "replace")})
