"""OpenAI's images, transcriptions and speech, as people log them: pairs, answers alone, the last events of streams.

Newer models count tokens, of which most are of images or audio; whisper-1 is billed by the second, and what states
neither has no known size. Answers name no model. Shapes: OpenAI API reference, openai-python types.
"""

import re
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.openai.rows import Error
from costsim.formats.shared import envelope, event_stream, exchange, interfaces
from costsim.formats.shared.envelope import NO_RAW, Envelope, Number, word
from costsim.formats.shared.numbers import real
from costsim.schema import Call

NAME = interfaces.MEDIA
ABOUT = "OpenAI images, transcriptions and speech: by their address, or `usage` beside images or a transcript"

_EVENTS = ("image_generation.completed", "image_edit.completed", "transcript.text.done")
_PICTURES = frozenset({"b64_json", "url", "revised_prompt"})
_MODEL_OF_A_FORM = re.compile(r'name="model"\s+([\w./:-]+)')
_OPERATIONS = (("/images/", "image"), ("/audio/", "audio"))


class Details(msgspec.Struct, gc=False):
    """What tokens are of."""

    image_tokens: int | None = None
    audio_tokens: int | None = None
    cached_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The size of an answer: in tokens, or in seconds."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: Details | None = None
    input_token_details: Details | None = None
    output_tokens_details: Details | None = None
    seconds: Number = None


class Request(msgspec.Struct, gc=False):
    """What was asked for."""

    model: str | None = None
    prompt: str | None = None


class Response(msgspec.Struct, gc=False):
    """An answer, or the last event of its stream."""

    type: str | None = None
    id: str | None = None
    created: Number = None
    created_at: Number = None
    model: str | None = None
    data: msgspec.Raw = NO_RAW
    text: str | None = None
    duration: Number = None
    usage: Usage | None = None
    error: Error | str | None = None


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | str | None = None
    url: str | None = None


class LoggedResponse(Response):
    """A response as loggers of HTTP exchanges write it: its body apart."""

    body: Response | str | None = None
    body_raw: str | None = None
    status_code: int | None = None


class Line(Envelope):
    """One line of a log."""

    request: LoggedRequest | str | None = None
    request_body: Request | str | None = None
    response: LoggedResponse | str | None = None
    response_body: Response | str | None = None
    response_text: str | None = None
    body: Response | None = None
    model: str | None = None
    error: Error | str | None = None


_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_response = TolerantDecoder(Response).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record went to an address of images or audio, or holds a sized image or transcript."""
    if exchange.is_platform_row(record):
        return False
    if (interface := interfaces.of(record)) is not None:
        return interface == NAME
    if any(_is_answer(each) for each in exchange.answers(record)):
        return True
    return any(f'"{name}"' in exchange.answer_text(record) for name in _EVENTS)


def _is_answer(part: dict[str, Any]) -> bool:
    usage, kind = part.get("usage"), part.get("type")
    if not isinstance(usage, dict):
        return False
    if kind in _EVENTS:
        return True
    if isinstance(data := part.get("data"), list):
        return "input_tokens" in usage and any(isinstance(each, dict) and _PICTURES & each.keys() for each in data[:1])
    return isinstance(part.get("text"), str) and usage.get("type") in ("tokens", "duration")


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where it holds neither an answer nor a failure."""
    line = _line(record)
    inner = line.request.url if isinstance(line.request, LoggedRequest) else None
    url = (line.uri or line.url or inner or "").partition("?")[0]
    if url and interfaces.interface_at(url) != NAME:
        return []
    request, response = _exchange(line, record)
    failure = envelope.failed(line) or exchange.refusal(line.response)
    error = response.error or line.error
    if not (url or failure or error or response.usage):
        return []
    call = _call(line, url, request, response)
    if failure or error:
        kind = word(error.code) or error.type if isinstance(error, Error) else None
        call.status, call.error_type, call.billed = "error", kind or failure or "error", response.usage is not None
    return [call]


def _exchange(line: Line, record: bytes) -> tuple[Request, Response]:
    if all(part is None for part in (line.request, line.response, line.body, line.response_body, line.response_text)):
        return _request(record), _response(record)
    return _asked(line), _answered(line)


def _asked(line: Line) -> Request:
    """The request, of which a form that came with a file tells the model in its text."""
    for held in (line.request, getattr(line.request, "body", None), line.request_body):
        if isinstance(held, str) and (named := _MODEL_OF_A_FORM.search(held)) is not None:
            return Request(model=named[1])
    body = exchange.body(exchange.body(line.request, _request) or exchange.body(line.request_body, _request), _request)
    return body or Request(model=line.model)


def _answered(line: Line) -> Response:
    held = line.response if line.response is not None else line.response_body
    for text in (line.response_text, held, getattr(held, "body", None), getattr(held, "body_raw", None)):
        if isinstance(text, str) and event_stream.looks_like_events(text):
            return _last(event_stream.payloads(text))
    return exchange.body(exchange.body(held, _response), _response) or line.body or Response()


def _last(payloads: list[bytes]) -> Response:
    """The event of a stream that states its size."""
    found = Response()
    for event in event_stream.decoded(payloads, _response):
        found = event if event.usage is not None or event.error is not None else found
    return found


def _call(line: Line, url: str, request: Request, response: Response) -> Call:
    call = Call(
        call_id=response.id or word(line.request_id),
        model=response.model or request.model or line.model,
        requested_model=request.model or line.model,
        operation=next((operation for part, operation in _OPERATIONS if part in url), _operation(response)),
    )
    envelope.fill(call, line, created=response.created if response.created is not None else response.created_at)
    if response.usage is not None and request.prompt is not None:  # else its tokens would be counted as those of a chat
        call.messages = [("user", request.prompt)]
    call.answer = response.text
    _fill_usage(call, response)
    return call


def _operation(response: Response) -> str:
    return "audio" if response.text is not None else "image"


def _fill_usage(call: Call, response: Response) -> None:
    usage = response.usage or Usage()
    seconds = real(usage.seconds if usage.seconds is not None else response.duration)
    if usage.input_tokens is None:
        if seconds is not None and call.operation == "audio":
            call.input_tokens, call.output_tokens, call.tokens_basis = 0, 0, "logged"
            call.fees = {"second_input": round(seconds)} if round(seconds) else None
        return
    call.input_tokens, call.output_tokens, call.tokens_basis = usage.input_tokens, usage.output_tokens, "logged"
    if asked := usage.input_tokens_details or usage.input_token_details:
        call.image_input_tokens, call.audio_input_tokens = asked.image_tokens, asked.audio_tokens
        call.cache_read_tokens = asked.cached_tokens
    if call.operation == "image":
        made = usage.output_tokens_details
        call.image_output_tokens = made.image_tokens if made is not None else usage.output_tokens
