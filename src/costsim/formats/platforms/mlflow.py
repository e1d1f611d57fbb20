"""MLflow traces: spans of which those of type CHAT_MODEL, LLM and EMBEDDING are calls.

The values of a span's attributes are JSON inside texts. `mlflow.chat.tokenUsage` includes cached tokens, and
`mlflow.llm.cost` is what MLflow thinks it cost; what stands in the trace's own metadata sums up all spans. Shapes:
MLflow 3.17, and the spans of 2.x, which have their ids in `context`.
"""

from functools import lru_cache
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.otel.one_span import hex_id, nanoseconds
from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import decoded, tags_of
from costsim.formats.shared.cells import opened, plain
from costsim.formats.shared.envelope import Scalar
from costsim.formats.shared.kept_answer import kept_answer
from costsim.formats.shared.kept_request import request_in
from costsim.formats.shared.numbers import trillionths
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.spans import Span, each_once
from costsim.formats.shared.usage import counts_of, put
from costsim.schema import Call

NAME = "mlflow"
ABOUT = "MLflow traces: `info` with a trace id, and `data.spans` with mlflow.* attributes"
NESTS = True

_OPERATIONS = {"CHAT_MODEL": "chat", "LLM": "chat", "EMBEDDING": "embedding", "RERANKER": "rerank"}
_FAILED = {"STATUS_CODE_ERROR", "ERROR", "2"}
_QUOTED = b'"\\"'
_CLOSE = 1_000_000
"""10^-12 USD: how far the float that a cost was added up in may be from the sum of its parts."""


class Ids(msgspec.Struct, gc=False):
    """A span's ids in MLflow 2."""

    span_id: str | None = None
    trace_id: str | None = None


class Status(msgspec.Struct, gc=False):
    """How a span ended."""

    code: Scalar = None


class Event(msgspec.Struct, gc=False):
    """What happened within a span."""

    name: str | None = None
    attributes: dict[str, Any] | None = None


class RawSpan(msgspec.Struct, gc=False):
    """One span."""

    span_id: str | None = None
    parent_span_id: str | None = None
    context: Ids | None = None
    parent_id: str | None = None
    start_time_unix_nano: Scalar = None
    end_time_unix_nano: Scalar = None
    start_time: Scalar = None
    end_time: Scalar = None
    status: Status | None = None
    status_code: Scalar = None
    events: list[Event] | None = None
    attributes: dict[str, msgspec.Raw] | None = None


class Info(msgspec.Struct, gc=False):
    """What all spans of a trace share."""

    trace_id: str | None = None
    request_id: str | None = None
    trace_metadata: dict[str, Any] | None = None
    request_metadata: dict[str, Any] | None = None
    tags: Any = None


class Data(msgspec.Struct, gc=False):
    """The spans."""

    spans: list[RawSpan] | None = None


class Trace(Info, gc=False):
    """A trace; exported from a table of traces, it has everything on one level."""

    info: Info | None = None
    data: Data | None = None
    spans: list[RawSpan] | None = None


_trace = TolerantDecoder(Trace).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a trace with its spans."""
    info, data = record.get("info"), record.get("data")
    if isinstance(info, dict) and isinstance(data, dict):
        return isinstance(data.get("spans"), list) and ("trace_id" in info or "request_id" in info)
    spans = record.get("spans")
    if not isinstance(spans, list):
        return False
    return "trace_metadata" in record or "request_metadata" in record or _is_own(spans[:1])


def _is_own(spans: list[Any]) -> bool:
    """Whether spans, as they stand in the file of a trace in its store, have MLflow's attributes."""
    found = [each.get("attributes") for each in spans if isinstance(each, dict)]
    return any(isinstance(each, dict) and any(name.startswith("mlflow.") for name in each) for each in found)


def read(record: bytes) -> list[Call]:
    """Return the calls of a trace, each once."""
    trace = _trace(record)
    info = trace.info or trace
    rows = (trace.data.spans if trace.data is not None else None) or trace.spans or []
    spans: list[Span] = []
    shared: _Shared | None = None
    parents: dict[str, str | None] = {}
    for row in rows:
        own, parent = _ids(row)
        if own is not None:
            parents[own] = parent
        found = row.attributes or {}
        if (operation := _OPERATIONS.get((_word(found, "mlflow.spanType") or "").upper())) is not None:
            shared = shared or _shared(info)
            spans.append(Span(_call(row, found, shared, operation, (own, parent)), own, parent))
    return each_once(spans, parents) if spans else []


class _Shared(msgspec.Struct):
    """What all calls of a trace share."""

    trace: str | None
    conversation: str | None
    user: str | None
    name: str | None
    tags: dict[str, str] | None


def _shared(info: Info) -> _Shared:
    metadata, tags = info.trace_metadata or info.request_metadata or {}, opened(info.tags)
    named = tags if isinstance(tags, dict) else {}
    return _Shared(
        trace=info.trace_id or info.request_id,
        conversation=plain(metadata.get("mlflow.trace.session")),
        user=plain(metadata.get("mlflow.trace.user")),
        name=plain(named.get("mlflow.traceName")),
        tags=tags_of({name: value for name, value in named.items() if not str(name).startswith("mlflow.")}) or None,
    )


def _ids(row: RawSpan) -> tuple[str | None, str | None]:
    inner = row.context.span_id if row.context is not None else None
    return hex_id(row.span_id or inner), hex_id(row.parent_span_id or row.parent_id)


def _value(found: dict[str, msgspec.Raw], name: str) -> Any:
    """The value of an attribute; None where there is none."""
    return _opened(found[name]) if name in found else None


def _json(found: dict[str, msgspec.Raw], name: str) -> bytes:
    """The JSON of an attribute; of a text within a text, the inner one."""
    text = bytes(found.get(name, b""))
    if not text.startswith(_QUOTED):
        return text
    inner = str(decoded(text)).encode("utf-8", "replace")
    return inner if isinstance(decoded(inner), str) else text


def _opened(raw: msgspec.Raw | bytes) -> Any:
    """A value that is JSON in a text, or a text that is none."""
    value = decoded(raw)
    if not isinstance(value, str):
        return value
    inner = decoded(value)
    return value if inner is None else inner


def _word(found: dict[str, msgspec.Raw], name: str) -> str | None:
    """An attribute that is one of few words."""
    return _known_word(bytes(found[name])) if name in found else None


@lru_cache(maxsize=4096)
def _known_word(raw: bytes) -> str | None:
    return plain(_opened(raw))


def _call(
    row: RawSpan, found: dict[str, msgspec.Raw], shared: _Shared, operation: str, ids: tuple[str | None, str | None]
) -> Call:
    asked, messages = request_in(_json(found, "mlflow.spanInputs"))
    answered = kept_answer(_json(found, "mlflow.spanOutputs"))
    own, parent = ids
    trace = shared.trace or plain(_value(found, "mlflow.traceRequestId"))
    call = Call(
        call_id=f"{trace}:{own}" if own else None,
        provider=provider_named(_word(found, "mlflow.llm.provider")),
        model=_word(found, "mlflow.llm.model") or plain(answered.model) or _model(asked),
        requested_model=_model(asked),
        operation=operation,
        trace_id=trace,
        parent_id=f"{trace}:{parent}" if parent else None,
        reported_cost=_cost(_value(found, "mlflow.llm.cost")),
        conversation_id=shared.conversation,
        user=shared.user,
        route=shared.name if parent else None,
        tags=shared.tags,
    )
    start = nanoseconds(row.start_time_unix_nano if row.start_time_unix_nano is not None else row.start_time)
    end = nanoseconds(row.end_time_unix_nano if row.end_time_unix_nano is not None else row.end_time)
    call.started_at = start
    if start is not None and end is not None and end >= start:
        call.duration_ms = (end - start) / 1000
    usage = _value(found, "mlflow.chat.tokenUsage")
    if not isinstance(usage, dict):
        usage = answered.usage
    if isinstance(usage, dict) and (counts := counts_of(usage)) is not None:
        put(call, counts)
    _fill_outcome(call, row)
    kept_text.fill(call, asked, answered.value, messages, answered.said)
    if not call.tool_definitions and isinstance(tools := _value(found, "mlflow.chat.tools"), list):
        kept_text.fill_parameters(call, {"tools": tools})
        call.has_tools = call.tool_definitions > 0
    return call


def _cost(costs: Any) -> int | None:
    if not isinstance(costs, dict):
        return None
    parts = [trillionths(costs.get(name)) for name in ("input_cost", "output_cost")]
    said, added = trillionths(costs.get("total_cost")), sum(amount or 0 for amount in parts)
    return added if said is not None and None not in parts and abs(added - said) < _CLOSE else said


def _fill_outcome(call: Call, row: RawSpan) -> None:
    code = row.status.code if row.status is not None else row.status_code
    if str(code).upper() not in _FAILED:
        return
    call.status, call.billed = "error", bool(call.input_tokens or call.output_tokens)
    raised = [(event.attributes or {}).get("exception.type") for event in row.events or () if event.name == "exception"]
    call.error_type = next((plain(each) for each in raised if plain(each)), None) or "error"


def _model(body: Any) -> str | None:
    return plain(body.get("model")) if isinstance(body, dict) else None
