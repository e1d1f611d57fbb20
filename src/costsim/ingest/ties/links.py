"""What each call has to do with earlier ones: the same prefix, prompt or conversation, or a failure before it.

Found once, when the logs are read, over all calls in the order of time; what is asked later looks at single calls.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from costsim.ingest.ties.keys import (
    AT,
    CONVERSATION,
    FAILED,
    INPUT,
    MODEL,
    PREFIX,
    PROMPT,
    REQUEST,
    WORK,
)
from costsim.ingest.ties.parts import AT_ONCE, Load, Piece, Some, only, part_of, sizes
from costsim.ingest.ties.slices import how_many, slices

NONE = -1
NAMES = ("since_prefix_ms", "until_prefix_ms", "since_answer_ms", "early_input_tokens", "tried_again", "asked_again_ms")
"""Columns, int32, NONE where there is nothing to say:
milliseconds since the last, and until the next, call of the same model with the same first message (or tools and
system prompt); since the last time that the same model answered the same request; input tokens of the conversation's
fourth call, from the fifth on; 1 (or 2: on another model) where a failure of the same piece of work came shortly
before; and milliseconds until the same conversation asks the very same prompt again, of whatever model.
"""
SINCE_PREFIX, UNTIL_PREFIX, SINCE_ANSWER, EARLY_INPUT, TRIED_AGAIN, ASKED_AGAIN = range(len(NAMES))

Links = NDArray[np.int32]
"""[len(NAMES), calls]"""

RETRIED, ESCALATED = 1, 2
EARLY_CALLS = 4
SOON_MS = 120_000
"""A failed request that is sent again within two minutes is tried again, not asked anew."""

_LONGEST = np.iinfo(np.int32).max
_QUESTION = -1
"""In place of a row of the keys: a hash of a conversation and what is asked in it. One may go on through all logs, and
ask something else each time.
"""
_STEP = np.int64(0x9E3779B97F4A7C1)


def find(kind: int, load: Load, batches: int, links: Links, starts: NDArray[np.int64]) -> None:
    """Fill in the columns of one of the `KINDS` of links for all calls, in `links` that hold NONE.

    `starts` are the places of each batch's first call among all calls, and last how many calls there are.
    """
    rows, finder, goes_on = _FINDERS[kind]
    load = _with_questions(load)
    parts = max(1, -(-int(starts[-1]) // AT_ONCE))
    for part, size in enumerate(sizes(load, batches, rows[0], parts)):
        if not size:
            continue
        before: Piece | None = None
        for within in slices(load, rows[0], part, parts, starts, how_many(size, AT_ONCE)):
            piece = part_of(load, batches, rows, part, parts, within).after(before)
            if len(piece.places):
                finder(piece.keys, starts[piece.of_batch] + piece.places, links)
            if within is not None:
                before = piece.only(goes_on(piece.keys))


def _with_questions(load: Load) -> Load:
    def loaded(batch: int, row: int) -> NDArray[np.int64]:
        if row != _QUESTION:
            return load(batch, row)
        conversation, prompt = load(batch, CONVERSATION), load(batch, PROMPT)
        return np.where((conversation != 0) & (prompt != 0), (conversation * _STEP ^ prompt) | 1, 0)

    return loaded


def _in_order(keys: Some, *by: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Places by some keys and then time, and whether each but the first has the same keys as the one before it."""
    mixed = keys[by[0]].copy()
    for row in by[1:]:
        mixed = mixed * _STEP ^ keys[row]
    at = keys[AT]
    by_time = np.arange(len(at)) if np.all(at[1:] >= at[:-1]) else np.argsort(at, kind="stable")
    order = by_time[np.argsort(mixed[by_time], kind="stable")]
    return order, mixed[order][1:] == mixed[order][:-1]


def _gap(keys: Some, later: NDArray[np.int64], earlier: NDArray[np.int64]) -> NDArray[np.int32]:
    """Milliseconds between calls; NONE where one of them has no time."""
    at = keys[AT]
    gap = np.minimum((at[later] - at[earlier]) // 1000, _LONGEST)
    return np.where((at[earlier] >= 0) & (at[later] >= 0), gap, NONE).astype(np.int32)


def _same_prefix(keys: Some, places: NDArray[np.int64], links: Links) -> None:
    order, same = _in_order(keys, PREFIX, MODEL)
    later, earlier = order[1:][same], order[:-1][same]
    gap = _gap(keys, later, earlier)
    links[SINCE_PREFIX, places[later]] = gap
    links[UNTIL_PREFIX, places[earlier]] = gap


def _same_request(keys: Some, places: NDArray[np.int64], links: Links) -> None:
    answered = np.flatnonzero(keys[FAILED] == 0)
    keys, places = only(keys, answered), places[answered]
    order, same = _in_order(keys, REQUEST, MODEL)
    later, earlier = order[1:][same], order[:-1][same]
    links[SINCE_ANSWER, places[later]] = _gap(keys, later, earlier)


def _conversations(keys: Some, places: NDArray[np.int64], links: Links) -> None:
    counted = np.flatnonzero((keys[INPUT] > 0) & (keys[AT] >= 0))
    keys, places = only(keys, counted), places[counted]
    order, same = _in_order(keys, CONVERSATION)
    first = np.flatnonzero(np.append(True, ~same)) if len(order) else np.zeros(0, np.int64)
    length = np.diff(np.append(first, len(order)))
    start = np.repeat(first, length)
    late = np.flatnonzero(np.arange(len(order)) - start >= EARLY_CALLS)
    early = order[start[late] + EARLY_CALLS - 1]
    links[EARLY_INPUT, places[order[late]]] = np.minimum(keys[INPUT][early], _LONGEST)


def _asked_again(keys: Some, places: NDArray[np.int64], links: Links) -> None:
    order, same = _in_order(keys, _QUESTION)
    later, earlier = order[1:][same], order[:-1][same]
    links[ASKED_AGAIN, places[earlier]] = _gap(keys, later, earlier)


def _tried_again(keys: Some, places: NDArray[np.int64], links: Links) -> None:
    if not keys[FAILED].any():
        return
    order, same = _in_order(keys, WORK)
    later, earlier = order[1:][same], order[:-1][same]
    gap = _gap(keys, later, earlier)
    soon = (keys[FAILED][earlier] != 0) & (gap >= 0) & (gap <= SOON_MS)
    later, earlier = later[soon], earlier[soon]
    moved = keys[MODEL][later] != keys[MODEL][earlier]
    links[TRIED_AGAIN, places[later]] = np.where(moved, ESCALATED, RETRIED)


def _last(keys: Some, *by: int, of: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """The last call of each of these keys, of some of the calls: what a later one may be the next to."""
    calls = np.arange(len(keys[AT])) if of is None else of
    order, same = _in_order(only(keys, calls), *by)
    return calls[order[np.append(~same, True)]] if len(order) else calls


def _first_of_conversations(keys: Some) -> NDArray[np.int64]:
    """The early calls of each conversation: a later one is compared with them."""
    counted = np.flatnonzero((keys[INPUT] > 0) & (keys[AT] >= 0))
    order, same = _in_order(only(keys, counted), CONVERSATION)
    if not len(order):
        return counted
    first = np.flatnonzero(np.append(True, ~same))
    start = np.repeat(first, np.diff(np.append(first, len(order))))
    return counted[order[np.arange(len(order)) - start < EARLY_CALLS]]


_Finder = Callable[[Some, NDArray[np.int64], Links], None]
_GoesOn = Callable[[Some], NDArray[np.int64]]
_FINDERS: tuple[tuple[tuple[int, ...], _Finder, _GoesOn], ...] = (
    ((PREFIX, MODEL, AT), _same_prefix, lambda keys: _last(keys, PREFIX, MODEL)),
    (
        (REQUEST, MODEL, AT, FAILED),
        _same_request,
        lambda keys: _last(keys, REQUEST, MODEL, of=np.flatnonzero(keys[FAILED] == 0)),
    ),
    ((CONVERSATION, INPUT, AT), _conversations, _first_of_conversations),
    ((_QUESTION, AT), _asked_again, lambda keys: _last(keys, _QUESTION)),
    ((WORK, MODEL, AT, FAILED), _tried_again, lambda keys: _last(keys, WORK)),
)
"""What each looks at: calls that have the first of these keys, and no other rows of theirs; and which of these calls
those of a later time must be seen with, where they are looked at some at a time.
"""
KINDS = range(len(_FINDERS))
"""Each fills columns of its own and can be found apart, in any order."""
