"""What logging systems put around a record: CloudWatch, Cloud Logging, Elastic, Docker, Kinesis, queues, and the like.

The record stands under one of a few names, as an object, as JSON in a text, or in base64; or several do in a list. What
the wrapper knows of the call (when, who, which route) goes with the record, where that does not say so itself.
"""

import re
import zlib
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterator
from gzip import BadGzipFile, decompress
from typing import Any

import msgspec

from costsim.formats.shared.envelope import Envelope
from costsim.formats.wrapped.names import in_order, names_in
from costsim.formats.wrapped.rearranged import ANSWERED

_HOLDERS = in_order(
    "jsonPayload", "_source", "detail", "payload", "data", "event", "record", "fields", "attributes", "entry",
    "message", "msg", "log", "extra", "trace", "value", "body", "line", "textPayload", "@message", "_raw", "raw",
    "Data", "kinesis", "json", "Message", "awslogs", "content", "result", "object", "llm", "llm_call", "call", "hits",
    "standard_logging_object", "standard_logging_payload",
    "actor", "account", "nrql", "customDimensions", "custom_dimensions", "properties", "Properties", "Item", "S",
    "Body",
)  # fmt: skip
_LISTS = in_order(
    "Records", "records", "logEvents", "hits", "streams", "values", "entries", "events", "items", "results", "result",
    "batch", "runs", "calls", "traces", "logs", "rows", "spans", "generations", "requests", "documents",
    "data",
)  # fmt: skip
_TIMES = (
    "timestamp", "@timestamp", "time", "ts", "eventTime", "datetime", "date", "_time", "created_at", "at",
    "approximateArrivalTimestamp", "logged_at",
)  # fmt: skip
_TOLD = frozenset(
    {
        "route", "workflow", "feature", "user", "user_id", "team", "environment", "session_id", "conversation_id",
        "thread_id", "trace_id", "duration_ms", "latency_ms", "ttft_ms",
    }
)  # fmt: skip
_TIMED = frozenset({each.encode_name for each in msgspec.structs.fields(Envelope)}.intersection(_TIMES)) | {
    "startTime", "start_time", "started_at", "request_created_at", "created",
}  # fmt: skip
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_MOST_WITHIN = 1000
_MAY_HOLD = frozenset({*_HOLDERS, *_LISTS, *ANSWERED, "tables"})
_OPENS = (b"{", b"[", b'"')
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def may_wrap(record: bytes) -> bool:
    """Whether a record has a name under which another, or a response, may stand; quick, for many lines are no calls."""
    try:
        fields = _fields(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return any(bytes(memoryview(fields[name])[:1]) in _OPENS for name in _MAY_HOLD & fields.keys())


def held(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what stands under each of the names that wrappers use; nothing where a record holds no objects."""
    for name in names_in(record, _HOLDERS):
        if (inner := _opened(record[name])) is not None:
            yield _with_context(inner, record)


def listed(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each of the records that a wrapper has in a list."""
    yield from _tabled(record.get("tables"))
    for name in names_in(record, _LISTS):
        items = record[name]
        for item in items[:_MOST_WITHIN] if isinstance(items, list) else ():
            moment, text = item if isinstance(item, list) and len(item) == 2 else (None, item)  # Loki's pairs
            if (inner := _opened(text)) is not None:
                yield _with_context(inner, {**record, "timestamp": moment} if moment is not None else record)


def _tabled(tables: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows of Log Analytics' query API as objects: it writes lists of values beside the columns' names."""
    for table in tables if isinstance(tables, list) else ():
        columns, rows = (table.get("columns"), table.get("rows")) if isinstance(table, dict) else (None, None)
        if not isinstance(columns, list) or not isinstance(rows, list):
            continue
        names = [str(each.get("name")) if isinstance(each, dict) else "" for each in columns]
        yield from (dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list))


def _opened(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    start = text.find("{", 0, 200)  # a logger's own words may stand before it
    if start >= 0 and text.endswith("}"):
        return _object(text[start:].encode("utf-8", "replace"))
    return _object(_unpacked(text)) if _BASE64.fullmatch(text) else None


def _unpacked(text: str) -> bytes:
    try:
        packed = b64decode(text, validate=True)
        return decompress(packed) if packed.startswith(b"\x1f\x8b") else packed
    except (NoBase64, ValueError, BadGzipFile, zlib.error, EOFError):
        return b""


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _with_context(inner: dict[str, Any], outer: dict[str, Any]) -> dict[str, Any]:
    known = {name: outer[name] for name in _TOLD & outer.keys() if not isinstance(outer[name], dict | list)}
    moment = next((outer[name] for name in _TIMES if isinstance(outer.get(name), str | int | float)), None)
    if moment is not None and _TIMED.isdisjoint(inner):
        known["timestamp"] = moment
    return {**known, **inner}
