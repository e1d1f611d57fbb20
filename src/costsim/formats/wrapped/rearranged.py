"""Exchanges that were logged under other names than `request` and `response`, or in other layers, in the usual form.

The usual form is what every format of a provider's API reads: `request` and `response` with the bodies, `response_text`
with a recorded stream, `uri`, `status`, and the fields of `Envelope`. Here belong HAR files, cassettes of HTTP
recorders, middleware that logs `requestBody` and `responseBody`, bodies as JSON in a text, and streams as lists of
their chunks.
"""

from typing import Any

import msgspec

from costsim.formats.shared import event_stream, exchange
from costsim.formats.wrapped import printed
from costsim.formats.wrapped.names import in_order, names_in

_ASKED = in_order(
    "request", "request_body", "requestBody", "req", "requestPayload", "request_payload", "request_data", "requestData",
    "llm_request", "input", "inputs", "params", "kwargs", "Request", "RequestBody", "prompt_request", "api_request",
)  # fmt: skip
ANSWERED = in_order(
    "response", "response_body", "responseBody", "res", "resp", "responsePayload", "response_payload", "response_data",
    "responseData", "llm_response", "output", "outputs", "completion", "chunks", "response_chunks", "stream", "events",
    "stream_events", "Response", "ResponseBody", "raw_response", "api_response", "result", "reply", "response_text",
)  # fmt: skip
"""Under which of these names a response stands."""
_LAYERS = ("body", "body_raw", "postData", "content", "string", "json", "payload", "data", "text", "raw")
_ADDRESSES = ("uri", "url", "request_url", "requestUrl", "endpoint", "path")
_MOST_LAYERS = 4
_CODES = ("status", "status_code", "statusCode", "code")


def usual(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return an exchange in the usual form; None where the record is none, or has that form already."""
    if exchange.is_platform_row(record):
        return None
    answered = next((name for name in names_in(record, ANSWERED) if isinstance(record[name], dict | list | str)), None)
    if answered is None:
        return None
    asked = next((name for name in names_in(record, _ASKED) if isinstance(record[name], dict | str)), None)
    found = {name: value for name, value in record.items() if name not in (asked, answered)}
    request, response = record.get(asked) if asked else None, record[answered]
    _add_surroundings(found, request, response)
    body = _body(request)
    if isinstance(body, dict):
        found["request"] = body
    _add_answer(found, _body(response))
    return found if _is_new(found, record) else None


def _is_new(found: dict[str, Any], record: dict[str, Any]) -> bool:
    if not found.keys() & {"response", "response_text"}:
        return False
    return any(found.get(name) != record.get(name) for name in ("request", "response", "response_text"))


def _add_answer(found: dict[str, Any], body: Any) -> None:
    if isinstance(body, dict):
        found["response"] = body
    elif isinstance(body, str):
        found["response_text"] = body
    elif isinstance(body, list) and not _OF_CHUNKS.isdisjoint(body[0]):
        found["response_text"] = event_stream.as_events(body)


def _body(part: Any, depth: int = 0) -> Any:
    """The body of a request or response: an object, a stream's text, or its chunks; None where there is none."""
    if isinstance(part, str):
        return _from_text(part)
    if isinstance(part, list):
        chunks = [
            chunk for each in part if isinstance(chunk := _from_text(each) if isinstance(each, str) else each, dict)
        ]
        return chunks or None
    if not isinstance(part, dict) or depth >= _MOST_LAYERS:
        return None
    for name in _LAYERS:
        held = part.get(name)
        is_layer = name == "body" or not _is_body(part)
        if is_layer and isinstance(held, dict | list | str) and held and (inner := _body(held, depth + 1)) is not None:
            return inner
    return part


_OF_CHUNKS = frozenset(
    {
        "object", "type", "choices", "delta", "candidates", "event_type", "messageStart", "contentBlockDelta",
        "metadata", "done", "chunk",
    }
)  # fmt: skip
"""Names by which the chunks of a stream are told from any other list."""
_OF_BODIES = frozenset(
    {
        "model", "messages", "usage", "choices", "candidates", "usageMetadata", "usage_metadata", "contents", "object",
        "role", "stop_reason", "stopReason", "eval_count", "generations", "completion", "type",
    }
)  # fmt: skip


def _is_body(part: dict[str, Any]) -> bool:
    """Whether an object is a body itself, in which `content` or `data` are no layers around one."""
    return not _OF_BODIES.isdisjoint(part)


def _from_text(text: str) -> Any:
    """What stands in a text: an object, the chunks of a list, or a recorded stream as it is."""
    if event_stream.looks_like_events(text):
        return text
    if text.lstrip()[:1] not in ("{", "["):
        return printed.parsed(text) if printed.may_be(text) else None
    try:
        found = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return text if len(event_stream.json_payloads(text)) > 1 else None
    return found if isinstance(found, dict) else _body(found) if isinstance(found, list) else None


def _add_surroundings(found: dict[str, Any], request: Any, response: Any) -> None:
    """The address, the status and the time, where only the parts of the exchange, or HAR's own names, tell them."""
    if isinstance(request, dict):
        address = next((request[name] for name in _ADDRESSES if isinstance(request.get(name), str)), None)
        if address is not None and "uri" not in found and "url" not in found:
            found["uri"] = address
    if isinstance(response, dict):
        told = next((response[name] for name in _CODES if name in response), None)
        code = told.get("code") if isinstance(told, dict) else told
        if isinstance(code, int) and "status" not in found:
            found["status"] = code
        if isinstance(response.get("headers"), dict):
            found.setdefault("response_headers", response["headers"])
    if "startedDateTime" in found:
        found["timestamp"] = found["startedDateTime"]
        found["duration_ms"] = found.pop("time", None)
