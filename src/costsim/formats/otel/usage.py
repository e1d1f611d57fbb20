"""The tokens of a span, in every dialect of attributes, and in the bodies that some spans carry instead."""

from typing import Any

from costsim.formats.otel import names
from costsim.formats.otel.one_span import OneSpan
from costsim.formats.shared import ai_sdk, usage_details
from costsim.formats.shared.numbers import trillionths
from costsim.formats.shared.usage import Counts, counts_of, put
from costsim.schema import Call

_LOGFIRE_INCLUSIVE_SINCE = 1_774_569_600_000_000
"""27 March 2026: before, Logfire copied Anthropic's `input_tokens`, which leaves out what was cached."""
_COUNTS = (
    ("input", names.INPUT), ("output", names.OUTPUT), ("total", names.TOTAL), ("read", names.CACHE_READ),
    ("written", names.CACHE_WRITE), ("written_1h", names.CACHE_WRITE_1H), ("reasoning", names.REASONING),
    ("audio_in", names.AUDIO_INPUT), ("audio_out", names.AUDIO_OUTPUT),
)  # fmt: skip


def fill(call: Call, span: OneSpan) -> None:
    """Put the counts and the reported cost of a span into the call."""
    found = span.attributes
    counts = Counts()
    for field, there in found.present(_COUNTS):
        setattr(counts, field, found.count(*there))
    told = found.opened("ai.response.providerMetadata")
    ai_sdk.add_metadata(counts, told, is_inclusive=counts.total is not None)
    _add_details(counts, span)
    if counts.input is None and counts.output is None:
        counts = _from_bodies(span) or counts
    counts.by_habit = not _leaves_out_cached(call, span)
    put(call, counts)
    if found.has_any(names.COST):
        call.reported_cost = trillionths(found.plain(*names.COST)) or None  # 0 is written for unknown models
    if isinstance(costs := found.opened("langfuse.observation.cost_details"), dict):
        call.reported_cost = usage_details.cost(costs, None)


def _leaves_out_cached(call: Call, span: OneSpan) -> bool:
    """Whether the instrumentor hands on counts of input as the provider states them: without what was cached."""
    if "openlit" in span.scope:
        return call.provider in ("anthropic", "bedrock")
    if call.provider != "anthropic" or "logfire" not in span.scope:
        return False
    return span.start is not None and span.start < _LOGFIRE_INCLUSIVE_SINCE


def _from_bodies(span: OneSpan) -> Counts | None:
    """Counts out of what agents' frameworks keep whole."""
    found = span.attributes
    for name, inner in names.BODIES:
        body = found.opened(name)
        usage = body.get(inner) if inner and isinstance(body, dict) else body
        if isinstance(usage, dict) and (counts := _counts(name, usage)) is not None:
            return counts
    return None


def _counts(name: str, usage: dict[str, Any]) -> Counts | None:
    return usage_details.counts(usage) if name.startswith("langfuse.") else counts_of(usage)


def _add_details(counts: Counts, span: OneSpan) -> None:
    """Parts that stand as JSON in one attribute: a side of the usage (LangSmith), or all that was said (Logfire)."""
    for name in ("gen_ai.usage.input_token_details", "gen_ai.usage.output_token_details", "gen_ai.usage.raw"):
        if not isinstance(details := span.attributes.opened(name), dict):
            continue
        said = details if name.endswith(".raw") else {"input_tokens": 0, name.rpartition(".")[2]: details}
        if (parts := counts_of(said)) is not None:
            for part in ("read", "written", "written_1h", "reasoning", "audio_in", "audio_out"):
                if getattr(counts, part) is None:
                    setattr(counts, part, getattr(parts, part))
