"""How good the answers are that callers get under a policy, for the calls whose answers have scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costsim.policies.attempts import WHOLE, Ints
from costsim.policies.columns import Columns
from costsim.replay.history import Replay
from costsim.replay.outcome import Simulated, Spent
from costsim.replay.scores import UNSCORED, Scores

_NANO = 1000


@dataclass
class QualitySums:
    """Sums over calls whose score is known on every model that may answer them, then and now."""

    calls: int = 0
    before: int = 0
    """Scores as logged, in 10^-6."""
    after: int = 0
    """Expected scores under the policy."""
    cost: int = 0
    """Expected cost of these calls in 10^-9 USD."""

    def add(self, other: "QualitySums") -> None:
        """Add the sums of other calls."""
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)


def sums(simulated: Simulated, past: Replay, columns: Columns, scores: Scores) -> QualitySums:
    """Return the quality of a batch: each call's scores by the chance that the caller gets that model's answer."""
    everything = np.arange(len(simulated.rule))
    logged = past.attempts.usage.model.astype(np.int64)
    own = scores.of(columns, everything, logged, logged)
    if not scores and not (own != UNSCORED).any():
        return QualitySums()
    known, expected = own != UNSCORED, np.where(simulated.kept, own, 0)
    cost = np.where(simulated.kept & ~simulated.served, past.cost, 0) // _NANO
    answers = [spent for spent in simulated.spent if spent.leg.answers]
    for spent, final in zip(answers, _final(answers, len(own)), strict=True):
        score = scores.of(columns, spent.leg.rows, spent.leg.model.astype(np.int64), logged[spent.leg.rows])
        known[spent.leg.rows] &= (score != UNSCORED) | (final == 0)
        expected[spent.leg.rows] += np.where(final > 0, score * final, 0) // WHOLE
    for spent in simulated.spent:
        cost[spent.leg.rows] += np.rint(spent.cost * (spent.leg.billed / (WHOLE * _NANO))).astype(np.int64)
    expected = np.where(simulated.served, own, expected)
    return QualitySums(int(known.sum()), int(own[known].sum()), int(expected[known].sum()), int(cost[known].sum()))


def _final(answers: Sequence[Spent], calls: int) -> list[Ints]:
    """The chance, in 10^-9, that a leg's answer is the one that the caller gets: it is made, and no later one is."""
    reaches: dict[int, Ints] = {}
    for spent in answers:
        reached = reaches.setdefault(spent.leg.number, np.zeros(calls, np.int64))
        reached[spent.leg.rows] += spent.leg.share
    nobody = np.zeros(calls, np.int64)
    found = []
    for spent in answers:
        here, later = (reaches.get(spent.leg.number + step, nobody)[spent.leg.rows] for step in (0, 1))
        goes_on = np.minimum(later, here) / np.maximum(here, 1)
        found.append(np.rint(spent.leg.share * (1 - goes_on)).astype(np.int64))
    return found
