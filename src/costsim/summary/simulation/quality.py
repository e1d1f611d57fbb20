"""How good the answers are that callers get under a policy, for the calls whose answers have scores."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec
import numpy as np

from costsim.policies.attempts import WHOLE, Bools, Ints
from costsim.policies.columns import Columns
from costsim.replay.failures import LEAST_QUALITY
from costsim.replay.history import Replay
from costsim.replay.outcome import Simulated, Spent
from costsim.replay.scores import MILLION, UNSCORED, Scores
from costsim.summary.adding import add_all
from costsim.summary.tally import sums_by

_NANO = 1000
CALLS, BEFORE, AFTER, COST = range(4)
BOTH_SCORED, FIRST_FAILS, SECOND_FAILS, BOTH_FAIL = range(4)


class QualitySums(msgspec.Struct):
    """Sums over calls whose score is known on every model that may answer them, then and now."""

    rules: dict[int, list[int]] = msgspec.field(default_factory=dict)
    """Rule -> calls, scores as logged and expected under the policy (10^-6), and expected cost (10^-9 USD)."""
    requests: dict[int, list[int]] = msgspec.field(default_factory=dict)
    """Model -> expected requests that answer, in 10^-9."""
    pairs: dict[tuple[int, int], list[int]] = msgspec.field(default_factory=dict)
    """Two models -> calls that have scores on both, and those on which the first, the second and both fail."""

    def add(self, other: "QualitySums") -> None:
        """Add the sums of other calls."""
        add_all(self.rules, other.rules)
        add_all(self.requests, other.requests)
        add_all(self.pairs, other.pairs)

    def total(self, measure: int) -> int:
        """Return a measure of all rules."""
        return sum(row[measure] for row in self.rules.values())


class Scored(msgspec.Struct, frozen=True):
    """A batch of calls with what is expected of the quality of their answers."""

    rule: Ints
    known: Bools
    """Whether a call has a score on every model that may answer it, then and now."""
    before: Ints
    after: Ints
    cost: Ints
    """Expected, in 10^-9 USD."""
    requests: Sequence[tuple[Ints, Ints, Ints]]
    """Rows of calls, the models that they ask, and with what chance (10^-9)."""

    def sums(self, which: Bools) -> QualitySums:
        """Return the sums over some of the calls."""
        columns = self.rule, self.before, self.after, self.cost
        return QualitySums(
            dict(_by_rule(*(column[which] for column in columns))), dict(_by_model(self.requests, which))
        )


def scored(simulated: Simulated, past: Replay, columns: Columns, scores: Scores) -> Scored | None:
    """Return the quality of a batch: each call's scores by the chance that the caller gets that model's answer.

    None where no call has a score.
    """
    everything = np.arange(len(simulated.rule))
    logged = past.attempts.usage.model.astype(np.int64)
    own = scores.of(columns, everything, logged, logged)
    if not scores and not (own != UNSCORED).any():
        return None
    known, expected = own != UNSCORED, np.where(simulated.kept, own, 0)
    cost = np.where(simulated.kept & ~simulated.served, simulated.cost_kept(past.cost), 0) // _NANO
    answers = [spent for spent in simulated.spent if spent.leg.answers]
    for spent, final in zip(answers, _final(answers, len(own)), strict=True):
        score = scores.of(columns, spent.leg.rows, spent.leg.model.astype(np.int64), logged[spent.leg.rows])
        known[spent.leg.rows] &= (score != UNSCORED) | (final == 0)
        expected[spent.leg.rows] += np.where(final > 0, score * final, 0) // WHOLE
    for spent in simulated.spent:
        cost[spent.leg.rows] += np.rint(spent.cost * (spent.leg.billed / (WHOLE * _NANO))).astype(np.int64)
    expected = np.where(simulated.served, own, expected)
    stay = np.flatnonzero(simulated.kept & ~simulated.served)
    requests = [(stay, logged[stay], np.full(len(stay), WHOLE))]
    requests += [(spent.leg.rows, spent.leg.model.astype(np.int64), spent.leg.share) for spent in answers]
    return Scored(simulated.rule, known, own, expected, cost, requests)


def _by_rule(rule: Ints, before: Ints, after: Ints, cost: Ints) -> Iterator[tuple[int, list[int]]]:
    rules, which = np.unique(rule, return_inverse=True)
    counts = np.bincount(which, minlength=len(rules)).tolist()
    columns = [counts, *(sums_by(which, len(rules), column) for column in (before, after, cost))]
    yield from zip(rules.tolist(), map(list, zip(*columns, strict=True)), strict=True)


def _by_model(requests: Sequence[tuple[Ints, Ints, Ints]], calls: Bools) -> Iterator[tuple[int, list[int]]]:
    """The expected requests to each model; those of calls that stay as they were are to the model of the log."""
    parts = [(model[calls[rows]], share[calls[rows]]) for rows, model, share in requests]
    model, share = (np.concatenate(columns).astype(np.int64) for columns in zip(*parts, strict=True))
    models, which = np.unique(model, return_inverse=True)
    for index, expected in zip(models.tolist(), sums_by(which, len(models), share), strict=True):
        yield index, [expected]


def together(columns: Columns, past: Replay, scores: Scores, models: Sequence[int]) -> QualitySums:
    """Return how often each two of some models fail, and fail together, where both have a score."""
    return QualitySums(pairs=dict(_pairs(columns, scores, models, past.attempts.usage.model.astype(np.int64))))


def _pairs(
    columns: Columns, scores: Scores, models: Sequence[int], logged: Ints
) -> Iterator[tuple[tuple[int, int], list[int]]]:
    everything = np.arange(len(logged))
    of_models = {model: scores.of(columns, everything, np.full(len(logged), model), logged) for model in models}
    for first, second in combinations(models, 2):
        one, other = of_models[first], of_models[second]
        both = (one != UNSCORED) & (other != UNSCORED)
        if both.any():
            fails, fails_too = (both & (score < LEAST_QUALITY * MILLION) for score in (one, other))
            counts = both, fails, fails_too, fails & fails_too
            yield (first, second), [int(flags.sum()) for flags in counts]


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
