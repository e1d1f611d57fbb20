"""Langfuse's usage details: counts by kind that add up to the total, or headlines with their parts inside."""

from collections.abc import Iterable
from typing import Any

from costsim.formats.shared.numbers import trillionths, whole
from costsim.formats.shared.usage import Counts, counts_of

_INPUTS = ("input", "prompt_tokens", "input_tokens", "promptTokens", "prompt")
_OUTPUTS = ("output", "completion_tokens", "output_tokens", "completionTokens", "completion")
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
    if any(isinstance(value, dict) for value in details.values()):
        return counts_of(details)
    total = next((known.pop(name) for name in _TOTALS if name in known), None)
    if not known:
        return None
    found = Counts(
        input=next((known[name] for name in _INPUTS if name in known), None),
        output=next((known[name] for name in _OUTPUTS if name in known), None),
        total=total,
        read=_part(known, ("cache_read", "cached", "cache_input", "cacheRead")),
        written_1h=_part(known, ("1h",)),
        reasoning=_part(known, ("reasoning", "thought")),
        audio_in=_part(_side(known, output=False), ("audio",)),
        audio_out=_part(_side(known, output=True), ("audio",)),
    )
    whole_writes = _part({name: count for name, count in known.items() if not _has_lifetime(name)}, _WRITES)
    by_lifetime = sum(count for name, count in known.items() if _has_lifetime(name))
    repeated = min(whole_writes or 0, by_lifetime)
    found.written = max(whole_writes or 0, by_lifetime) if whole_writes is not None or by_lifetime else None
    found.includes_cached = found.includes_reasoning = True
    if _stand_apart(found, known, total, repeated):
        found.input = sum(_side(known, output=False).values()) - repeated
        found.output = sum(_side(known, output=True).values())
    return found


_WRITES = ("cache_creation", "cache_write", "cacheWrite", "cacheCreation")


def _has_lifetime(name: str) -> bool:
    return "1h" in name or "5m" in name


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


def _side(known: dict[str, int], *, output: bool) -> dict[str, int]:
    return {name: count for name, count in known.items() if name.startswith(("output", "completion")) == output}


def _part(known: dict[str, int], words: Iterable[str]) -> int | None:
    found = [count for name, count in known.items() if any(word in name for word in words)]
    return max(found) if found else None


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
