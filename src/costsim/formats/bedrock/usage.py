"""Bedrock's many ways to count, to inclusive counts: in bodies by their maker, in headers, at the end of a stream.

Only OpenAI's shape includes cached tokens in its input; Converse, Anthropic, Nova and Bedrock's own counts do not.
"""

from collections.abc import Mapping
from typing import Any

from costsim.formats.bedrock.rows import Counts, Response, Usage
from costsim.formats.shared.numbers import real, whole
from costsim.schema import Call

_HEADERS = "x-amzn-bedrock-"
_COUNTED = (_HEADERS + "input-token-count", _HEADERS + "output-token-count")


def fill(call: Call, response: Response, counted: Counts | None) -> None:
    """Put the tokens of a response into the call; `counted` is what Bedrock itself says, which goes first."""
    if response.usage is not None:
        _from_body(call, response.usage)
    elif response.prompt_token_count is not None or response.generation_token_count is not None:
        call.input_tokens, call.output_tokens = response.prompt_token_count, response.generation_token_count
    elif response.input_text_token_count is not None:
        results = response.results or ()
        call.input_tokens = response.input_text_token_count
        call.output_tokens = sum(each.token_count or 0 for each in results)
    for own in (response.counts, counted):
        if own is not None:
            _from_bedrock(call, own)
    if call.input_tokens is not None or call.output_tokens is not None:
        call.tokens_basis = "logged"
        if call.operation == "embedding":
            call.output_tokens = call.output_tokens or 0


def _from_body(call: Call, usage: Usage) -> None:
    if usage.prompt_tokens is not None:
        call.input_tokens, call.output_tokens = usage.prompt_tokens, usage.completion_tokens
        if usage.prompt_tokens_details is not None:
            call.cache_read_tokens = usage.prompt_tokens_details.cached_tokens
        if usage.completion_tokens_details is not None:
            call.reasoning_tokens = usage.completion_tokens_details.reasoning_tokens
        return
    fresh = _first(usage.converse_input, usage.input_tokens)
    read = _first(usage.converse_read, usage.nova_read, usage.cache_read_input_tokens)
    written = _first(usage.converse_written, usage.nova_written, usage.cache_creation_input_tokens)
    if usage.cache_creation is not None:
        call.cache_write_1h_tokens = usage.cache_creation.ephemeral_1h_input_tokens
    if usage.lifetimes:
        call.cache_write_1h_tokens = sum(each.input_tokens or 0 for each in usage.lifetimes if each.ttl == "1h")
    call.cache_read_tokens, call.cache_write_tokens = read, written
    call.output_tokens = _first(usage.converse_output, usage.output_tokens)
    if fresh is not None:
        call.input_tokens = fresh + (read or 0) + (written or 0)
    if usage.output_tokens_details is not None:
        call.reasoning_tokens = usage.output_tokens_details.thinking_tokens


def _from_bedrock(call: Call, counts: Counts) -> None:
    if counts.cache_read_input_token_count is not None:
        call.cache_read_tokens = counts.cache_read_input_token_count
    if counts.cache_write_input_token_count is not None:
        call.cache_write_tokens = counts.cache_write_input_token_count
    if counts.input_token_count is not None:
        cached = (call.cache_read_tokens or 0) + (call.cache_write_tokens or 0)
        call.input_tokens = counts.input_token_count + cached
    if counts.output_token_count is not None:
        call.output_tokens = counts.output_token_count
    if counts.invocation_latency is not None:
        call.duration_ms = counts.invocation_latency
    if counts.first_byte_latency is not None:
        call.time_to_first_token_ms = counts.first_byte_latency


def tell(headers: Mapping[str, Any]) -> bool:
    """Return whether the headers of an answer count its tokens."""
    return any(name.lower() in _COUNTED for name in headers)


def in_headers(headers: Mapping[str, Any] | None) -> Counts | None:
    """Return the counts in the headers of an answer, the only ones of embeddings and older models; None without any."""
    found = {name.lower(): value for name, value in (headers or {}).items() if name.lower().startswith(_HEADERS)}
    if not found:
        return None
    return Counts(
        input_token_count=whole(found.get(_HEADERS + "input-token-count")),
        output_token_count=whole(found.get(_HEADERS + "output-token-count")),
        cache_read_input_token_count=whole(found.get(_HEADERS + "cache-read-input-token-count")),
        cache_write_input_token_count=whole(found.get(_HEADERS + "cache-write-input-token-count")),
        invocation_latency=real(found.get(_HEADERS + "invocation-latency")),
    )


def _first(*counts: int | None) -> int | None:
    return next((count for count in counts if count is not None), None)
