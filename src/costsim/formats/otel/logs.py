"""OpenTelemetry's log records of calls (`resourceLogs`): the events of gen_ai, and of coding agents with telemetry.

Of the conventions' events only `gen_ai.client.inference.operation.details` states usage; those of single messages
(`gen_ai.user.message`, `gen_ai.choice`) are the text of the call that its span, or the event of details, tells of. The
details of a call and its span have one id. Agents name their counts in words of their own.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.otel.one_span import OneSpan, attributes_of, hex_id, json_of, nanoseconds
from costsim.formats.otel.rows import Pair, Resource, Scope, Value
from costsim.formats.shared.attributes import Attributes, Json, decoded, encoded
from costsim.formats.shared.envelope import Scalar

_OWN_WORDS: dict[str, tuple[str, ...]] = {
    "gen_ai.response.model": ("model",),
    "gen_ai.usage.input_tokens": ("input_tokens", "input_token_count"),
    "gen_ai.usage.output_tokens": ("output_tokens", "output_token_count"),
    "gen_ai.usage.cache_read.input_tokens": ("cache_read_tokens", "cached_content_token_count", "cached_token_count"),
    "gen_ai.usage.cache_creation.input_tokens": ("cache_creation_tokens",),
    "gen_ai.usage.reasoning_tokens": ("thoughts_token_count", "reasoning_token_count"),
    "gen_ai.usage.cost": ("cost_usd",),
    "gen_ai.conversation.id": ("conversation.id",),
}
"""What coding agents call what."""
_AGENTS_CALLS = ("api_request", "api_response", "api_error", "sse_event")
"""The last parts of the names of their events that are calls."""
_FINISHED = ("response.completed", None)


class Record(msgspec.Struct, gc=False):
    """One log record."""

    time: Scalar = msgspec.field(default=None, name="timeUnixNano")
    observed: Scalar = msgspec.field(default=None, name="observedTimeUnixNano")
    event_name: str | None = msgspec.field(default=None, name="eventName")
    body: Value | None = None
    attributes: list[Pair] | None = None
    trace_id: str | None = msgspec.field(default=None, name="traceId")
    span_id: str | None = msgspec.field(default=None, name="spanId")


class ScopeLogs(msgspec.Struct, gc=False):
    """The records of one instrumentor."""

    scope: Scope | None = None
    records: list[Record] | None = msgspec.field(default=None, name="logRecords")


class ResourceLogs(msgspec.Struct, gc=False):
    """The records of one process."""

    resource: Resource | None = None
    scope_logs: list[ScopeLogs] | None = msgspec.field(default=None, name="scopeLogs")


class Export(msgspec.Struct, gc=False):
    """One line of the file exporter."""

    resource_logs: list[ResourceLogs] | None = msgspec.field(default=None, name="resourceLogs")


_export = TolerantDecoder(Export).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record holds log records by process and instrumentor."""
    return isinstance(record.get("resourceLogs"), list)


def spans_in(record: bytes) -> Iterator[OneSpan]:
    """Yield a span for each log record that tells of a call, with the texts of the records of the same span."""
    for group in _export(record).resource_logs or ():
        resource = attributes_of(group.resource.attributes if group.resource else None)
        for part in group.scope_logs or ():
            scope = (part.scope.name if part.scope else None) or ""
            told = [(each, _attributes(each)) for each in part.records or ()]
            messages = _messages(told)
            for each, found in told:
                if _is_call(found):
                    yield _span(each, _in_usual_words(found), scope, resource, messages.get(each.span_id or "", []))


def _attributes(record: Record) -> Attributes:
    found = attributes_of(record.attributes)
    name = record.event_name or found.text("event.name")
    body = decoded(bytes(json_of(record.body))) if record.body is not None else None
    if isinstance(body, dict):
        values: dict[str, Json] = {str(key): encoded(value) for key, value in body.items()}
        found = Attributes({**values, **found.values})
    elif isinstance(body, str) and name is None:
        name = body
    return Attributes({**found.values, "event.name": encoded(name)})


def _messages(told: list[tuple[Record, Attributes]]) -> dict[str, list[tuple[str, Attributes]]]:
    """The events of each span that hold a message."""
    found: dict[str, list[tuple[str, Attributes]]] = {}
    for record, attributes in told:
        name = attributes.text("event.name") or ""
        if record.span_id and name.startswith("gen_ai."):
            found.setdefault(record.span_id, []).append((name, attributes))
    return found


def _is_call(found: Attributes) -> bool:
    name = found.text("event.name") or ""
    if name == "gen_ai.client.inference.operation.details":
        return True
    return (
        name.rpartition(".")[2] in _AGENTS_CALLS and found.text("event.kind") in _FINISHED and "model" in found.values
    )


def _in_usual_words(found: Attributes) -> Attributes:
    """The attributes of an agent's event in those of gen_ai, its counts inclusive."""
    name = (found.text("event.name") or "").rpartition(".")[2]
    if name not in _AGENTS_CALLS:
        return found
    values = dict(found.values)
    for usual, own in _OWN_WORDS.items():
        if (value := found.plain(*own)) is not None:
            values[usual] = encoded(value)
    if name == "api_request":  # Claude Code's, in Anthropic's arithmetic
        parts = ("input_tokens", "cache_read_tokens", "cache_creation_tokens")
        values["gen_ai.usage.input_tokens"] = encoded(sum(found.count(part) or 0 for part in parts))
    elif "thoughts_token_count" in values:
        spoken = (found.count("output_token_count") or 0) + (found.count("thoughts_token_count") or 0)
        values["gen_ai.usage.output_tokens"] = encoded(spoken)
    if name == "api_error":
        values["error.type"] = encoded(found.text("error.type", "error_type", "status_code") or "error")
    values["gen_ai.operation.name"] = encoded("chat")
    return Attributes(values)


def _span(
    record: Record, found: Attributes, scope: str, resource: Attributes, events: list[tuple[str, Attributes]]
) -> OneSpan:
    end = nanoseconds(record.time) or nanoseconds(record.observed)
    lasted = found.number("duration_ms")
    return OneSpan(
        trace_id=hex_id(record.trace_id),
        id=hex_id(record.span_id),
        parent=None,
        name=found.text("event.name") or "",
        start=end if end is None or lasted is None else end - round(lasted * 1000),
        end=end if lasted is not None else None,
        failed="error.type" in found.values,
        scope=scope,
        attributes=found,
        resource=resource,
        events=events,
    )
