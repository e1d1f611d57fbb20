"""Ollama's own API: chat, generate and embeddings; pairs, answers alone, recorded streams.

A model on one's own machine costs nothing for a call, one of Ollama's cloud is not sold by the token. Where the prompt
was in the cache, `prompt_eval_count` is left out: its tokens are counted from the text. Times are in nanoseconds.
Shapes: Ollama API documentation.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import attached, chat_text, envelope, event_stream, exchange, interfaces
from costsim.formats.shared.chat_text import ChatMessage, Conversation
from costsim.formats.shared.envelope import NO_RAW, Envelope, Scalar
from costsim.formats.shared.times import microseconds
from costsim.schema import Call
from costsim.schema import Message as RoleAndText

NAME = interfaces.OLLAMA
ABOUT = "Ollama's own chat, generate and embeddings: `done` and `eval_count`, alone or with the request; streams"

_MILLION = 1_000_000


class Settings(msgspec.Struct, gc=False):
    """What the answer shall be like."""

    num_predict: int | None = None
    temperature: float | None = None


class Request(msgspec.Struct, gc=False):
    """The body of a request."""

    model: str | None = None
    messages: Conversation | None = None
    system: str | None = None
    prompt: str | None = None
    input: str | list[str] | None = None
    images: msgspec.Raw = NO_RAW
    tools: msgspec.Raw = NO_RAW
    format: msgspec.Raw = NO_RAW
    options: Settings | None = None
    stream: bool | None = None


class Said(ChatMessage):
    """The model's message."""

    thinking: str | None = None


class Answer(msgspec.Struct, gc=False):
    """The body of an answer, or one chunk of a stream."""

    model: str | None = None
    created_at: Scalar = None
    message: Said | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool | None = None
    done_reason: str | None = None
    total_duration: float | None = None
    load_duration: float | None = None
    prompt_eval_count: int | None = None
    prompt_eval_duration: float | None = None
    eval_count: int | None = None
    embedding: msgspec.Raw = NO_RAW
    embeddings: msgspec.Raw = NO_RAW
    error: str | None = None


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | str | None = None
    url: str | None = None


class LoggedAnswer(Answer):
    """An answer as loggers of HTTP exchanges write it: its body apart."""

    body: Answer | str | None = None
    body_raw: str | None = None
    status_code: int | None = None


class Line(Envelope):
    """One line of a log; where an answer stands alone, its `response` is the text."""

    request: LoggedRequest | str | None = None
    request_body: Request | str | None = None
    response: LoggedAnswer | list[Answer] | str | None = None
    response_body: Answer | str | None = None
    response_text: str | None = None
    body: Answer | None = None
    done: bool | None = None


_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_answer = TolerantDecoder(Answer).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record went to Ollama's own API, or holds an answer of it."""
    if exchange.is_platform_row(record):
        return False
    if (interface := interfaces.of(record)) is not None:
        return interface == NAME
    if any(_is_answer(each) for each in exchange.answers(record)):
        return True
    text = exchange.answer_text(record).replace(" ", "")
    return text.removeprefix("data:").startswith('{"model"') and '"done":' in text


def _is_answer(part: dict[str, Any]) -> bool:
    return isinstance(part.get("done"), bool) and "model" in part and ("message" in part or "response" in part)


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where it is a piece of a stream, or no answer at all."""
    line = _line(record)
    request, answer = _exchange(line, record)
    failure = envelope.failed(line) or exchange.refusal(line.response) or ("error" if answer.error else None)
    embedded = answer.embedding is not NO_RAW or answer.embeddings is not NO_RAW
    if not (failure or embedded or answer.done or (line.done is None and answer.model and _said(answer))):
        return []
    return [_call(line, request, answer, failure, embedded)]


def _exchange(line: Line, record: bytes) -> tuple[Request, Answer]:
    alone = line.request is None and line.request_body is None and line.body is None and line.response_body is None
    if line.done is not None or (alone and line.response is None and line.response_text is None):
        return _request(record), _answer(record)
    request = exchange.body(line.request, _request) or exchange.body(line.request_body, _request)
    request = exchange.body(request, _request) or Request()
    held = line.response if line.response is not None else line.response_body
    if isinstance(held, list):
        return request, _joined(held)
    for text in (line.response_text, held, getattr(held, "body", None), getattr(held, "body_raw", None)):
        if isinstance(text, str) and (chunks := _chunks(text)):
            return request, _joined(chunks)
    return request, exchange.body(exchange.body(held, _answer), _answer) or line.body or Answer()


def _chunks(text: str) -> list[Answer]:
    return list(event_stream.decoded(event_stream.json_payloads(text), _answer))


def _joined(chunks: list[Answer]) -> Answer:
    """The answer that chunks add up to: the last one, which has the counts, with all texts."""
    whole = chunks[-1] if chunks else Answer()
    whole.message, whole.response = None, "".join(_said(each) for each in chunks)
    return whole


def _said(answer: Answer) -> str:
    text = (answer.thinking or "") + (answer.response or "")
    return text + (answer.message.thinking or "") + chat_text.said(answer.message) if answer.message else text


def _call(line: Line, request: Request, answer: Answer, failure: str | None, embedded: bool) -> Call:
    model = answer.model or request.model
    call = Call(
        model=model,
        requested_model=request.model,
        provider="ollama",
        operation="embedding" if embedded else "chat" if request.prompt is None else "completion",
        finish_reason=answer.done_reason,
        streamed=request.stream,
        billed=(model or "").endswith("cloud"),
    )
    envelope.fill(call, line)
    call.provider = line.provider or "ollama"
    if call.started_at is None:
        call.started_at = microseconds(answer.created_at)
    if request.options is not None:
        call.max_output_tokens, call.temperature = request.options.num_predict, request.options.temperature
    if failure:
        call.status, call.error_type, call.billed = "error", failure, False
    _fill_counts(call, answer, embedded)
    _fill_request(call, request)
    said = _said(answer)
    call.answer = said or None
    if answer.message is not None:
        call.answer_has_tool_calls = chat_text.calls_tools(answer.message)
        chat_text.fill_check(call, [answer.message])
    return call


def _fill_counts(call: Call, answer: Answer, embedded: bool) -> None:
    call.input_tokens = answer.prompt_eval_count
    call.output_tokens = 0 if embedded else answer.eval_count
    if call.input_tokens is not None:
        call.tokens_basis = "logged"
    if call.duration_ms is None and answer.total_duration is not None:
        call.duration_ms = answer.total_duration / _MILLION
    if call.streamed and answer.prompt_eval_duration is not None:
        call.time_to_first_token_ms = ((answer.load_duration or 0) + answer.prompt_eval_duration) / _MILLION


def _fill_request(call: Call, request: Request) -> None:
    call.messages = _messages(request, call)
    if chat_text.size(request.images):
        attached.note(call, {"image"})
        attached.put(call, request.prompt, {"images": request.images})
    call.tool_definitions = chat_text.size(request.tools)
    call.has_tools = call.tool_definitions > 0
    call.wants_json = chat_text.size(request.format) > 0


def _messages(request: Request, call: Call) -> list[RoleAndText] | None:
    if request.messages is not None:
        return chat_text.conversation(request.messages, call)
    if request.input is not None:
        return [("user", text) for text in ([request.input] if isinstance(request.input, str) else request.input)]
    if request.prompt is None:
        return None
    return [("system", request.system), ("user", request.prompt)] if request.system else [("user", request.prompt)]
