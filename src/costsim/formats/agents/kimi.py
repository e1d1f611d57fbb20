"""Sessions of Kimi CLI and Kimi Code: `wire.jsonl`, where each step of a turn states its tokens, kept apart."""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import fill_apart
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "kimi"
ABOUT = "Kimi CLI and Kimi Code sessions: `StatusUpdate` with `token_usage`, or `usage.record` of a turn"
KEEPS_LAST = True

_MESSAGES = ("TurnBegin", "TurnEnd", "StepBegin", "StatusUpdate", "ContentPart", "ToolCall", "ToolResult")
_ROWS = ("usage.", "llm.", "step.", "turn.", "context.", "tools.", "config.")
_SYMBOL = "__"
"""What encloses a name that stands for a model of the configuration, and is none."""


class _Usage(msgspec.Struct, gc=False):
    """Counts in the spelling of either tool."""

    input_other: int | None = None
    output: int | None = None
    input_cache_read: int | None = None
    input_cache_creation: int | None = None
    fresh: int | None = msgspec.field(default=None, name="inputOther")
    read: int | None = msgspec.field(default=None, name="inputCacheRead")
    written: int | None = msgspec.field(default=None, name="inputCacheCreation")


class _Payload(msgspec.Struct, gc=False):
    token_usage: _Usage | None = None
    message_id: str | None = None


class _Message(msgspec.Struct, gc=False):
    type: str | None = None
    payload: _Payload | None = None


class _Row(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: float | None = None
    time: float | None = None
    message: _Message | None = None
    model: str | None = None
    usage: _Usage | None = None
    scope: str | None = msgspec.field(default=None, name="usageScope")


_row = TolerantDecoder(_Row).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of a session, or the state of one."""
    message = record.get("message")
    if isinstance(message, dict) and "timestamp" in record and message.get("type") in _MESSAGES:
        return "payload" in message
    kind = record.get("type")
    if isinstance(kind, str) and kind.startswith(_ROWS) and "time" in record:
        return True
    if kind == "metadata" and "protocol_version" in record:
        return True
    agents = record.get("agents")
    return "createdAt" in record and isinstance(agents, dict) and isinstance(agents.get("main"), dict)


def read(record: bytes) -> list[Call]:
    """Return the call that a row by itself tells of."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a reader of one session."""
    return _Session().read


class _Session:
    """One file, row by row: requests name the model that a later count is of."""

    def __init__(self) -> None:
        self._model: str | None = None

    def read(self, record: bytes) -> list[Call]:
        row = _row(record)
        if row.type == "llm.request":
            self._model = _named(row.model) or self._model
        if row.type == "usage.record" and row.usage is not None and row.scope == "turn":
            return self._counted(row.usage, None, row.time, _named(row.model) or self._model)
        if row.message is None or row.message.type != "StatusUpdate" or row.message.payload is None:
            return []
        payload = row.message.payload
        if payload.token_usage is None:
            return []
        return self._counted(payload.token_usage, payload.message_id, row.timestamp, self._model)

    def _counted(self, usage: _Usage, call_id: str | None, when: float | None, model: str | None) -> list[Call]:
        at = microseconds(when)
        call = Call(call_id=call_id, started_at=at, provider="moonshot", model=model, streamed=True, has_tools=True)
        fresh = usage.input_other if usage.input_other is not None else usage.fresh
        read = usage.input_cache_read if usage.input_cache_read is not None else usage.read
        written = usage.input_cache_creation if usage.input_cache_creation is not None else usage.written
        fill_apart(call, fresh, usage.output, read, written)
        return [call] if call.input_tokens or call.output_tokens else []


def _named(model: str | None) -> str | None:
    """A model's own name, without the tool's name before it."""
    if not model or (model.startswith(_SYMBOL) and model.endswith(_SYMBOL)):
        return None
    return model.removeprefix("kimi-code/")
