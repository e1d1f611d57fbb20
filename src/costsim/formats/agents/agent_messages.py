"""Sessions of Pi, OpenClaw and Droid: a tree of rows, `type: message` with the usage beside what an answer says.

Droid keeps a session's totals in a file of settings beside it, and states a run's when it prints JSON.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import Contexts, fill_apart, tags_of
from costsim.formats.shared.numbers import trillionths
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "agent-messages"
ABOUT = "Pi, OpenClaw and Droid sessions: rows of `type`, `id`, `parentId` and `message` with `usage`"

_FIRST = ("session", "session_start")
_ROWS = ("message", "compaction", "custom", "custom_message", "model_change", "thinking_level_change", "branch_summary")
_PRINTED = ("message", "tool_call", "tool_result", "completion", "error")
_OF_PRINTED = ("role", "toolName", "toolCallId", "toolId", "finalText", "source")


class _Cost(msgspec.Struct, gc=False):
    total: float | None = None


class _Usage(msgspec.Struct, gc=False):
    input: int | None = None
    output: int | None = None
    read: int | None = msgspec.field(default=None, name="cacheRead")
    written: int | None = msgspec.field(default=None, name="cacheWrite")
    cost: _Cost | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Totals(msgspec.Struct, gc=False):
    input: int | None = msgspec.field(default=None, name="inputTokens")
    output: int | None = msgspec.field(default=None, name="outputTokens")
    written: int | None = msgspec.field(default=None, name="cacheCreationTokens")
    read: int | None = msgspec.field(default=None, name="cacheReadTokens")
    thoughts: int | None = msgspec.field(default=None, name="thinkingTokens")


class _Message(msgspec.Struct, gc=False):
    role: str | None = None
    provider: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    stop: str | None = msgspec.field(default=None, name="stopReason")


class _Row(msgspec.Struct, gc=False):
    type: str | None = None
    id: str | None = None
    session: str | None = msgspec.field(default=None, name="sessionId")
    session_id: str | None = None
    timestamp: str | float | None = None
    cwd: str | None = None
    model: str | None = None
    new_model: str | None = msgspec.field(default=None, name="modelId")
    provider: str | None = None
    lock: str | None = msgspec.field(default=None, name="providerLock")
    locked_at: str | float | None = msgspec.field(default=None, name="providerLockTimestamp")
    message: _Message | None = None
    usage: _Usage | None = None
    totals: _Totals | None = msgspec.field(default=None, name="tokenUsage")


_row = TolerantDecoder(_Row).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of a session, an event of a run, or the settings of a session with its totals."""
    kind = record.get("type")
    if kind in _FIRST:
        return "id" in record and ("cwd" in record or "version" in record)
    if kind in _ROWS and "id" in record and "parentId" in record:
        return kind != "message" or isinstance(record.get("message"), dict)
    if kind in _PRINTED and ("sessionId" in record or "session_id" in record):
        return any(name in record for name in _OF_PRINTED) and not {"content", "usage"} <= record.keys()
    return isinstance(record.get("tokenUsage"), dict) and "inputTokens" in record["tokenUsage"]


def read(record: bytes) -> list[Call]:
    """Return the call that a row by itself tells of."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a reader of one session."""
    return _Session().read


class _Session:
    """One file, row by row: the first names the session, others the model."""

    def __init__(self) -> None:
        self._first = _Row()
        self._changed = _Row()
        self._contexts = Contexts()

    def read(self, record: bytes) -> list[Call]:
        row = _row(record)
        if row.type in _FIRST or row.type == "system":
            self._first = row
        elif row.type == "model_change":
            self._changed = row
        elif row.totals is not None:
            return self._of_totals(row, row.totals)
        elif row.type == "message" and row.message is not None and row.message.usage is not None:
            return self._counted(row, row.message, row.message.usage)
        elif row.type == "completion" and row.usage is not None:
            return self._counted(row, _Message(), row.usage)
        return []

    def _of_totals(self, row: _Row, totals: _Totals) -> list[Call]:
        call = Call(started_at=microseconds(row.locked_at), provider=row.lock, model=row.model, has_tools=True)
        fill_apart(call, totals.input, totals.output, totals.read, totals.written, totals.thoughts)
        return [call] if call.input_tokens or call.output_tokens else []

    def _counted(self, row: _Row, message: _Message, usage: _Usage) -> list[Call]:
        session = row.session or row.session_id or self._first.id
        call = Call(
            call_id=f"{row.id}/{row.timestamp}" if row.id and row.timestamp else None,
            conversation_id=session,
            started_at=microseconds(row.timestamp),
            provider=message.provider or self._changed.provider,
            model=message.model or row.model or self._changed.new_model or self._first.model,
            finish_reason=message.stop,
            tags=tags_of(self._first.cwd),
            reported_cost=trillionths(usage.cost.total) if usage.cost is not None and usage.cost.total else None,
            streamed=True,
            has_tools=True,
        )
        fill_apart(call, _either(usage.input, usage.input_tokens), _either(usage.output, usage.output_tokens),
                   _either(usage.read, usage.cache_read_input_tokens),
                   _either(usage.written, usage.cache_creation_input_tokens))  # fmt: skip
        self._contexts.grow(call)
        return [call] if call.tokens_basis else []


def _either(one: int | None, other: int | None) -> int | None:
    return other if one is None else one
