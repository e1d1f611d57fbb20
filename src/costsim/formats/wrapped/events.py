"""Streams of which each event is a line of its own: kept until one of them states what was used, or none is left."""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.schema import PARTIAL, Call, text_of

_COUNTED_BY = {
    b'"message_start"': b'"message_delta"',  # Anthropic
    b'"messageStart"': b'"metadata"',  # Bedrock's Converse
    b'"message-start"': b'"message-end"',  # Cohere
}
"""The event with which a stream begins -> the one that states its usage."""
_EDGE = 200
"""Bytes of a line, from either end, in which the name of its event stands: the SDKs' own dumps have it last."""
MOST_KEPT = 1 << 24
"""Bytes of streams that go on, of a file."""
_OF_RESPONSES = "response."
_CHUNK = "chat.completion.chunk"
_OF_CHAT = f'"{_CHUNK}"'.encode()


class _Chunk(msgspec.Struct, gc=False):
    """What tells of which stream a chunk is."""

    id: str | None = None
    object: str | None = None


_chunk = TolerantDecoder(_Chunk).decode


def may_go_on(calls: list[Call]) -> bool:
    """Whether what a record came to may be the beginning of a stream, or an event in the middle of one."""
    return not calls or calls[0].tokens_basis == PARTIAL


def is_piece(record: dict[str, Any]) -> bool:
    """Whether a record is a part of a stream, so that the file has to be read in order."""
    if record.get("object") == _CHUNK or "messageStart" in record:
        return True
    candidates = record.get("candidates")
    if isinstance(candidates, list) and candidates and isinstance(candidates[0], dict):
        return not {"finishReason", "finish_reason"} & candidates[0].keys()
    kind = record.get("type")
    return isinstance(kind, str) and (f'"{kind}"'.encode() in _COUNTED_BY or kind.startswith(_OF_RESPONSES))


class Chunks:
    """The chunks of Gemini's streams that stand in a line each without an id: every one states the usage so far."""

    def __init__(self) -> None:
        self._held: Call | None = None

    def joined(self, record: bytes, calls: list[Call]) -> list[Call]:
        """Return the calls that are complete, given those of a line: of a stream only the one of its last chunk."""
        bare = len(calls) == 1 and calls[0].call_id is None and calls[0].messages is None
        if not bare or b'"candidates"' not in record:
            return calls
        call, held, self._held = calls[0], self._held, None
        complete: list[Call] = []
        if held is not None and _goes_on(held, call):
            call.answer = "".join(text_of(("", each.answer)) for each in (held, call) if each.answer)
        elif held is not None:
            complete.append(held)
        if call.finish_reason is None and call.status == "ok":
            self._held = call
        else:
            complete.append(call)
        return complete

    def rest(self) -> list[Call]:
        """Return the call of a stream that was cut off, as its last chunk states it."""
        return [] if self._held is None else [self._held]


def _goes_on(held: Call, call: Call) -> bool:
    same = (held.model, held.input_tokens) == (call.model, call.input_tokens)
    return same and (held.output_tokens or 0) <= (call.output_tokens or 0)


class ChatChunks:
    """The chunks of OpenAI's streams that stand in a line each, by the id of their stream: few state the usage."""

    def __init__(self, read: Callable[[bytes], list[Call]]) -> None:
        self._read = read
        self.kept: dict[str, list[bytes]] = {}
        """Of each stream what was read of it."""
        self._size = 0

    def joined(self, record: bytes, calls: list[Call]) -> list[Call]:
        """Return the calls that are complete, given those of a line: of a stream when its usage is stated."""
        name = _name_of_chunk(record) if _OF_CHAT in edges(record) else None
        if name is None:
            return calls
        if calls:
            return (self._taken(name, bytes(record)) if name in self.kept else []) or calls
        self.kept.setdefault(name, []).append(bytes(record))
        self._size += len(record)
        return self._taken(next(iter(self.kept))) if self._size > MOST_KEPT else []

    def rest(self) -> list[Call]:
        """Return the calls of streams that never stated their usage, with the text that they came to."""
        return [call for name in list(self.kept) for call in self._taken(name)]

    def _taken(self, name: str, last: bytes = b"") -> list[Call]:
        chunks = self.kept.pop(name)
        self._size -= sum(map(len, chunks))
        return self._read(recorded([*chunks, last]))


def _name_of_chunk(record: bytes) -> str | None:
    """The id of the stream, where the record is a chunk itself and does not only hold some."""
    chunk = _chunk(record)
    return chunk.id if chunk.object == _CHUNK else None


class Events:
    """The events of one stream, as far as they were read."""

    def __init__(self, read: Callable[[bytes], list[Call]]) -> None:
        self._read = read
        self._kept: list[bytes] = []
        self._size = 0
        self.awaited = b""
        """The event that will state the usage of the stream that has begun; empty where none has."""

    def joined(self, record: bytes, calls: list[Call]) -> list[Call]:
        """Return the calls of a line, and with them that of the stream which it ends or comes after."""
        ends = edges(record)
        cut_off: list[Call] = []
        if (begun := next((name for name in _COUNTED_BY if name in ends), None)) is not None:
            cut_off = self.rest()
            self._kept, self._size, self.awaited = [], 0, _COUNTED_BY[begun]
        elif not self.awaited:
            return calls
        self._size += len(record)
        if self._size < MOST_KEPT:
            self._kept.append(record)
        if self.awaited not in ends:
            return [*cut_off, *calls]
        self.awaited = b""
        return [*cut_off, *(self._read(recorded(self._kept)) or calls)]

    def rest(self) -> list[Call]:
        """Return the call of a stream that was cut off before it stated its usage."""
        return self._read(recorded(self._kept)) if self.awaited else []


def edges(record: bytes) -> bytes:
    """Return the beginning and the end of a line, where the name of its event stands."""
    return bytes(record[:_EDGE]) + b" " + bytes(record[-_EDGE:])


def recorded(events: list[bytes]) -> bytes:
    """Return a recorded stream as one record."""
    text = b"".join(b"data: " + bytes(event).strip() + b"\n\n" for event in events)
    return msgspec.json.encode({"response_text": text.decode("utf-8", "replace")})
