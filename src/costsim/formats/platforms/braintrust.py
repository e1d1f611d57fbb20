"""Braintrust rows: spans of which those of type llm are calls; their counts are in `metrics`, often as floats.

`prompt_tokens` includes cached tokens, but not for Claude in rows of older SDKs; the total tells where it can. A row
with `_is_merge` adds to an earlier row of the same id, which was written before the call had ended, so a file is read
in order. A call inside another one for the same is told by the span around it. An answer out of Braintrust's own cache
costs nothing, and any other call of no cost is one of a model that it does not know.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import tags_of
from costsim.formats.shared.cells import object_in, opened, plain, reason
from costsim.formats.shared.envelope import NO_RAW, Number, Scalar, word
from costsim.formats.shared.halves import Begun, joined
from costsim.formats.shared.kept_answer import kept_answer
from costsim.formats.shared.kept_request import request_in
from costsim.formats.shared.numbers import real, trillionths, whole
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import Counts, put
from costsim.schema import Call

NAME = "braintrust"
KEEPS_LAST = True
NESTS = True
ABOUT = "Braintrust: rows with `span_attributes` and `root_span_id`, of logs or experiments"

_OWNERS = ("project_id", "log_id", "experiment_id", "dataset_id", "org_id")
_EMBEDDINGS = ("embedding", "embed")
_WHO = frozenset({
    "session_id", "thread_id", "conversation_id", "user_id", "user", "route", "workflow", "feature", "environment",
    "team", "customer",
})  # fmt: skip
"""What of the metadata says who asked, and for what."""


class Attributes(msgspec.Struct, gc=False):
    """What kind of span it is."""

    name: Scalar = None
    type: Scalar = None


class Metrics(msgspec.Struct, gc=False):
    """What was measured of a span."""

    start: Scalar = None
    end: Scalar = None
    time_to_first_token: Scalar = None
    prompt_tokens: Scalar = None
    completion_tokens: Scalar = None
    tokens: Scalar = None
    prompt_cached_tokens: Scalar = None
    prompt_cache_creation_tokens: Scalar = None
    prompt_cache_creation_5m_tokens: Scalar = None
    prompt_cache_creation_1h_tokens: Scalar = None
    completion_reasoning_tokens: Scalar = None
    prompt_audio_tokens: Scalar = None
    completion_audio_tokens: Scalar = None
    server_tool_use_web_search_requests: Scalar = None
    cost: Scalar = None
    estimated_cost: Scalar = None
    cached: Scalar = None
    retries: Scalar = None


class Row(msgspec.Struct, gc=False):
    """One span, or what is added to one; in CSV its objects are texts."""

    id: str | None = None
    created: Number = None
    span_id: str | None = None
    root_span_id: str | None = None
    span_parents: Any = None
    span_attributes: Attributes | str | None = None
    input: msgspec.Raw = NO_RAW
    output: msgspec.Raw = NO_RAW
    error: Any = None
    scores: Any = None
    tags: Any = None
    metadata: Any = None
    metrics: Metrics | str | None = None
    context: msgspec.Raw = NO_RAW
    is_merge: bool | None = msgspec.field(default=None, name="_is_merge")
    events: list[msgspec.Raw] | None = None
    """The rows of a page of its API; `data` are those of a query."""
    data: list[msgspec.Raw] | None = None


_row = TolerantDecoder(Row).decode
_attributes, _metrics = TolerantDecoder(Attributes).decode, TolerantDecoder(Metrics).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a span, or what is added to one."""
    if "span_attributes" in record and ("root_span_id" in record or "span_id" in record):
        return True
    return "_is_merge" in record and any(name in record for name in (*_OWNERS, "root_span_id", "span_id"))


def read(record: bytes) -> list[Call]:
    """Return the call of one row; none where it is a span of another type."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a function like `read` that joins what is added to a row to the row as it was."""
    begun: Begun[bytes] = Begun()

    def read_in_order(record: bytes) -> list[Call]:
        row = _row(record)
        if row.id is None and (page := row.events or row.data):
            return [call for each in page for call in read_in_order(bytes(each))]
        if row.id is not None and row.is_merge and (earlier := begun.get(row.id)) is not None:
            record = joined(earlier, record)
            row = _row(record)
        ended = _measured(row).end is not None
        if row.id is not None and (row.is_merge or not ended):
            begun.keep(row.id, record, len(record), ended=ended)
        return _calls(row)

    return read_in_order


def _measured(row: Row) -> Metrics:
    if not isinstance(row.metrics, str):
        return row.metrics or _NOTHING
    try:
        return _metrics(row.metrics.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return _NOTHING


def _kind(row: Row) -> Attributes:
    if not isinstance(row.span_attributes, str):
        return row.span_attributes or _NO_KIND
    try:
        return _attributes(row.span_attributes.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return _NO_KIND


_NOTHING, _NO_KIND = Metrics(), Attributes()


def _calls(row: Row) -> list[Call]:
    kind, metrics = _kind(row), _measured(row)
    counted = metrics.prompt_tokens is not None or metrics.completion_tokens is not None
    if kind.type == "llm" or (kind.type is None and counted):
        return [_call(row, kind, metrics)]
    return []


def _call(row: Row, kind: Attributes, metrics: Metrics) -> Call:
    metadata = object_in(row.metadata)
    parents = opened(row.span_parents)
    name = str(kind.name or "").lower()
    call = Call(
        call_id=row.span_id or row.id,
        provider=provider_named(plain(metadata.get("provider"))),
        model=plain(metadata.get("model")),
        requested_model=plain(metadata.get("model")),
        operation="embedding" if any(word in name for word in _EMBEDDINGS) else "chat",
        service_tier=plain(metadata.get("usage_service_tier")) or plain(metadata.get("service_tier")),
        region=_region(plain(metadata.get("usage_inference_geo"))),
        trace_id=row.root_span_id,
        parent_id=plain(parents[0]) if isinstance(parents, list) and parents else None,
        web_searches=whole(metrics.server_tool_use_web_search_requests),
        reported_cost=trillionths(metrics.cost if metrics.cost is not None else metrics.estimated_cost) or None,
        quality=_quality(object_in(row.scores)) if row.scores else None,
    )
    _fill_times(call, row, metrics)
    _fill_usage(call, row, metrics)
    _fill_outcome(call, row, metrics)
    _fill_who(call, row, metadata)
    answered = kept_answer(row.output)
    kept_text.fill_parameters(call, metadata)
    given, messages = request_in(row.input)
    kept_text.fill(call, given, answered.value, messages, answered.said)
    call.finish_reason = call.finish_reason or plain(metadata.get("stop_reason"))
    return call


def _fill_times(call: Call, row: Row, metrics: Metrics) -> None:
    start, end = real(metrics.start), real(metrics.end)
    call.started_at = microseconds(start) if start else microseconds(row.created)
    if start and end and end >= start:
        call.duration_ms = (end - start) * 1000
    if (first := real(metrics.time_to_first_token)) is not None:
        call.time_to_first_token_ms = first * 1000


def _fill_usage(call: Call, row: Row, metrics: Metrics) -> None:
    five, hour = whole(metrics.prompt_cache_creation_5m_tokens), whole(metrics.prompt_cache_creation_1h_tokens)
    written = whole(metrics.prompt_cache_creation_tokens)
    if five is not None or hour is not None:
        written = max(written or 0, (five or 0) + (hour or 0))
    is_newer = b"span_origin" in bytes(row.context)  # only newer SDKs say where a span is from
    found = Counts(
        input=whole(metrics.prompt_tokens),
        output=whole(metrics.completion_tokens),
        total=whole(metrics.tokens),
        read=whole(metrics.prompt_cached_tokens),
        written=written,
        written_1h=hour,
        reasoning=whole(metrics.completion_reasoning_tokens),
        audio_in=whole(metrics.prompt_audio_tokens),
        audio_out=whole(metrics.completion_audio_tokens),
        by_habit=call.provider != "anthropic" or is_newer,
    )
    put(call, found)


def _fill_outcome(call: Call, row: Row, metrics: Metrics) -> None:
    if row.error is not None and row.error != "":
        call.status, call.error_type = "error", (reason(row.error) or "error").partition("(")[0]
        call.billed = bool(call.input_tokens or call.output_tokens)
    if whole(metrics.cached):
        call.billed, call.reported_cost = False, 0
    if (retries := whole(metrics.retries)) is not None:
        call.attempt = retries + 1


def _fill_who(call: Call, row: Row, metadata: dict[str, Any]) -> None:
    given = {name: value for name in _WHO & metadata.keys() if isinstance(value := metadata[name], str | int)}
    if given:
        for name in ("session_id", "thread_id", "conversation_id"):
            call.conversation_id = call.conversation_id or word(given.get(name))
        call.user = word(given.get("user_id")) or word(given.get("user"))
        call.route = plain(given.get("route")) or plain(given.get("workflow")) or plain(given.get("feature"))
    named = {name: given[name] for name in ("environment", "team", "customer") if name in given} if given else {}
    if named or row.tags:
        call.tags = tags_of(named, opened(row.tags)) or None


def _quality(scores: dict[str, Any]) -> float | None:
    found = [score for value in scores.values() if (score := real(value)) is not None]
    return sum(found) / len(found) if found else None


def _region(place: str | None) -> str | None:
    return None if place in ("global", "not_available", "") else place
