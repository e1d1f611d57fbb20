"""Anthropic's Message Batches: their results, and the requests that they were made of.

Only what succeeded is billed, at the batch's price. The prompt stands in the request only, under the same `custom_id`.
Shapes: Anthropic API reference.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.formats.shared import batch_lines
from costsim.formats.shared.envelope import NO_RAW, Scalar, word
from costsim.schema import Call

NAME = "anthropic-batch"
ABOUT = (
    "Anthropic batches: results (`custom_id`, `result.type`), with the prompts of their requests where these are there"
)

_TYPES = frozenset({"succeeded", "errored", "canceled", "expired"})


class Error(msgspec.Struct, gc=False):
    """Why a request failed; an answer's error is wrapped in another."""

    type: str | None = None
    error: "Error | None" = None


class Result(msgspec.Struct, gc=False):
    """What became of one request."""

    type: str | None = None
    message: msgspec.Raw = NO_RAW
    error: Error | None = None


class Line(msgspec.Struct, gc=False):
    """One line of results, or one request."""

    custom_id: Scalar = None
    result: Result | None = None
    params: msgspec.Raw = NO_RAW


class Params(msgspec.Struct, gc=False):
    """What is told of a request that was not answered."""

    model: str | None = None


_line = TolerantDecoder(Line).decode
_params = TolerantDecoder(Params).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a line of a batch's results, or one of its requests."""
    result = record.get("result")
    if isinstance(result, dict):
        return batch_lines.is_result(record) and str(result.get("type")) in _TYPES
    return batch_lines.is_request(record) and isinstance(record.get("params"), dict)


def read(record: bytes) -> list[Call]:
    """Return the calls of a line of results; a request is none."""
    return _read(record, lambda _: None)


def joined_reader(requests: Callable[[str], bytes | None]) -> Callable[[bytes], list[Call]]:
    """Return a function like `read` for results whose requests are at hand: one of them by its `custom_id`."""
    return lambda record: _read(record, requests)


def custom_id(record: bytes) -> str | None:
    """Return the `custom_id` of a request; None for any other line."""
    line = _line(record)
    return word(line.custom_id) if line.result is None and line.params is not NO_RAW else None


def _read(record: bytes, requests: Callable[[str], bytes | None]) -> list[Call]:
    line = _line(record)
    if line.result is None or line.result.type not in _TYPES:
        return []
    name = word(line.custom_id)
    sent = requests(name) if name is not None else None
    params = _line(sent).params if sent is not None else NO_RAW
    if line.result.type != "succeeded" or line.result.message is NO_RAW:
        return [_unanswered(line.result, params)]
    asked = b'"request":' + bytes(params) + b"," if params is not NO_RAW else b""
    calls = anthropic_messages.read(b"{" + asked + b'"response":' + bytes(line.result.message) + b"}")
    for call in calls:
        call.service_tier = "batch"
    return calls


def _unanswered(result: Result, params: msgspec.Raw) -> Call:
    asked = _params(bytes(params)).model if bytes(params)[:1] == b"{" else None
    error = result.error.error or result.error if result.error is not None else None
    kind = error.type if error is not None and error.type else result.type
    return Call(
        model=asked, requested_model=asked, service_tier="batch", status="error", error_type=kind, billed=False
    )  # fmt: skip
