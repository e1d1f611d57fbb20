"""Spans as trace stores write them: Jaeger, Zipkin, ClickHouse, CloudWatch, Application Insights, Phoenix's table.

Each has its own names for ids, times and attributes; the attributes themselves are what instrumentors wrote, and are
read by `otel` as those of OTLP.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from costsim.formats.otel.one_span import OneSpan, hex_id, nanoseconds
from costsim.formats.shared.attributes import Attributes, flattened
from costsim.formats.shared.cells import opened, truth
from costsim.formats.shared.numbers import real
from costsim.formats.shared.times import microseconds

_FAILED = ("error", "status_code_error", "2", "statuscode.error")
_DIALECTS = ("gen_ai.", "llm.", "ai.", "openinference.", "traceloop.", "langfuse.")
Row = dict[str, Any]


def claims(record: Row) -> bool:
    """Whether the record is a store's span about a model, or its trace with such spans."""
    if isinstance(spans := _jaeger_spans(record), list):
        return any(_speaks(_pairs(span.get("tags"))) for span in spans)
    return any(is_of(record) and _speaks(attributes(record)) for is_of, _, attributes in _STORES)


def spans_in(record: bytes) -> Iterator[OneSpan]:
    """Yield the spans of a record of any of the stores; none where it is of none."""
    row = msgspec.json.decode(record)
    if isinstance(row, dict):
        yield from _spans(row)


def _spans(row: Row) -> Iterator[OneSpan]:
    spans = _jaeger_spans(row)
    if spans is not None:
        for span in spans:
            yield _of_jaeger(span)
        return
    for is_of, read, _ in _STORES:
        if is_of(row):
            yield read(row)
            return


def _speaks(attributes: Row) -> bool:
    return any(str(name).startswith(_DIALECTS) for name in attributes)


def _dict(value: Any) -> Row:
    found = opened(value)
    return found if isinstance(found, dict) else {}


def _dicts(value: Any) -> list[Row]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _word(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" and not isinstance(value, bool) else None


def _span(ids: tuple[Any, Any, Any], times: tuple[int | None, float | None], failed: Any, **more: Any) -> OneSpan:
    """A span of ids (trace, own, parent), and of its beginning with its microseconds."""
    start, lasted = times
    end = start + round(lasted) if start is not None and lasted is not None else None
    trace, own, parent = (hex_id(_word(each)) for each in ids)
    is_failed = str(failed).lower() in _FAILED
    attributes = Attributes(flattened(more.pop("attributes")))
    resource = Attributes(flattened(more.pop("resource", {})))
    name, events = str(more.pop("name", "") or ""), more.pop("events", [])
    return OneSpan(
        trace, own, parent, name, start, end, is_failed, more.pop("scope", "") or "", attributes, resource, events
    )


def _jaeger_spans(record: Row) -> list[Row] | None:
    """The spans of what Jaeger's API or UI gives, each with its process; None of anything else."""
    if "traceID" in record and "operationName" in record:
        return [record]
    traces = [record] if "traceID" in record else record.get("data")
    if not isinstance(traces, list):
        return None
    return [span for trace in traces if isinstance(trace, dict) for span in _with_processes(trace)] or None


def _with_processes(trace: Row) -> list[Row]:
    processes, spans = _dict(trace.get("processes")), _dicts(trace.get("spans"))
    return [{"process": processes.get(str(each.get("processID"))), **each} for each in spans if "traceID" in each]


def _pairs(tags: Any) -> Row:
    """Jaeger's tags: a list of keys with values."""
    return {str(tag.get("key")): tag.get("value") for tag in _dicts(tags)}


def _of_jaeger(span: Row) -> OneSpan:
    process = _dict(span.get("process"))
    plain = {str(name).replace("@", "."): value for name, value in _dict(span.get("tag")).items()}
    tags = {**plain, **_pairs(span.get("tags"))}
    above = [each for each in _dicts(span.get("references")) if each.get("refType") == "CHILD_OF"]
    parent = span.get("parentSpanID") or (above[0].get("spanID") if above else None)
    logs = [_pairs(log.get("fields")) for log in _dicts(span.get("logs"))]
    return _span(
        (span.get("traceID"), span.get("spanID"), parent),
        (microseconds(span.get("startTime")), real(span.get("duration"))),
        "error" if truth(tags.get("error")) else tags.get("otel.status_code"),
        name=span.get("operationName"),
        attributes=tags,
        resource={"service.name": process.get("serviceName"), **_pairs(process.get("tags"))},
        events=[(str(log.get("event") or ""), Attributes(flattened(log))) for log in logs],
    )


def _of_zipkin(span: Row) -> OneSpan:
    tags = _dict(span.get("tags"))
    return _span(
        (span.get("traceId"), span.get("id"), span.get("parentId")),
        (microseconds(span.get("timestamp")), real(span.get("duration"))),
        "error" if "error" in tags else tags.get("otel.status_code"),
        name=span.get("name"),
        attributes=tags,
        resource={"service.name": _dict(span.get("localEndpoint")).get("serviceName")},
    )


def _of_clickhouse(row: Row) -> OneSpan:
    lasted = real(row.get("Duration"))
    return _span(
        (row.get("TraceId"), row.get("SpanId"), row.get("ParentSpanId")),
        (microseconds(row.get("Timestamp")), None if lasted is None else lasted / 1000),
        row.get("StatusCode"),
        name=row.get("SpanName"),
        scope=row.get("ScopeName"),
        attributes=_dict(row.get("SpanAttributes")),
        resource={"service.name": row.get("ServiceName"), **_dict(row.get("ResourceAttributes"))},
    )


def _of_cloudwatch(row: Row) -> OneSpan:
    start, end = nanoseconds(row.get("startTimeUnixNano")), nanoseconds(row.get("endTimeUnixNano"))
    return _span(
        (row.get("traceId"), row.get("spanId"), row.get("parentSpanId")),
        (start, None if start is None or end is None else end - start),
        _dict(row.get("status")).get("code"),
        name=row.get("name"),
        scope=_word(_dict(row.get("scope")).get("name")),
        attributes=_dict(row.get("attributes")),
        resource=_dict(_dict(row.get("resource")).get("attributes")),
    )


def _of_console(row: Row) -> OneSpan:
    """What the console exporter for JavaScript prints, as JSON: microseconds."""
    above = _dict(row.get("parentSpanContext")).get("spanId") or row.get("parentId")
    failed = _dict(row.get("status")).get("code")
    return _span(
        (row.get("traceId"), row.get("id"), above),
        (microseconds(row.get("timestamp")), real(row.get("duration"))),
        failed,
        name=row.get("name"),
        scope=_word(_dict(row.get("instrumentationScope")).get("name")),
        attributes=_dict(row.get("attributes")),
        resource=_dict(_dict(row.get("resource")).get("attributes")),
    )


def _of_insights(row: Row) -> OneSpan:
    named = {str(name).lower().replace("_", ""): value for name, value in row.items()}
    lasted = real(named.get("duration", named.get("durationms")))
    return _span(
        (named.get("operationid"), named.get("id"), named.get("operationparentid") or named.get("parentid")),
        (microseconds(named.get("timestamp") or named.get("timegenerated") or named.get("time")), (lasted or 0) * 1000),
        "error" if truth(named.get("success")) is False else None,
        name=named.get("name"),
        attributes=_dimensions(row),
        resource={"service.name": named.get("cloudrolename") or named.get("approlename")},
    )


def _dimensions(row: Row) -> Row:
    return _dict(row.get("customDimensions") or row.get("CustomDimensions") or row.get("Properties"))


def _of_table(row: Row) -> OneSpan:
    start, end = microseconds(row.get("start_time")), microseconds(row.get("end_time"))
    kind = row.get("span_kind")
    return _span(
        (row.get("context.trace_id"), row.get("context.span_id"), row.get("parent_id")),
        (start, None if start is None or end is None else end - start),
        row.get("status_code"),
        name=row.get("name"),
        attributes={**({"openinference.span.kind": kind} if kind else {}), **_columns(row)},
    )


def _columns(row: Row) -> Row:
    prefix = "attributes."
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix) and value != ""}


_STORES: tuple[tuple[Callable[[Row], bool], Callable[[Row], OneSpan], Callable[[Row], Row]], ...] = (
    (
        lambda row: "localEndpoint" in row or {"traceId", "id", "timestamp", "tags"} <= row.keys(),
        _of_zipkin,
        lambda row: _dict(row.get("tags")),
    ),
    (lambda row: "SpanAttributes" in row, _of_clickhouse, lambda row: _dict(row.get("SpanAttributes"))),
    (
        lambda row: "spanId" in row and isinstance(row.get("attributes"), dict),
        _of_cloudwatch,
        lambda row: _dict(row.get("attributes")),
    ),
    (
        lambda row: {"traceId", "id", "duration", "attributes"} <= row.keys(),
        _of_console,
        lambda row: _dict(row.get("attributes")),
    ),
    (lambda row: bool(_dimensions(row)), _of_insights, _dimensions),
    (lambda row: "context.span_id" in row, _of_table, _columns),
)
"""For each store: whether a row is of it, how a span is read of it, and where the attributes are."""
