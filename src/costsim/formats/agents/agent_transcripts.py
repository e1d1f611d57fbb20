"""Transcripts of agents that state no tokens: Cursor, Grok and Hermes. They are known, so that they are no riddle."""

from typing import Any

import msgspec

from costsim.schema import Call

NAME = "agent-transcript"
ABOUT = "Cursor, Grok and Hermes transcripts: recognised, but they state no tokens, so there is nothing to count"

_OF_GROK = ("model_id", "prompt_index", "tool_call_id", "model_fingerprint")
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row, or the whole, of such a transcript."""
    if "session_start" in record and "messages" in record:
        return True  # Hermes
    if "session_summary" in record and isinstance(record.get("info"), dict):
        return True  # Grok's summary
    if record.get("type") in ("user", "assistant", "tool_result") and "content" in record:
        return any(name in record for name in _OF_GROK) and "sessionId" not in record
    message = record.get("message")
    if isinstance(message, dict) and "role" in record and "type" not in record:
        return set(message) == {"content"}  # Cursor
    return record.get("type") == "turn_ended" and "status" in record


def read(record: bytes) -> list[Call]:
    """Return no call: nothing here says what one took."""
    try:
        _decode(record)
    except UnicodeDecodeError as problem:
        raise msgspec.DecodeError("is no UTF-8") from problem
    return []
