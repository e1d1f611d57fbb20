"""What other calls of the same template say of a call's task: a system prompt that was sent 10,000 times has one task.

Taken once over the whole log, like links, so that neither workers nor cuts matter. Calls with the same system prompt
vote, or, where too few share one, the calls of a route; each vote weighs as much as its guess was sure. Only where the
winner is clear do unsure calls adopt it: a route with mixed work stays mixed. Measured with sources left out, each
taken for a route: accuracy 0.769 -> 0.791, sources of several labels 0.668 -> 0.668 (scripts/evaluate_tasks.py).

Before that, answers have their say: where nearly all are one of a few words, the calls classify (`short_answers`).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace
from numpy.typing import NDArray

from costsim.ingest.ties import short_answers
from costsim.ingest.ties.adopted import CERTAIN, Votes
from costsim.ingest.ties.keys import first_prefix, hash_of
from costsim.ingest.ties.parts import AT_ONCE, Load, Parts, Piece, Pieces, Some
from costsim.schema import distinct, whole_numbers, words

Ints = NDArray[np.int64]

NAMES = ("system", "route", "task", "sure", "answer", "prompt")
SYSTEM, ROUTE, TASK, SURE, ANSWER, PROMPT = range(len(NAMES))
"""Rows of ballots: hashes of system prompt, route and task, 0 where there is none, the confidence in 1/10,000, what
`short_answers.marks_of` says of the answer, and a hash of the prompt.
"""

NONE = -1
_HEARD = -2
"""In the task row of `Votes`: the call stays as it is, and its system prompt was asked already."""

FEWEST = 20
"""Calls that a template has at least before it votes."""
UNSURE = 6_000
"""A call that is less sure adopts what the others are."""
CLEAR = 0.75
"""The winner's share of all votes, by weight, from which it is clear."""


def ballots_of(calls: pa.Table, answers: Ints) -> Ints:
    """Return the ballots of a batch of calls with the marks of their answers; without a task there is none."""
    ballots = np.zeros((len(NAMES), calls.num_rows), np.int64)
    confidence = pc.fill_null(calls.column("task_confidence"), 0.0).to_numpy()
    ballots[SURE] = np.rint(confidence * CERTAIN).astype(np.int64)
    ballots[SYSTEM] = np.where(whole_numbers(calls, "system_tokens", 0) > 0, first_prefix(calls), 0)
    for row, name in ((ROUTE, "route"), (TASK, "task")):
        codes, labels = words(calls, name)
        ballots[row] = np.array([hash_of(label) if label else 0 for label in labels], np.int64)[codes]
    ballots[ANSWER] = answers
    ballots[PROMPT] = pc.fill_null(calls.column("prompt_hash"), 0).to_numpy().view(np.int64)
    ballots[:, ballots[SURE] == 0] = 0
    return ballots


def find(load: Load, batches: int, tasks: Sequence[str], unknown: str, votes: Votes, starts: Ints) -> None:
    """Fill in `votes`, which hold NONE, for all calls; `starts` are as for `links.find`."""
    parts = max(1, -(-int(starts[-1]) // AT_ONCE))
    hashes = np.array([hash_of(task) for task in tasks], np.int64)
    for by in (SYSTEM, ROUTE):
        ballots = Parts(load, batches, by, parts, AT_ONCE)
        for part in range(parts):
            pieces = ballots.pieces(part, TASK, SURE, ANSWER, PROMPT)
            poll = _Poll(pieces, _large(pieces, by), hashes, tasks.index(unknown), starts)
            if len(poll.groups):
                _hear_answers(poll, votes)
                _count(poll, votes)


def _large(ballots: Pieces, by: int) -> Ints:
    """The groups with as many calls as it takes to say anything of them, by their hashes and in order."""
    groups, calls = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for piece in ballots:
        found, more = np.unique(piece.keys[by], return_counts=True)
        together = distinct(np.append(groups, found))
        sums = np.zeros(len(together), np.int64)
        sums[np.searchsorted(together, groups)] = calls
        sums[np.searchsorted(together, found)] += more
        groups, calls = together, sums
    return groups[calls >= min(FEWEST, short_answers.FEWEST)]


class _Poll(msgspec.Struct, frozen=True, dict=True):
    """Calls of some groups, whose ballots are seen some at a time, as often as it takes."""

    ballots: Pieces
    groups: Ints
    """By their hashes, in order."""
    tasks: Ints
    """By their hashes."""
    unknown: int
    starts: Ints

    def __iter__(self) -> Iterator[tuple[Ints, Some, Ints]]:
        """Yield of some calls at a time the number of each one's group, its ballot, and its place among all calls."""
        yield from self._kept if self.ballots.are_one else map(self._of, self.ballots)

    @cached_property
    def _kept(self) -> list[tuple[Ints, Some, Ints]]:
        return [self._of(piece) for piece in self.ballots]

    def _of(self, piece: Piece) -> tuple[Ints, Some, Ints]:
        hashes = piece.keys[self.ballots.rows[0]]
        group = np.minimum(np.searchsorted(self.groups, hashes), len(self.groups) - 1)
        mine = np.flatnonzero(self.groups[group] == hashes)
        some = piece.only(mine)
        task = _places(some.keys[TASK], self.tasks, self.unknown)
        return group[mine], some.keys | {TASK: task}, self.starts[some.of_batch] + some.places


class _Answers(msgspec.Struct, frozen=True):
    """What `short_answers.labelling` asks of the calls of a poll."""

    poll: _Poll

    def __iter__(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        for group, ballots, _ in self.poll:
            yield group, ballots[ANSWER], ballots[PROMPT]


def _hear_answers(poll: _Poll, votes: Votes) -> None:
    """Enter classification for the calls that were no surer of another task, where the answers of a group say so."""
    labelled = short_answers.labelling(_Answers(poll), len(poll.groups))
    if not len(labelled):
        return
    poll = replace(poll, groups=poll.groups[labelled])
    before, calls = np.zeros((2, len(labelled)), np.int64)
    for group, ballots, _ in poll:
        np.add.at(before, group, short_answers.before_answers(ballots[TASK], ballots[SURE]))
        np.add.at(calls, group, 1)
    chances = np.rint(short_answers.chances(before, calls) * CERTAIN)
    for group, ballots, places in poll:
        chance = chances[group]
        adopts = (chance > CERTAIN / 2) & (chance > ballots[SURE]) & (votes[0, places] < 0)
        votes[0, places[adopts]] = short_answers.CLASSIFICATION
        votes[1, places[adopts]] = chance[adopts]


def _count(poll: _Poll, votes: Votes) -> None:
    """Let each group of calls vote that are still open to it, and enter what its unsure calls adopt."""
    weights, calls = np.zeros((len(poll.groups), len(poll.tasks)), np.int64), np.zeros(len(poll.groups), np.int64)
    for group, ballots, places in poll:
        open_to = votes[0, places] == NONE
        weights += weigh(group[open_to], ballots[TASK][open_to], ballots[SURE][open_to], weights.shape)
        calls += np.bincount(group[open_to], minlength=len(calls))
    task, share = elect(weights, poll.unknown)
    for group, ballots, places in poll:
        asked = (votes[0, places] == NONE) & (calls[group] >= FEWEST)
        adopts = asked & (share[group] >= CLEAR) & (ballots[SURE] < UNSURE)
        votes[0, places[asked]] = _HEARD
        votes[0, places[adopts]] = task[group[adopts]]
        votes[1, places[adopts]] = np.rint(share[group[adopts]] * CERTAIN)


def weigh(group: Ints, task: Ints, sure: Ints, shape: tuple[int, int]) -> Ints:
    """Return how much the calls of each group weigh for each task: groups x tasks.

    Whole numbers, so that sums are the same in every order.
    """
    groups, tasks = shape
    weights = np.bincount(group * tasks + task, sure, groups * tasks)
    return weights.astype(np.int64).reshape(shape)


def elect(weights: Ints, unknown: int) -> tuple[Ints, NDArray[np.float64]]:
    """Return for each group the task that most calls are, by weight, and its share of all votes.

    Votes for `unknown`, the last of the shipped tasks or before the user's own, are against every winner.
    """
    total = np.maximum(weights.sum(axis=1), 1)
    known = weights.copy()
    known[:, unknown] = 0
    winner = known.argmax(axis=1)
    return winner, known[np.arange(len(known)), winner] / total


def _places(task: Ints, hashes: Ints, unknown: int) -> Ints:
    """The place of each task among the tasks; `unknown` for one that this run does not know."""
    order = np.argsort(hashes)
    at = order[np.minimum(np.searchsorted(hashes[order], task), len(hashes) - 1)]
    return np.where(hashes[at] == task, at, unknown)
