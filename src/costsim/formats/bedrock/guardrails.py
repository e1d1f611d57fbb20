"""What Bedrock's guardrails bill besides the model: units of text for each policy, as the trace of an answer tells.

Converse and InvokeModel nest them differently, by guardrail and by side; they are found by their names wherever they
stand. Word filters and what is counted as free cost nothing. Without a trace, nothing is known of them.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from costsim.formats.shared.attributes import decoded
from costsim.formats.shared.numbers import whole

_UNITS = {
    "contentPolicyUnits": "guardrail_content",
    "topicPolicyUnits": "guardrail_topic",
    "sensitiveInformationPolicyUnits": "guardrail_sensitive",
    "contextualGroundingPolicyUnits": "guardrail_grounding",
    "automatedReasoningPolicyUnits": "guardrail_reasoning",
    "contentPolicyImageUnits": "guardrail_image",
}
"""What the trace calls what the price files call otherwise."""
_DEEPEST = 12


def units_in(*traces: msgspec.Raw) -> dict[str, int] | None:
    """Return the units of the traces of an answer by the names of the price files; None where there are none."""
    found: dict[str, int] = {}
    for trace in traces:
        if b"PolicyUnits" in bytes(trace) or b"PolicyImageUnits" in bytes(trace):
            for name, count in _counts(decoded(bytes(trace)), 0):
                found[_UNITS[name]] = found.get(_UNITS[name], 0) + count
    return found or None


def _counts(value: Any, depth: int) -> Iterator[tuple[str, int]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        named = ((name, whole(value[name])) for name in _UNITS if name in value)
        yield from ((name, count) for name, count in named if count is not None and count > 0)
    for each in inner if depth < _DEEPEST else ():
        yield from _counts(each, depth + 1)
