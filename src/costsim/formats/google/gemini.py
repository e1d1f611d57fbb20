"""Gemini's generateContent, on Google's API and on Vertex AI: pairs, responses alone, recorded streams, batch results.

`promptTokenCount` includes cached content but not what tools put into the prompt; thoughts stand beside the candidates'
tokens. Every chunk of a stream repeats the counts so far, so that the last one's hold. The model is named in the
address. Names may be in camel case or not. Shapes: Gemini API and Vertex AI references, python-genai.
"""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.google import usage as gemini_usage
from costsim.formats.google.rows import (
    CamelLine,
    CamelRequest,
    CamelResponse,
    Candidate,
    Content,
    Error,
    Grounding,
    Line,
    LoggedRequest,
    Request,
    Response,
)
from costsim.formats.google.text import messages, said
from costsim.formats.shared import envelope, event_stream, exchange, interfaces
from costsim.formats.shared.envelope import NO_RAW, word
from costsim.formats.shared.hosts import provider_at
from costsim.formats.shared.numbers import real
from costsim.formats.shared.times import microseconds
from costsim.schema import FINE, Call

NAME = interfaces.GEMINI
ABOUT = "Gemini on Google's API and Vertex AI: `candidates` and `usageMetadata`, alone or with the request; streams"

_ANSWERED = frozenset(
    {"candidates", "usageMetadata", "usage_metadata", "promptFeedback", "prompt_feedback", "modelVersion"}
)
_COUNTS = frozenset({"promptTokenCount", "prompt_token_count"})
_FINISHED = (
    None, "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
    "MALFORMED_FUNCTION_CALL",
)  # fmt: skip
"""Vertex's reasons by their number, as some write them."""

_line: Callable[[bytes], Line] = TolerantDecoder(CamelLine).decode
_request: Callable[[bytes], Request] = TolerantDecoder(CamelRequest).decode
_response: Callable[[bytes], Response] = TolerantDecoder(CamelResponse).decode
_snake_line = TolerantDecoder(Line).decode
_snake_request = TolerantDecoder(Request).decode
_snake_response = TolerantDecoder(Response).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record holds Gemini's answer, the chunks of one, or a failed request for one."""
    if exchange.is_platform_row(record):
        return False
    if (interface := interfaces.of(record)) is not None:
        return interface == NAME
    if any(is_answer(each) for each in exchange.answers(record)):
        return True
    chunks = record.get("response")
    if isinstance(chunks, list) and chunks and isinstance(chunks[0], dict) and is_answer(chunks[0]):
        return True
    request, response = record.get("request"), record.get("response")
    if isinstance(request, dict) and "contents" in request and isinstance(response, dict) and "error" in response:
        return True
    text = exchange.answer_text(record)
    return '"candidates"' in text and ("sageMetadata" in text or "odelVersion" in text)


def is_answer(part: dict[str, Any]) -> bool:
    """Whether an object is the body of Gemini's answer: its counts, two names of it, or candidates with contents."""
    candidates, usage = part.get("candidates"), part.get("usageMetadata", part.get("usage_metadata"))
    if isinstance(usage, dict) and not _COUNTS.isdisjoint(usage) and "messages" not in part:
        return True
    if len(_ANSWERED.intersection(part)) > 1:
        return True
    return isinstance(candidates, list) and bool(candidates) and isinstance(candidates[0], dict) and (
        "content" in candidates[0]
    )  # fmt: skip


def read(record: bytes) -> list[Call]:
    """Return the call that one line tells of; none where it holds neither an answer nor a failure."""
    calls = _read(record, _line, _request, _response)
    if calls and calls[0].tokens_basis is not None:  # its counts are in camel case, as a rule
        return calls
    if b"usage_metadata" in record or b"prompt_token_count" in record or b"response_id" in record:
        return _read(record, _snake_line, _snake_request, _snake_response)
    return calls


def read_snake_case(record: bytes) -> list[Call]:
    """Return what `read` returns, quickly where names are in snake case, as they are in BigQuery."""
    calls = _read(record, _snake_line, _snake_request, _snake_response)
    return calls if calls and calls[0].tokens_basis is not None else read(record)


def _read(
    record: bytes,
    line_of: Callable[[bytes], Line],
    request_of: Callable[[bytes], Request],
    response_of: Callable[[bytes], Response],
) -> list[Call]:
    line = line_of(record)
    parts = (line.request, line.response, line.body, line.response_body, line.response_text)
    if all(part is None for part in parts):
        request, response = request_of(record), response_of(record)
    else:
        request = exchange.body(line.request, request_of) or exchange.body(line.request_body, request_of)
        request = exchange.body(request, request_of) or Request()
        response = _answer(line, response_of)
    response.error = response.error or line.error
    failure = envelope.failed(line) or exchange.refusal(line.response)
    if not (failure or response.error or _is_answered(response)):
        return []
    call = call_of(request, response, _url(line), failure)
    _fill_line(call, line, request, response)
    return [call]


def _answer(line: Line, response_of: Callable[[bytes], Response]) -> Response:
    """The response of a line, whole: one, or what its chunks add up to."""
    inner = line.response if line.response is not None else line.response_body
    for held in (line.response_text, inner, getattr(inner, "body", None), getattr(inner, "body_raw", None)):
        if isinstance(held, str) and (chunks := in_text(held, response_of)):
            return joined(chunks)
    if isinstance(inner, list):
        return joined(inner)
    return exchange.body(exchange.body(inner, response_of), response_of) or line.body or Response()


def in_text(text: str, response_of: Callable[[bytes], Response]) -> list[Response]:
    """Return the chunks of a stream that was recorded as text: events, or a list in JSON, perhaps cut off."""
    payloads = event_stream.payloads(text) if event_stream.looks_like_events(text) else _listed(text)
    return list(event_stream.decoded(payloads, response_of))


def _listed(text: str) -> list[bytes]:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _before_the_cut(text) if text.lstrip().startswith("[") else []
    return [msgspec.json.encode(each) for each in (value if isinstance(value, list) else [value])]


def _before_the_cut(text: str) -> list[bytes]:
    """The objects of a list of which the end is missing, but for the one that it is missing of."""
    decode, found, at = json.JSONDecoder().raw_decode, list[bytes](), text.find("{")
    while at >= 0:
        try:
            value, end = decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        at = text.find("{", end)
    return found


def joined(chunks: list[Response]) -> Response:
    """Return the response that chunks add up to: their parts one after the other, the last counts and finish reason."""
    whole, answer = Response(), Candidate(content=Content(parts=[]))
    for chunk in chunks:
        for name in ("usage_metadata", "model_version", "response_id", "prompt_feedback", "error"):
            if (value := getattr(chunk, name)) is not None:
                setattr(whole, name, value)
        whole.create_time = whole.create_time or chunk.create_time
        for candidate in chunk.candidates or ():
            answer.finish_reason = candidate.finish_reason or answer.finish_reason
            answer.grounding_metadata = candidate.grounding_metadata or answer.grounding_metadata
            if candidate.content is not None and answer.content is not None and answer.content.parts is not None:
                answer.content.parts += candidate.content.parts or []
            whole.candidates = [answer]
    return whole


def _is_answered(response: Response) -> bool:
    embedded = response.embedding is not NO_RAW or response.embeddings is not NO_RAW
    counted = any(each.embeddings is not None for each in response.predictions or ())
    feedback = response.prompt_feedback is not None
    return bool(response.candidates or response.usage_metadata or feedback or embedded or counted)


def _url(line: Line) -> str:
    inner = line.request.url if isinstance(line.request, LoggedRequest) else None
    return line.uri or line.url or inner or ""


def _fill_line(call: Call, line: Line, request: Request, response: Response) -> None:
    provider, region = call.provider, call.region
    tagged = request.labels if request.labels is not NO_RAW else NO_RAW
    envelope.fill(call, line, tagged)
    call.provider, call.region = line.provider or provider or call.provider, line.region or region
    if call.started_at is None:
        call.started_at = microseconds(response.create_time) or microseconds(line.processed_time)
    if call.duration_ms is None and line.response_headers:
        timing = str(line.response_headers.get("server-timing") or "")
        call.duration_ms = real(timing.partition("dur=")[2].partition(",")[0])
    if line.processed_time is not None or (line.key is not None and not _url(line)):
        call.service_tier = "batch"
        call.call_id = call.call_id or word(line.key)


def call_of(request: Request, response: Response, url: str, failure: str | None) -> Call:
    """Return the call of a request and its response; `url` is where it went, `failure` how it failed."""
    named = interfaces.last_part(url, "/models/")
    asked = named.partition(":")[0] if named else (request.model or "").rpartition("/")[2] or None
    config = request.generation_config
    call = Call(
        call_id=response.response_id,
        model=response.model_version or asked,
        requested_model=asked,
        provider=provider_at(url),
        region=interfaces.last_part(url, "/locations/"),
        max_output_tokens=config.max_output_tokens if config else None,
        temperature=config.temperature if config else None,
        streamed=True if "streamGenerateContent" in url else None,
    )
    if failure or response.error:
        call.status = "error"
        error = response.error if isinstance(response.error, Error) else Error()
        call.error_type = error.status or word(error.code) or failure or "error"
        call.billed = response.usage_metadata is not None
    _fill_request(call, request)
    if response.usage_metadata is not None:
        gemini_usage.fill(call, response.usage_metadata)
    _fill_embeddings(call, response)
    _fill_answer(call, response)
    return call


def _fill_request(call: Call, request: Request) -> None:
    call.messages = messages(request, call)
    size = len(memoryview(request.tools))
    call.tool_definitions = size if size > 4 else 0
    call.has_tools = call.tool_definitions > 0
    if request.generation_config is not None:
        call.wants_json = request.generation_config.response_mime_type == "application/json"


def _fill_embeddings(call: Call, response: Response) -> None:
    predicted = [each.embeddings for each in response.predictions or () if each.embeddings is not None]
    if predicted or response.embedding is not NO_RAW or response.embeddings is not NO_RAW:
        call.operation, call.output_tokens = "embedding", call.output_tokens or 0
    counts = [each.statistics.tokens for each in predicted if each.statistics is not None]
    if counts and call.input_tokens is None:
        call.input_tokens, call.tokens_basis = round(sum(each or 0 for each in counts)), "logged"


def _fill_answer(call: Call, response: Response) -> None:
    if response.prompt_feedback is not None and response.prompt_feedback.block_reason is not None:
        call.finish_reason = str(response.prompt_feedback.block_reason)
    texts = []
    for candidate in response.candidates or ():
        call.finish_reason = _finish_reason(candidate.finish_reason) or call.finish_reason
        parts = (candidate.content.parts if candidate.content is not None else None) or []
        texts.append(said(parts, Call()))
        call.answer_has_tool_calls |= any(len(memoryview(part.function_call)) > 4 for part in parts)
        if call.answer_has_tool_calls:
            call.answer_check = FINE  # arguments are an object; those that were none end the answer (`finish_reason`)
        if candidate.grounding_metadata is not None:
            _fill_searches(call, candidate.grounding_metadata)
    if texts:
        call.answer = "\n".join(texts)


def _finish_reason(reason: Any) -> str | None:
    if isinstance(reason, int) and not isinstance(reason, bool):
        return _FINISHED[reason] if 0 <= reason < len(_FINISHED) else str(reason)
    return str(reason).removeprefix("FinishReason.") if reason is not None else None


def _fill_searches(call: Call, grounding: Grounding) -> None:
    """Searches of the web are billed one by one from Gemini 3 on, before that once for a prompt."""
    queries = sum(1 for query in grounding.web_search_queries or () if query)
    if queries:
        older = (call.model or "").rpartition("/")[2].startswith(("gemini-1", "gemini-2"))
        call.web_searches = 1 if older else queries
    if any(len(memoryview(chunk.maps)) > 4 for chunk in grounding.grounding_chunks or ()):
        call.map_searches = 1
