"""Anthropic Messages, as people log them: request and response pairs, a response alone, recorded streams.

`usage.input_tokens` excludes cache reads and writes, so the inclusive total is the sum of three; the final
`message_delta` of a stream replaces what `message_start` said. Shapes: Anthropic API reference, anthropic-sdk-python.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.anthropic.rows import (
    Block,
    Error,
    Event,
    Iteration,
    Line,
    LoggedRequest,
    LoggedResponse,
    Message,
    MessageUsage,
    Request,
    Response,
    Usage,
)
from costsim.formats.shared import batch_lines, envelope, event_stream, exchange, interfaces, tool_calls
from costsim.formats.shared.envelope import word
from costsim.formats.shared.times import microseconds
from costsim.schema import PARTIAL, Call
from costsim.schema import Message as RoleAndText

NAME = interfaces.MESSAGES
ABOUT = "Anthropic messages: `type: message` and `usage.input_tokens`, alone or with the request; recorded streams"

_BESIDE = frozenset({"advisor_message", "compaction", "fallback_message"})
"""Iterations that are no part of what the message's own model did for it."""
_KINDS = frozenset({"message", "message_start", "message_delta", "completion"})
_MODALITIES = {"image": "image", "document": "file", "container_upload": "file"}


_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_response = TolerantDecoder(Response).decode
_event = TolerantDecoder(Event).decode


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
    if response.type == "message_start":
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
        return request, _from_stream(text)
    response = exchange.body(line.response, _response) or exchange.body(line.response_body, _response) or line.body
    if line.request is None and line.response is None and line.body is None and line.response_body is None:
        response = _response(record)
        if response.type == "message_start" and (begun := _event(record).message) is not None:
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


def fill_usage(call: Call, usage: Usage) -> None:
    """Put the counts that Anthropic reports into the call, inclusive."""
    read, written, fresh = usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.input_tokens
    split = usage.cache_creation
    if split is not None:
        call.cache_write_1h_tokens = split.ephemeral_1h_input_tokens
        if written is None:
            written = (split.ephemeral_5m_input_tokens or 0) + (split.ephemeral_1h_input_tokens or 0)
    call.cache_read_tokens, call.cache_write_tokens = read, written
    if fresh is not None:
        call.input_tokens = fresh + (read or 0) + (written or 0)
        call.tokens_basis = "logged"
    call.output_tokens = usage.output_tokens
    call.reasoning_tokens = usage.output_tokens_details.thinking_tokens if usage.output_tokens_details else None
    call.web_searches = usage.server_tool_use.web_search_requests if usage.server_tool_use else None
    call.service_tier = "fast" if usage.speed == "fast" else usage.service_tier
    if usage.inference_geo not in (None, "", "not_available", "global"):
        call.region = usage.inference_geo


def _fill_request(call: Call, request: Request) -> None:
    if request.messages is None:
        call.messages = None if request.prompt is None else [("user", request.prompt)]
        return
    system = [("system", _text(call, request.system))] if request.system else []
    call.messages = system + [message for each in request.messages for message in _messages(call, each)]
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
            known = set((call.modalities or "").split("+")) - {""}
            call.modalities = "+".join(sorted(known | {_MODALITIES[block.type]}))
        found.append(block.text or block.thinking or _inner(block))
    return "\n".join(found)


def _inner(block: Block) -> str:
    """The text inside a tool call (its arguments) or a tool result (text, or blocks of it)."""
    if isinstance(block.content, str):
        return block.content
    if isinstance(block.content, list):
        return "\n".join(str(part.get("text") or "") for part in block.content if isinstance(part, dict))
    return bytes(block.input).decode("utf-8", "replace")


def with_iterations(call: Call, iterations: list[Iteration]) -> list[Call]:
    """Return the call, and one for each iteration that is billed but not in the top-level usage.

    These are an adviser's work, a compaction of the context, and what another model said after the first had declined.
    """
    calls = [call]
    beside = _are_beside(call, iterations)
    for number, work in enumerate(iterations, 1):
        if work.type not in _BESIDE or not (beside or work.type == "advisor_message") or not _used(work):
            continue
        other = Call(
            call_id=f"{call.call_id}#{number}" if call.call_id else None,
            model=work.model or call.model,
            requested_model=work.model,
            provider=call.provider,
            parent_id=call.call_id,
            started_at=call.started_at,
            route=call.route,
            user=call.user,
            tags=call.tags,
            conversation_id=call.conversation_id,
            trace_id=call.trace_id,
        )
        if work.type == "fallback_message":
            other.fallback_of = call.requested_model
            declined = next((each.model for each in iterations if each.type == "message"), None)
            call.model = declined or call.requested_model or call.model  # the answer names who said it in the end
        fill_usage(other, work)
        calls.append(other)
    return calls


def _are_beside(call: Call, iterations: list[Iteration]) -> bool:
    """Whether the top-level usage is that of the message's own iterations alone."""
    own = sum(work.output_tokens or 0 for work in iterations if work.type not in _BESIDE)
    return call.output_tokens == own


def _used(work: Iteration) -> bool:
    cached = (work.cache_read_input_tokens or 0) + (work.cache_creation_input_tokens or 0)
    return bool(cached or work.input_tokens or work.output_tokens)


def _from_stream(text: str) -> Response:
    """The message that a recorded stream adds up to: each field that a later event states replaces the earlier one."""
    whole = Response()
    said, arguments = list[str](), tool_calls.Pieces()
    for payload in event_stream.payloads(text):
        try:
            event = _event(payload)
        except msgspec.DecodeError:
            continue  # a recording cut off in the middle of an event
        if event.message is not None:
            whole = event.message
        whole.error = event.error or whole.error
        if event.delta is not None:
            arguments.add(event.index, event.delta.partial_json)
            said.append(event.delta.text or event.delta.thinking or "")
            whole.stop_reason = event.delta.stop_reason or whole.stop_reason
        if event.usage is not None:
            whole.usage = _overlaid(whole.usage, event.usage)
    whole.content = text = "".join(said)
    if arguments:
        is_whole = whole.stop_reason is not None and arguments.placed
        kind = "tool_use" if is_whole else ""  # what was cut off says nothing of its tool
        whole.content = [Block(text=text), *(Block(kind, input=each) for each in arguments.joined())]
    return whole


def _overlaid(usage: MessageUsage | None, later: MessageUsage) -> MessageUsage:
    if usage is None:
        return later
    for field in usage.__struct_fields__:
        if (value := getattr(later, field)) is not None:
            setattr(usage, field, value)
    return usage
