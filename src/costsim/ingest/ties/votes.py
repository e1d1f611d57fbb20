"""What other calls of the same template say of a call's task: a system prompt that was sent 10,000 times has one task.

Taken once over the whole log, like links, so that neither workers nor cuts matter. Calls with the same system prompt
vote, or, where too few share one, the calls of a route; each vote weighs as much as its guess was sure. Only where the
winner is clear do unsure calls adopt it: a route with mixed work stays mixed. Measured with sources left out, each
taken for a route: accuracy 0.769 -> 0.791, sources of several labels 0.668 -> 0.668 (scripts/evaluate_tasks.py).

Before that, answers have their say: where nearly all are one of a few words, the calls classify (`short_answers`).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from costsim.ingest.ties import short_answers
from costsim.ingest.ties.adopted import CERTAIN, Votes
from costsim.ingest.ties.keys import AT_ONCE, Load, Some, first_prefix, hash_of, only, part_of
from costsim.schema import whole_numbers, words

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
        for part in range(parts):
            ballots, of_batch, places = part_of(load, batches, (by, TASK, SURE, ANSWER, PROMPT), part, parts)
            ballots[TASK] = _places(ballots[TASK], hashes, tasks.index(unknown))
            places = starts[of_batch] + places
            _hear_answers(ballots, by, votes, places)
            open_to = votes[0, places] == NONE
            if open_to.any():
                _count(only(ballots, open_to), by, tasks.index(unknown), votes, places[open_to])


def _hear_answers(ballots: Some, by: int, votes: Votes, places: Ints) -> None:
    """Enter classification for the calls that were no surer of another task, where the answers of a group say so."""
    groups = short_answers.labelling(ballots[by], ballots[ANSWER], ballots[PROMPT])
    mine = np.flatnonzero(np.isin(ballots[by], groups)) if len(groups) else groups
    if not len(mine):
        return
    group, sure, places = np.searchsorted(groups, ballots[by][mine]), ballots[SURE][mine], places[mine]
    chance = np.rint(short_answers.chances(group, len(groups), ballots[TASK][mine], sure) * CERTAIN)[group]
    adopts = (chance > CERTAIN / 2) & (chance > sure) & (votes[0, places] < 0)
    votes[0, places[adopts]] = short_answers.CLASSIFICATION
    votes[1, places[adopts]] = chance[adopts]


def _count(ballots: Some, by: int, unknown: int, votes: Votes, places: Ints) -> None:
    """Let each group of calls vote, and enter what its unsure calls adopt."""
    groups, group = np.unique(ballots[by], return_inverse=True)
    task, share, large = elect(group, len(groups), ballots[TASK], ballots[SURE], unknown)
    adopts = large[group] & (share[group] >= CLEAR) & (ballots[SURE] < UNSURE)
    votes[0, places] = np.where(adopts, task[group], np.where(large[group], _HEARD, NONE))
    votes[1, places] = np.where(adopts, np.rint(share[group] * CERTAIN), 0)


def elect(
    group: Ints, groups: int, task: Ints, sure: Ints, unknown: int
) -> tuple[Ints, NDArray[np.float64], NDArray[np.bool_]]:
    """Return for each group the task that most calls are, by weight, its share of all votes, and if enough voted.

    Votes for `unknown`, the last of the shipped tasks or before the user's own, are against every winner. Weights are
    whole numbers, so that the sums are the same in every order.
    """
    kinds = max(int(task.max(initial=0)), unknown) + 1
    weights = np.bincount(group * kinds + task, sure, groups * kinds).reshape(groups, kinds)
    total = np.maximum(weights.sum(axis=1), 1)
    weights[:, unknown] = 0
    winner = weights.argmax(axis=1)
    share = weights[np.arange(groups), winner] / total
    return winner, share, np.bincount(group, minlength=groups) >= FEWEST


def _places(task: Ints, hashes: Ints, unknown: int) -> Ints:
    """The place of each task among the tasks; `unknown` for one that this run does not know."""
    order = np.argsort(hashes)
    at = order[np.minimum(np.searchsorted(hashes[order], task), len(hashes) - 1)]
    return np.where(hashes[at] == task, at, unknown)
