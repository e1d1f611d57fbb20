"""Anthropic's counts of tokens, and the work of other models that is billed beside them."""

from costsim.formats.anthropic.rows import Iteration, Usage
from costsim.schema import Call

_BESIDE = frozenset({"advisor_message", "compaction", "fallback_message"})
"""Iterations that are no part of what the message's own model did for it."""


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
