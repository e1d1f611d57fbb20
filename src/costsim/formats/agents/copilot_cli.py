"""Sessions of Copilot CLI, `~/.copilot/session-state/*/events.jsonl`: an event a row.

Messages state their output tokens at most; what a session took in, by model, stands at its end only. There, one more
call holds what the messages have not said, so that the sums of a model are those of the session; where no such end
follows, nobody knows what they took in. So messages are calls when the file ends. Recorders of the SDK's events also
have `assistant.usage`, which states all of a request: it is the message before it, told in full.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import fill_apart, tags_of
from costsim.formats.shared.envelope import NO_RAW
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "copilot-cli"
KEEPS_LAST = True
ABOUT = "Copilot CLI sessions: events of `type`, `data` and `parentId`; tokens by model at the session's end"

_OF_EVENTS = ("session.", "assistant.", "user.", "tool.", "system.", "hook.", "subagent.", "skill.", "permission.")


class _Usage(msgspec.Struct, gc=False):
    input: int | None = msgspec.field(default=None, name="inputTokens")
    output: int | None = msgspec.field(default=None, name="outputTokens")
    read: int | None = msgspec.field(default=None, name="cacheReadTokens")
    written: int | None = msgspec.field(default=None, name="cacheWriteTokens")
    reasoning: int | None = msgspec.field(default=None, name="reasoningTokens")


class _Metrics(msgspec.Struct, gc=False):
    usage: _Usage | None = None


class _Kind(msgspec.Struct, gc=False):
    count: int | None = msgspec.field(default=None, name="tokenCount")


class _Kinds(msgspec.Struct, gc=False):
    input: _Kind | None = None
    output: _Kind | None = None
    cache_read: _Kind | None = None
    cache_write: _Kind | None = None


class _Context(msgspec.Struct, gc=False):
    cwd: str | None = None
    branch: str | None = None


class _Data(msgspec.Struct, gc=False):
    session: str | None = msgspec.field(default=None, name="sessionId")
    context: _Context | None = None
    selected: str | None = msgspec.field(default=None, name="selectedModel")
    new_model: str | None = msgspec.field(default=None, name="newModel")
    model: str | None = None
    output: int | None = msgspec.field(default=None, name="outputTokens")
    message: str | None = msgspec.field(default=None, name="messageId")
    call: str | None = msgspec.field(default=None, name="apiCallId")
    metrics: dict[str, _Metrics] | None = msgspec.field(default=None, name="modelMetrics")
    kinds: _Kinds | None = msgspec.field(default=None, name="tokenDetails")
    parent: str | None = msgspec.field(default=None, name="parentToolCallId")
    input: int | None = msgspec.field(default=None, name="inputTokens")
    read: int | None = msgspec.field(default=None, name="cacheReadTokens")
    written: int | None = msgspec.field(default=None, name="cacheWriteTokens")
    reasoning: int | None = msgspec.field(default=None, name="reasoningTokens")
    duration: float | None = None


class _Event(msgspec.Struct, gc=False):
    type: str | None = None
    id: str | None = None
    timestamp: str | float | None = None
    data: msgspec.Raw = NO_RAW


_event = TolerantDecoder(_Event).decode
_data = TolerantDecoder(_Data).decode
_USAGE = "assistant.usage"
_READ = {"session.start", "session.resume", "session.model_change", "assistant.message", _USAGE, "session.shutdown"}


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is an event of a session."""
    kind = record.get("type")
    if not isinstance(kind, str) or not isinstance(record.get("data"), dict):
        return False
    if "parentId" not in record and kind != _USAGE:
        return False
    return kind.startswith(_OF_EVENTS) or kind == "abort"


def read(record: bytes) -> list[Call]:
    """Return the call that an event by itself tells of."""
    read_in_order, rest = session_and_rest()
    return read_in_order(record) + rest()


def session() -> Callable[[bytes], list[Call]]:
    """Return a reader of one session, without the messages that are left to its end."""
    return session_and_rest()[0]


def session_and_rest() -> tuple[Callable[[bytes], list[Call]], Callable[[], list[Call]]]:
    """Return what `session` returns, and what returns the messages that no request has told in full."""
    reader = _Session()
    return reader.read, reader.rest


class _Said(msgspec.Struct):
    """What the requests of a model have said of their tokens."""

    input: int = 0
    output: int = 0
    read: int = 0
    written: int = 0
    reasoning: int = 0
    in_full: list[int] = msgspec.field(default_factory=list)
    """Output tokens of requests that were told in full, before their messages."""


class _Session:
    """One file, event by event."""

    def __init__(self) -> None:
        self._id: str | None = None
        self._model: str | None = None
        self._tags: dict[str, str] | None = None
        self._said: dict[str | None, _Said] = {}
        self._messages: list[Call] = []
        """Those that no request has told in full."""
        self._is_open = False
        """Whether the last of them may still be told in full."""

    def rest(self) -> list[Call]:
        """Return the messages, once all of the file is read."""
        return self._messages

    def read(self, record: bytes) -> list[Call]:
        event = _event(record)
        if event.type not in _READ or bytes(event.data)[:1] != b"{":
            return []
        data = _data(bytes(event.data))
        if event.type == "assistant.message":
            return self._of_message(event, data)
        if event.type == _USAGE:
            return self._of_usage(event, data)
        if event.type == "session.shutdown":
            return self._of_end(event, data)
        self._id = data.session or self._id
        self._model = data.new_model or data.selected or self._model
        if data.context is not None:
            self._tags = tags_of(data.context.cwd, data.context.branch)
        return []

    def _of_message(self, event: _Event, data: _Data) -> list[Call]:
        if not data.output:
            return []
        call = self._call(data.call or data.message or event.id, event, data.model or self._model)
        said = self._said.setdefault(call.model, _Said())
        if data.output in said.in_full:
            said.in_full.remove(data.output)
            return []
        call.output_tokens = data.output
        call.route = "subagent" if data.parent else "main"
        said.output += data.output
        self._messages.append(call)
        self._is_open = True
        return []

    def _of_usage(self, event: _Event, data: _Data) -> list[Call]:
        """A request in full: it stands for the message before it, where that stated the same output."""
        call = self._call(data.call or event.id, event, data.model or self._model)
        call.route, call.duration_ms = "subagent" if data.parent else "main", data.duration
        _put(call, _Usage(data.input, data.output, data.read, data.written, data.reasoning))
        said = self._said.setdefault(call.model, _Said())
        if self._is_open and self._messages[-1].output_tokens == call.output_tokens:
            call.call_id, self._is_open = self._messages.pop().call_id, False
        elif call.output_tokens:
            said.output += call.output_tokens
            said.in_full.append(call.output_tokens)
        said.input += call.input_tokens or 0
        said.read += call.cache_read_tokens or 0
        said.written += call.cache_write_tokens or 0
        said.reasoning += call.reasoning_tokens or 0
        return [call]

    def _of_end(self, event: _Event, data: _Data) -> list[Call]:
        """What the session took of each model, but for what its messages and requests have stated."""
        calls = []
        models = data.metrics or {}
        for model, metrics in models.items():
            usage = metrics.usage or (_of_kinds(data.kinds) if len(models) == 1 else None)
            if usage is None:
                continue
            call = self._call(f"{self._id}/{event.id}/{model}", event, model)
            said = self._said.pop(model, _Said())
            _put(call, usage)
            if call.input_tokens is not None:
                self._take_in(model)
            call.input_tokens = _rest(call.input_tokens, said.input)
            call.output_tokens = _rest(call.output_tokens, said.output)
            call.cache_read_tokens = _rest(call.cache_read_tokens, said.read)
            call.cache_write_tokens = _rest(call.cache_write_tokens, said.written)
            call.reasoning_tokens = _rest(call.reasoning_tokens, said.reasoning)
            if call.input_tokens or call.output_tokens or not said.input:
                calls.append(call)
        return calls

    def _take_in(self, model: str) -> None:
        """What the messages of a model took in so far stands in the call of the session's end, and not in theirs."""
        for message in self._messages:
            if message.model == model and message.tokens_basis is None:
                message.input_tokens, message.tokens_basis = 0, "logged"

    def _call(self, call_id: str | None, event: _Event, model: str | None) -> Call:
        return Call(
            call_id=call_id,
            conversation_id=self._id,
            started_at=microseconds(event.timestamp),
            model=model,
            tags=self._tags,
            streamed=True,
            has_tools=True,
        )


def _put(call: Call, usage: _Usage) -> None:
    """Put the counts of a request or of a session into the call; what was read and written is in the input."""
    told = [each for each in (usage.input, usage.read, usage.written) if each is not None]
    call.input_tokens = max(usage.input or 0, (usage.read or 0) + (usage.written or 0)) if told else None
    call.cache_read_tokens, call.cache_write_tokens = usage.read, usage.written
    call.output_tokens, call.reasoning_tokens = usage.output, usage.reasoning
    if told and usage.output is not None:
        call.tokens_basis = "logged"


def _rest(whole: int | None, said: int) -> int | None:
    return None if whole is None else max(0, whole - said)


def _of_kinds(kinds: _Kinds | None) -> _Usage | None:
    """The counts of a session by kind, which stand apart, as those of its only model."""
    if kinds is None:
        return None
    fresh, output, read, written = (
        each.count if each is not None else None
        for each in (kinds.input, kinds.output, kinds.cache_read, kinds.cache_write)
    )
    whole = Call()
    fill_apart(whole, fresh, output, read, written)
    return _Usage(whole.input_tokens, output, read, written)
