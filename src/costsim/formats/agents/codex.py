"""Sessions of Codex: `~/.codex/sessions/**/rollout-*.jsonl`, and what `codex exec --json` prints.

Token counts are totals of the session so far; a call is what a total adds to an earlier one. A fork begins with a copy
of its parent's events, at new times: an event's id is made of the lineage and the total, so that copies are copies.
Shapes: codex-rs protocol; measured on forks with known sums.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from xxhash import xxh3_128_hexdigest

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import Contexts, tags_of
from costsim.formats.shared import tool_calls
from costsim.formats.shared.envelope import NO_RAW
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "codex"
ABOUT = "Codex sessions: rows of `type` and `payload`, tokens as running totals, forks of them; `codex exec --json`"

_WITH_PAYLOAD = ("event_msg", "turn_context", "session_meta", "response_item")
_ROWS = (
    "session_meta",
    "turn_context",
    "response_item",
    "event_msg",
    "compacted",
    "world_state",
    "token_usage_record",
    "inter_agent_communication_metadata",
)
_PRINTED = ("thread.", "turn.", "item.")
_OF_PRINTED = ("thread_id", "usage", "item", "error")

Counts = tuple[int, int, int, int, int]
"""Input, cache read, cache write, output, reasoning."""
_NONE: Counts = (0, 0, 0, 0, 0)


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None


class _Info(msgspec.Struct, gc=False):
    total_token_usage: _Usage | None = None
    last_token_usage: _Usage | None = None
    model: str | None = None


class _Event(_Usage, gc=False):
    """An event; the first versions state the tokens of a request in the event itself."""

    type: str | None = None
    info: _Info | None = None
    model: str | None = None


class _Git(msgspec.Struct, gc=False):
    branch: str | None = None


class _Meta(msgspec.Struct, gc=False):
    id: str | None = None
    session_id: str | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    cwd: str | None = None
    model_provider: str | None = None
    git: _Git | None = None


class _Turn(msgspec.Struct, gc=False):
    model: str | None = None
    cwd: str | None = None
    service_tier: str | None = None


class _Item(msgspec.Struct, gc=False):
    """A part of an answer."""

    type: str | None = None
    arguments: str | None = None


class _Row(msgspec.Struct, gc=False):
    type: str | None = None
    timestamp: str | float | None = None
    payload: msgspec.Raw = NO_RAW
    thread_id: str | None = None
    usage: _Usage | None = None
    message: _Event | None = msgspec.field(default=None, name="msg")
    """An event, as versions before 0.41 print it."""


_row = TolerantDecoder(_Row).decode
_meta = TolerantDecoder(_Meta).decode
_turn = TolerantDecoder(_Turn).decode
_event = TolerantDecoder(_Event).decode
_item = TolerantDecoder(_Item).decode
_CALLED = b'"function_call"'


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of a session, or an event that a run without a terminal prints."""
    kind, event = record.get("type"), record.get("msg")
    if isinstance(event, dict) and "id" in record and len(record) == len(("id", "msg")):
        return isinstance(event.get("type"), str)
    if not isinstance(kind, str):
        return False
    if kind in _ROWS:
        return isinstance(record.get("payload"), dict)
    return kind.startswith(_PRINTED) and (kind == "turn.started" or any(name in record for name in _OF_PRINTED))


def read(record: bytes) -> list[Call]:
    """Return the call that a row by itself tells of."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a reader of one session."""
    return _Session().read


class _Session:
    """One file, row by row."""

    def __init__(self) -> None:
        self._meta = _Meta()
        self._root: str | None = None
        self._turn = _Turn()
        self._last_total: Counts | None = None
        self._totals: set[Counts] = set()
        self._chain = ""
        self._errors = 0
        self._checks: list[str | None] = []
        """Of the arguments of tools that the request in hand has called."""
        self._contexts = Contexts()

    def read(self, record: bytes) -> list[Call]:
        row = _row(record)
        if row.type in _WITH_PAYLOAD and bytes(row.payload)[:1] != b"{":
            return []
        if row.type == "event_msg":
            return self._of_event(row, _event(bytes(row.payload)))
        if row.type == "response_item":
            self._take_item(bytes(row.payload))
        elif row.type == "turn_context":
            self._turn = _turn(bytes(row.payload))
        elif row.type == "session_meta":
            self._begin(_meta(bytes(row.payload)))
        elif row.type == "thread.started" and row.thread_id != self._meta.id:
            self._reset(_Meta(id=row.thread_id))
        elif row.type == "turn.completed" and row.usage is not None:
            return self._of_total(row, _counts(row.usage), None, None)
        elif row.message is not None:
            return self._of_event(row, row.message)
        return []

    def _reset(self, meta: _Meta) -> None:
        """Forget what was counted: runs that print into one file follow one another, each with totals of its thread."""
        self._meta, self._root = meta, meta.id
        self._last_total, self._totals = None, set()

    def _begin(self, meta: _Meta) -> None:
        """Take the session's own names from its first row; a fork's further ones are those of its ancestors."""
        if self._root is None:
            self._meta, self._root = meta, meta.session_id or meta.forked_from_id or meta.id
        elif self._meta.session_id is None and meta.id == self._root:
            self._root = meta.session_id or meta.forked_from_id or meta.id

    def _take_item(self, payload: bytes) -> None:
        """Note whether the arguments of a tool are JSON; the tokens of the request that wrote them come after it."""
        if _CALLED in payload and (item := _item(payload)).type == "function_call":
            self._checks.append(tool_calls.of_text(item.arguments))

    def _of_event(self, row: _Row, event: _Event) -> list[Call]:
        if event.type == "stream_error":
            self._errors += 1
        if event.type == "session_configured" and event.model is not None:
            self._turn = _Turn(model=event.model)
        if event.type != "token_count":
            return []
        if event.info is None:
            return [] if event.input_tokens is None else self._counted(row, _counts(event), None, None)
        last, total = event.info.last_token_usage, event.info.total_token_usage
        if total is None:
            return self._counted(row, _counts(last), None, event.info.model) if last is not None else []
        return self._of_total(row, _counts(total), None if last is None else _counts(last), event.info.model)

    def _of_total(self, row: _Row, total: Counts, last: Counts | None, model: str | None) -> list[Call]:
        """The call that brought the session to a total; none where the total was there already."""
        if total in self._totals:
            return []
        added = self._added(total, last)
        self._totals.add(total)
        self._last_total = total
        return self._counted(row, added, total, model)

    def _added(self, total: Counts, last: Counts | None) -> Counts:
        """What a total adds: to the one that it continues, or by its own word where that is not in this file.

        Agents that work side by side in one session take turns in it, so that totals may fall.
        """
        before = self._last_total
        if last is not None and (before is None or _less(total, last) in self._totals):
            return last
        added = _less(total, before or _NONE)
        return added if min(added) >= 0 else last or total

    def _counted(self, row: _Row, added: Counts, total: Counts | None, model: str | None) -> list[Call]:
        if added[0] <= 0 and added[3] <= 0:
            return []
        call = Call(
            call_id=self._id(added, total),
            conversation_id=self._meta.id or self._meta.session_id,
            trace_id=self._root,
            parent_id=self._meta.parent_thread_id,
            route="subagent" if self._meta.parent_thread_id else "main",
            started_at=microseconds(row.timestamp),
            provider=self._meta.model_provider,
            model=model or self._turn.model,
            service_tier=self._turn.service_tier,
            tags=tags_of(self._turn.cwd or self._meta.cwd, self._meta.git.branch if self._meta.git else None),
            tokens_basis="logged",
            attempt=self._errors + 1 if self._errors else None,
            streamed=True,
            has_tools=True,
        )
        call.input_tokens, call.cache_read_tokens, call.cache_write_tokens = added[:3]
        call.output_tokens, call.reasoning_tokens = added[3:]
        call.answer_check = tool_calls.worst(self._checks)
        self._errors, self._checks = 0, []
        self._contexts.grow(call)
        return [call]

    def _id(self, added: Counts, total: Counts | None) -> str:
        """What is the same for an event and for its copies in forks: what the lineage has come to with it."""
        if total is None:
            self._chain = xxh3_128_hexdigest(f"{self._chain}{added}".encode())
        said = f"{self._root}{self._chain}{total or ''}"
        return xxh3_128_hexdigest(said.encode("utf-8", "replace"))


def _counts(usage: _Usage) -> Counts:
    return (
        usage.input_tokens or 0,
        usage.cached_input_tokens or 0,
        usage.cache_write_input_tokens or 0,
        usage.output_tokens or 0,
        usage.reasoning_output_tokens or 0,
    )


def _less(total: Counts, other: Counts) -> Counts:
    return (
        total[0] - other[0],
        total[1] - other[1],
        total[2] - other[2],
        total[3] - other[3],
        total[4] - other[4],
    )
