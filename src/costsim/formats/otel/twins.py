"""Calls that two instrumentors wrote side by side, without an id that both know: an answer that was streamed has none.

Nested spans and those of one response are told apart elsewhere; here are spans of different libraries whose times lie
within each other, for the same model and with the same counts.
"""

from collections.abc import Sequence
from typing import NamedTuple

from costsim.schema import Call

_SLACK = 50_000
"""Microseconds by which the inner of two may begin before the outer one, or end after it."""


class Told(NamedTuple):
    """A call, and which library of which service told it."""

    call: Call
    scope: str
    service: str | None


def without_twins(told: Sequence[Told]) -> list[Call]:
    """Return the calls, of those that are told twice the one of which more is known, or the first."""
    if len({each.scope for each in told}) < 2:  # as a rule
        return [each.call for each in told]
    kept: dict[tuple[object, ...], list[Told]] = {}
    for each in told:
        call = each.call
        same = kept.setdefault((each.service, call.model, call.input_tokens, call.output_tokens, call.status), [])
        twin = next((place for place, other in enumerate(same) if _are_twins(each, other)), None)
        if twin is None:
            same.append(each)
        elif _facts(call) > _facts(same[twin].call):
            same[twin] = each
    chosen = {id(each.call) for same in kept.values() for each in same}
    return [each.call for each in told if id(each.call) in chosen]


def _are_twins(one: Told, other: Told) -> bool:
    if one.scope == other.scope or not one.call.input_tokens or not one.call.output_tokens:
        return False
    first, second = _span(one.call), _span(other.call)
    return first is not None and second is not None and (_holds(first, second) or _holds(second, first))


def _span(call: Call) -> tuple[float, float] | None:
    if call.started_at is None or call.duration_ms is None:
        return None
    return call.started_at, call.started_at + call.duration_ms * 1000


def _holds(outer: tuple[float, float], inner: tuple[float, float]) -> bool:
    return outer[0] - _SLACK <= inner[0] and inner[1] <= outer[1] + _SLACK


def _facts(call: Call) -> int:
    known = (call.cache_read_tokens, call.cache_write_tokens, call.reasoning_tokens, call.messages, call.answer)
    return sum(each is not None for each in known)
