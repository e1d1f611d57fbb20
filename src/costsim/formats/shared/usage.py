"""Usage objects of any provider's API, as tracers keep them, to counts that include their parts."""

from functools import lru_cache
from typing import Any

import msgspec

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
_ASKED = ("prompt_tokens_details", "input_tokens_details", "input_token_details", "promptTokensDetails",
          "inputTokensDetails", "inputTokenDetails")  # fmt: skip
_ANSWERED = ("completion_tokens_details", "output_tokens_details", "output_token_details", "completionTokensDetails",
             "outputTokensDetails", "outputTokenDetails")  # fmt: skip
_CACHED_APART = "cache_creation_input_tokens"
_OTHERS = frozenset({"prompt_tokens", "total_tokens"})


class Counts(msgspec.Struct):
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
    counts, known = Counts(), _known(tuple(usage))
    for field, names in known.stated:
        for name in names:
            if (count := whole(usage[name])) is not None:
                setattr(counts, field, count)
                break
    for name in known.asked:
        if isinstance(details := usage[name], dict):
            _add_input_details(counts, details)
    for name in known.answered:
        if isinstance(details := usage[name], dict):
            reasoning = _first(details, "reasoning_tokens", "reasoning", "thinking_tokens", "reasoningTokens")
            counts.reasoning = counts.reasoning if counts.reasoning is not None else reasoning
            counts.audio_out = _first(details, "audio_tokens", "audio")
    if isinstance(lifetimes := usage.get("cache_creation"), dict):
        counts.written_1h = _first(lifetimes, "ephemeral_1h_input_tokens")
    if known.is_anthropics:
        counts.includes_cached = False
    counts.includes_reasoning = known.includes_reasoning
    return None if counts.input is None and counts.output is None else counts


class _Known(msgspec.Struct):
    """What of a usage object is known, by the names in it."""

    stated: tuple[tuple[str, tuple[str, ...]], ...]
    """Fields, each with those of its spellings that are there, best first."""
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    is_anthropics: bool
    """Whether it is in Anthropic's own words, whose input leaves out what was cached."""
    includes_reasoning: bool


@lru_cache(maxsize=1024)
def _known(names: tuple[str, ...]) -> _Known:
    """What is known of usage objects with these names; a log has few sets of them."""
    found = ((field, tuple(name for name in spellings if name in names)) for field, spellings in _SPELLINGS.items())
    return _Known(
        stated=tuple((field, there) for field, there in found if there),
        asked=tuple(name for name in _ASKED if name in names),
        answered=tuple(name for name in _ANSWERED if name in names),
        is_anthropics=_CACHED_APART in names and _OTHERS.isdisjoint(names),
        includes_reasoning=not any("houghts" in name for name in names),
    )


def _add_input_details(counts: Counts, details: dict[str, Any]) -> None:
    """Parts of the input; of what was written, its parts by lifetime may stand beside the whole, or instead of it."""
    read = _first(details, "cached_tokens", "cache_read", "priority_cache_read", "flex_cache_read", "cachedTokens")
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
