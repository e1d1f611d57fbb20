"""Spans as OTLP-JSON writes them, and as single objects with plain attributes; what is not asked for stays undecoded.

OTLP-JSON: the Collector's file exporter and everything else that follows opentelemetry-proto's JSON mapping, with its
variations: ids in hex or base64, 64-bit numbers as strings or numbers, camelCase or snake_case names.
Single objects: OpenTelemetry's console exporter, Phoenix, Logfire and others.
"""

from typing import Any

import msgspec

from costsim.formats.shared.envelope import NO_RAW, Number, Scalar


class Value(msgspec.Struct, gc=False):
    """A value of any of OTLP's types; the one that is there is the value."""

    string: msgspec.Raw = msgspec.field(default=NO_RAW, name="stringValue")
    integer: msgspec.Raw = msgspec.field(default=NO_RAW, name="intValue")
    double: msgspec.Raw = msgspec.field(default=NO_RAW, name="doubleValue")
    boolean: msgspec.Raw = msgspec.field(default=NO_RAW, name="boolValue")
    array: "Values | None" = msgspec.field(default=None, name="arrayValue")
    object: "Pairs | None" = msgspec.field(default=None, name="kvlistValue")


class Values(msgspec.Struct):
    """A list of values."""

    values: list[Value] | None = None


class Pair(msgspec.Struct, gc=False):
    """One attribute."""

    key: str = ""
    value: Value | None = None


class Pairs(msgspec.Struct):
    """An object as OTLP writes it: a list of names and values."""

    values: list[Pair] | None = None


class Event(msgspec.Struct, gc=False):
    """Something that happened within a span: a message, an exception."""

    name: str | None = None
    attributes: list[Pair] | None = None


class Status(msgspec.Struct, gc=False):
    """How a span ended: 2 or STATUS_CODE_ERROR where it failed."""

    code: Scalar = None
    message: str | None = None


class RawSpan(msgspec.Struct, gc=False):
    """One span."""

    trace_id: str | None = msgspec.field(default=None, name="traceId")
    span_id: str | None = msgspec.field(default=None, name="spanId")
    parent_span_id: str | None = msgspec.field(default=None, name="parentSpanId")
    name: str | None = None
    start: Scalar = msgspec.field(default=None, name="startTimeUnixNano")
    end: Scalar = msgspec.field(default=None, name="endTimeUnixNano")
    attributes: list[Pair] | None = None
    events: list[Event] | None = None
    status: Status | None = None


class Scope(msgspec.Struct, gc=False):
    """Which instrumentor wrote the spans."""

    name: str | None = None
    version: str | None = None


class ScopeSpans(msgspec.Struct, gc=False):
    """The spans of one instrumentor."""

    scope: Scope | None = None
    library: Scope | None = msgspec.field(default=None, name="instrumentationLibrary")
    spans: list[RawSpan] | None = None


class Resource(msgspec.Struct, gc=False):
    """Which process wrote the spans; the same in many records."""

    attributes: list[Pair] | None = None


class ResourceSpans(msgspec.Struct, gc=False):
    """The spans of one process."""

    resource: msgspec.Raw = NO_RAW
    scope_spans: list[ScopeSpans] | None = msgspec.field(default=None, name="scopeSpans")
    library_spans: list[ScopeSpans] | None = msgspec.field(default=None, name="instrumentationLibrarySpans")


class Export(msgspec.Struct, gc=False):
    """One line of the file exporter; `batches` is what Tempo calls it."""

    resource_spans: list[ResourceSpans] | None = msgspec.field(default=None, name="resourceSpans")
    batches: list[ResourceSpans] | None = None


class Context(msgspec.Struct, gc=False):
    """The ids of a span that is an object of its own."""

    trace_id: Scalar = None
    span_id: Scalar = None


class PlainStatus(msgspec.Struct, gc=False):
    """How the console exporter writes a status."""

    status_code: Scalar = None
    code: Scalar = None


class PlainSpan(msgspec.Struct, gc=False):
    """A span that is an object of its own, its attributes plain JSON: console exporter, Phoenix, Logfire."""

    name: str | None = None
    span_name: str | None = None
    context: Context | None = None
    trace_id: Scalar = None
    span_id: Scalar = None
    parent_id: Scalar = None
    parent_span_id: Scalar = None
    span_kind: str | None = None
    start_time: Number = None
    end_time: Number = None
    start_timestamp: Number = None
    end_timestamp: Number = None
    status: PlainStatus | str | None = None
    status_code: Scalar = None
    otel_status_code: Scalar = None
    otel_scope_name: str | None = None
    attributes: dict[str, Any] | str | None = None
    resource: "PlainResource | None" = None
    otel_resource_attributes: dict[str, Any] | None = None
    events: list[Any] | None = None


class PlainResource(msgspec.Struct, gc=False):
    """Which process wrote such a span."""

    attributes: dict[str, Any] | None = None
