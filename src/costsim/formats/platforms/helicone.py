"""Helicone: requests as its API and exporter write them (JSONL), the CSV of its requests page, rows of its database.

An answer out of Helicone's own cache names the request that filled it, and costs nothing. Counts stand beside each
other, whatever the provider: prompt tokens leave out what was read from a cache and audio, completion tokens leave out
reasoning and audio; only OpenAI's cache writes stay in the prompt's. An answer's own usage goes before them. Negative
states are Helicone's own: a request that was cancelled or kept back. Source: Helicone's usage processors and queries.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import tags_of
from costsim.formats.shared.cells import object_in, text
from costsim.formats.shared.envelope import Number, Scalar, word
from costsim.formats.shared.hosts import provider_at
from costsim.formats.shared.numbers import real, trillionths, whole
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import Counts, counts_of, put
from costsim.schema import Call

NAME = "helicone"
ABOUT = "Helicone: requests (`request_created_at`, `response_status`), as JSONL or CSV"

_OWN = (
    "organization_id",
    "delay_ms",
    "request_path",
    "target_url",
    "request_properties",
    "response_created_at",
    "helicone_user",
)
_NO_CACHE = ("", "00000000-0000-0000-0000-000000000000", "DEFAULT", "0")
_OF_ITS_DATABASE = 10**9
"""How many of the database's units of cost make one USD; its API and exports have USD."""
_SESSION, _PATH, _NAME = "Helicone-Session-Id", "Helicone-Session-Path", "Helicone-Session-Name"
_SECONDS_AT_MOST = 600
"""The CSV's `latency` has no unit: a larger one cannot be seconds."""


class Row(msgspec.Struct, gc=False):
    """One request."""

    request_id: str | None = None
    response_id: str | None = None
    request_created_at: Number = None
    response_created_at: Number = None
    response_status: Scalar = None
    status: Scalar = None
    request_path: str | None = None
    target_url: str | None = None
    provider: str | None = None
    model: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    model_override: str | None = None
    request_user_id: Scalar = None
    user_id: Scalar = None
    request_properties: Any = None
    properties: Any = None
    delay_ms: Number = None
    latency: Number = None
    time_to_first_token: Number = None
    prompt_tokens: Number = None
    completion_tokens: Number = None
    total_tokens: Number = None
    prompt_cache_read_tokens: Number = None
    prompt_cache_write_tokens: Number = None
    prompt_audio_tokens: Number = None
    completion_audio_tokens: Number = None
    reasoning_tokens: Number = None
    cost_usd: Number = msgspec.field(default=None, name="costUSD")
    cost: Number = None
    cache_reference_id: str | None = None
    request_body: Any = None
    response_body: Any = None


_row = TolerantDecoder(Row).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a request that went through Helicone."""
    told = "response_status" in record or ("response_created_at" in record and "status" in record)
    return "request_created_at" in record and told and any(name in record for name in _OWN)


def read(record: bytes) -> list[Call]:
    """Return the call of one request; none where the record is none."""
    row = _row(record)
    if row.request_created_at is None and row.request_id is None:
        return []
    body, answer = object_in(row.request_body), object_in(row.response_body)
    properties = {**object_in(row.request_properties), **object_in(row.properties)}
    call = Call(
        call_id=_cell(row.request_id) or _cell(row.response_id),
        started_at=microseconds(row.request_created_at),
        provider=provider_named(_cell(row.provider)) or provider_at(row.target_url),
        requested_model=_cell(body.get("model")) or _cell(row.request_model),
        operation="embedding" if "embedding" in (row.request_path or row.target_url or "") else "chat",
        user=text(row.request_user_id) or text(row.user_id),
        conversation_id=_cell(properties.get(_SESSION)),
        route=_cell(properties.get(_NAME)) or _cell(properties.get(_PATH)),
        reported_cost=trillionths(row.cost_usd) if row.cost_usd is not None else _cost(row),
    )
    call.model = _cell(row.model_override) or _cell(row.response_model) or _cell(answer.get("model"))
    call.model = call.model or _cell(row.model) or _cell(row.request_model) or call.requested_model
    call.tags = tags_of({k: v for k, v in properties.items() if not str(k).startswith("Helicone-")}) or None
    _fill_times(call, row)
    _fill_usage(call, row, answer)
    _fill_outcome(call, row)
    kept_text.fill(call, body, answer)
    return [call]


def _cell(value: Any) -> str | None:
    return text(value) if isinstance(value, str) else None


def _cost(row: Row) -> int | None:
    return trillionths(row.cost, per_usd=_OF_ITS_DATABASE if row.response_status is None else 1)


def _fill_times(call: Call, row: Row) -> None:
    call.duration_ms, call.time_to_first_token_ms = real(row.delay_ms), real(row.time_to_first_token)
    end = microseconds(row.response_created_at)
    if call.duration_ms is None and (latency := real(row.latency)) is not None:
        call.duration_ms = latency if latency > _SECONDS_AT_MOST else latency * 1000
    if call.duration_ms is None and call.started_at is not None and end is not None and end >= call.started_at:
        call.duration_ms = (end - call.started_at) / 1000


def _fill_usage(call: Call, row: Row, answer: dict[str, Any]) -> None:
    said = answer.get("usage", answer.get("usageMetadata"))
    own = counts_of(said) if isinstance(said, dict) else None
    put(call, own if own is not None and own.input is not None else _beside_each_other(call, row))


def _beside_each_other(call: Call, row: Row) -> Counts:
    """The counts of the row, those of the prompt and of the completion added up."""
    found = Counts(
        input=whole(row.prompt_tokens),
        output=whole(row.completion_tokens),
        read=whole(row.prompt_cache_read_tokens),
        written=whole(row.prompt_cache_write_tokens),
        reasoning=whole(row.reasoning_tokens),
        audio_in=whole(row.prompt_audio_tokens),
        audio_out=whole(row.completion_audio_tokens),
        includes_cached=True,
    )
    if found.input is None or found.input < 0:  # -1: Helicone could not count
        return Counts()
    written = 0 if call.provider == "openai" else found.written
    found.input += (found.read or 0) + (written or 0) + (found.audio_in or 0)
    if found.output is not None:
        found.output += (found.reasoning or 0) + (found.audio_out or 0)
    return found


def _fill_outcome(call: Call, row: Row) -> None:
    status = whole(row.response_status if row.response_status is not None else row.status)
    used = bool(call.input_tokens or call.output_tokens)
    if status is not None and (status >= 400 or status < 0):
        call.status, call.error_type, call.billed = "error", word(status) or "error", used
    if (row.cache_reference_id or "") not in _NO_CACHE:
        call.billed, call.reported_cost = False, 0
    elif not call.reported_cost and (used or call.status == "ok"):
        call.reported_cost = None  # 0 is what Helicone writes for a model that it does not know
