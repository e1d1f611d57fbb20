"""Traces of OpenAI's Agents SDK, as its processors export them: a trace, and spans, of which those of models are calls.

What the trace says of the whole run stands in a record before its spans, so a file is read in order. A span of a
response tells its id and usage, but not its model; one of a generation tells what was asked and said, too. Shapes:
openai-agents-python, `Span.export`.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import tags_of
from costsim.formats.shared.envelope import Number, Scalar, word
from costsim.formats.shared.hosts import provider_at
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import counts_of, put
from costsim.schema import Call

NAME = "openai-agents"
ABOUT = "traces of OpenAI's Agents SDK: `object: trace.span` with `span_data` of a generation or a response"

_OF_MODELS = ("generation", "response")
_MOST_TRACES = 10_000
"""Whose names are remembered; runs end, and a file goes on."""


class SpanData(msgspec.Struct, gc=False):
    """What a span is about."""

    type: str | None = None
    input: Any = None
    output: Any = None
    model: str | None = None
    model_config: dict[str, Any] | None = None
    response_id: str | None = None
    usage: dict[str, Any] | None = None


class Record(msgspec.Struct, gc=False):
    """A span, or the trace that it is of."""

    object: str | None = None
    id: str | None = None
    trace_id: str | None = None
    parent_id: str | None = None
    started_at: Number = None
    ended_at: Number = None
    span_data: SpanData | None = None
    error: Any = None
    workflow_name: str | None = None
    group_id: Scalar = None
    metadata: Any = None
    data: list[msgspec.Raw] | None = None
    """Records that were sent together."""


_record = TolerantDecoder(Record).decode
_NO_TRACE = Record()


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a span, a trace, or several of them as they are sent."""
    if isinstance(sent := record.get("data"), list) and sent and isinstance(sent[0], dict):
        return claims(sent[0])
    if record.get("object") == "trace":
        return "workflow_name" in record
    return record.get("object") == "trace.span" and isinstance(record.get("span_data"), dict)


def read(record: bytes) -> list[Call]:
    """Return the call that one span tells of, without what its trace tells."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a function like `read` for the records of one file, from the first to the last."""
    traces: dict[str | None, Record] = {}

    def read_in_order(record: bytes) -> list[Call]:
        row = _record(record)
        if row.data is not None:
            parts = [bytes(each) for each in row.data]
            return [call for part in parts if part[:1] == b"{" for call in read_in_order(part)]
        if row.span_data is None:
            traces[row.id] = row
            if len(traces) > _MOST_TRACES:
                del traces[next(iter(traces))]
            return []
        if row.span_data.type not in _OF_MODELS:
            return []
        return [_call(row, row.span_data, traces.get(row.trace_id, _NO_TRACE))]

    return read_in_order


def _call(row: Record, data: SpanData, trace: Record) -> Call:
    asked = data.model_config or {}
    start, end = microseconds(row.started_at), microseconds(row.ended_at)
    call = Call(
        call_id=data.response_id or row.id,
        started_at=start,
        provider=provider_at(word(asked.get("base_url"))) or ("openai" if data.type == "response" else None),
        model=data.model,
        trace_id=row.trace_id,
        parent_id=row.parent_id,
        route=trace.workflow_name,
        conversation_id=word(trace.group_id),
        tags=tags_of(trace.metadata) or None,
    )
    if start is not None and end is not None and end >= start:
        call.duration_ms = (end - start) / 1000
    if data.usage is not None and (counts := counts_of(data.usage)) is not None:
        put(call, counts)
    if row.error:
        call.status, call.error_type = "error", "error"
        call.billed = bool(call.input_tokens or call.output_tokens)
    kept_text.fill_parameters(call, asked)
    kept_text.fill(call, data.input, data.output)
    return call
