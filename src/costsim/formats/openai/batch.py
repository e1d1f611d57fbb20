"""OpenAI's Batch API, and those that copy it (Azure, Groq, Mistral, Together): its output, errors and input.

Nothing in an output line says what it costs: its body even says tier 'default', and the price is the batch's. An answer
may be of any API that batches call; the prompt stands in the input only, under the same `custom_id`. Shapes: OpenAI API
reference.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.openai import chat as openai_chat
from costsim.formats.openai import responses as openai_responses
from costsim.formats.shared import batch_lines
from costsim.formats.shared.envelope import NO_RAW, Scalar, word
from costsim.schema import Call

NAME = "openai-batch"
CHAINED = True
ABOUT = "OpenAI batches: output lines (`custom_id`, `response.body`), with the prompts of their input where it is there"


class Result(msgspec.Struct, gc=False):
    """The answer to one request."""

    status_code: Scalar = None
    body: msgspec.Raw = NO_RAW


class Error(msgspec.Struct, gc=False):
    """Why there is no answer."""

    code: Scalar = None


class Line(msgspec.Struct, gc=False):
    """One line of an output, of errors, or of an input."""

    id: str | None = None
    custom_id: Scalar = None
    response: Result | None = None
    error: Error | str | None = None
    body: msgspec.Raw = NO_RAW
    url: str | None = None


class Kind(msgspec.Struct, gc=False):
    """What tells of which API an answer is, and the model of a request."""

    object: str | None = None
    model: str | None = None


_line = TolerantDecoder(Line).decode
_kind = TolerantDecoder(Kind).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a line of a batch's output, errors or input."""
    if "result" in record or "params" in record:
        return False
    return batch_lines.is_result(record) or (batch_lines.is_request(record) and isinstance(record.get("body"), dict))


def read(record: bytes) -> list[Call]:
    """Return the call of an output line; a line of an input is none."""
    return _read(record, lambda _: None)


def joined_reader(requests: Callable[[str], bytes | None]) -> Callable[[bytes], list[Call]]:
    """Return a function like `read` for an output whose input is at hand: a line of it by its `custom_id`."""
    return lambda record: _read(record, requests)


def custom_id(record: bytes) -> str | None:
    """Return the `custom_id` of a line of an input; None for any other line."""
    line = _line(record)
    return word(line.custom_id) if line.response is None and line.body is not NO_RAW and line.url else None


def _read(record: bytes, requests: Callable[[str], bytes | None]) -> list[Call]:
    line = _line(record)
    if line.response is None and line.error is None:
        return []
    name = word(line.custom_id)
    sent = requests(name) if name is not None else None
    request = _line(sent).body if sent is not None else NO_RAW
    if line.response is None or len(memoryview(line.response.body)) <= 2:
        return [_unanswered(line, request)]
    calls = _answered(line.response, request)
    for call in calls:
        call.service_tier = "batch"
        call.call_id = call.call_id or line.id
    return calls


def _answered(result: Result, request: msgspec.Raw) -> list[Call]:
    """The call as the API's own format reads it from an exchange."""
    body = bytes(result.body)
    status = msgspec.json.encode(result.status_code)
    asked = b'"request":' + bytes(request) + b"," if request is not NO_RAW else b""
    exchange = b"{" + asked + b'"response":{"status_code":' + status + b',"body":' + body + b"}}"
    is_response = body[:1] == b"{" and (_kind(body).object or "").startswith("response")
    return openai_responses.read(exchange) if is_response else openai_chat.read(exchange)


def _unanswered(line: Line, request: msgspec.Raw) -> Call:
    """A request that was never answered: the batch expired, or was cancelled before its turn."""
    asked = _kind(bytes(request)).model if bytes(request)[:1] == b"{" else None
    code = line.error.code if isinstance(line.error, Error) else line.error
    return Call(
        call_id=line.id,
        model=asked,
        requested_model=asked,
        service_tier="batch",
        status="error",
        error_type=word(code) or "error",
        billed=False,
    )
