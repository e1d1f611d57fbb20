"""Portkey: the JSONL that its log export writes. What its gateway answers is OpenAI's, and is read as such.

`req_units` and `res_units` are input and output tokens; an answer that was exported with them knows what was cached,
too. A cost is in USD unless the row says that it is in cents.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import decoded, tags_of
from costsim.formats.shared.cells import object_in, text, truth
from costsim.formats.shared.envelope import NO_RAW, Number, Scalar, word
from costsim.formats.shared.halves import fields_of
from costsim.formats.shared.kept_answer import KeptAnswer, kept_answer
from costsim.formats.shared.kept_request import json_in, request_in
from costsim.formats.shared.numbers import real, trillionths, whole
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import Counts, counts_of, put
from costsim.schema import Call, Message

NAME = "portkey"
ABOUT = "Portkey: rows of its log export (`ai_org`, `ai_model`, `req_units`)"

_CENTS = ("cents", "cent", "usd_cents", "usc", "¢")
_ROUTES = ("route", "workflow", "feature", "_prompt", "use_case")
_USERS = ("_user", "user", "user_id")
_SESSIONS = ("session_id", "conversation_id", "thread_id", "_session")
_CACHED = ("HIT", "SEMANTIC HIT", "cache_hit", "hit")
_RETRIES, _OPTION = "x-portkey-retry-attempt-count", "x-portkey-last-used-option-index"


class Row(msgspec.Struct, gc=False):
    """One request through the gateway."""

    id: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    created_at: Number = None
    request: msgspec.Raw = NO_RAW
    response: msgspec.Raw = NO_RAW
    is_success: Scalar = None
    ai_org: str | None = None
    ai_model: str | None = None
    req_units: Number = None
    res_units: Number = None
    total_units: Number = None
    request_url: str | None = None
    cost: Number = None
    cost_currency: str | None = None
    response_time: Number = None
    response_status_code: Scalar = None
    cache_status: Scalar = None
    mode: str | None = None
    prompt_slug: str | None = None
    metadata: Any = None
    config: Any = None


_row = TolerantDecoder(Row).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of the export."""
    if "ai_org" in record:
        return "ai_model" in record or "req_units" in record
    return "req_units" in record and "res_units" in record


def read(record: bytes) -> list[Call]:
    """Return the call of one row; none where the record is none."""
    row = _row(record)
    if row.ai_org is None and row.ai_model is None and row.req_units is None:
        return []
    body, messages = _request(row.request)
    answer, headers = _response(row.response)
    metadata = object_in(row.metadata)
    call = Call(
        call_id=row.id or _cell(answer.id),
        started_at=microseconds(row.created_at),
        duration_ms=real(row.response_time),
        provider=provider_named(_cell(row.ai_org)),
        model=_cell(answer.model) or _cell(row.ai_model) or _cell(body.get("model")),
        requested_model=_cell(body.get("model")) or _cell(row.ai_model),
        operation="embedding" if "embedding" in (row.request_url or "") else "chat",
        trace_id=_cell(row.trace_id),
        parent_id=_cell(row.parent_span_id),
        reported_cost=_cost(row),
        route=_cell(row.prompt_slug) or _first(metadata, _ROUTES),
        user=_first(metadata, _USERS),
        conversation_id=_first(metadata, _SESSIONS),
    )
    call.tags = tags_of({name: value for name, value in metadata.items() if name not in _USERS + _SESSIONS}) or None
    _fill_usage(call, row, answer)
    _fill_outcome(call, row, headers)
    kept_text.fill(call, body, answer.value, messages, answer.said)
    return [call]


def _request(raw: msgspec.Raw) -> tuple[dict[str, Any], list[Message] | None]:
    """The body of a request, which may be all that is kept, and its messages as they stand, where these are plain."""
    text = json_in(raw)
    given, messages = request_in(fields_of(text).get("body", text) if text[:1] == b"{" else text)
    return object_in(given), messages


def _response(raw: msgspec.Raw) -> tuple[KeptAnswer, dict[str, Any]]:
    """The body of a response, which may be all that is kept, and its headers."""
    text = json_in(raw)
    if text[:1] != b"{":
        return KeptAnswer(), {}
    around = fields_of(text)
    return kept_answer(around.get("body", text)), object_in(decoded(around.get("headers", b"null")))


def _cell(value: Any) -> str | None:
    return text(value) if isinstance(value, str) else None


def _first(metadata: dict[str, Any], names: tuple[str, ...]) -> str | None:
    there = (name for name in names if name in metadata)
    return next((found for name in there if (found := text(metadata[name])) is not None), None)


def _cost(row: Row) -> int | None:
    """In cents only where the row says so."""
    per_usd = 100 if (row.cost_currency or "").strip().lower() in _CENTS else 1
    return trillionths(row.cost, per_usd=per_usd) or None


def _fill_usage(call: Call, row: Row, answer: KeptAnswer) -> None:
    units = Counts(input=whole(row.req_units), output=whole(row.res_units), total=whole(row.total_units))
    own = counts_of(answer.usage) if isinstance(answer.usage, dict) else None
    put(call, own if own is not None and own.input is not None else units)  # the answer knows what was cached too


def _fill_outcome(call: Call, row: Row, headers: dict[str, Any]) -> None:
    status, used = whole(row.response_status_code), bool(call.input_tokens or call.output_tokens)
    if truth(row.is_success) is False or (status is not None and status >= 400):
        call.status, call.billed = "error", used
        call.error_type = word(status) or "error"
    if str(row.cache_status).strip() in _CACHED or str(headers.get("x-portkey-cache-status")) in _CACHED:
        call.billed, call.reported_cost = False, 0
    if (retries := whole(headers.get(_RETRIES))) is not None and retries >= 0:
        call.attempt = retries + 1
    if row.mode == "fallback" and str(headers.get(_OPTION, "")).rpartition("[")[2].strip("]") not in ("", "0"):
        call.fallback_of = "unknown"
