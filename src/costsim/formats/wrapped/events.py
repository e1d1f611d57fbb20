"""Streams of which each event is a line of its own, and nothing else: kept until one of them states what was used."""

import msgspec

from costsim.schema import PARTIAL, Call, text_of

_COUNTED_BY = {
    b'"message_start"': b'"message_delta"',  # Anthropic
    b'"messageStart"': b'"metadata"',  # Bedrock's Converse
    b'"message-start"': b'"message-end"',  # Cohere
}
"""The event with which a stream begins -> the one that states its usage."""
_EDGE = 200
"""Bytes of a line, from either end, in which the name of its event stands: the SDKs' own dumps have it last."""
_MOST_KEPT = 1 << 24


def may_go_on(calls: list[Call]) -> bool:
    """Whether what a record came to may be the beginning of a stream, or an event in the middle of one."""
    return not calls or calls[0].tokens_basis == PARTIAL


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


def _goes_on(held: Call, call: Call) -> bool:
    same = (held.model, held.input_tokens) == (call.model, call.input_tokens)
    return same and (held.output_tokens or 0) <= (call.output_tokens or 0)


class Events:
    """The events of one stream, as far as they were read."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0
        self._last = b""

    def whole(self, record: bytes) -> bytes | None:
        """Take in a line; return the stream as one record where this event states its usage, else None."""
        edges = bytes(record[:_EDGE]) + b" " + bytes(record[-_EDGE:])
        if (begun := next((name for name in _COUNTED_BY if name in edges), None)) is not None:
            self._kept, self._size, self._last = [], 0, _COUNTED_BY[begun]
        elif not self._last:
            return None
        self._size += len(record)
        if self._size < _MOST_KEPT:
            self._kept.append(b"data: " + bytes(record).strip() + b"\n\n")
        if self._last not in edges:
            return None
        text, self._last = b"".join(self._kept).decode("utf-8", "replace"), b""
        return msgspec.json.encode({"response_text": text})
