"""OpenTelemetry traces and log events: OTLP-JSON of any generation of gen_ai names, OpenInference, the Vercel AI SDK.

One record holds many spans, of which those are calls that asked a model; agents, chains, workflows and tools contain
calls and repeat their usage. Where a call is wrapped by another instrumentor's span for the same call, the inner one is
kept; two spans beside each other that name the same answer are copies by its id. Input tokens include what was cached,
as the conventions demand; where a span's own figures show that they do not, it is added.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from costsim.formats.otel import logs as otel_logs
from costsim.formats.otel import names
from costsim.formats.otel import stores as otel_stores
from costsim.formats.otel import text as otel_text
from costsim.formats.otel import usage as otel_usage
from costsim.formats.otel.one_span import OneSpan, is_export, is_single, spans_in
from costsim.formats.otel.twins import Told, without_twins
from costsim.formats.shared.attributes import TAGS, Attributes, tags_of, word_of
from costsim.formats.shared.cells import opened
from costsim.formats.shared.hosts import provider_at
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.spans import Span, each_once
from costsim.schema import Call

NAME = "otel"
ABOUT = (
    "OpenTelemetry: `resourceSpans` and `resourceLogs` (OTLP-JSON), single spans with gen_ai, OpenInference or ai.* "
    "attributes, also out of Jaeger, Zipkin, ClickHouse, CloudWatch, Application Insights or Phoenix"
)
NESTS = True
TOLD_TWICE = True

_DIALECTS = ("gen_ai", "llm", "ai", "openinference", "langfuse", "traceloop", "genkit", "logfire", "pydantic_ai")
_TEXTS = (
    ("requested_model", names.REQUESTED_MODEL), ("service_tier", names.TIER),
    ("finish_reason", names.FINISH), ("conversation_id", names.CONVERSATION), ("user", names.USER),
    ("route", names.ROUTE),
)  # fmt: skip
_LIMITS = names.MOST_OUTPUT + names.TEMPERATURE
_FIRST_TOKEN = names.FIRST_TOKEN_MS + names.FIRST_TOKEN_S
_PARAMETERS = "llm.invocation_parameters"
_ABOUT_REQUEST = (*names.STREAMED, *names.JSON_FORM, *names.JSON_SCHEMA, "ai.operationId", _PARAMETERS)
_ANSWERED = (*names.RESPONSE_ID, *names.INPUT, *names.OUTPUT, "response_data")
_FALSE = ("false", "False", "0")
_EXPORTS = (b'{"resourceSpans"', b'{"resource_spans"')
_OF_STORES = (
    b'"traceID"', b'"localEndpoint"', b'"SpanAttributes"', b'"attributes":{', b'"attributes": {', b'ustomDimensions"',
    b'"Properties"', b'"parentId"',
)  # fmt: skip
"""Names by which records of trace stores are told from those of OTLP, quickly."""


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is an export of spans, a single OTLP span, or a span whose attributes speak of models."""
    if is_export(record) or is_single(record) or otel_logs.claims(record) or otel_stores.claims(record):
        return True
    attributes = opened(record.get("attributes"))
    if not isinstance(attributes, dict) or not ("context" in record or "span_id" in record or "trace_id" in record):
        return False
    return any(name.partition(".")[0] in _DIALECTS for name in attributes)


def read(record: bytes) -> list[Call]:
    """Return the calls among the spans of a record, each once; of a store's record or of log events alike."""
    if record.startswith(_EXPORTS):  # as a rule
        return _calls(spans_in(record))
    if b'"resourceLogs"' in record:
        return _calls(otel_logs.spans_in(record))
    if b'"context.span_id"' in record or b'"parentSpanContext"' in record:
        return _calls(otel_stores.spans_in(record))
    calls = _calls(spans_in(record))
    if calls or not any(name in record for name in _OF_STORES):
        return calls
    return _calls(otel_stores.spans_in(record))


def _calls(spans: Iterable[OneSpan]) -> list[Call]:
    traces: dict[str | None, tuple[list[Span], dict[str, str | None]]] = {}
    told: dict[int, tuple[str, str | None]] = {}
    for span in spans:
        if not span.attributes.values:
            continue
        calls, parents = traces.setdefault(span.trace_id, ([], {}))
        if span.id is not None:
            parents[span.id] = span.parent
        if (operation := _operation(span.attributes)) and not _is_told_later(span):
            calls.append(Span(call := _call(span, operation), span.id, span.parent))
            told[id(call)] = span.scope, _process(span.resource)[0]
    once = [call for calls, parents in traces.values() if calls for call in each_once(calls, parents)]
    return once if len(once) < 2 else without_twins([Told(call, *told[id(call)]) for call in once])


def _operation(found: Attributes) -> str | None:
    """What a span asked of a model; None where it asked nothing itself."""
    if (own := found.text("ai.operationId", "operation.name")) is not None and own.startswith("ai."):
        return names.AI_SDK_OPERATIONS.get(own.partition(" ")[0].rpartition(".")[2].lower())
    if (kind := found.text(*names.KIND)) is not None:
        return names.OPERATIONS.get(kind.strip('"').lower())
    if (asked := found.text("gen_ai.operation.name", "llm.request.type")) is not None:
        return _billed(asked.lower(), found)
    if found.has_any(("traceloop.span.kind", "agent_name", "gen_ai.tool.name")):
        return None
    if found.text("genkit:metadata:subtype") == "model":
        return "chat"
    has_usage = found.has_any(names.INPUT) or found.has_any(("gcp.vertex.agent.llm_response", "llm.token.counts"))
    return "chat" if has_usage and (found.has_any(names.MODEL) or found.has_any(names.OWN_SERVER)) else None


def _is_told_later(span: OneSpan) -> bool:
    """Whether a span is Logfire's of a streamed request: a log of its own tells what came of it, when it has ended."""
    if span.failed or not span.scope.startswith("logfire"):
        return False
    return not span.attributes.has_any(_ANSWERED)


def _billed(asked: str, found: Attributes) -> str | None:
    if asked in names.OPERATIONS:
        return names.OPERATIONS[asked]
    return "chat" if not any(word in asked for word in names.CONTAINERS) and found.has_any(names.INPUT) else None


def _call(span: OneSpan, operation: str) -> Call:
    found = span.attributes
    call = Call(
        call_id=f"{span.trace_id}:{found.text(*names.RESPONSE_ID) or span.id}" if span.id else None,
        started_at=span.start,
        provider=_provider(found),
        model=_model(found),
        operation=operation,
        trace_id=span.trace_id,
        parent_id=f"{span.trace_id}:{span.parent}" if span.parent else None,
    )
    for field, there in found.present(_TEXTS):
        setattr(call, field, found.text(*there))
    if found.has_any(_LIMITS):
        call.max_output_tokens, call.temperature = found.count(*names.MOST_OUTPUT), found.number(*names.TEMPERATURE)
    _fill_times(call, span)
    otel_usage.fill(call, span)
    _fill_outcome(call, span)
    _fill_who(call, span)
    _fill_request(call, found)
    otel_text.fill(call, span)
    return call


def _model(found: Attributes) -> str | None:
    if (named := found.text(*names.MODEL)) is not None:
        return named.strip('"')  # MLflow's values are JSON
    named = found.text("genkit:name")
    return None if named is None else named.rpartition("/")[2]


def _provider(found: Attributes) -> str | None:
    named = provider_named((found.text(*names.PROVIDER) or "").strip('"') or None)
    at = provider_at(found.text(*names.ADDRESS))
    if at is not None and named in (None, "openai", "langchain"):
        return at  # a client of OpenAI's library that speaks to somebody else
    return named


def _fill_times(call: Call, span: OneSpan) -> None:
    if span.start is not None and span.end is not None and span.end >= span.start:
        call.duration_ms = (span.end - span.start) / 1000
    if not span.attributes.has_any(_FIRST_TOKEN):
        return
    call.time_to_first_token_ms = span.attributes.number(*names.FIRST_TOKEN_MS)
    if call.time_to_first_token_ms is None and (seconds := span.attributes.number(*names.FIRST_TOKEN_S)) is not None:
        call.time_to_first_token_ms = seconds * 1000


def _fill_outcome(call: Call, span: OneSpan) -> None:
    used = bool(call.input_tokens or call.output_tokens)
    kind = span.attributes.text("error.type")
    if not span.failed and (kind is None or used):
        return
    call.status, call.billed = "error", used
    raised = next((event.text("exception.type") for name, event in span.events if name == "exception"), None)
    call.error_type = kind or raised or "error"


@lru_cache(maxsize=64)
def _process(resource: Attributes) -> tuple[str | None, str | None]:
    """The service and the environment of the process that wrote a span; the processes of a log are few."""
    return resource.text("service.name"), resource.text(*names.ENVIRONMENT)


def _fill_who(call: Call, span: OneSpan) -> None:
    found = span.attributes
    service, environment = _process(span.resource)
    service = None if service is None or service.startswith("unknown_service") else service
    call.route = call.route or service
    tags: dict[str, str] = {}
    if found.has_any(names.TAGS):
        tags = tags_of(*(found.opened(name) or found.text(name) for name in names.TAGS if name in found.values))
    for prefix in (each for each in TAGS if each in found.apart) if found.apart else ():
        inner = {name: word_of(value) for name, value in found.below(prefix).items() if name not in names.NO_TAGS}
        tags.update((name, word) for name, word in inner.items() if word is not None)
    environment = environment or found.text(*names.ENVIRONMENT)
    for name, word in (("environment", environment), ("service", service if service != call.route else None)):
        if word:
            tags[name] = word
    call.tags = tags or None


class _Parameters(msgspec.Struct, gc=False):
    """What OpenInference keeps of a request as JSON in a text."""

    model: str | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None
    response_format: Any = None
    service_tier: str | None = None


def _fill_request(call: Call, found: Attributes) -> None:
    if not found.has_any(_ABOUT_REQUEST):  # as a rule
        return
    streamed = found.text(*names.STREAMED)
    if streamed is not None:
        call.streamed = streamed not in _FALSE
    elif (own := found.text("ai.operationId")) is not None:
        call.streamed = own.endswith("doStream")
    form = found.text(*names.JSON_FORM)
    if form is not None or found.has_any(names.JSON_SCHEMA):
        call.wants_json = "json" in (form or "json")
    if (given := found.opened(_PARAMETERS)) is not None:
        _fill_parameters(call, given)


def _fill_parameters(call: Call, given: Any) -> None:
    try:
        asked = msgspec.convert(given, _Parameters, strict=False)
    except msgspec.ValidationError:
        return
    call.requested_model = call.requested_model or asked.model
    most = asked.max_completion_tokens or asked.max_output_tokens or asked.max_tokens
    call.max_output_tokens = call.max_output_tokens or most
    call.temperature = call.temperature if call.temperature is not None else asked.temperature
    call.streamed = call.streamed if call.streamed is not None else asked.stream
    if isinstance(asked.response_format, dict):
        call.wants_json = str(asked.response_format.get("type")) in ("json_object", "json_schema")
