"""Spans of one trace that are calls: nested ones are one call, and of siblings a failed one was tried again."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from costsim.schema import Call

_SOON = 120 * 1_000_000
"""Microseconds after which a sibling of a failed call is no second try."""


class Span(msgspec.Struct):
    """A call, and the span that it was, with the span around it."""

    call: Call
    id: str | None
    parent: str | None


def each_once(spans: list[Span], parents: Mapping[str, str | None]) -> list[Call]:
    """Return the calls that were made: of nested ones the innermost that knows its tokens, for outer ones repeat it.

    `parents` holds the parent of every span of the trace, whether it was a call or not. A failed attempt inside a
    call that succeeded stays a call of its own.
    """
    if len(spans) == 1:
        return [spans[0].call]
    carriers = [span for span in spans if _has_tokens(span.call)]
    around = _ancestors(carriers, parents)
    kept = [span for span in carriers if span.id not in around]
    told = around | {span.id for span in kept if span.id is not None}
    silent = [span for span in spans if not _has_tokens(span.call) and span.id not in around]
    silent = [span for span in silent if span.call.status == "error" or told.isdisjoint(_line(span.parent, parents))]
    around = _ancestors(silent, parents)
    kept += [span for span in silent if span.id not in around]
    chosen = {id(span) for span in kept}
    kept = [span for span in spans if id(span) in chosen]
    _link_attempts(kept)
    return [span.call for span in kept]


def _has_tokens(call: Call) -> bool:
    return bool(call.input_tokens or call.output_tokens)


def _ancestors(spans: Iterable[Span], parents: Mapping[str, str | None]) -> set[str]:
    found: set[str] = set()
    for span in spans:
        found.update(_line(span.parent, parents, found))
    return found


def _line(start: str | None, parents: Mapping[str, str | None], known: set[str] | None = None) -> set[str]:
    """A span and those around it, up to one in `known`; a circle ends where it closes."""
    found: set[str] = set()
    at = start
    while at and at not in found and (known is None or at not in known):
        found.add(at)
        at = parents.get(at)
    return found


def _link_attempts(spans: list[Span]) -> None:
    """A call that follows a failed sibling soon is its retry, or on another model the fallback from it."""
    if not any(span.call.status == "error" for span in spans):
        return
    siblings: dict[str, list[Call]] = {}
    for span in spans:
        if span.parent and span.call.started_at is not None:
            siblings.setdefault(span.parent, []).append(span.call)
    for calls in siblings.values():
        calls.sort(key=lambda call: call.started_at or 0)
        for earlier, later in pairwise(calls):
            if earlier.status == "error" and _follows(earlier, later):
                _link(earlier, later)


def _follows(earlier: Call, later: Call) -> bool:
    ended = (earlier.started_at or 0) + round((earlier.duration_ms or 0) * 1000)
    return earlier.operation == later.operation and ended <= (later.started_at or 0) <= ended + _SOON


def _link(earlier: Call, later: Call) -> None:
    if (earlier.requested_model or earlier.model) == (later.requested_model or later.model):
        later.retry_of = later.retry_of or earlier.call_id
        later.attempt = later.attempt or (earlier.attempt or 1) + 1
        later.fallback_of = later.fallback_of or earlier.fallback_of
    elif later.fallback_of is None:
        later.fallback_of = earlier.requested_model or earlier.model or "unknown"
