"""OpenAI Responses, as people log them: request and response pairs, a response alone, recorded streams, polled jobs.

`input_tokens` includes cached and cache-write tokens, `output_tokens` includes reasoning. A background job appears
several times under one id, at first without usage: the copy that has it is kept. What the provider's own tools cost is
counted by the items of the output. Shapes: OpenAI API reference, openai-python types.
"""

import re
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.openai.responses_rows import (
    Conversation,
    Error,
    Event,
    Item,
    Line,
    LoggedRequest,
    LoggedResponse,
    Request,
    Response,
    Usage,
)
from costsim.formats.openai.responses_text import length, messages, refuses, said
from costsim.formats.shared import attached, batch_lines, envelope, event_stream, exchange, interfaces, tool_calls
from costsim.formats.shared.envelope import NO_RAW, word
from costsim.formats.shared.numbers import real, trillionths
from costsim.schema import PARTIAL, REFUSAL, Call, one_text

NAME = interfaces.RESPONSES
ABOUT = "OpenAI responses: `object: response` and `usage.input_tokens`, alone or with the request; recorded streams"

CHAINED = True
"""A request may name the response before it, whose conversation it continues."""

_OBJECTS = ("response", "response.compaction", "realtime.response")
_ASKED = frozenset(
    {"instructions", "previous_response_id", "max_output_tokens", "reasoning", "include", "text", "background"}
)
"""What a request for a response has beside `input`, and one for embeddings has not."""
_UNFINISHED = ("queued", "in_progress")
_FAILED = ("failed", "cancelled")
_MADE_AT = re.compile(r"cntr_([0-9a-f]{8})")
_LARGER = (b'"4g"', b'"16g"', b'"64g"')
"""The memory of containers that cost more than the usual one."""
_SOUND = "audio.delta"
"""What an event's type ends with whose piece of the answer is no text."""
_CUT_OFF = {"max_output_tokens": "length"}

_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_response = TolerantDecoder(Response).decode
_event = TolerantDecoder(Event).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record holds a response, the events of one, or a failed request for one."""
    if exchange.is_platform_row(record) or batch_lines.is_line(record):
        return False
    if (interface := interfaces.of(record)) is not None:
        return interface == NAME
    if any(_is_answer(each) for each in exchange.answers(record)) or _is_refusal(record):
        return True
    text = exchange.answer_text(record)
    return '"response.created"' in text or '"object":"response"' in text.replace(" ", "")


def _is_answer(part: dict[str, Any]) -> bool:
    inner = part.get("response")
    if str(part.get("type", "")).startswith("response.") and isinstance(inner, dict):
        part = inner
    return str(part.get("object")) in _OBJECTS


def _is_refusal(record: dict[str, Any]) -> bool:
    """Whether a request for a response was answered with OpenAI's kind of error."""
    request, response = record.get("request"), record.get("response")
    asked = isinstance(request, dict) and "input" in request and not _ASKED.isdisjoint(request)
    return asked and isinstance(response, dict) and isinstance(response.get("error"), dict)


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where it holds neither an answer nor a failure."""
    line = _line(record)
    request, response = _exchange(line, record)
    if line.error is not None and response.error is None:
        response.error = line.error
    failure = envelope.failed(line) or exchange.refusal(line.response) or _failed(response)
    if response.object not in _OBJECTS and not ((failure or response.error) and _is_own(line)):
        return []
    return [call_of(line, request, response, failure)]


def _is_own(line: Line) -> bool:
    """Whether a line's address is of this API, or tells nothing: a log may hold what several APIs answered."""
    url = line.uri or line.url
    return not url or interfaces.interface_at(url) in (NAME, None)


def _exchange(line: Line, record: bytes) -> tuple[Request, Response]:
    """The request and the response of a line, wherever in it they stand."""
    request, response = line.request, line.response
    if isinstance(request, LoggedRequest) and isinstance(response, LoggedResponse) and response.object is not None:
        return exchange.body(request.body, _request) or request, response  # the usual case, first and quickly
    asked = exchange.body(exchange.body(line.request, _request), _request) or exchange.body(line.request_body, _request)
    for text in _texts(line):
        if event_stream.looks_like_events(text):
            return asked or Request(), joined(text)
    found = exchange.body(response, _response) or exchange.body(line.response_body, _response) or line.body
    found = exchange.body(found, _response) or Response()
    if line.request is None and line.response is None and line.body is None and line.response_body is None:
        return asked or _request(record), _response(record)
    return asked or Request(), found


def _texts(line: Line) -> list[str]:
    """What may be a recorded stream in a line."""
    inner = line.response
    held = (inner.body_raw, inner.body) if isinstance(inner, LoggedResponse) else (inner,)
    return [each for each in (line.response_text, line.response_body, *held) if isinstance(each, str)]


def joined(text: str) -> Response:
    """Return the response that a recorded stream adds up to: its last state, with the items that were finished."""
    whole, items, pieces = Response(), list[Item](), list[str]()
    for event in event_stream.decoded(event_stream.payloads(text), _event):
        if event.response is not None:
            whole = event.response
        elif event.type == "response.output_item.done" and event.item is not None:
            items.append(event.item)
            pieces.clear()
        elif event.type == "error":
            whole.error = Error(code=event.code)
        elif event.delta and event.type.endswith(".delta") and not event.type.endswith(_SOUND):
            pieces.append(event.delta)
    if not whole.output:
        cut_off = [Item(type="message", content=msgspec.Raw(msgspec.json.encode("".join(pieces))))] if pieces else []
        whole.output = items + cut_off
    if whole.usage is None and whole.status in _UNFINISHED:
        whole.status = None  # the recording was cut off; that it went on is not known
    return whole


def _failed(response: Response) -> str | None:
    return str(response.status) if response.status in _FAILED else None


def call_of(line: Line, request: Request, response: Response, failure: str | None) -> Call:
    """Return the call of a request and its response; `failure` says how it failed, where it did."""
    call = Call(
        call_id=response.id or word(line.request_id),
        model=response.model or request.model,
        requested_model=request.model,
        service_tier=response.service_tier if response.service_tier != "auto" else None,
        max_output_tokens=request.max_output_tokens or response.max_output_tokens,
        temperature=request.temperature if request.temperature is not None else response.temperature,
        streamed=request.stream,
        user=word(request.user) or word(request.safety_identifier) or word(response.safety_identifier),
    )
    asked_with = request.metadata if request.metadata is not NO_RAW else response.metadata
    envelope.fill(call, line, asked_with if length(asked_with) else NO_RAW, response.created_at)
    call.call_id = call.call_id or None
    _fill_conversation(call, request, response)
    _fill_duration(call, line, response)
    if failure or response.error:
        call.status = "error"
        error = response.error if isinstance(response.error, Error) else Error()
        call.error_type = word(error.code) or error.type or failure or "error"
        call.billed = response.usage is not None
    if response.usage is not None:
        _fill_usage(call, response.usage)
        if response.status in _UNFINISHED and call.tokens_basis is not None:
            call.tokens_basis = PARTIAL
    _fill_request(call, request, response)
    _fill_history(call, request, response)
    _fill_answer(call, response)
    return call


def _fill_conversation(call: Call, request: Request, response: Response) -> None:
    call.parent_id = _earlier(request, response) or call.parent_id
    call.conversation_id = _conversation(request, response) or call.conversation_id


def _earlier(request: Request, response: Response) -> str | None:
    return request.previous_response_id or response.previous_response_id


def _conversation(request: Request, response: Response) -> str | None:
    said = request.conversation or response.conversation
    return said.id if isinstance(said, Conversation) else said


def _fill_duration(call: Call, line: Line, response: Response) -> None:
    """How long it took, where no logger measured it: by the provider's header, else from its two times."""
    if call.duration_ms is not None:
        return
    if line.response_headers:
        call.duration_ms = real(line.response_headers.get("openai-processing-ms"))
    if call.duration_ms is None and response.completed_at is not None and response.created_at is not None:
        call.duration_ms = max(response.completed_at - response.created_at, 0) * 1000


def _fill_usage(call: Call, usage: Usage) -> None:
    call.input_tokens, call.output_tokens = usage.input_tokens, usage.output_tokens
    if usage.input_tokens is not None:
        call.tokens_basis = "logged"
    if details := usage.input_tokens_details or usage.input_token_details:
        call.cache_read_tokens, call.cache_write_tokens = details.cached_tokens, details.cache_write_tokens
        call.audio_input_tokens, call.image_input_tokens = details.audio_tokens, details.image_tokens
    if outcome := usage.output_tokens_details or usage.output_token_details:
        call.reasoning_tokens, call.audio_output_tokens = outcome.reasoning_tokens, outcome.audio_tokens
    if usage.cost is not None:
        call.reported_cost = trillionths(usage.cost)
    elif usage.cost_in_usd_ticks is not None:
        call.reported_cost = trillionths(usage.cost_in_usd_ticks, per_usd=10**10)


def _fill_request(call: Call, request: Request, response: Response) -> None:
    form = request.text or response.text
    if form is not None and form.format is not None:
        call.wants_json = form.format.type in ("json_object", "json_schema")
    tools = request.tools if request.tools is not NO_RAW else response.tools
    call.tool_definitions = length(tools)
    call.has_tools = call.tool_definitions > 0
    if request.input is None:
        return
    told = request.instructions or []
    system = [("system", told)] if isinstance(told, str) else messages(told, call)
    asked = [("user", request.input)] if isinstance(request.input, str) else messages(request.input, call)
    call.messages = [*system, *asked]
    if call.modalities is not None:
        attached.put(call, *[said for each in _items(request) for said in (each.content, each.output)])


def _fill_history(call: Call, request: Request, response: Response) -> None:
    """What was said before is with the provider: two times "go on" are two requests."""
    if call.messages:
        attached.go_on(call, _earlier(request, response), _conversation(request, response))


def _items(request: Request) -> list[Item]:
    return [each for said in (request.instructions, request.input) if isinstance(said, list) for each in said]


def _fill_answer(call: Call, response: Response) -> None:
    items = response.output
    call.finish_reason = _finish_reason(response)
    if not items:
        return
    texts, checks, sessions = [], [], set[str]()
    for item in items:
        kind = item.type or ""
        if kind == "web_search_call":
            if item.action is None or item.action.type in (None, "search"):  # opening a page found is not billed
                call.web_searches = (call.web_searches or 0) + 1
        elif kind == "file_search_call":
            call.file_searches = (call.file_searches or 0) + 1
        elif kind == "code_interpreter_call":
            sessions.add(item.container_id or "")
            texts.append(said(item, Call()))
        elif not kind.endswith("_output"):
            call.answer_has_tool_calls |= kind in ("function_call", "custom_tool_call")
            checks.append(tool_calls.of_arguments(item.arguments) if kind == "function_call" else None)
            if refuses(item):
                call.answer_check = REFUSAL
            texts.append(said(item, Call()))
    call.answer = one_text(texts)
    call.answer_check = call.answer_check or tool_calls.worst(checks)
    begun = sum(_is_begun(container, response.created_at) for container in sessions)
    if begun:
        large = any(each in bytes(response.tools) for each in _LARGER)
        call.fees = {"code_session_large" if large else "code_session": begun}


def _is_begun(container: str, asked_at: float | None) -> bool:
    """Whether a container for code, which is billed once, was made for this response and not for an earlier one.

    Its id begins with the second in which it was made, in hexadecimal.
    """
    found = _MADE_AT.match(container)
    return found is None or asked_at is None or int(found[1], 16) >= int(asked_at)


def _finish_reason(response: Response) -> str | None:
    """Why the answer ended, in the words of Chat Completions where these have one."""
    if response.incomplete_details is not None and (reason := response.incomplete_details.reason):
        return _CUT_OFF.get(reason, reason)
    if response.status in ("completed", "complete"):
        calls = (item.type in ("function_call", "custom_tool_call") for item in response.output or ())
        return "tool_calls" if any(calls) else "stop"
    return str(response.status) if response.status is not None else None
