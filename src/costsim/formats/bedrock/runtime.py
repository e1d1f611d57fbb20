"""Bedrock's runtime: Converse and InvokeModel, as loggers of HTTP exchanges, boto3 and batch jobs write them.

What a body does not count stands in headers, or at the end of a stream. The model is named in the address, maybe by an
ARN. Shapes: Amazon Bedrock API reference, boto3.
"""

from typing import Any
from urllib.parse import unquote

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.bedrock import guardrails as bedrock_guardrails
from costsim.formats.bedrock import stream as bedrock_stream
from costsim.formats.bedrock import usage as bedrock_usage
from costsim.formats.bedrock.rows import Counts, Event, Request, Response
from costsim.formats.bedrock.text import answer, finish_reason, messages
from costsim.formats.shared import envelope, event_stream, exchange, interfaces
from costsim.formats.shared.envelope import NO_RAW, Envelope, Scalar, word
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = interfaces.BEDROCK
ABOUT = (
    "Amazon Bedrock, Converse and InvokeModel: pairs by their address, `stopReason` and `usage.inputTokens`, batches"
)

_STREAMS = ("converse-stream", "invoke-with-response-stream")


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | str | None = None
    url: str | None = None


class LoggedResponse(Response):
    """A response as loggers of HTTP exchanges write it: its body apart; or the events of a stream."""

    body: Response | str | None = None
    body_raw: str | None = None
    status_code: int | None = None
    headers: dict[str, Any] | None = None
    stream: list[Event | str] | None = None


class Line(Envelope):
    """One line of a log."""

    request: LoggedRequest | str | None = None
    request_body: Request | str | None = None
    response: list[Event | str] | LoggedResponse | str | None = None
    response_body: list[Event | str] | Response | str | None = None
    response_text: str | None = None
    body: Response | None = None
    batch_input: Request | None = msgspec.field(default=None, name="modelInput")
    batch_output: Response | None = msgspec.field(default=None, name="modelOutput")
    record_id: Scalar = msgspec.field(default=None, name="recordId")
    model_id: str | None = msgspec.field(default=None, name="modelId")
    error: msgspec.Raw = NO_RAW


_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_response = TolerantDecoder(Response).decode
_event = TolerantDecoder(Event).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record went to Bedrock's runtime, or holds an answer of Converse, or is a line of a batch."""
    if exchange.is_platform_row(record):
        return False
    if "modelInput" in record and ("modelOutput" in record or "error" in record):
        return True
    url = interfaces.address(record)
    if (interface := interfaces.interface_at(url)) is not None:
        return interface == NAME
    if "bedrock-runtime." in url:
        return True
    events = record.get("response")
    if isinstance(events, list) and any(isinstance(each, dict) and "messageStart" in each for each in events):
        return True
    if record.keys() & {"messageStart", "contentBlockDelta", "messageStop"} or _states_usage(record):
        return True  # an event in a line of its own
    if any(_is_of_boto(each) for each in (record.get("response"), record)):
        return True
    if '"messageStart"' in exchange.answer_text(record):
        return True
    return any(_is_answer(each) for each in exchange.answers(record))


def _states_usage(record: dict[str, Any]) -> bool:
    """Whether it is the last event of Converse's streams."""
    told = record.get("metadata")
    usage = told.get("usage") if isinstance(told, dict) and len(record) == 1 else None
    return isinstance(usage, dict) and "inputTokens" in usage


def _is_of_boto(part: Any) -> bool:
    """Whether boto3 kept an answer with the counts in its headers, or an error of Bedrock's runtime."""
    kept = part.get("ResponseMetadata") if isinstance(part, dict) else None
    if not isinstance(kept, dict):
        return False
    headers = kept.get("HTTPHeaders")
    told = headers if isinstance(headers, dict) else {}
    return bedrock_usage.tell(told) or ("Error" in part and any(name.startswith("x-amzn-") for name in told))


def _is_answer(part: dict[str, Any]) -> bool:
    usage = part.get("usage")
    counted = isinstance(usage, dict) and "inputTokens" in usage
    return counted and ("stopReason" in part or isinstance(part.get("output"), dict) or "ResponseMetadata" in part)


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where it went to something else than a model."""
    line = _line(record)
    url = _url(line)
    if url and interfaces.interface_at(url) != NAME:
        return []
    request, response = _exchange(line, record)
    failure = envelope.failed(line) or exchange.refusal(line.response)
    kept = response.kept or getattr(line.response, "kept", None)
    if kept is not None and (kept.status or 0) >= 400:
        refused = getattr(line.response, "refused", None) or response.refused
        failure = failure or (refused.code if refused is not None else None) or str(kept.status)
    if line.batch_input is not None and line.batch_output is None:
        failure = failure or "error"
    headers = line.response_headers or getattr(line.response, "headers", None)
    headers = headers or (kept.headers if kept is not None else None) or {}
    if not (url or failure or is_answered(response) or bedrock_usage.tell(headers)):
        return []
    response.kept = kept
    return [_call(line, url, request, response, headers, failure)]


def _url(line: Line) -> str:
    inner = line.request.url if isinstance(line.request, LoggedRequest) else None
    return line.uri or line.url or inner or ""


def _exchange(line: Line, record: bytes) -> tuple[Request, Response]:
    if line.batch_input is not None:
        return line.batch_input, line.batch_output or Response()
    parts = (line.request, line.response, line.body, line.response_body, line.response_text)
    if all(part is None for part in parts):
        return _request(record), _response(record)
    request = exchange.body(line.request, _request) or exchange.body(line.request_body, _request)
    return exchange.body(request, _request) or Request(), _answer(line)


def _answer(line: Line) -> Response:
    inner = line.response if line.response is not None else line.response_body
    stream = getattr(inner, "stream", None)
    if isinstance(found := inner if isinstance(inner, list) else stream, list):
        return bedrock_stream.joined([each for each in found if isinstance(each, Event)])
    for text in (line.response_text, inner, getattr(inner, "body", None), getattr(inner, "body_raw", None)):
        if isinstance(text, str) and event_stream.looks_like_events(text):
            return bedrock_stream.joined(_events(text))
    whole = exchange.body(exchange.body(inner, _response), _response)
    return whole or line.body or Response()


def _events(text: str) -> list[Event]:
    return list(event_stream.decoded(event_stream.payloads(text), _event))


def is_answered(response: Response) -> bool:
    """Whether a response holds anything that a model made, or counts of it."""
    made = (response.output, response.content, response.completion, response.generation, response.results)
    more = (response.usage, response.counts, response.generations, response.completions, response.outputs)
    raw = any(each is not NO_RAW for each in (response.embedding, response.embeddings, response.images))
    return raw or any(each is not None for each in (*made, *more)) or response.choices is not None


def _call(
    line: Line, url: str, request: Request, response: Response, headers: dict[str, Any], failure: str | None
) -> Call:
    call = call_of(
        _model(url) or request.model_id or line.model_id, request, response, bedrock_usage.in_headers(headers)
    )
    measured, made_of = call.duration_ms, call.tags
    envelope.fill(call, line, request.metadata)
    call.duration_ms, call.tags = call.duration_ms or measured, call.tags or made_of
    if call.started_at is None and (sent := headers.get("date")) is not None:  # boto3 keeps the headers with the answer
        call.started_at = microseconds(sent)
    call.provider, call.region = "bedrock", line.region or _region(url)
    call.streamed = url.endswith(_STREAMS) if url else None
    kept = response.kept.request_id if response.kept is not None else None
    if response.kept is not None and response.kept.retries is not None:
        call.attempt = response.kept.retries + 1
    elif (of_sdk := response.kept_by_sdk) is not None:
        kept, call.attempt = of_sdk.request_id, of_sdk.attempts
    named = next((value for name, value in headers.items() if name.lower() == "x-amzn-requestid"), None)
    call.call_id = word(named) or kept or response.id or word(line.request_id) or word(line.record_id)
    if line.batch_input is not None:
        call.service_tier = "batch"
    if failure:
        kind = next((value for name, value in headers.items() if name.lower() == "x-amzn-errortype"), None)
        call.status = "error"
        call.error_type = str(kind).partition(":")[0] if kind else failure
        call.billed = call.tokens_basis is not None
    return call


def call_of(model: str | None, request: Request, response: Response, counted: Counts | None) -> Call:
    """Return the call of a request and its response on a model that is named by an id or an ARN."""
    inference = request.inference or request.generation
    call = Call(
        call_id=response.id,
        provider="bedrock",
        model=_served(model, response.model),
        requested_model=model,
        max_output_tokens=request.max_tokens or request.max_gen_len or request.max_tokens_to_sample,
        temperature=request.temperature,
        finish_reason=finish_reason(response),
    )
    if inference is not None:
        call.max_output_tokens = inference.max_tokens or inference.max_token_count or call.max_output_tokens
        call.temperature = inference.temperature if inference.temperature is not None else call.temperature
    if response.embedding is not NO_RAW or response.embeddings is not NO_RAW or "embed" in (model or ""):
        call.operation = "embedding"
    elif response.images is not NO_RAW:
        call.operation = "image"
    elif "rerank" in (model or ""):  # billed by the query over up to 100 documents
        call.operation, call.fees = "rerank", {"request": max(1, -(-len(request.documents or ()) // 100))}
    if response.metrics is not None:
        call.duration_ms = response.metrics.latency_ms
    _fill_tier(call, response)
    tools = request.tool_config.tools if request.tool_config is not None else request.tools
    size = len(memoryview(tools))
    call.tool_definitions = size if size > 4 else 0
    call.has_tools = call.tool_definitions > 0
    bedrock_usage.fill(call, response, counted)
    call.fees = bedrock_guardrails.units_in(response.trace, response.own_trace) or call.fees
    if call.operation != "rerank":
        call.messages = messages(request, call)
        call.answer = answer(response, call)
    return call


def _served(model: str | None, said: str | None) -> str | None:
    """The model to price: what was asked for tells more than the answer does, unless it is a profile of one's own."""
    opaque = model is None or ":application-inference-profile/" in model
    return said or model if opaque else model


def _fill_tier(call: Call, response: Response) -> None:
    if response.performance is not None and response.performance.latency == "optimized":
        call.service_tier = "latency_optimized"
    elif response.tier is not None:
        call.service_tier = response.tier.type


def _model(url: str) -> str | None:
    """The model's id or ARN in an address: all between `/model/` and the action, slashes of an ARN included."""
    _, found, rest = url.partition("?")[0].partition("/model/")
    return unquote(rest.rpartition("/")[0]) or None if found else None


def _region(url: str) -> str | None:
    """The region in a host such as bedrock-runtime.us-east-1.amazonaws.com."""
    _, found, rest = url.partition("bedrock-runtime.")
    region = rest.partition(".")[0]
    return region if found and "-" in region else None
