"""OpenRouter's own records of generations: its API's JSON, its SDK's in camel case, and the CSV of its activity page.

Its chat answers are OpenAI's, with a cost, and are read as such. A generation has two counts of everything: the native
tokens of the model's own tokenizer, which are billed, and those of one tokenizer for all models, which only its ranking
uses; the activity page shows what was billed. Prompt tokens include cached ones, completion tokens include reasoning.
Daily sums of the activity API are no calls.
"""

from functools import lru_cache
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.cells import truth
from costsim.formats.shared.envelope import Number, Scalar, word
from costsim.formats.shared.numbers import real, trillionths, whole
from costsim.formats.shared.spelled import in_camel_case
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import Counts, put
from costsim.schema import Call

NAME = "openrouter"
ABOUT = "OpenRouter: generations (`native_tokens_prompt`) and the activity CSV (`generation_id`, `model_permaslug`)"

_NO_VARIANT = ("", "standard", "default")


class Attempt(msgspec.Struct, gc=False):
    """One provider that was asked."""

    status: Scalar = None


class Generation(msgspec.Struct, gc=False):
    """One generation in the words of the API, and where the CSV's differ, in those too."""

    id: str | None = None
    generation_id: str | None = None
    created_at: Number = None
    model: str | None = None
    model_permaslug: str | None = None
    variant: str | None = None
    total_cost: Number = None
    cost_total: Number = None
    upstream_inference_cost: Number = None
    byok_usage_inference: Number = None
    is_byok: Scalar = None
    native_tokens_prompt: Scalar = None
    native_tokens_completion: Scalar = None
    native_tokens_reasoning: Scalar = None
    native_tokens_cached: Scalar = None
    tokens_prompt: Scalar = None
    tokens_completion: Scalar = None
    tokens_reasoning: Scalar = None
    tokens_cached: Scalar = None
    latency: Number = None
    generation_time: Number = None
    generation_time_ms: Number = None
    time_to_first_token_ms: Number = None
    streamed: Scalar = None
    finish_reason: str | None = None
    finish_reason_normalized: str | None = None
    native_finish_reason: str | None = None
    provider_name: str | None = None
    provider_responses: list[Attempt] | None = None
    external_user: Scalar = None
    user: Scalar = None
    session_id: Scalar = None
    app_name: str | None = None
    origin: str | None = None
    http_referer: str | None = None
    api_key_name: str | None = None
    preset_id: Scalar = None
    service_tier: str | None = None
    data_region: str | None = None
    requests: Number = None


class Wrapped(Generation, gc=False):
    """A generation, or the API's answer around one."""

    data: Generation | None = None


_wrapped = TolerantDecoder(Wrapped).decode
_camel = TolerantDecoder(in_camel_case(Wrapped)).decode
_NATIVE = ("native_tokens_prompt", "nativeTokensPrompt")


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a generation, alone or as the API answers it, or a row of the activity page."""
    inner = record.get("data")
    for holder in (inner, record):
        if isinstance(holder, dict) and any(name in holder for name in _NATIVE) and "model" in holder:
            return True
    return "model_permaslug" in record and ("generation_id" in record or "byok_usage_inference" in record)


def read(record: bytes) -> list[Call]:
    """Return the call of one generation; none for a sum of many."""
    found = _camel(record) if b'"nativeTokensPrompt"' in record else _wrapped(record)
    row = found.data or found
    if row.id is None and row.generation_id is None:
        return []
    return [_call(row)]


def _call(row: Generation) -> Call:
    call = Call(
        call_id=row.id or row.generation_id,
        started_at=microseconds(row.created_at),
        duration_ms=_first(row.latency, row.generation_time, row.generation_time_ms),
        time_to_first_token_ms=real(row.time_to_first_token_ms),
        provider="openrouter",
        model=_model(row),
        service_tier=row.service_tier or None,
        region=row.data_region if row.data_region not in ("global", "") else None,
        streamed=truth(row.streamed),
        finish_reason=row.finish_reason or row.finish_reason_normalized or row.native_finish_reason or None,
        conversation_id=word(row.session_id),
        user=word(row.external_user) or word(row.user),
        route=row.app_name or row.origin or row.http_referer or None,
        reported_cost=_charged(row),
    )
    _fill_usage(call, row)
    if row.provider_responses:
        call.attempt = len(row.provider_responses)
    call.tags = _tags(row.provider_name, row.api_key_name, word(row.preset_id))
    if call.finish_reason == "error":
        call.status, call.error_type = "error", row.native_finish_reason or "error"
        call.billed = bool(call.reported_cost)
    return call


@lru_cache(maxsize=4096)
def _tags(provider: str | None, key: str | None, preset: str | None) -> dict[str, str] | None:
    named = (("provider", provider), ("key", key), ("preset", preset))
    return {name: value for name, value in named if value} or None


def _first(*measured: Number) -> float | None:
    return next((real(each) for each in measured if each is not None), None)


def _model(row: Generation) -> str | None:
    name = row.model or row.model_permaslug or None
    plain = name is None or ":" in name or (row.variant or "") in _NO_VARIANT
    return name if plain else f"{name}:{row.variant}"


def _fill_usage(call: Call, row: Generation) -> None:
    native = row.native_tokens_prompt is not None or row.native_tokens_completion is not None
    read, reasoning = row.native_tokens_cached, row.native_tokens_reasoning
    found = Counts(
        input=whole(row.native_tokens_prompt if native else row.tokens_prompt),
        output=whole(row.native_tokens_completion if native else row.tokens_completion),
        read=whole(read if native else row.tokens_cached),
        reasoning=whole(reasoning if native else row.tokens_reasoning),
    )
    found.includes_reasoning = (found.reasoning or 0) <= (found.output or 0)
    put(call, found)


def _charged(row: Generation) -> int | None:
    """What the router charged, and on the customer's own key what the provider charges him besides (pricing rule 8)."""
    charged = trillionths(row.total_cost if row.total_cost is not None else row.cost_total)
    upstream = trillionths(row.upstream_inference_cost) if truth(row.is_byok) else trillionths(row.byok_usage_inference)
    return charged if charged is None or not upstream else charged + upstream
