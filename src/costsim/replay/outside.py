"""What became of calls whose route asks for more than a model: who has a decision, whose budget was spent."""

from collections.abc import Iterator

import numpy as np

from costsim.policies.attempts import Ints
from costsim.replay.outcome import Solved
from costsim.replay.simulating import BatchSimulation

DECIDED, UNDECIDED = "decided", "undecided"
"""Calls, of whatever rule, of which a file of decisions knows; those of its rule that it leaves out."""
OVER, UNOWNED, UNDATED = "over", "unowned", "undated"
"""Calls that come when their budget is spent; those of no user, team or tag; those without a time, and so no period."""


def outside(batch: BatchSimulation, solved: Solved) -> Iterator[tuple[int, str, Ints]]:
    """Yield the rule, one of the words above, and the calls that it is true of."""
    for number, rule in enumerate(batch.policy.rules):
        rows = np.flatnonzero((batch.rule == number) & batch.past.attempts.billed)
        if rule.route.decisions is not None:
            everything = np.arange(len(batch.columns))
            known = batch.desk.decided(rule.route.decisions, everything) >= 0
            yield number, DECIDED, everything[known]
            yield number, UNDECIDED, rows[~known[rows]]
        if rule.route.budget is not None:
            codes, labels = batch.columns.word(rule.route.budget.per)
            owned = np.array([label is not None for label in labels], np.bool_)[codes[rows]]
            dated = batch.past.attempts.usage.at[rows] >= 0
            yield number, UNOWNED, rows[~owned]
            yield number, UNDATED, rows[owned & ~dated]
            if solved.over is not None:
                yield number, OVER, rows[solved.over[rows]]
