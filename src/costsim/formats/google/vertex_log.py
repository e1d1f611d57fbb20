"""Vertex AI's request-response logging: the rows of its BigQuery table, for Gemini and Anthropic's models on Vertex.

A row holds both bodies: as objects, as JSON text, or, in the older table, as lists of JSON texts. Where the logging
took only a sample of the requests and the row says which share, that becomes the tag `sampling_rate`: costs are those
of the rows that were logged, and a report says so. Columns: Vertex AI documentation, 'Request-response logging'.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.formats.google import gemini
from costsim.formats.shared import interfaces
from costsim.formats.shared.attributes import Json
from costsim.formats.shared.envelope import NO_RAW, Scalar, word
from costsim.formats.shared.numbers import real
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "vertex-log"
ABOUT = "Vertex AI request-response logging, rows of its BigQuery table: `full_request`, `full_response`, `endpoint`"

_BODIES = ({"full_request", "full_response"}, {"request_payload", "response_payload"})
_IN_CAMELS = b'"usageMetadata"'
_BESIDE = frozenset({"logging_time", "endpoint", "deployed_model_id", "api_method"})


class Metadata(msgspec.Struct, gc=False):
    """What the logging measured."""

    request_latency: Scalar = None
    sampling_rate: Scalar = None


class Row(msgspec.Struct, gc=False):
    """One row of the table."""

    endpoint: str | None = None
    logging_time: Scalar = None
    request_id: Scalar = None
    api_method: str | None = None
    model: str | None = None
    model_version: Scalar = None
    full_request: msgspec.Raw = NO_RAW
    full_response: msgspec.Raw = NO_RAW
    request_payload: list[str] | str | None = None
    response_payload: list[str] | str | None = None
    metadata: Metadata | str | None = None
    sampling_rate: Scalar = None


_row = TolerantDecoder(Row).decode
_metadata = TolerantDecoder(Metadata).decode
_text = msgspec.json.Decoder(str).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row with a request and a response beside the columns of the table."""
    return any(bodies <= record.keys() for bodies in _BODIES) and not _BESIDE.isdisjoint(record)


def read(record: bytes) -> list[Call]:
    """Return the call that a row tells of; none where its answer is of no kind that is known."""
    row = _row(record)
    request = _object(row.full_request) or _first(row.request_payload)
    response = _object(row.full_response) or _all(row.response_payload)
    exchange = b'{"request":' + (request or b"null") + b',"response":' + (response or b"null") + b"}"
    endpoint = f"{row.endpoint or ''}/{row.model or ''}"
    anthropic = "anthropic" in endpoint or "claude" in endpoint
    if anthropic:
        calls = anthropic_messages.read(exchange)
    else:  # the bodies of the older table are in camel case
        calls = gemini.read(exchange) if _IN_CAMELS in exchange else gemini.read_snake_case(exchange)
    for call in calls:
        _fill(call, row)
    return calls


def _object(raw: Json) -> bytes:
    """A column of JSON, which some exports write as text; b'' where it is empty."""
    value = bytes(raw)
    if value[:1] == b"{":  # as a rule, and as valid as the row
        return value
    return _valid(_text(value).encode("utf-8", "replace") if value[:1] == b'"' else value)


def _valid(value: bytes) -> bytes:
    try:
        msgspec.json.decode(value, type=msgspec.Raw)
    except msgspec.DecodeError:
        return b""
    return b"" if value == b"null" else value


def _first(payload: list[str] | str | None) -> bytes:
    texts = [payload] if isinstance(payload, str) else payload or []
    return _valid(texts[0].encode("utf-8", "replace")) if texts else b""


def _all(payload: list[str] | str | None) -> bytes:
    """The older table's payloads: the response, or one chunk of the stream each."""
    texts = [payload] if isinstance(payload, str) else payload or []
    chunks = [chunk for text in texts if (chunk := _valid(text.encode("utf-8", "replace")))]
    return chunks[0] if len(chunks) == 1 else b"[" + b",".join(chunks) + b"]" if chunks else b""


def _opened(metadata: Metadata | str | None) -> Metadata | None:
    if not isinstance(metadata, str):
        return metadata
    try:
        return _metadata(metadata.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        return None


def _fill(call: Call, row: Row) -> None:
    metadata = _opened(row.metadata)
    named = interfaces.last_part(row.endpoint or "", "/models/") or (row.model or "").rpartition("/")[2] or None
    version = word(row.model_version)
    call.provider = "vertex_ai"
    call.requested_model = call.requested_model or named
    call.model = call.model or (f"{named}-{version}" if named and version and version.isdecimal() else named)
    call.region = call.region or interfaces.last_part(row.endpoint or "", "/locations/")
    call.call_id = call.call_id or word(row.request_id)
    call.started_at = microseconds(row.logging_time) or call.started_at
    if metadata is not None:
        call.duration_ms = real(metadata.request_latency)
    call.streamed = "stream" in row.api_method.lower() if row.api_method else call.streamed
    rate = word(row.sampling_rate) or (word(metadata.sampling_rate) if metadata is not None else None)
    if rate is not None and real(rate) != 1:
        call.tags = {**(call.tags or {}), "sampling_rate": rate}
