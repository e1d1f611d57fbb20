"""Bedrock's model invocation log, as it lies in S3 or CloudWatch, bare or wrapped by whatever exported it.

Bedrock counts fresh input apart from cache reads and writes. Bodies may be missing, or lie elsewhere in S3; of a stream
the body is a list of its events. A request that a guardrail blocked has no counts: it used no tokens,
but what the guardrail looked at is billed. Fields: Amazon Bedrock user guide, 'Model invocation logging'.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.bedrock import runtime as bedrock
from costsim.formats.bedrock import stream as bedrock_stream
from costsim.formats.bedrock.rows import Counts, Event, Request, Response
from costsim.formats.shared import envelope
from costsim.formats.shared.envelope import NO_RAW, Scalar
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "bedrock-log"
ABOUT = "Amazon Bedrock's model invocation log (`schemaType: ModelInvocationLog`), bare or as CloudWatch exports it"

_KIND = "ModelInvocationLog"
_MESSAGES = ("message", "@message", "Message")
_LISTS = ("logEvents", "events", "results", "Records")


class Side(Counts, rename="camel"):
    """The input or the output of a call: its counts, and its body where that is delivered."""

    input_body: Request | None = msgspec.field(default=None, name="inputBodyJson")
    output_body: list[Event | str] | Response | None = msgspec.field(default=None, name="outputBodyJson")


class Identity(msgspec.Struct, gc=False):
    """Who called."""

    arn: str | None = None


class Entry(msgspec.Struct, gc=False, rename="camel"):
    """One entry of the log, or what an export wrapped around entries."""

    timestamp: Scalar = None
    account_id: Scalar = None
    identity: Identity | None = None
    region: str | None = None
    inference_region: str | None = None
    request_id: str | None = None
    operation: str | None = None
    model_id: str | None = None
    request_metadata: msgspec.Raw = NO_RAW
    error_code: Scalar = None
    service_tier: Scalar = None
    input: Side | None = None
    output: Side | None = None
    message: msgspec.Raw = NO_RAW
    insights_message: msgspec.Raw = msgspec.field(default=NO_RAW, name="@message")
    listed_message: msgspec.Raw = msgspec.field(default=NO_RAW, name="Message")
    log_events: msgspec.Raw = NO_RAW
    events: msgspec.Raw = NO_RAW
    results: msgspec.Raw = NO_RAW
    records: msgspec.Raw = msgspec.field(default=NO_RAW, name="Records")
    field: str | None = None
    value: msgspec.Raw = NO_RAW


_entry = TolerantDecoder(Entry).decode
_text = msgspec.json.Decoder(str).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is an entry of the log, or an export's wrapper around some."""
    if record.get("schemaType") == _KIND or {"modelId", "requestId", "operation", "input"} <= record.keys():
        return True
    if any(_tells(record.get(name)) for name in _MESSAGES):
        return True
    inside = next((record[name] for name in _LISTS if isinstance(record.get(name), list) and record[name]), None)
    first = inside[0] if inside else None
    if isinstance(first, list):  # a row of a query: a list of its columns
        return any(isinstance(each, dict) and _tells(each.get("value")) for each in first)
    return isinstance(first, dict) and claims(first)


def _tells(message: Any) -> bool:
    return (isinstance(message, str) and _KIND in message) or (
        isinstance(message, dict) and message.get("schemaType") == _KIND
    )


def read(record: bytes) -> list[Call]:
    """Return the calls of one entry, or of all that an export put into one record."""
    return [_call(entry) for entry in _entries(_entry(record)) if entry.model_id is not None]


def _entries(entry: Entry) -> Iterator[Entry]:
    if entry.model_id is not None:
        yield entry
        return
    value = entry.value if entry.field == "@message" else NO_RAW
    for raw in (entry.message, entry.insights_message, entry.listed_message, value):
        if (inner := _unpacked(raw)).startswith(b"{"):
            yield from _within(inner)
    for raw in (entry.log_events, entry.events, entry.results, entry.records):
        if bytes(raw)[:1] == b"[":
            for each in _list(raw):
                yield from _within(bytes(each))


def _within(value: bytes) -> Iterator[Entry]:
    """The entries of a part of a wrapper: an object, or a list of the columns of a query's row."""
    if value[:1] == b"[":
        for each in _list(value):
            yield from _within(bytes(each))
    elif value[:1] == b"{":
        try:
            entry = _entry(value)
        except msgspec.DecodeError:
            return  # a message that was cut off, or another service's
        yield from _entries(entry)


def _unpacked(raw: msgspec.Raw) -> bytes:
    value = bytes(raw)
    return _text(value).strip().encode("utf-8", "replace") if value[:1] == b'"' else value


def _call(entry: Entry) -> Call:
    said, made = entry.input or Side(), entry.output or Side()
    body = made.output_body
    if isinstance(body, list):
        response = bedrock_stream.joined([each for each in body if isinstance(each, Event)])
    else:
        response = body or Response()
    call = bedrock.call_of(entry.model_id, said.input_body or Request(), response, _counts(said, made))
    call.call_id = entry.request_id or call.call_id
    call.started_at = microseconds(entry.timestamp)
    call.region = entry.region
    call.streamed = "Stream" in entry.operation if entry.operation else None
    call.user = _who(entry.identity.arn) if entry.identity is not None and entry.identity.arn else None
    call.service_tier = envelope.word(entry.service_tier) or call.service_tier
    _fill_tags(call, entry)
    if entry.error_code is not None:
        call.status, call.error_type = "error", str(entry.error_code)
        call.billed = bool(call.input_tokens or call.output_tokens)
    elif call.finish_reason == "guardrail_intervened" and call.tokens_basis is None:
        call.input_tokens = call.output_tokens = 0  # the model was never asked
        call.tokens_basis = "logged"
    return call


def _counts(said: Side, made: Side) -> Counts | None:
    read, written = said.cache_read_input_token_count, said.cache_write_input_token_count
    if said.input_token_count is None and made.output_token_count is None and read is None and written is None:
        return None
    return Counts(said.input_token_count, made.output_token_count, read, written)


def _who(arn: str) -> str:
    """The user or the role of an ARN; the name of a role's session is another for every machine."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    return name.partition("/")[0] if kind == "assumed-role" else name or kind


def _fill_tags(call: Call, entry: Entry) -> None:
    tags = {}
    if len(memoryview(entry.request_metadata)) > 4:
        tags = envelope.flat_tags(msgspec.json.decode(entry.request_metadata))
    if (account := envelope.word(entry.account_id)) is not None:
        tags["account"] = account
    if (
        entry.inference_region and entry.inference_region != entry.region
    ):  # the price is that of the region which was asked
        tags["inference_region"] = entry.inference_region
    call.tags = tags or None
