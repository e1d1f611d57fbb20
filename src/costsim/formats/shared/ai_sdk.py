"""What the Vercel AI SDK returns and hands to callbacks, in the shapes of its versions 4 to 7, and how it counts.

A run is a list of steps, each a call with a usage of its own. `totalUsage` is the sum of a run; `usage` beside it is
that of the last step (5, 6), or the sum too (4, 7), and then that of the last stands in `finalStep` (7). Where
`noCacheTokens` is stated (since 6), `inputTokens` includes what was cached; before, it is what the provider calls its
input, which for Anthropic and Bedrock leaves that out, and so does `totalTokens`. Cache writes then stand in the
provider's metadata only. Source: `usage.ts`, `step-result.ts` and `generate-text-result.ts` of the package ai (4.3,
5.0, 6.0, 7.0), and its providers for Anthropic, Bedrock and Google.
"""

from typing import Any

from costsim.formats.shared.numbers import whole
from costsim.formats.shared.usage import Counts, counts_of

_COUNTS = frozenset({"inputTokens", "outputTokens", "promptTokens", "completionTokens"})
_AROUND = ("result", "event", "response", "output", "completion", "generation", "step", "answer")
"""Names under which people log a result. Deeper ones are found as those of any record are (`wrapped`)."""
_TELLING = frozenset({"steps", "totalUsage", "usage"})
"""A result has one of these."""
_APART = ("anthropic", "bedrock")
"""Providers whose own count of input leaves out what was cached."""
_WRITES = ("cache_creation_input_tokens", "cacheCreationInputTokens", "cacheWriteInputTokens")
_GATEWAY = "gateway"


def result_in(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return the SDK's object that a record is or holds: a result, or one of its steps; None where there is none."""
    if _is_result(record):
        return record
    held = (record[name] for name in _AROUND if isinstance(record.get(name), dict))
    return next((inner for inner in held if _is_result(inner)), None)


def _is_result(value: dict[str, Any]) -> bool:
    if _TELLING.isdisjoint(value):  # as a rule: most formats ask this of each record that they look at
        return False
    if any(is_usage(step.get("usage")) for step in _steps(value)) or is_usage(value.get("totalUsage")):
        return True
    usage = value.get("usage")
    if not isinstance(usage, dict) or (usage and not is_usage(usage)):  # an empty one: its counts are undefined
        return False
    named = (value.get("response"), value.get("model"))
    return any(isinstance(each, dict) and isinstance(each.get("modelId"), str) for each in named)


def is_usage(value: Any) -> bool:
    """Return whether a value is a usage in the SDK's words."""
    return isinstance(value, dict) and not _COUNTS.isdisjoint(value)


def steps_of(result: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """Return the calls of a result, and whether the one that it then is stands for all of them.

    That is so where no step says what it used.
    """
    steps, total = _steps(result), result.get("totalUsage")
    is_told = _says(total) or _says(result.get("usage"))
    if any(_says(used) or (is_usage(used) and not is_told) for used in (step.get("usage") for step in steps)):
        return steps, False
    alone = {**(steps[-1] if steps else {}), **{name: value for name, value in result.items() if name != "steps"}}
    if _says(total):
        alone["usage"] = total
    last = part(result.get("finalStep")).get("usage", result.get("usage"))
    return [alone], len(steps) > 1 or (_says(total) and _asked_and_answered(total) != _asked_and_answered(last))


def _asked_and_answered(usage: Any) -> tuple[int | None, int | None]:
    counts = counts_in(usage)
    return counts.input, counts.output


def _says(usage: Any) -> bool:
    """Whether a usage has a count: one that is not known is left out, or null where NaN was written as JSON."""
    return is_usage(usage) and any(usage.get(name) is not None for name in _COUNTS)


def _steps(value: dict[str, Any]) -> list[dict[str, Any]]:
    steps = value.get("steps")
    return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []


def counts_in(usage: Any) -> Counts:
    """Return the counts of a usage in the SDK's words; what it does not state is null."""
    usage = part(usage)
    asked, answered = part(usage.get("inputTokenDetails")), part(usage.get("outputTokenDetails"))
    found = Counts(
        input=_first(usage, "inputTokens", "promptTokens"),
        output=_first(usage, "outputTokens", "completionTokens"),
        total=whole(usage.get("totalTokens")),
        read=_first(asked, "cacheReadTokens", "cachedInputTokens", beside=usage),
        written=whole(asked.get("cacheWriteTokens")),
        reasoning=_first(answered, "reasoningTokens", beside=usage),
        includes_cached=True if whole(asked.get("noCacheTokens")) is not None else None,
    )
    own = counts_of(part(usage.get("raw")))
    if own is not None:
        found.written_1h, found.audio_in, found.audio_out = own.written_1h, own.audio_in, own.audio_out
    return found


def add_metadata(counts: Counts, metadata: Any, *, is_inclusive: bool) -> None:
    """Add what the SDK leaves to its providers' metadata: cache writes, and whether reads are in the input.

    `is_inclusive`: whether the log says that the input includes what was cached.
    """
    metadata = part(metadata)
    for provider, facts in metadata.items():
        if isinstance(facts, dict):
            _add_provider(counts, provider, facts, is_inclusive or _GATEWAY in metadata)


def _add_provider(counts: Counts, provider: str, facts: dict[str, Any], is_inclusive: bool) -> None:
    usage = part(facts.get("usage"))
    if provider in ("openai", "azure"):
        counts.read = counts.read if counts.read is not None else whole(facts.get("cachedPromptTokens"))
        counts.reasoning = counts.reasoning if counts.reasoning is not None else whole(facts.get("reasoningTokens"))
        return
    read = _first(usage, "cache_read_input_tokens", "cacheReadInputTokens", beside=facts)
    written = _first(usage, *_WRITES, beside=facts)
    if not read and not written and not (provider in _APART and counts.read):
        return
    counts.read, counts.written = read or counts.read, written or counts.written
    if counts.written_1h is None:
        counts.written_1h = whole(part(usage.get("cache_creation")).get("ephemeral_1h_input_tokens"))
    own = whole(usage.get("input_tokens"))
    if own is not None:
        counts.input, counts.includes_cached = own, False
    elif counts.input is not None and not is_inclusive:
        counts.includes_cached = False


def _first(holder: dict[str, Any], *names: str, beside: dict[str, Any] | None = None) -> int | None:
    """The first of some counts that is stated here, or in what stands beside it."""
    for name in names:
        for stated in (holder, beside):
            if stated and (count := whole(stated.get(name))) is not None:
                return count
    return None


def part(value: Any) -> dict[str, Any]:
    """Return a value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
