"""Logs of simonw's `llm`: its `logs.db`, both the older table `responses` and, since 0.32, `turns`; `llm logs --json`.

Before 0.5 the table was `log`, and then `logs`: without counts, but `debug` may hold the usage of an answer. Later, the
rest of the provider's usage stands in `token_details` in the provider's own shape, zeros left out.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.chat_text import role_of
from costsim.formats.shared.envelope import Scalar
from costsim.formats.shared.numbers import inclusive_total
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import counts_of, put
from costsim.schema import Call, Message

NAME = "llm"
ABOUT = "logs of simonw's llm: its database `logs.db` of either schema, or `llm logs --json`"
QUERIES = {
    "responses": """
        SELECT 'responses' AS llm_table, r.*, (
            SELECT json_group_array(json_array(e.prompt, e.response)) FROM responses e
            WHERE e.conversation_id = r.conversation_id AND e.id < r.id
        ) AS earlier FROM responses r""",
    "turns": """
        SELECT 'turns' AS llm_table, t.*, t.thread_id AS conversation_id, (
            WITH RECURSIVE chain(hash, parent, role, depth) AS (
                SELECT hash, parent_hash, role, 0 FROM messages WHERE hash = t.parent_message_hash
                UNION ALL
                SELECT m.hash, m.parent_hash, m.role, depth + 1 FROM messages m JOIN chain ON m.hash = chain.parent
            )
            SELECT json_group_array(json_array(role, (SELECT group_concat(text) FROM parts WHERE message_hash = hash)))
            FROM (SELECT * FROM chain ORDER BY depth DESC)
        ) AS chain, (SELECT group_concat(text) FROM parts WHERE message_hash = t.tip_message_hash) AS response
        FROM turns t""",
    "log": """
        SELECT 'log' AS llm_table, l.*, l.rowid AS id, l.model, l.system, l.prompt, l.response,
            l.timestamp AS datetime_utc, CAST(coalesce(l.chat_id, l.rowid) AS TEXT) AS conversation_id, (
            SELECT json_group_array(json_array(e.prompt, e.response)) FROM log e
            WHERE e.rowid < l.rowid AND l.chat_id IN (e.chat_id, e.rowid)
        ) AS earlier FROM log l""",
    "logs": """
        SELECT 'logs' AS llm_table, l.*, l.prompt_json, coalesce(l.chat_id, l.id) AS conversation_id, (
            SELECT json_group_array(json_array(e.prompt, e.response)) FROM logs e
            WHERE e.id < l.id AND l.chat_id IN (e.chat_id, e.id)
        ) AS earlier FROM logs l""",
}


class _Parts(msgspec.Struct, gc=False):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Lifetimes(msgspec.Struct, gc=False):
    ephemeral_1h_input_tokens: int | None = None


class _Details(msgspec.Struct, gc=False):
    """What providers report besides the two counts: OpenAI's, Anthropic's and Google's names."""

    prompt_tokens_details: _Parts | None = None
    input_tokens_details: _Parts | None = None
    completion_tokens_details: _Parts | None = None
    output_tokens_details: _Parts | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: _Lifetimes | None = None
    service_tier: str | None = None
    cached: int | None = msgspec.field(default=None, name="cachedContentTokenCount")
    candidates: int | None = msgspec.field(default=None, name="candidatesTokenCount")
    thoughts: int | None = msgspec.field(default=None, name="thoughtsTokenCount")


class _Answer(msgspec.Struct, gc=False):
    """What is kept of the provider's answer; before 0.19 nothing else stated tokens."""

    usage: dict[str, Any] | None = None


class _Row(msgspec.Struct, gc=False):
    id: Scalar = None
    model: str | None = None
    resolved_model: str | None = None
    conversation_id: str | None = None
    duration_ms: float | None = None
    datetime_utc: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    token_details: str | _Details | None = None
    schema_id: str | None = None
    response_json: str | _Answer | None = None
    debug: str | _Answer | None = None
    system: str | None = None
    prompt: str | None = None
    response: str | None = None
    earlier: str | None = None
    chain: str | None = None


_row = TolerantDecoder(_Row).decode
_details = TolerantDecoder(_Details).decode
_answer = TolerantDecoder(_Answer).decode
_pairs = msgspec.json.Decoder(list[tuple[str | None, str | None]]).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of the database, or of the tool's own export of it."""
    if "llm_table" in record:
        return True
    return "datetime_utc" in record and "model" in record and ("token_details" in record or "prompt_json" in record)


def read(record: bytes) -> list[Call]:
    """Return the call of one row."""
    row = _row(record)
    call = Call(
        call_id=row.id if isinstance(row.id, str) and row.id else None,  # a number is one in every database
        conversation_id=row.conversation_id,
        started_at=microseconds(row.datetime_utc),
        duration_ms=row.duration_ms,
        model=row.resolved_model or row.model,
        requested_model=row.model,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        tokens_basis="logged" if row.input_tokens is not None else None,
        wants_json=row.schema_id is not None,
        messages=_messages(row),
        answer=row.response or None,
    )
    kept = row.response_json if row.response_json is not None else row.debug
    if call.tokens_basis is None and kept is not None:
        _fill_from_answer(call, kept)
    details = _details(row.token_details.encode()) if isinstance(row.token_details, str) else row.token_details
    if details is not None:
        _fill_details(call, details)
    return [call]


def _fill_from_answer(call: Call, answer: str | _Answer) -> None:
    try:
        found = _answer(answer.encode("utf-8", "replace")) if isinstance(answer, str) else answer
    except msgspec.DecodeError:
        return
    if found.usage is not None and (counts := counts_of(found.usage)) is not None:
        put(call, counts)


def _messages(row: _Row) -> list[Message] | None:
    """The request's text: what the conversation said before, and the prompt."""
    if row.chain is not None:
        return [(role_of(role), text or "") for role, text in _listed(row.chain)] or None
    if row.prompt is None:
        return None
    found: list[Message] = [("system", row.system)] if row.system else []
    for prompt, response in _listed(row.earlier or "[]"):
        found += [("user", prompt or ""), ("assistant", response or "")]
    return [*found, ("user", row.prompt)]


def _listed(text: str) -> list[tuple[str | None, str | None]]:
    try:
        return _pairs(text)
    except msgspec.DecodeError:
        return []


def _fill_details(call: Call, details: _Details) -> None:
    """Fill in the parts of the counts, and make the counts include them where the provider's do not."""
    asked, answered = (
        details.prompt_tokens_details or details.input_tokens_details or _Parts(),
        details.completion_tokens_details or details.output_tokens_details or _Parts(),
    )
    call.service_tier = details.service_tier
    apart = (details.cache_read_input_tokens or 0) + (details.cache_creation_input_tokens or 0)
    if apart and call.input_tokens is not None:
        call.input_tokens += apart
    call.cache_read_tokens = _first(asked.cached_tokens, details.cache_read_input_tokens, details.cached)
    call.cache_write_tokens = _first(asked.cache_write_tokens, details.cache_creation_input_tokens)
    if details.cache_creation is not None:
        call.cache_write_1h_tokens = details.cache_creation.ephemeral_1h_input_tokens
    call.reasoning_tokens = _first(answered.reasoning_tokens, details.thoughts)
    if details.thoughts and call.output_tokens is not None:
        known = details.candidates is not None and call.output_tokens == details.candidates
        call.output_tokens = inclusive_total(call.output_tokens, details.thoughts, None, None, includes=not known)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
