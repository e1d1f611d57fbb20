"""Cohere's own API, versions 1 and 2: chat, generate, embed and rerank; pairs, responses alone, recorded streams.

What is billed are the `billed_units`, not the tokens of the whole template around a prompt; cached tokens are some of
those of the template, and no part of the billed ones. Answers name no model. Shapes: Cohere API reference.
"""

from typing import Any

from costsim.decode import TolerantDecoder
from costsim.formats.providers.cohere_rows import Event, Line, LoggedRequest, Pieces, Request, Response, Usage
from costsim.formats.shared import chat_text, envelope, event_stream, exchange, interfaces
from costsim.formats.shared.chat_text import ChatMessage
from costsim.schema import Call
from costsim.schema import Message as RoleAndText

NAME = interfaces.COHERE
ABOUT = "Cohere's chat, generate, embed and rerank: `billed_units` in `usage` or `meta`, alone or with the request"

_ROLES = {"CHATBOT": "assistant", "SYSTEM": "system", "TOOL": "tool"}
_OPERATIONS = {"/embed": "embedding", "/rerank": "rerank", "/generate": "completion", "/classify": "classification"}


_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_response = TolerantDecoder(Response).decode
_event = TolerantDecoder(Event).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record went to Cohere, or holds what Cohere bills."""
    if exchange.is_platform_row(record):
        return False
    url = interfaces.address(record)
    if (interface := interfaces.interface_at(url)) is not None:
        return interface == NAME
    if "//api.cohere." in url:
        return True
    if any(_is_answer(each) for each in exchange.answers(record)):
        return True
    if record.get("type") in ("message-start", "message-end") and isinstance(record.get("delta"), dict):
        return True  # an event in a line of its own
    text = exchange.answer_text(record)
    return '"event_type":"stream-start"' in text.replace(" ", "") or "event: message-start" in text


def _is_answer(part: dict[str, Any]) -> bool:
    counts = part.get("usage") or part.get("meta")
    return isinstance(counts, dict) and "billed_units" in counts


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where nothing was billed and nothing failed."""
    line = _line(record)
    inner = line.request.url if isinstance(line.request, LoggedRequest) else None
    url = (line.uri or line.url or inner or "").partition("?")[0]
    if url and interfaces.interface_at(url) != NAME:
        return []
    request, response = _exchange(line, record)
    failure = envelope.failed(line) or exchange.refusal(line.response)
    if not (failure or response.usage or response.meta or response.finish_reason or response.text):
        return []
    return [_call(line, url, request, response, failure)]


def _exchange(line: Line, record: bytes) -> tuple[Request, Response]:
    parts = (line.request, line.response, line.body, line.response_body, line.response_text)
    if all(part is None for part in parts):
        return _request(record), _response(record)
    request = exchange.body(line.request, _request) or exchange.body(line.request_body, _request)
    request = exchange.body(request, _request) or Request()
    held = line.response if line.response is not None else line.response_body
    for text in (line.response_text, held, getattr(held, "body", None), getattr(held, "body_raw", None)):
        if isinstance(text, str) and (events := event_stream.json_payloads(text)):
            return request, _joined(events)
    return request, exchange.body(exchange.body(held, _response), _response) or line.body or Response()


def _joined(payloads: list[bytes]) -> Response:
    """The response that the events of a stream add up to; version 1 repeats it whole at the end."""
    whole, said = Response(), list[str]()
    for event in event_stream.decoded(payloads, _event):
        whole.id = whole.id or event.id or event.generation_id
        said.append(event.text or "")
        if event.response is not None and event.response.meta is not None:
            return event.response
        if event.delta is not None:
            whole.usage = event.delta.usage or whole.usage
            whole.finish_reason = event.delta.finish_reason or whole.finish_reason
            said.append(_said(event.delta.message) if event.delta.message is not None else "")
            if event.delta.message is not None and chat_text.size(event.delta.message.tool_calls):
                whole.tool_calls = event.delta.message.tool_calls
    whole.text = "".join(said)
    return whole


def _said(pieces: Pieces) -> str:
    parts = pieces.content if isinstance(pieces.content, list) else [pieces.content] if pieces.content else []
    called = bytes(pieces.tool_calls).decode("utf-8", "replace") if chat_text.size(pieces.tool_calls) else ""
    return "".join(part.text or part.thinking or "" for part in parts) + (pieces.tool_plan or "") + called


def _call(line: Line, url: str, request: Request, response: Response, failure: str | None) -> Call:
    call = Call(
        call_id=response.response_id or response.id or response.generation_id,
        model=request.model,
        requested_model=request.model,
        operation=_operation(url, response),
        max_output_tokens=request.max_tokens,
        temperature=request.temperature,
        streamed=request.stream,
        finish_reason=response.finish_reason,
    )
    envelope.fill(call, line)
    call.provider = call.provider or "cohere"
    usage = response.usage or response.meta
    if failure:
        call.status, call.error_type = "error", failure
        call.billed = usage is not None and usage.billed_units is not None
    if usage is not None:
        _fill_usage(call, usage)
    if call.operation != "rerank":
        call.messages = _messages(request, call)
    call.tool_definitions = chat_text.size(request.tools)
    call.has_tools = call.tool_definitions > 0
    call.wants_json = request.response_format is not None and request.response_format.type == "json_object"
    _fill_answer(call, response)
    return call


def _operation(url: str, response: Response) -> str:
    for ending, operation in _OPERATIONS.items():
        if url.endswith(ending):
            return operation
    if chat_text.size(response.embeddings):
        return "embedding"
    return "rerank" if chat_text.size(response.results) else "chat"


def _fill_usage(call: Call, usage: Usage) -> None:
    units = usage.billed_units or usage.tokens
    if units is not None and units.search_units:  # a query over up to 100 documents, which is what a rerank costs
        call.fees = {"request": round(units.search_units)}
    if units is None or (units.input_tokens is None and units.output_tokens is None):
        return
    call.input_tokens = round((units.input_tokens or 0) + (units.image_tokens or 0))
    call.output_tokens = round(units.output_tokens or 0)
    call.image_input_tokens = round(units.image_tokens) if units.image_tokens else None
    call.tokens_basis = "logged"


def _messages(request: Request, call: Call) -> list[RoleAndText] | None:
    if request.messages is not None:
        return chat_text.conversation(request.messages, call)
    if request.texts is not None:
        return [("user", text) for text in request.texts]
    said = request.message if request.message is not None else request.prompt
    if said is None:
        return None
    found: list[RoleAndText] = [("system", request.preamble)] if request.preamble else []
    found += [
        (_ROLES.get((each.role or "").upper(), "user"), each.message or "") for each in request.chat_history or ()
    ]
    return [*found, ("user", said)]


def _fill_answer(call: Call, response: Response) -> None:
    call.answer_has_tool_calls = chat_text.size(response.tool_calls) > 0
    if isinstance(response.message, ChatMessage):
        call.answer_has_tool_calls |= chat_text.calls_tools(response.message)
        chat_text.fill_check(call, [response.message])
        call.answer = chat_text.said(response.message)
    elif response.generations:
        call.finish_reason = response.generations[0].finish_reason
        call.answer = "\n".join(each.text or "" for each in response.generations)
    elif response.text is not None:
        call.answer = response.text
