"""OpenAI Chat Completions, legacy completions and embeddings, as people log them.

One line holds a request and its response side by side, or one of them alone, or both flat on one level with `usage`; a
stream is recorded event text, or one chunk a line. `prompt_tokens` includes cached and cache-write tokens,
`completion_tokens` includes reasoning. Shapes: OpenAI API reference, openai-python types.
"""

from operator import attrgetter
from typing import Any

from costsim.decode import TolerantDecoder
from costsim.formats.openai import stream as openai_stream
from costsim.formats.openai.rows import (
    Choice,
    Error,
    Line,
    LoggedRequest,
    LoggedResponse,
    Request,
    Response,
    Usage,
    searches,
)  # fmt: skip
from costsim.formats.openai.text import ROLES, fill_answer, length, role_and_text
from costsim.formats.openai.usual import read_lines
from costsim.formats.shared import attached, batch_lines, envelope, event_stream, exchange, interfaces
from costsim.formats.shared.envelope import NO_RAW, word
from costsim.formats.shared.numbers import inclusive_total
from costsim.schema import Call

NAME = interfaces.CHAT
ABOUT = "OpenAI chat, completions, embeddings: `choices` and `usage.prompt_tokens`, alone or with the request"

__all__ = ["ABOUT", "NAME", "claims", "read", "read_lines"]

_OBJECTS = {"chat.completion", "chat.completion.chunk", "text_completion"}
_OPERATIONS = {"text_completion": "completion", "list": "embedding"}


WRITTEN = attrgetter("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")
"""Cache writes, in the words of several servers."""

_line = TolerantDecoder(Line).decode
_request = TolerantDecoder(Request).decode
_response = TolerantDecoder(Response).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record holds a chat completion, a completion or embeddings, or a failed request for one."""
    if exchange.is_platform_row(record) or batch_lines.is_line(record):
        return False  # a gateway's row around an OpenAI body is that gateway's format
    if (interface := interfaces.of(record)) is not None:
        return interface == NAME
    if any(_is_answer(each) for each in exchange.answers(record)):
        return True
    if _is_refusal(record.get("request"), record.get("response"), record.get("error")):
        return True
    text = exchange.answer_text(record)
    return "chat.completion" in text or "text_completion" in text


def _is_refusal(request: Any, response: Any, error: Any) -> bool:
    """Whether a request for a chat was answered with OpenAI's kind of error: no `type: error` around it.

    Or with none at all, as the client raised what stands beside it; Anthropic's requests look alike but for the model.
    """
    if not isinstance(request, dict) or not {"messages", "model"} <= request.keys():
        return False
    if isinstance(response, dict):
        return isinstance(response.get("error"), dict | str) and "type" not in response
    return response is None and bool(error) and "claude" not in str(request["model"])


def _is_answer(part: Any) -> bool:
    usage = part.get("usage")
    if isinstance(usage, dict) and "prompt_tokens" in usage:
        return True
    return str(part.get("object")) in _OBJECTS or (isinstance(usage, dict) and _is_embedding(part.get("data")))


def _is_embedding(data: Any) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], dict) and data[0].get("object") == "embedding"


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where it holds neither an answer nor a failure."""
    line = _line(record)
    request, response = _exchange(line, record)
    if line.error is not None and response.error is None:
        response.error = line.error
    failure = envelope.failed(line) or exchange.refusal(line.response)
    if response.usage is None and not _is_call(response, failure):
        return []
    return [_call(line, request, response, failure)]


def _exchange(line: Line, record: bytes) -> tuple[Request, Response]:
    """The request and the response of a line, wherever in it they stand."""
    request, response = line.request, line.response
    if isinstance(request, LoggedRequest) and isinstance(response, LoggedResponse):  # the usual case, first and quickly
        return request.body or request, response.body or response
    return _found_exchange(line, record)


def _found_exchange(line: Line, record: bytes) -> tuple[Request, Response]:
    request = exchange.body(line.request, _request) or exchange.body(line.request_body, _request)
    text = line.response_text or (line.response if isinstance(line.response, str) else None)
    if text and event_stream.looks_like_events(text):
        return request or Request(), openai_stream.joined(text)
    response = exchange.body(line.response, _response) or exchange.body(line.response_body, _response) or line.body
    if line.request is None and line.response is None and line.body is None and line.response_body is None:
        return request or _request(record), _response(record)
    if response is None and isinstance(line.response, str):  # the answer's text, beside `usage`
        return request or _request(record), _with_text(_response(record), line.response)
    return request or Request(), response or Response()


def _with_text(response: Response, text: str) -> Response:
    if response.usage is not None and response.choices is None:
        response.choices = [Choice(text=text)]
    return response


def _is_call(response: Response, failure: str | None) -> bool:
    if failure or response.error or response.usage is not None:
        return True
    if response.object == "chat.completion.chunk":  # one chunk a line: the last one stands for the call
        return any(choice.finish_reason for choice in response.choices or ())
    return bool(response.choices)


def _call(line: Line, request: Request, response: Response, failure: str | None) -> Call:
    call = Call(
        call_id=response.id or (word(line.request_id) if line.request_id is not None else None),
        model=response.model or request.model,
        requested_model=request.model,
        operation=_operation(request, response),
        service_tier="batch" if line.custom_id is not None and _is_batch(line) else response.service_tier,
        max_output_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=request.temperature,
        streamed=request.stream,
    )
    if request.user is not None or request.safety_identifier is not None:
        call.user = word(request.user) or word(request.safety_identifier)
    envelope.fill(call, line, request.metadata, response.created)
    if failure or response.error:
        _fill_failure(call, response, failure)
    if response.usage is not None:
        if response.object == "list" and response.usage.prompt_tokens is None:  # Voyage states the total alone
            response.usage.prompt_tokens = response.usage.total_tokens
        _fill_usage(call, response.usage)
    _fill_request(call, request)
    if response.choices:
        fill_answer(call, response.choices)
    return call


def _is_batch(line: Line) -> bool:
    """A row of a batch's output file: nothing else in it says so, its body even says tier 'default'."""
    return (line.id or "").startswith("batch_req_")


def _operation(request: Request, response: Response) -> str:
    if request.messages is not None:
        return "chat"
    if response.object in _OPERATIONS:
        return _OPERATIONS[response.object]
    return "embedding" if request.input is not None else "completion" if request.prompt is not None else "chat"


def _fill_failure(call: Call, response: Response, failure: str | None) -> None:
    call.status = "error"
    error = response.error
    kind = word(error.code) or error.type if isinstance(error, Error) else None
    call.error_type = kind or failure or "error"
    call.billed = response.usage is not None


def _fill_usage(call: Call, usage: Usage) -> None:
    call.input_tokens, call.output_tokens = usage.prompt_tokens, usage.spoken(call.model)
    if usage.completion_tokens is None and call.operation == "embedding":
        call.output_tokens = 0
    if usage.prompt_tokens is not None:
        call.tokens_basis = "logged"
    if details := usage.prompt_tokens_details or usage.prompt_token_details:
        call.cache_read_tokens = details.cached_tokens
        call.cache_write_tokens = next((count for count in WRITTEN(details) if count is not None), None)
        call.audio_input_tokens, call.image_input_tokens = details.audio_tokens, details.image_tokens
    if not call.cache_read_tokens:
        others = usage.prompt_cache_hit_tokens or usage.num_cached_tokens or usage.cached_tokens
        call.cache_read_tokens = others if others is not None else call.cache_read_tokens
    if usage.cache_read_input_tokens is not None or usage.cache_creation_input_tokens is not None:
        _fill_as_anthropic(call, usage)
    call.reported_cost = usage.charged()
    if usage.cost is not None:
        if (call.call_id or "").startswith("gen-"):
            call.provider = "openrouter"  # the answer's `provider` is whom the router asked
        if usage.server_tool_use_details is not None:
            call.web_searches = usage.server_tool_use_details.web_search_requests
    if call.web_searches is None and searches(call.model):
        call.web_searches = 1
    if outcome := usage.completion_tokens_details:
        call.reasoning_tokens, call.audio_output_tokens = outcome.reasoning_tokens, outcome.audio_tokens


def _fill_as_anthropic(call: Call, usage: Usage) -> None:
    """What proxies state in Anthropic's words besides; most include it in the prompt's tokens, and figures tell."""
    if not call.cache_read_tokens:
        call.cache_read_tokens = usage.cache_read_input_tokens
    if not call.cache_write_tokens:
        call.cache_write_tokens = usage.cache_creation_input_tokens
    if usage.prompt_tokens is not None:
        cached = (call.cache_read_tokens or 0) + (call.cache_write_tokens or 0)
        said, total = usage.completion_tokens, usage.total_tokens
        call.input_tokens = inclusive_total(usage.prompt_tokens, cached, said, total, includes=True)


def _fill_request(call: Call, request: Request) -> None:
    if request.messages is not None:
        call.messages = [
            (ROLES.get(message.role, "user"), content)
            if (content := bytes(message.content))[:1] == b'"' and message.tool_calls is NO_RAW
            else role_and_text(message, call)
            for message in request.messages
        ]
        if call.modalities is not None:
            attached.put(call, *[message.content for message in request.messages])
    elif (prompt := request.prompt if request.prompt is not None else request.input) is not None:
        texts = [prompt] if isinstance(prompt, str) else prompt
        call.messages = [("user", text) for text in texts if isinstance(text, str)]
    if request.response_format is not None:
        call.wants_json = request.response_format.is_json
    call.has_tools = False
    if request.tools is not NO_RAW or request.functions is not NO_RAW:
        call.tool_definitions = length(request.tools) + length(request.functions)
        call.has_tools = call.tool_definitions > 0
