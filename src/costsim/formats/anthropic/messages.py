"""Anthropic Messages, as people log them: request and response pairs, a response alone, recorded streams.

`usage.input_tokens` excludes cache reads and writes, so the inclusive total is the sum of three; the final
`message_delta` of a stream replaces what `message_start` said. Shapes: Anthropic API reference, anthropic-sdk-python.
"""

from typing import Any

from costsim.decode import TolerantDecoder
from costsim.formats.anthropic import stream
from costsim.formats.anthropic.rows import (
    Block,
    Error,
    Line,
    LoggedRequest,
    LoggedResponse,
    Message,
    Request,
    Response,
)
from costsim.formats.anthropic.usage import fill_usage, with_iterations
from costsim.formats.shared import attached, batch_lines, envelope, event_stream, exchange, interfaces, tool_calls
from costsim.formats.shared.envelope import word
from costsim.formats.shared.times import microseconds
from costsim.schema import PARTIAL, Call
from costsim.schema import Message as RoleAndText

NAME = interfaces.MESSAGES
ABOUT = "Anthropic messages: `type: message` and `usage.input_tokens`, alone or with the request; recorded streams"

_KINDS = frozenset({"message", "message_start", "message_delta", "completion"})
_MODALITIES = {"image": "image", "document": "file", "container_upload": "file"}


_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_response = TolerantDecoder(Response).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record holds an Anthropic message, or a failed request for one."""
    if exchange.is_platform_row(record) or batch_lines.is_line(record):
        return False  # a gateway's row or an agent's transcript around a message is that tool's format
    if (interface := interfaces.of(record)) is not None:
        return interface == NAME
    if any(_is_answer(each) for each in exchange.answers(record)) or _is_refusal(record):
        return True
    return "message_start" in exchange.answer_text(record)


def _is_answer(part: Any) -> bool:
    usage, kind = part.get("usage"), part.get("type")
    if kind == "message":
        return isinstance(usage, dict) and "input_tokens" in usage
    if kind in ("message_start", "message_delta"):  # an event in a line of its own
        return isinstance(part.get("message", usage), dict)
    return kind == "completion" and "completion" in part


def _is_refusal(record: dict[str, Any]) -> bool:
    """Whether a request for a message was answered with Anthropic's kind of error."""
    request, response = record.get("request"), record.get("response")
    asked = isinstance(request, dict) and "messages" in request
    return asked and isinstance(response, dict) and response.get("type") == "error" and "error" in response


def read(record: bytes) -> list[Call]:
    """Return the call of one line, and one more for each piece of work that another model did inside it."""
    line = _line(record)
    request, response = _exchange(line, record)
    response = response or Response()
    response.error = response.error or line.error
    failure = envelope.failed(line) or exchange.refusal(line.response)
    if not (failure or response.error or response.completion is not None or response.usage):
        return []
    if not _is_own(line, response):
        return []
    if response.type == "message_delta":  # adds to what an event before it began, in a line of its own
        return []
    call = _call(line, request or Request(), response, failure)
    if response.type == stream.BEGUN:
        call.tokens_basis = PARTIAL
    if response.usage and response.usage.iterations:
        return with_iterations(call, response.usage.iterations)
    return [call]


def _is_own(line: Line, response: Response) -> bool:
    """Whether an answer, or the address that refused one, is of this API: a log may hold what several APIs answered."""
    if response.usage is not None and response.type is not None:
        return response.type in _KINDS
    url = line.uri or line.url
    return not url or interfaces.interface_at(url) in (NAME, None)


def _exchange(line: Line, record: bytes) -> tuple[Request | None, Response | None]:
    request = exchange.body(line.request, _request) or exchange.body(line.request_body, _request)
    text = line.response_text or line.response
    if isinstance(line.response, LoggedResponse) and line.response.body_raw:
        text = line.response.body_raw
    if isinstance(text, str) and event_stream.looks_like_events(text):
        return request, stream.joined(text)
    response = exchange.body(line.response, _response) or exchange.body(line.response_body, _response) or line.body
    if line.request is None and line.response is None and line.body is None and line.response_body is None:
        response = _response(record)
        if response.type == stream.BEGUN and (begun := stream.event(record).message) is not None:
            begun.type = response.type
            response = begun
        return request or _request(record), response
    return request, response


def _call(line: Line, request: Request, response: Response, failure: str | None) -> Call:
    call = Call(
        call_id=response.id or word(line.request_id),
        model=response.model or request.model,
        requested_model=request.model,
        max_output_tokens=request.max_tokens,
        temperature=request.temperature,
        streamed=request.stream,
        finish_reason=response.stop_reason,
        user=word(request.metadata.user_id) if request.metadata else None,
    )
    envelope.fill(call, line)
    _fill_address(call, line)
    _fill_times(call, line)
    if failure or response.error:
        error = response.error
        call.status = "error"
        call.error_type = (error.type if isinstance(error, Error) else None) or failure or "error"
        call.billed = response.usage is not None
    if response.usage is not None:
        fill_usage(call, response.usage)
    _fill_request(call, request)
    if response.content is not None:
        call.answer = _text(call, response.content)
        blocks = response.content if isinstance(response.content, list) else ()
        call.answer_has_tool_calls = response.stop_reason == "tool_use" or any(
            each.type == "tool_use" for each in blocks
        )
        call.answer_check = tool_calls.worst(
            tool_calls.of_arguments(each.input) for each in blocks if each.type == "tool_use"
        )
    elif response.completion is not None:
        call.operation, call.answer = "completion", response.completion
    return call


def _fill_address(call: Call, line: Line) -> None:
    """On Vertex AI the address names the model, and the region."""
    url = line.uri or line.url or (line.request.url if isinstance(line.request, LoggedRequest) else None)
    if url and "/publishers/anthropic/models/" in url:
        named = (interfaces.last_part(url, "/models/") or "").partition(":")[0] or None
        call.provider, call.requested_model = line.provider or "vertex_ai", call.requested_model or named
        call.model = call.model or named
        call.region = call.region or interfaces.last_part(url, "/locations/")


def _fill_times(call: Call, line: Line) -> None:
    """Proxies that log the exchange itself write a time on each side of it."""
    if isinstance(line.request, LoggedRequest) and (sent := microseconds(line.request.timestamp)) is not None:
        call.started_at = sent
        if isinstance(line.response, LoggedResponse) and (got := microseconds(line.response.timestamp)) is not None:
            call.duration_ms = (got - sent) / 1000


def _fill_request(call: Call, request: Request) -> None:
    if request.messages is None:
        call.messages = None if request.prompt is None else [("user", request.prompt)]
        return
    system = [("system", _text(call, request.system))] if request.system else []
    call.messages = system + [message for each in request.messages for message in _messages(call, each)]
    attached.put(call, request.system, request.messages)
    size = len(memoryview(request.tools))
    call.has_tools = size > 4
    call.tool_definitions = size if call.has_tools else 0
    wanted = request.output_format or (request.output_config.format if request.output_config else None)
    call.wants_json = wanted is not None and wanted.type == "json_schema"


def _messages(call: Call, message: Message) -> list[RoleAndText]:
    """One message as (role, text), tool results apart from what the user wrote."""
    role, content = message.role or "user", message.content
    if content is None or isinstance(content, str):
        return [(role, content or "")]
    results = [block for block in content if block.type.endswith("tool_result")]
    if not results:
        return [(role, _text(call, content))]
    own = [block for block in content if not block.type.endswith("tool_result")]
    found: list[RoleAndText] = [("tool", _text(call, results))]
    return [*found, (role, _text(call, own))] if own else found


def _text(call: Call, content: str | list[Block]) -> str:
    if isinstance(content, str):
        return content
    found = []
    for block in content:
        if block.type in _MODALITIES:
            attached.note(call, {_MODALITIES[block.type]})
        found.append(block.text or block.thinking or _inner(block))
    return "\n".join(found)


def _inner(block: Block) -> str:
    """The text inside a tool call (its arguments) or a tool result (text, or blocks of it)."""
    if isinstance(block.content, str):
        return block.content
    if isinstance(block.content, list):
        return "\n".join(str(part.get("text") or "") for part in block.content if isinstance(part, dict))
    return bytes(block.input).decode("utf-8", "replace")
