"""Messages of OpenCode: `~/.local/share/opencode/storage/message/*/*.json`, and since 1.2 rows of its database.

Each answer is a request; its counts stand apart, reasoning beside the output, as OpenCode prices them.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import fill_apart, tags_of
from costsim.formats.shared.envelope import NO_RAW
from costsim.formats.shared.numbers import trillionths
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "opencode"
ABOUT = "OpenCode messages: `sessionID`, `modelID` and `tokens` with `cache`, as files or in its database"
QUERIES = {
    "message": "SELECT id, session_id AS sessionID, data AS opencode FROM message",
    "session_message": "SELECT id, session_id AS sessionID, type AS role, data AS opencode FROM session_message",
}

_ROW = "opencode"
_ANSWER = "assistant"
_STEP = "step-finish"


class _Cache(msgspec.Struct, gc=False):
    read: int | None = None
    write: int | None = None


class _Tokens(msgspec.Struct, gc=False):
    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    total: int | None = None
    cache: _Cache | None = None


class _Time(msgspec.Struct, gc=False):
    created: float | None = None
    completed: float | None = None


class _Model(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = msgspec.field(default=None, name="modelID")
    provider: str | None = msgspec.field(default=None, name="providerID")


class _Path(msgspec.Struct, gc=False):
    root: str | None = None
    cwd: str | None = None


class _Error(msgspec.Struct, gc=False):
    name: str | None = None


class _Exported(msgspec.Struct, gc=False):
    info: msgspec.Raw = NO_RAW


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    session: str | None = msgspec.field(default=None, name="sessionID")
    role: str | None = None
    model_id: str | None = msgspec.field(default=None, name="modelID")
    provider_id: str | None = msgspec.field(default=None, name="providerID")
    model: _Model | None = None
    tokens: _Tokens | None = None
    cost: float | None = None
    time: _Time | None = None
    timestamp: float | None = None
    path: _Path | None = None
    mode: str | None = None
    agent: str | None = None
    finish: str | None = None
    error: _Error | None = None
    type: str | None = None
    message: str | None = msgspec.field(default=None, name="messageID")
    opencode: str | None = None
    part: msgspec.Raw = NO_RAW
    """What an event of `opencode run --format json` is about."""
    messages: list[_Exported] | None = None
    """Those of a session that `opencode export` wrote."""


_message = TolerantDecoder(_Message).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a message, a part of one, or a row of the database."""
    if _ROW in record:
        return "sessionID" in record
    if "sessionID" in record and isinstance(record.get("part"), dict):
        return True
    messages = record.get("messages")
    if isinstance(record.get("info"), dict) and isinstance(messages, list):
        return all(isinstance(each, dict) and isinstance(each.get("info"), dict) for each in messages)
    if isinstance(record.get("time"), dict) and isinstance(record.get("id"), str):
        return "sessionID" in record or ("type" in record and "start" in record["time"])
    return "sessionID" in record and "messageID" in record


def read(record: bytes) -> list[Call]:
    """Return the call of an answer that states its tokens, or those of a session that was exported."""
    message = _message(record)
    if message.messages is not None:
        return [call for each in message.messages for call in read(bytes(each.info) or b"{}")]
    if bytes(message.part)[:1] == b"{":
        return _of_step(message)
    if message.opencode is not None:
        inner = _message(message.opencode.encode())
        inner.id, inner.session = inner.id or message.id, inner.session or message.session
        inner.role = inner.role or message.role
        message = inner
    tokens = message.tokens
    if message.type == _STEP:  # says the same as its message, which knows more
        message.id, message.role = message.message, _ANSWER
    if message.role != _ANSWER or tokens is None or (tokens.input is None and tokens.output is None):
        return []
    call = _call(message)
    cache, reasoning = tokens.cache or _Cache(), tokens.reasoning
    fill_apart(call, tokens.input, tokens.output, cache.read, cache.write, reasoning)
    if reasoning and tokens.total is not None and tokens.total == (call.input_tokens or 0) + (tokens.output or 0):
        call.output_tokens = tokens.output
    return [call]


def _of_step(event: _Message) -> list[Call]:
    """The call whose end a run printed; the model is named nowhere."""
    calls = read(bytes(event.part))
    for call in calls:
        call.started_at = call.started_at or microseconds(event.timestamp)
    return calls


def _call(message: _Message) -> Call:
    model, time, path = message.model or _Model(), message.time or _Time(), message.path or _Path()
    done = time.created is not None and time.completed is not None and time.completed >= time.created
    return Call(
        call_id=message.id,
        conversation_id=message.session,
        started_at=microseconds(time.created),
        duration_ms=time.completed - time.created if done and time.completed and time.created else None,
        provider=message.provider_id or model.provider,
        model=message.model_id or model.model or model.id,
        route=message.mode or message.agent,
        tags=tags_of(path.root if path.root not in (None, "", "/") else path.cwd),
        finish_reason=message.finish,
        status="ok" if message.error is None else "error",
        error_type=message.error.name or "error" if message.error is not None else None,
        reported_cost=trillionths(message.cost) if message.cost else None,
        streamed=True,
        has_tools=True,
    )
