"""The model that each conversation stays on: that of its first call, where a route says so."""

import numpy as np
from xxhash import xxh3_64_intdigest

from costsim.policies.attempts import WHOLE, Ints
from costsim.policies.levers import on_disk
from costsim.policies.levers.grouping import Hashes, grouped
from costsim.policies.levers.in_order import Timed as Row
from costsim.policies.levers.in_order import in_order
from costsim.policies.policy import Policy
from costsim.replay.outcome import Solved
from costsim.replay.simulating import BatchSimulation
from costsim.replay.timed.timetable import Timed
from costsim.schema import among

COLUMNS = ("conversation_id", "trace_id")


class Turn(Row, frozen=True):
    """Calls of one batch, with the model that each would get on its own."""

    conversation: Hashes
    """0 for a call of none."""
    model: Ints


def wanted(policy: Policy) -> bool:
    """Return whether a route keeps conversations on their model."""
    return any(rule.route.sticky is not None for rule in policy.rules)


def solve(timed: Timed) -> Ints:
    """Return the model that each call's conversation is on; -1 where it has none yet, or the call is of none.

    Memory: 16 bytes for each conversation.
    """
    calls = max(int(timed.found.calls[-1]), 1)
    model: Ints = on_disk.column(timed.folder / "sticky.npy", np.int64, calls)
    on_disk.reserve(model)
    model[:] = -1
    known = _Known()
    in_time = in_order(lambda number: _turns(*timed.batch(number)), timed.times, timed.batches, timed.folder)
    for turns, places in in_time:
        rows = np.flatnonzero((turns.conversation != 0) & (turns.model >= 0))
        if len(rows):
            model[places[rows]] = known.models(turns.only(rows))
    return model


class _Known:
    """The conversations so far, in order, each with its model."""

    def __init__(self) -> None:
        self._conversations, self._on = np.zeros(0, np.uint64), np.zeros(0, np.int64)

    def models(self, turns: Turn) -> Ints:
        """Return the model of each call's conversation, and remember those that are new."""
        first = _first_models(turns)
        before = among(turns.conversation, self._conversations)
        found = first.copy()
        found[before] = self._on[np.searchsorted(self._conversations, turns.conversation[before])]
        fresh, where = np.unique(turns.conversation[~before], return_index=True)
        together = np.append(self._conversations, fresh)
        order = np.argsort(together)
        self._conversations, self._on = together[order], np.append(self._on, first[~before][where])[order]
        return found


def _first_models(turns: Turn) -> Ints:
    """The model of the first call of each call's conversation, among these."""
    groups = grouped(turns.conversation)
    found = np.empty(len(turns), np.int64)
    found[groups.order] = turns.model[groups.order[groups.first]]
    return found


def _turns(batch: BatchSimulation, solved: Solved) -> Turn:
    """The calls of routes that keep conversations; of models by weight, one that the conversation's hash draws."""
    conversation = _conversations(batch)
    drawn = ((conversation >> np.uint64(11)).astype(np.float64) / 2**53 * WHOLE).astype(np.int64)
    model = np.full(len(batch.columns), -1, np.int64)
    below = np.zeros(len(batch.columns), np.int64)
    for rule, leg in batch.legs(solved):
        if rule >= 0 and batch.policy.rules[rule].route.sticky is not None and leg.answers and leg.number == 0:
            hit = (below[leg.rows] <= drawn[leg.rows]) & (drawn[leg.rows] < below[leg.rows] + leg.share)
            model[leg.rows[hit]] = leg.model[hit]
            below[leg.rows] += leg.share
    return Turn(batch.past.attempts.usage.at, conversation, model)


def _conversations(batch: BatchSimulation) -> Hashes:
    """A hash of each call's conversation, else of its trace."""
    found = np.zeros(len(batch.columns), np.uint64)
    for name in reversed(COLUMNS):
        codes, labels = batch.columns.word(name)
        hashes = np.array([0 if label is None else xxh3_64_intdigest(label.encode()) | 1 for label in labels], "u8")
        found = np.where(hashes[codes] != 0, hashes[codes], found)
    return found
