"""Sessions of Qwen Code, `~/.qwen/projects/*/chats/*.jsonl`: rows in a tree, answers with `usageMetadata`.

Events of telemetry among the rows repeat what the answers say, and are left out.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.agents.agent_sessions import tags_of
from costsim.formats.shared.numbers import inclusive_total
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "qwen-code"
ABOUT = "Qwen Code sessions: rows with `uuid`, `sessionId`, `message.parts` and `usageMetadata`"
KEEPS_LAST = True


class _Usage(msgspec.Struct, gc=False):
    read: int | None = msgspec.field(default=None, name="cachedContentTokenCount")
    tokens_in: int | None = msgspec.field(default=None, name="promptTokenCount")
    tokens_out: int | None = msgspec.field(default=None, name="candidatesTokenCount")
    thoughts: int | None = msgspec.field(default=None, name="thoughtsTokenCount")
    total: int | None = msgspec.field(default=None, name="totalTokenCount")


class _Row(msgspec.Struct, gc=False):
    type: str | None = None
    uuid: str | None = None
    session: str | None = msgspec.field(default=None, name="sessionId")
    timestamp: str | float | None = None
    model: str | None = None
    cwd: str | None = None
    branch: str | None = msgspec.field(default=None, name="gitBranch")
    usage: _Usage | None = msgspec.field(default=None, name="usageMetadata")


_row = TolerantDecoder(_Row).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of a session: its message has parts, or it is the tool's own word."""
    if not ("uuid" in record and "sessionId" in record and "type" in record) or "isSidechain" in record:
        return False
    message = record.get("message")
    return (isinstance(message, dict) and "parts" in message) or "systemPayload" in record


def read(record: bytes) -> list[Call]:
    """Return the call of a row that is an answer with its tokens."""
    row = _row(record)
    usage = row.usage
    if row.type != "assistant" or usage is None or (usage.tokens_in is None and usage.tokens_out is None):
        return []
    asked, thoughts = usage.tokens_in or 0, max(usage.thoughts or 0, 0)
    return [
        Call(
            call_id=row.uuid,
            conversation_id=row.session,
            started_at=microseconds(row.timestamp),
            model=row.model,
            tags=tags_of(row.cwd, row.branch),
            input_tokens=asked,
            cache_read_tokens=usage.read,
            output_tokens=inclusive_total(usage.tokens_out or 0, thoughts, asked, usage.total, includes=True),
            reasoning_tokens=usage.thoughts,
            tokens_basis="logged",
            streamed=True,
            has_tools=True,
        )
    ]
