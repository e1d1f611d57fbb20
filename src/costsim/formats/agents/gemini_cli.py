"""Sessions of Gemini CLI, `~/.gemini/tmp/*/chats/session-*`: one JSON document, or since 0.40 a row for each message.

A message is written again with the same id when its tokens arrive. Its telemetry file tells the same of each response.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import Contexts
from costsim.formats.shared.numbers import inclusive_total
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "gemini-cli"
ABOUT = "Gemini CLI sessions: `projectHash` and `messages` with `tokens`, or a message a row; its telemetry file"
KEEPS_LAST = True

_ANSWER = "gemini"
_KINDS = ("user", _ANSWER, "info", "error", "warning")
_RESPONSE = ".api_response"


class _Tokens(msgspec.Struct, gc=False):
    input: int | None = None
    output: int | None = None
    cached: int | None = None
    thoughts: int | None = None
    tool: int | None = None
    total: int | None = None


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    timestamp: str | float | None = None
    type: str | None = None
    model: str | None = None
    tokens: _Tokens | None = None


class _Told(msgspec.Struct, gc=False):
    """The attributes of an event of telemetry."""

    event: str | None = msgspec.field(default=None, name="event.name")
    at: str | float | None = msgspec.field(default=None, name="event.timestamp")
    session: str | None = msgspec.field(default=None, name="session.id")
    response: str | None = msgspec.field(default=None, name="response_id")
    model: str | None = None
    duration_ms: float | None = None
    prompt_id: str | None = None
    input_token_count: int | None = None
    output_token_count: int | None = None
    cached_content_token_count: int | None = None
    thoughts_token_count: int | None = None
    tool_token_count: int | None = None
    total_token_count: int | None = None


class _Row(_Message):
    session: str | None = msgspec.field(default=None, name="sessionId")
    kind: str | None = None
    messages: list[_Message] | None = None
    attributes: _Told | None = None


_row = TolerantDecoder(_Row).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a session, a row of one, or a response in a telemetry file."""
    if "projectHash" in record and "sessionId" in record:
        return True
    if len(record) == 1 and isinstance(record.get("$set"), dict):
        return True
    if record.get("type") in _KINDS and "id" in record and "timestamp" in record and "content" in record:
        return "sessionId" not in record and "message" not in record
    told = record.get("attributes")
    return isinstance(told, dict) and str(told.get("event.name")).endswith(_RESPONSE) and "input_token_count" in told


def read(record: bytes) -> list[Call]:
    """Return the calls of a whole session, or the one of a row by itself."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a reader of one session."""
    return _Session().read


class _Session:
    """One file, row by row: the first row names the session."""

    def __init__(self) -> None:
        self._id: str | None = None
        self._route: str | None = None
        self._contexts = Contexts()

    def read(self, record: bytes) -> list[Call]:
        row = _row(record)
        if row.session is not None:
            self._id, self._route = row.session, row.kind
        if row.attributes is not None:
            return _of_telemetry(row.attributes)
        found = [self._call(each) for each in row.messages or [row]]
        return [call for call in found if call is not None]

    def _call(self, message: _Message) -> Call | None:
        tokens = message.tokens
        if message.type != _ANSWER or tokens is None:
            return None
        call = Call(
            call_id=message.id,
            conversation_id=self._id,
            route=self._route,
            started_at=microseconds(message.timestamp),
            model=message.model,
            streamed=True,
            has_tools=True,
        )
        _fill(call, tokens)
        self._contexts.grow(call)
        return call


def _fill(call: Call, tokens: _Tokens) -> None:
    """Fill in the counts: thoughts stand beside the output, what tools added beside the input."""
    said, total = tokens.output or 0, tokens.total
    thoughts, tool = max(tokens.thoughts or 0, 0), max(tokens.tool or 0, 0)
    call.input_tokens = inclusive_total(tokens.input or 0, tool, said + thoughts, total, includes=False)
    call.output_tokens = inclusive_total(said, thoughts, call.input_tokens, total, includes=False)
    call.cache_read_tokens, call.reasoning_tokens = tokens.cached, tokens.thoughts
    call.tokens_basis = "logged"


def _of_telemetry(told: _Told) -> list[Call]:
    if told.event is None or not told.event.endswith(_RESPONSE):
        return []
    call = Call(
        call_id=told.response,
        conversation_id=told.session,
        trace_id=told.prompt_id,
        started_at=microseconds(told.at),
        duration_ms=told.duration_ms,
        model=told.model,
        streamed=True,
        has_tools=True,
    )
    counts = (
        told.input_token_count,
        told.output_token_count,
        told.cached_content_token_count,
        told.thoughts_token_count,
        told.tool_token_count,
        told.total_token_count,
    )
    _fill(call, _Tokens(*counts))
    return [call]
