"""Langfuse's usage details: counts by kind that add up to the total, or headlines with their parts inside."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from costsim.formats.shared.numbers import trillionths, whole
from costsim.formats.shared.usage import Counts, counts_of

_INPUTS = ("input", "prompt_tokens", "input_tokens", "promptTokens", "prompt")
_OUTPUTS = ("output", "completion_tokens", "output_tokens", "completionTokens", "completion")
_HEADLINES = frozenset({"input", "output"})
_TOTALS = ("total", "total_tokens", "totalTokens")
_CLOSE = 1_000_000
"""10^-12 USD: how far the float that a cost was added up in may be from the sum of its parts."""


def counts(details: dict[str, Any]) -> Counts | None:
    """Return the counts of usage details; None where they hold none.

    Kinds partition the total where they add up to it; where they do not, the headlines include their parts. Without a
    total, names tell: Langfuse's own kinds (`input_cached_tokens`) stand beside each other, dotted ones
    (`prompt_details.cache_read`) inside.
    """
    known = {name: count for name, value in details.items() if (count := whole(value)) is not None}
    if len(known) < len(details) and any(isinstance(value, dict) for value in details.values()):
        return counts_of(details)
    total = next((known.pop(name) for name in _TOTALS if name in known), None)
    if not known:
        return None
    if _HEADLINES.issuperset(known):  # as a rule
        return Counts(known.get("input"), known.get("output"), total, includes_cached=True)
    kinds = _kinds(tuple(known))
    found = Counts(
        input=next((known[name] for name in _INPUTS if name in known), None),
        output=next((known[name] for name in _OUTPUTS if name in known), None),
        total=total,
        read=_most(known, kinds.read),
        written_1h=_most(known, kinds.written_1h),
        reasoning=_most(known, kinds.reasoning),
        audio_in=_most(known, kinds.audio_in),
        audio_out=_most(known, kinds.audio_out),
    )
    whole_writes, by_lifetime = _most(known, kinds.written), sum(known[name] for name in kinds.by_lifetime)
    repeated = min(whole_writes or 0, by_lifetime)
    found.written = max(whole_writes or 0, by_lifetime) if whole_writes is not None or by_lifetime else None
    found.includes_cached = found.includes_reasoning = True
    if _stand_apart(found, known, total, repeated):
        found.input = sum(known[name] for name in kinds.inputs) - repeated
        found.output = sum(known[name] for name in kinds.outputs)
    return found


class _Kinds(msgspec.Struct):
    """Names of counts, by what they count."""

    inputs: list[str]
    outputs: list[str]
    read: list[str]
    written: list[str]
    written_1h: list[str]
    by_lifetime: list[str]
    reasoning: list[str]
    audio_in: list[str]
    audio_out: list[str]


@lru_cache(maxsize=1024)
def _kinds(names: tuple[str, ...]) -> _Kinds:
    """What each of the names counts; a log has few sets of names."""
    outputs = [name for name in names if name.startswith(("output", "completion"))]
    inputs = [name for name in names if name not in outputs]
    by_lifetime = [name for name in names if "1h" in name or "5m" in name]
    return _Kinds(
        inputs,
        outputs,
        read=_with(names, ("cache_read", "cached", "cache_input", "cacheRead")),
        written=_with([name for name in names if name not in by_lifetime], _WRITES),
        written_1h=_with(names, ("1h",)),
        by_lifetime=by_lifetime,
        reasoning=_with(names, ("reasoning", "thought")),
        audio_in=_with(inputs, ("audio",)),
        audio_out=_with(outputs, ("audio",)),
    )


def _with(names: Iterable[str], words: Iterable[str]) -> list[str]:
    return [name for name in names if any(word in name for word in words)]


def _most(known: dict[str, int], names: list[str]) -> int | None:
    return max(known[name] for name in names) if names else None


_WRITES = ("cache_creation", "cache_write", "cacheWrite", "cacheCreation")


def _stand_apart(found: Counts, known: dict[str, int], total: int | None, repeated: int) -> bool:
    parts = sum(known.values()) - (found.input or 0) - (found.output or 0)
    if not parts:
        return False
    if total is not None and total == sum(known.values()):
        return True
    if total is not None and total == (found.input or 0) + (found.output or 0):
        return False
    if total is not None and total == sum(known.values()) - repeated:
        return True
    return not any("." in name for name in known)


def cost(details: dict[str, Any] | None, total: Any) -> int | None:
    """Return what a row reports in 10^-12 USD: the sum of its kinds, of which the total is the same as a float."""
    parts = {name: trillionths(value) for name, value in (details or {}).items()}
    said = parts.pop("total", None)
    if said is None:
        said = trillionths(total)
    added = sum(amount for amount in parts.values() if amount is not None) if parts else None
    if said is None:
        return added
    return added if added is not None and abs(added - said) < _CLOSE else said
