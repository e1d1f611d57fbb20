"""Transcripts of Claude Code: `~/.claude/projects/*/*.jsonl`, those of sub-agents, and `--output-format stream-json`.

A call stands in several rows, one for each block of its answer, each with the usage as far as it was known; sessions
that are resumed repeat the rows of others. All rows of a call have its id: the copy with the most output tokens counts.
Shapes: measured on transcripts of versions 2.0 to 2.1.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import Contexts, fill_apart, tags_of
from costsim.formats.agents.claude_runs import Answers, ModelUsage, Said
from costsim.formats.anthropic.rows import Block, MessageUsage
from costsim.formats.anthropic.usage import fill_usage, with_iterations
from costsim.formats.shared.envelope import NO_RAW
from costsim.formats.shared.numbers import trillionths
from costsim.formats.shared.times import microseconds
from costsim.schema import PARTIAL, Call

NAME = "claude-code"
ABOUT = "Claude Code transcripts: rows with `sessionId`, `uuid` and `message.usage`, sub-agents too; stream-json output"
KEEPS_LAST = True
SUMS_UP = True

_LOCAL = "<synthetic>"
"""The model of messages that the tool wrote itself."""
_OF_ROWS = ("isSidechain", "userType")
_OF_PRINTED = ("parent_tool_use_id", "permissionMode", "total_cost_usd", "cost_usd", "modelUsage")
_MOST_OPEN = 256
"""Calls whose rows may still follow: those of sub-agents that work side by side stand among each other."""
_MOST_CHARACTERS = 5
"""Characters of a token: an answer with more of them for each token that is logged was never finally counted."""


class _Named(msgspec.Struct, gc=False):
    model: str | None = None


class _Block(Block):
    origin: _Named | None = msgspec.field(default=None, name="from")


class _Answer(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    content: str | list[_Block] | None = None
    stop_reason: str | None = None
    usage: MessageUsage | None = None


class _Row(msgspec.Struct, gc=False):
    type: str | None = None
    uuid: str | None = None
    timestamp: str | None = None
    session: str | None = msgspec.field(default=None, name="sessionId")
    streamed_session: str | None = msgspec.field(default=None, name="session_id")
    request: str | None = msgspec.field(default=None, name="requestId")
    agent: str | None = msgspec.field(default=None, name="agentId")
    folder: str | None = msgspec.field(default=None, name="cwd")
    branch: str | None = msgspec.field(default=None, name="gitBranch")
    sidechain: bool | None = msgspec.field(default=None, name="isSidechain")
    local_error: bool | None = msgspec.field(default=None, name="isApiErrorMessage")
    retry: int | None = msgspec.field(default=None, name="retryAttempt")
    cost: float | None = msgspec.field(default=None, name="costUSD")
    duration: float | None = msgspec.field(default=None, name="durationMs")
    parent_tool: str | None = msgspec.field(default=None, name="parent_tool_use_id")
    tool: str | None = msgspec.field(default=None, name="toolUseID")
    message: msgspec.Raw = NO_RAW
    data: msgspec.Raw = NO_RAW
    event: msgspec.Raw = NO_RAW
    usage: MessageUsage | None = None
    run_ms: float | None = msgspec.field(default=None, name="duration_ms")
    total_cost: float | None = msgspec.field(default=None, name="total_cost_usd")
    by_model: dict[str, ModelUsage] | None = msgspec.field(default=None, name="modelUsage")


class _Progress(msgspec.Struct, gc=False):
    """What a row of progress says; rows of sub-agents hold rows of their own."""

    agent: str | None = msgspec.field(default=None, name="agentId")
    message: msgspec.Raw = NO_RAW


_row = TolerantDecoder(_Row).decode
_progress = TolerantDecoder(_Progress).decode
_answer = TolerantDecoder(_Answer).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of a transcript: of a session, or one of the few rows that name none."""
    kind = record.get("type")
    if not isinstance(kind, str):
        return False
    if "sessionId" in record and (any(name in record for name in _OF_ROWS) or _is_answer(record)):
        return True
    if "session_id" in record and kind in ("assistant", "user", "system", "result", "stream_event"):
        return any(name in record for name in _OF_PRINTED) or _is_message(record.get("message"))
    if kind == "summary":
        return "leafUuid" in record
    if kind == "queue-operation":
        return "operation" in record and "sessionId" in record
    return kind == "file-history-snapshot" and "snapshot" in record


def _is_answer(record: dict[str, Any]) -> bool:
    message = record.get("message")
    return record["type"] == "assistant" and isinstance(message, dict) and "usage" in message and "uuid" in record


def _is_message(message: Any) -> bool:
    """Whether it is what the first versions that print JSON wrote without `parent_tool_use_id`."""
    return isinstance(message, dict) and "role" in message


def read(record: bytes) -> list[Call]:
    """Return the call that a row by itself tells of."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a reader of one transcript."""
    return _Transcript().read


class _Said:
    """What the rows of one call have said of it so far."""

    def __init__(self, started_at: int | None, attempt: int | None) -> None:
        self.started_at, self.attempt = started_at, attempt
        self.rows: set[str | None] = set()
        self.texts: list[str] = []


class _Transcript:
    """One file, row by row: the later rows of a call know what the earlier ones said."""

    def __init__(self) -> None:
        self._said: dict[str, _Said] = {}
        self._contexts = Contexts()
        self._retries = 0
        self._answers, self._printed = Answers(), Said()

    def read(self, record: bytes) -> list[Call]:
        row = _row(record)
        if row.type == "progress" and bytes(row.data)[:1] == b"{":
            return self._of_sub_agent(row, _progress(bytes(row.data)))
        if row.retry is not None:
            self._retries = max(0, row.retry)
        if row.type == "result":
            return self._of_end(row)
        if row.type == "stream_event":
            return self._of_event(row)
        return self._calls(row, row.agent) if row.type == "assistant" else []

    def _of_end(self, row: _Row) -> list[Call]:
        """What a run came to beyond what its rows have said; all of it where only its end was kept."""
        session = row.session or row.streamed_session or ""
        if session in self._printed:
            rest = dict(self._printed.rest(session, row.by_model or {}))
            return _totals(row, rest, None)
        return [] if self._said else _totals(row, row.by_model or _unnamed(row), session or None)

    def _of_event(self, row: _Row) -> list[Call]:
        """The call that an event of an answer counts; the first of them states a placeholder for the output."""
        if b'"usage"' not in bytes(row.event):
            return []
        answer = self._answers.take(row.parent_tool, bytes(row.event))
        if answer is None or answer.usage is None:
            return []
        call = self._call(row, _Answer(answer.id, answer.model, None, answer.stop_reason, answer.usage), None)
        if answer.stop_reason is None:
            call.tokens_basis = PARTIAL
        self._contexts.grow(call)
        return [call]

    def _of_sub_agent(self, outer: _Row, progress: _Progress) -> list[Call]:
        """The call of a sub-agent that a row of progress reports."""
        if progress.message is NO_RAW or not bytes(progress.message).startswith(b"{"):
            return []
        row = _row(bytes(progress.message))
        if row.type != "assistant":
            return []
        row.session, row.folder, row.branch = outer.session, outer.folder, outer.branch
        row.timestamp = row.timestamp or outer.timestamp
        row.tool = outer.tool
        return self._calls(row, progress.agent or "agent")

    def _calls(self, row: _Row, agent: str | None) -> list[Call]:
        if bytes(row.message)[:1] != b"{" or row.local_error:
            return []
        answer = _answer(bytes(row.message))
        if answer.usage is None or answer.model == _LOCAL:
            return []
        call = self._call(row, answer, agent)
        self._contexts.grow(call)
        return with_iterations(call, answer.usage.iterations) if answer.usage.iterations else [call]

    def _call(self, row: _Row, answer: _Answer, agent: str | None) -> Call:
        call = _shell(row, answer, agent)
        if answer.usage is not None:
            fill_usage(call, answer.usage)
        said = self._said.get(call.call_id or "")
        if said is None:
            said = _Said(call.started_at, self._retries + 1 if self._retries else None)
            self._retries = 0
            if call.call_id is not None:
                self._said[call.call_id] = said
            if len(self._said) > _MOST_OPEN:
                del self._said[next(iter(self._said))]
        call.started_at, call.attempt = said.started_at, said.attempt
        if row.uuid is None or row.uuid not in said.rows:
            said.rows.add(row.uuid)
            said.texts += _texts(answer.content)
        _mark_unfinished(call, answer, said.texts)
        if row.streamed_session is not None:
            self._printed.take(row.streamed_session, call)
        return call


def _unnamed(row: _Row) -> dict[str, ModelUsage]:
    """What a run came to, as versions say it that do not tell the models."""
    if (used := row.usage) is None:
        return {}
    cached = (used.cache_read_input_tokens, used.cache_creation_input_tokens)
    return {"": ModelUsage(used.input_tokens, used.output_tokens, *cached, cost=row.total_cost)}


def _totals(row: _Row, by_model: dict[str, ModelUsage], sums_up: str | None) -> list[Call]:
    """A call for each model of a run: the sums of all its requests, of which nothing else is logged.

    `sums_up`: the session of which they are all that is known here; calls of it that other files tell replace them.
    """
    calls = []
    session = row.session or row.streamed_session
    for model, used in by_model.items():
        call = Call(call_id=f"{row.uuid or session}/{model or row.run_ms}", model=model or None, trace_id=session,
                    parent_id=sums_up, conversation_id=session, route="main", streamed=True, has_tools=True,
                    web_searches=used.web_search_requests, reported_cost=trillionths(used.cost))  # fmt: skip
        fill_apart(call, used.input_tokens, used.output_tokens, used.cache_read_input_tokens,
                   used.cache_creation_input_tokens)  # fmt: skip
        calls.append(call)
    return calls


def _shell(row: _Row, answer: _Answer, agent: str | None) -> Call:
    """The call without its tokens."""
    session = row.session or row.streamed_session
    aside = agent or row.parent_tool or ("sidechain" if row.sidechain else None)
    blocks = answer.content if isinstance(answer.content, list) else ()
    return Call(
        call_id=answer.id or row.request or row.uuid,
        started_at=microseconds(row.timestamp) if row.timestamp is not None else None,
        duration_ms=row.duration,
        model=answer.model,
        finish_reason=answer.stop_reason,
        conversation_id=f"{session}/{aside}" if aside and session else session,
        trace_id=session,
        parent_id=_parent(row.tool) if agent else None,
        route="subagent" if aside else "main",
        tags=tags_of(row.folder, row.branch),
        streamed=True,
        has_tools=True,
        answer_has_tool_calls=any(block.type == "tool_use" for block in blocks),
        fallback_of=next((block.origin.model for block in blocks if block.origin is not None), None),
        reported_cost=trillionths(row.cost),
    )


def _parent(tool: str | None) -> str | None:
    """The id of the call that started a sub-agent."""
    return tool.removeprefix("agent_") if tool is not None and tool.startswith("agent_msg_") else None


def _texts(content: str | list[_Block] | None) -> list[str]:
    """What an answer says, thinks and passes to tools."""
    if not isinstance(content, list):
        return [content] if content else []
    return [
        text
        for block in content
        if (text := block.text or block.thinking or bytes(block.input).decode("utf-8", "replace"))
    ]


def _mark_unfinished(call: Call, answer: _Answer, texts: list[str]) -> None:
    """Note where the tokens logged are the first few of the answer only, and keep the text to estimate them from."""
    if call.output_tokens is None or answer.stop_reason is not None:
        return
    if call.output_tokens * _MOST_CHARACTERS < sum(map(len, texts)):
        call.tokens_basis = PARTIAL
        call.answer = "\n".join(texts)
