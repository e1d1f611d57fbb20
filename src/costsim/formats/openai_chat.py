"""OpenAI Chat Completions, legacy completions and embeddings, as people log them.

One line holds a request and its response side by side, or one of them alone, or both flat on one level with `usage`; a
stream is recorded event text, or one chunk a line. `prompt_tokens` includes cached and cache-write tokens,
`completion_tokens` includes reasoning. Shapes: OpenAI API reference, openai-python types.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats import envelope, event_stream
from costsim.formats.envelope import NO_RAW, Scalar, word
from costsim.formats.times import microseconds
from costsim.schema import Call, Message

NAME = "openai-chat"
ABOUT = "OpenAI chat completions, completions and embeddings: `choices` and `usage.prompt_tokens`, alone or with the request"

_OBJECTS = {"chat.completion", "chat.completion.chunk", "text_completion"}
_OPERATIONS = {"text_completion": "completion", "list": "embedding"}
_ROLES = {"developer": "system", "function": "tool", "model": "assistant", "human": "user", "ai": "assistant"}
_MODALITIES = {"image_url": "image", "input_audio": "audio", "file": "file", "video_url": "video"}


class _Part(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct, gc=False):
    function: _Function | None = None


class _Message(msgspec.Struct, gc=False):
    role: str | None = None
    content: str | list[_Part] | None = None
    tool_calls: msgspec.Raw = NO_RAW
    function_call: msgspec.Raw = NO_RAW
    refusal: str | None = None


class _ResponseFormat(msgspec.Struct, gc=False):
    type: str | None = None


class _Request(msgspec.Struct, gc=False):
    model: str | None = None
    messages: list[_Message] | None = None
    prompt: str | list[Any] | None = None
    input: str | list[Any] | None = None
    tools: msgspec.Raw = NO_RAW
    functions: msgspec.Raw = NO_RAW
    response_format: _ResponseFormat | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None
    service_tier: str | None = None
    user: Scalar = None
    safety_identifier: Scalar = None
    metadata: msgspec.Raw = NO_RAW


class _InputDetails(msgspec.Struct, gc=False):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class _OutputDetails(msgspec.Struct, gc=False):
    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _InputDetails | None = None
    completion_tokens_details: _OutputDetails | None = None
    prompt_cache_hit_tokens: int | None = None


class _Choice(msgspec.Struct, gc=False):
    message: _Message | None = None
    delta: _Message | None = None
    text: str | None = None
    finish_reason: str | None = None


class _Error(msgspec.Struct, gc=False):
    type: str | None = None
    code: Scalar = None


class _Response(msgspec.Struct, gc=False):
    id: str | None = None
    object: str | None = None
    created: float | None = None
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    service_tier: str | None = None
    error: _Error | str | None = None


class _LoggedRequest(_Request):
    body: _Request | None = None


class _LoggedResponse(_Response):
    body: _Response | None = None
    status_code: int | None = None


class _Line(envelope.Envelope):
    request: _LoggedRequest | str | None = None
    request_body: _Request | str | None = None
    response: _LoggedResponse | str | None = None
    response_body: _Response | str | None = None
    body: _Response | None = None
    response_text: str | None = None
    error: _Error | str | None = None
    id: str | None = None
    custom_id: str | None = None


_line = TolerantDecoder(_Line).decode
_request = TolerantDecoder(_Request).decode
_response = TolerantDecoder(_Response).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record holds a chat completion, a completion or embeddings, or a failed request for one."""
    if "call_type" in record or "spend" in record:
        return False  # a gateway's row around an OpenAI body is that gateway's format
    for part in (record.get("response"), record.get("response_body"), record.get("body"), record):
        if isinstance(part, dict) and _is_answer(part.get("body") if isinstance(part.get("body"), dict) else part):
            return True
    text = record.get("response_text") or record.get("response")
    if isinstance(text, str) and ("chat.completion" in text[:2000] or "text_completion" in text[:2000]):
        return True
    url = str(record.get("uri") or record.get("url") or "")
    return any(path in url for path in ("/chat/completions", "/v1/completions", "/embeddings"))


def _is_answer(part: Any) -> bool:
    usage = part.get("usage")
    if isinstance(usage, dict) and "prompt_tokens" in usage:
        return True
    return part.get("object") in _OBJECTS


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where it holds neither an answer nor a failure."""
    line = _line(record)
    request, response = _exchange(line, record)
    if response is None:
        response = _Response(error=line.error)
    elif response.error is None:
        response.error = line.error
    failure = envelope.failed(line) or _failure(line)
    if not _is_call(response, failure):
        return []
    return [_call(line, request or _Request(), response, failure)]


def _exchange(line: _Line, record: bytes) -> tuple[_Request | None, _Response | None]:
    """The request and the response of a line, wherever in it they stand."""
    request = _body(line.request) or _body(line.request_body)
    text = line.response_text or (line.response if isinstance(line.response, str) else None)
    if text and event_stream.looks_like_events(text):
        return request, _from_stream(text)
    response = _body(line.response) or _body(line.response_body) or line.body
    if line.request is None and line.response is None and line.body is None and line.response_body is None:
        return request or _request(record), _response(record)
    return request, response


def _body(part: Any) -> Any:
    """A logged request or response: itself, its `body`, or the JSON text of it."""
    if isinstance(part, str):
        if not part.lstrip().startswith("{"):
            return None
        try:
            return _response(part.encode()) if '"choices"' in part else _request(part.encode())
        except msgspec.DecodeError:
            return None
    inner = getattr(part, "body", None)
    return part if inner is None else inner


def _failure(line: _Line) -> str | None:
    status = line.response.status_code if isinstance(line.response, _LoggedResponse) else None
    return str(status) if status is not None and status >= 400 else None


def _is_call(response: _Response, failure: str | None) -> bool:
    if failure or response.error or response.usage is not None:
        return True
    if response.object == "chat.completion.chunk":  # one chunk a line: the last one stands for the call
        return any(choice.finish_reason for choice in response.choices or ())
    return bool(response.choices)


def _call(line: _Line, request: _Request, response: _Response, failure: str | None) -> Call:
    call = Call(
        call_id=response.id or word(line.request_id),
        model=response.model or request.model,
        requested_model=request.model,
        operation=_operation(request, response),
        service_tier="batch" if _is_batch(line) else response.service_tier,
        max_output_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=request.temperature,
        streamed=request.stream,
        user=word(request.user) or word(request.safety_identifier),
    )
    if response.created:
        call.started_at = microseconds(response.created)
    envelope.fill(call, line, request.metadata)
    if failure or response.error:
        _fill_failure(call, response, failure)
    if response.usage is not None:
        _fill_usage(call, response.usage)
    _fill_request(call, request)
    if response.choices:
        _fill_answer(call, response.choices)
    return call


def _is_batch(line: _Line) -> bool:
    """A row of a batch's output file: nothing else in it says so, its body even says tier 'default'."""
    return line.custom_id is not None and (line.id or "").startswith("batch_req_")


def _operation(request: _Request, response: _Response) -> str:
    if response.object in _OPERATIONS:
        return _OPERATIONS[response.object]
    if request.messages is None and request.input is not None:
        return "embedding"
    return "completion" if request.messages is None and request.prompt is not None else "chat"


def _fill_failure(call: Call, response: _Response, failure: str | None) -> None:
    call.status = "error"
    error = response.error
    kind = word(error.code) or error.type if isinstance(error, _Error) else None
    call.error_type = kind or failure or "error"
    call.billed = response.usage is not None


def _fill_usage(call: Call, usage: _Usage) -> None:
    call.input_tokens, call.output_tokens = usage.prompt_tokens, usage.completion_tokens
    if usage.completion_tokens is None and call.operation == "embedding":
        call.output_tokens = 0
    if usage.prompt_tokens is not None:
        call.tokens_basis = "logged"
    if details := usage.prompt_tokens_details:
        call.cache_read_tokens, call.cache_write_tokens = details.cached_tokens, details.cache_write_tokens
        call.audio_input_tokens, call.image_input_tokens = details.audio_tokens, details.image_tokens
    if call.cache_read_tokens is None:
        call.cache_read_tokens = usage.prompt_cache_hit_tokens
    if outcome := usage.completion_tokens_details:
        call.reasoning_tokens, call.audio_output_tokens = outcome.reasoning_tokens, outcome.audio_tokens


def _fill_request(call: Call, request: _Request) -> None:
    if request.messages is not None:
        call.messages = [_message(message, call) for message in request.messages]
    elif (prompt := request.prompt if request.prompt is not None else request.input) is not None:
        call.messages = [("user", text) for text in ([prompt] if isinstance(prompt, str) else prompt) if isinstance(text, str)]
    if request.response_format is not None:
        call.wants_json = request.response_format.type in ("json_object", "json_schema")
    call.tool_definitions = _length(request.tools) + _length(request.functions)
    call.has_tools = call.tool_definitions > 0


def _length(raw: msgspec.Raw) -> int:
    """Characters of a list that stands in the line undecoded; an empty list or null is none."""
    size = len(memoryview(raw))
    return size if size > 4 else 0


def _message(message: _Message, call: Call) -> Message:
    role = message.role or "user"
    role = _ROLES.get(role, role)
    content = message.content
    if content is None:
        return role, bytes(message.tool_calls).decode("utf-8", "replace") if _length(message.tool_calls) else ""
    if not isinstance(content, str):
        _note_modalities(call, content)
        content = "\n".join([part.text for part in content if part.text])
    return role, content


def _note_modalities(call: Call, parts: list[_Part]) -> None:
    found = {_MODALITIES[part.type] for part in parts if part.type in _MODALITIES}
    if found:
        call.modalities = "+".join(sorted(found.union((call.modalities or "").split("+")) - {""}))


def _fill_answer(call: Call, choices: list[_Choice]) -> None:
    texts = []
    for choice in choices:
        call.finish_reason = choice.finish_reason or call.finish_reason
        message = choice.message or choice.delta
        if message is not None:
            texts.append(_message(message, call)[1])
            call.answer_has_tool_calls |= _length(message.tool_calls) > 0 or _length(message.function_call) > 0
        elif choice.text:
            texts.append(choice.text)
    call.answer = "\n".join(texts)


def _from_stream(text: str) -> _Response:
    """The response that a recorded stream adds up to: texts joined, the last usage and finish reason."""
    whole = _Response()
    said: list[str] = []
    called = finish = None
    for payload in event_stream.payloads(text):
        try:
            chunk = _response(payload)
        except msgspec.DecodeError:
            continue  # a recording cut off in the middle of an event
        whole.id, whole.model = whole.id or chunk.id, whole.model or chunk.model
        whole.object, whole.created = whole.object or chunk.object, whole.created or chunk.created
        whole.service_tier = chunk.service_tier or whole.service_tier
        whole.usage, whole.error = chunk.usage or whole.usage, chunk.error or whole.error
        for choice in chunk.choices or ():
            finish = choice.finish_reason or finish
            said.append(choice.text or "")
            if choice.delta is not None:
                said.append(choice.delta.content if isinstance(choice.delta.content, str) else "")
                if _length(choice.delta.tool_calls):
                    called = choice.delta.tool_calls
                    said.append(_called(called))
    if whole.object == "chat.completion.chunk":  # a whole recording, even one cut off, is no single chunk
        whole.object = "chat.completion"
    message = _Message(role="assistant", content="".join(said), tool_calls=called or NO_RAW)
    whole.choices = [_Choice(message=message, finish_reason=finish)]
    return whole


def _called(fragment: msgspec.Raw) -> str:
    """The text of a fragment of tool calls, which the model wrote and bills: names and arguments."""
    try:
        calls = msgspec.json.decode(fragment, type=list[_ToolCall])
    except msgspec.ValidationError:
        return ""
    return "".join(f"{call.function.name or ''}{call.function.arguments or ''}" for call in calls if call.function)
