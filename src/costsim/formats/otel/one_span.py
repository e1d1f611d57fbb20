"""One span of OpenTelemetry, in whatever encoding it stood; what is not asked for stays undecoded."""

import re
from binascii import a2b_base64
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.otel.rows import (
    Context,
    Export,
    Pair,
    PlainSpan,
    PlainStatus,
    RawSpan,
    Resource,
    ResourceSpans,
    Value,
)
from costsim.formats.shared.attributes import Attributes, Json, decoded, flattened
from costsim.formats.shared.envelope import NO_RAW, Scalar
from costsim.formats.shared.times import microseconds


class OneSpan(msgspec.Struct):
    """A span in whatever encoding it stood, with what its surroundings say."""

    trace_id: str | None
    id: str | None
    parent: str | None
    name: str
    start: int | None
    """Microseconds since 1970."""
    end: int | None
    failed: bool
    scope: str
    attributes: Attributes
    resource: Attributes
    events: list[tuple[str, Attributes]] = msgspec.field(default_factory=list)


_NOTHING = Attributes({})
_FAILED = {"2", "2.0", "status_code_error", "error", "statuscode.error"}
_SNAKE = re.compile(rb'"([a-z]+(?:_[a-z]+)+)"\s*:')
_BASE64_LENGTHS = (12, 24)
_MOST_DIGITS = 20
_USUAL_NANOSECONDS = 10**18
"""Of 2001; twice as many are of 2033."""

_export = msgspec.json.Decoder(Export, strict=False).decode
_span = TolerantDecoder(RawSpan).decode
_resource = TolerantDecoder(Resource).decode
_plain = TolerantDecoder(PlainSpan).decode


def is_export(record: dict[str, Any]) -> bool:
    """Whether the record holds spans by process and instrumentor."""
    for name in ("resourceSpans", "resource_spans"):
        if isinstance(record.get(name), list):
            return True
    batches = record.get("batches")
    return isinstance(batches, list) and any(isinstance(each, dict) and "scopeSpans" in each for each in batches)


def is_single(record: dict[str, Any]) -> bool:
    """Whether the record is one span of OTLP by itself."""
    return "spanId" in record and "traceId" in record and isinstance(record.get("attributes"), list)


def spans_in(record: bytes) -> Iterator[OneSpan]:
    """Yield every span of a record; DecodeError where it is broken."""
    try:
        export = _export(record)
    except (msgspec.ValidationError, UnicodeDecodeError):
        yield from _each_apart(record)
        return
    groups = export.resource_spans or export.batches
    if groups is None and b'"resource_spans"' in record:
        groups = _export(_SNAKE.sub(_in_camels, record)).resource_spans
    if groups is not None:
        yield from _grouped(groups)
    elif (single := _span(record)).span_id is not None:
        yield _one(single, "", _NOTHING)
    else:
        yield _one_plain(_plain(record))


def _each_apart(record: bytes) -> Iterator[OneSpan]:
    """The spans of a record in which something is of an unexpected type: only that span loses anything."""
    plain = msgspec.json.decode(record.decode("utf-8", "replace"))
    if not isinstance(plain, dict):
        raise msgspec.DecodeError(f"is JSON, but no object ({type(plain).__name__})")
    for group in _objects(plain, "resourceSpans", "batches"):
        resource = _of_process(msgspec.json.encode(group.get("resource")))
        for part in _objects(group, "scopeSpans", "instrumentationLibrarySpans"):
            scope = part.get("scope")
            name = scope.get("name") if isinstance(scope, dict) else None
            for span in _objects(part, "spans"):
                yield _one(_span(msgspec.json.encode(span)), name if isinstance(name, str) else "", resource)


def _objects(holder: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    listed: list[Any] = next((holder[name] for name in names if isinstance(holder.get(name), list)), [])
    return [item for item in listed if isinstance(item, dict)]


def _in_camels(match: re.Match[bytes]) -> bytes:
    first, *others = match[1].split(b"_")
    return b'"' + first + b"".join(other.capitalize() for other in others) + b'":'


def _grouped(groups: list[ResourceSpans]) -> Iterator[OneSpan]:
    for group in groups:
        resource = _of_process(bytes(group.resource))
        for part in group.scope_spans or group.library_spans or ():
            scope = part.scope or part.library
            name = (scope.name if scope else None) or ""
            for span in part.spans or ():
                yield _one(span, name, resource)


@lru_cache(maxsize=64)
def _of_process(resource: bytes) -> Attributes:
    """What the JSON of a resource says; the processes that write a log are few."""
    try:
        return attributes_of(_resource(resource).attributes)
    except msgspec.DecodeError:  # there is none
        return _NOTHING


def _one(span: RawSpan, scope: str, resource: Attributes) -> OneSpan:
    status = span.status.code if span.status is not None else None
    return OneSpan(
        trace_id=hex_id(span.trace_id),
        id=hex_id(span.span_id),
        parent=hex_id(span.parent_span_id),
        name=span.name or "",
        start=nanoseconds(span.start),
        end=nanoseconds(span.end),
        failed=status is not None and str(status).lower() in _FAILED,
        scope=scope,
        attributes=attributes_of(span.attributes),
        resource=resource,
        events=[(event.name or "", attributes_of(event.attributes)) for event in span.events or ()],
    )


def nanoseconds(when: Scalar) -> int | None:
    """Return a time in nanoseconds as microseconds since 1970; as a float it would lose digits."""
    if isinstance(when, str) and when.isdecimal() and len(when) < _MOST_DIGITS:
        when = int(when)
    if when.__class__ is int and _USUAL_NANOSECONDS < when < 2 * _USUAL_NANOSECONDS:
        return when // 1000
    return microseconds(when)


def hex_id(text: str | None) -> str | None:
    """Return an id as OpenTelemetry spells it, hexadecimal; protobuf's JSON and MLflow write base64."""
    if not text or not text.strip("0"):
        return None
    if len(text) in _BASE64_LENGTHS and text.endswith("="):
        try:
            return a2b_base64(text, strict_mode=True).hex()
        except ValueError:
            return text
    return text.removeprefix("0x")


def attributes_of(pairs: list[Pair] | None) -> Attributes:
    """Return OTLP's list of attributes by their names."""
    found: dict[str, Json] = {}
    for pair in pairs or ():
        value = pair.value
        if value is not None:
            found[pair.key] = value.string if value.string is not NO_RAW else json_of(value)
    return Attributes(found)


def json_of(value: Value) -> Json:
    """Return a value of any of OTLP's types as JSON."""
    for plain in (value.string, value.integer, value.double, value.boolean):
        if plain is not NO_RAW:
            return plain
    if value.array is not None:
        return b"[" + b",".join(bytes(json_of(item)) for item in value.array.values or ()) + b"]"
    if value.object is not None:
        pairs = [(pair.key, pair.value) for pair in value.object.values or () if pair.value is not None]
        return b"{" + b",".join(msgspec.json.encode(key) + b":" + bytes(json_of(inner)) for key, inner in pairs) + b"}"
    return b"null"


def _one_plain(span: PlainSpan) -> OneSpan:
    context = span.context or Context()
    status = span.status.status_code or span.status.code if isinstance(span.status, PlainStatus) else span.status
    attributes = decoded(span.attributes.encode()) if isinstance(span.attributes, str) else span.attributes
    values = flattened(attributes) if isinstance(attributes, dict) else {}
    if span.span_kind and "openinference.span.kind" not in values:
        values["openinference.span.kind"] = msgspec.json.encode(span.span_kind)
    resource = (span.resource.attributes if span.resource else None) or span.otel_resource_attributes
    return OneSpan(
        trace_id=hex_id(_word(context.trace_id or span.trace_id)),
        id=hex_id(_word(context.span_id or span.span_id)),
        parent=hex_id(_word(span.parent_id or span.parent_span_id)),
        name=span.name or span.span_name or "",
        start=microseconds(span.start_time or span.start_timestamp),
        end=microseconds(span.end_time or span.end_timestamp),
        failed=str(status or span.status_code or span.otel_status_code or "").lower() in _FAILED,
        scope=span.otel_scope_name or "",
        attributes=Attributes(values),
        resource=Attributes(flattened(resource)) if resource else _NOTHING,
        events=[_plain_event(event) for event in span.events or () if isinstance(event, dict)],
    )


def _plain_event(event: dict[str, Any]) -> tuple[str, Attributes]:
    values = event.get("attributes")
    return str(event.get("name") or ""), Attributes(flattened(values) if isinstance(values, dict) else {})


def _word(value: Scalar) -> str | None:
    return None if value is None or isinstance(value, bool) else str(value)
