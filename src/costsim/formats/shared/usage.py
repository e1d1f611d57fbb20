"""Usage objects of any provider's API, as tracers keep them, to counts that include their parts."""

from dataclasses import dataclass
from typing import Any

from costsim.formats.shared.numbers import inclusive_total, whole
from costsim.schema import Call

_SPELLINGS = {
    "input": ("input_tokens", "prompt_tokens", "inputTokens", "promptTokens", "input", "prompt_token_count",
              "promptTokenCount"),
    "output": ("output_tokens", "completion_tokens", "outputTokens", "completionTokens", "output",
               "candidates_token_count", "candidatesTokenCount"),
    "total": ("total_tokens", "totalTokens", "total", "total_token_count", "totalTokenCount"),
    "read": ("cache_read_input_tokens", "cached_tokens", "cacheReadInputTokens", "cached_content_token_count",
             "cachedContentTokenCount", "cachedContentTokens", "cache_read_tokens", "prompt_cache_hit_tokens"),
    "written": ("cache_creation_input_tokens", "cacheWriteInputTokens", "cache_write_tokens"),
    "written_1h": ("cache_creation_input_tokens_above_1hr", "ephemeral_1h_input_tokens"),
    "reasoning": ("reasoning_tokens", "thoughts_token_count", "thoughtsTokenCount", "thoughtsTokens",
                  "thoughts_tokens"),
}  # fmt: skip
_BY_SPELLING = {
    spelling: (field, rank) for field, spellings in _SPELLINGS.items() for rank, spelling in enumerate(spellings)
}
"""Field, and which of its spellings it is: earlier ones go before later ones."""


@dataclass(slots=True)
class Counts:
    """The counts of a usage object in the words of some API, as they stand there."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    read: int | None = None
    written: int | None = None
    written_1h: int | None = None
    reasoning: int | None = None
    audio_in: int | None = None
    audio_out: int | None = None
    includes_cached: bool | None = None
    """None where the figures have to tell, and else the log's habit, `by_habit`."""
    by_habit: bool = True
    includes_reasoning: bool = True


def put(call: Call, counts: Counts) -> None:
    """Put counts into the call, made inclusive."""
    call.cache_read_tokens, call.cache_write_tokens = counts.read, counts.written
    call.cache_write_1h_tokens, call.reasoning_tokens = counts.written_1h, counts.reasoning
    call.audio_input_tokens, call.audio_output_tokens = counts.audio_in, counts.audio_out
    call.output_tokens = counts.output
    if counts.output is None and call.operation == "embedding" and counts.input is not None:
        call.output_tokens = 0
    if counts.input is not None:
        _put_input(call, counts)
    if counts.output is not None and counts.reasoning:
        call.output_tokens = _spoken(counts.output, counts.reasoning, call.input_tokens, counts)


def _spoken(said: int, reasoned: int, asked: int | None, counts: Counts) -> int:
    """The output with what was reasoned; the figures go before the dialect's habit, which some tracers break."""
    if not counts.includes_reasoning:
        return said + reasoned
    return inclusive_total(said, reasoned, asked, counts.total, includes=True)


def _put_input(call: Call, counts: Counts) -> None:
    assert counts.input is not None
    call.tokens_basis = "logged"
    cached = (counts.read or 0) + (counts.written or 0)
    if counts.includes_cached is None:
        call.input_tokens = inclusive_total(counts.input, cached, counts.output, counts.total, includes=counts.by_habit)
    else:
        call.input_tokens = counts.input + (0 if counts.includes_cached else cached)


def counts_of(usage: dict[str, Any]) -> Counts | None:
    """Return the counts of a usage object of any provider's API; None where it has none that are known."""
    counts = Counts()
    best: dict[str, int] = {}
    for name, value in usage.items():
        if value is None or (known := _BY_SPELLING.get(name)) is None:
            continue
        field, rank = known
        if rank < best.get(field, rank + 1) and (count := whole(value)) is not None:
            best[field] = rank
            setattr(counts, field, count)
    for name in ("prompt_tokens_details", "input_tokens_details", "input_token_details"):
        if isinstance(details := usage.get(name), dict):
            _add_input_details(counts, details)
    for name in ("completion_tokens_details", "output_tokens_details", "output_token_details"):
        if isinstance(details := usage.get(name), dict):
            reasoning = _first(details, "reasoning_tokens", "reasoning", "thinking_tokens")
            counts.reasoning = counts.reasoning if counts.reasoning is not None else reasoning
            counts.audio_out = _first(details, "audio_tokens", "audio")
    if isinstance(lifetimes := usage.get("cache_creation"), dict):
        counts.written_1h = _first(lifetimes, "ephemeral_1h_input_tokens")
    if "cache_creation_input_tokens" in usage and "prompt_tokens" not in usage and "total_tokens" not in usage:
        counts.includes_cached = False  # Anthropic's own words
    counts.includes_reasoning = not any("houghts" in name for name in usage)
    return None if counts.input is None and counts.output is None else counts


def _add_input_details(counts: Counts, details: dict[str, Any]) -> None:
    """Parts of the input; of what was written, its parts by lifetime may stand beside the whole, or instead of it."""
    read = _first(details, "cached_tokens", "cache_read", "priority_cache_read", "flex_cache_read")
    counts.read = counts.read if counts.read is not None else read
    written = _first(details, "cache_write_tokens", "cache_creation_tokens", "cache_creation")
    five, hour = _first(details, "ephemeral_5m_input_tokens"), _first(details, "ephemeral_1h_input_tokens")
    if five or hour:
        written = max(written or 0, (five or 0) + (hour or 0))
    counts.written = counts.written if counts.written is not None else written
    counts.written_1h = hour if counts.written_1h is None else counts.written_1h
    counts.audio_in = _first(details, "audio_tokens", "audio")


def _first(usage: dict[str, Any], *spellings: str) -> int | None:
    for name in spellings:
        if (value := usage.get(name)) is not None and (found := whole(value)) is not None:
            return found
    return None
