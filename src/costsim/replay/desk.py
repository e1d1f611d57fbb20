"""The answers that routes ask for, about one batch of calls: which model can do what, for how much, how well."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from costsim import cost
from costsim.cost import Usage
from costsim.policies.attempts import WHOLE, Bools, Ints, Leg, whole
from costsim.policies.columns import Columns, renumbered
from costsim.policies.document import Escalate, Target
from costsim.policies.policy import Policy
from costsim.prices import TRILLION, PriceTable
from costsim.replay.decisions import Decisions
from costsim.replay.eligible import obstacles
from costsim.replay.failures import LEAST_QUALITY, failed
from costsim.replay.history import Replay
from costsim.replay.moving import Moves, key_of
from costsim.replay.observed import Group
from costsim.replay.projecting import Projecting
from costsim.replay.rates import OBSERVED, Rates
from costsim.replay.regions import elsewhere, needs
from costsim.replay.scores import MILLION, UNSCORED, Scores
from costsim.schema import distinct

_NEVER = np.iinfo(np.int64).max
_UNKNOWN_COST = _NEVER - 1


class BatchDesk(msgspec.Struct):
    """Answers about one batch of calls under one policy."""

    columns: Columns
    past: Replay
    policy: Policy
    prices: PriceTable
    projecting: Projecting
    rates: Rates
    decisions: Decisions
    scores: Scores
    moves: Moves | None = None
    """What several policies ask of this batch; None where one alone asks."""

    def model(self, name: str) -> int:
        """Return the index of a model that the policy names."""
        return self.prices.index_of(None, name)

    def logged(self, rows: Ints) -> Ints:
        """Return the model that answered each call in the log; -1 where it is unknown."""
        return self.past.attempts.usage.model[rows].astype(np.int64)

    def choose(self, target: Target, rows: Ints) -> Ints:
        """Return the model that each call gets of a model or tier: the cheapest that can do it; -1 where none can."""
        names = (target.model,) if target.model is not None else self.policy.tiers[target.tier or ""]
        return self.cheapest(list(names), rows)

    def cheapest(self, models: list[str], rows: Ints) -> Ints:
        """Return the model of the list that is the cheapest for each call and can do it; -1 where none can.

        Of models that cost the same, the one that the list names first; one without a price is the last resort.
        """
        indices = self.candidates(models, rows)
        only = len(indices) == 1
        costs = np.stack([self._cost(index, rows, only=only) for index in indices])
        for cost_there, index in zip(costs, indices, strict=True):
            cost_there[~self.welcomes(index, rows)] = _NEVER
        best = costs.argmin(axis=0)
        chosen = np.array(indices, np.int64)[best]
        return np.where(costs[best, np.arange(len(rows))] == _NEVER, -1, chosen)

    def candidates(self, models: Sequence[str], rows: Ints) -> list[int]:
        """Return these models, each also in the regions that calls need, where it has a price of its own there."""
        indices = [self.model(name) for name in models]
        needed = needs(self.logged(rows), self.prices)
        if not needed:
            return indices
        regional = self.prices.regional
        found = ((index, *(regional.get(index, {}).get(region, index) for region in needed)) for index in indices)
        return list(dict.fromkeys(index for each in found for index in each))

    def welcomes(self, model: int, rows: Ints) -> Bools:
        """Return which calls may go to a model: to one in a region that no policy names, those that need it."""
        region = self.prices.facts(model).region
        if region is None or model in map(self.model, self.policy.models()):
            return np.ones(len(rows), np.bool_)
        logged = self.logged(rows)
        return np.isin(logged, needs(logged, self.prices).get(region, []))

    def able(self, model: Ints, rows: Ints) -> Ints:
        """Return the model that was chosen for each call; -1 where it cannot do the call, or there is none."""
        found = np.full(len(rows), -1, np.int64)
        for index in distinct(model[model >= 0]).tolist():
            which = np.flatnonzero(model == index)
            found[which] = np.where(self._cost(index, rows[which], only=True) == _NEVER, -1, index)
        return found

    def escalates(self, escalate: Escalate, rows: Ints, model: Ints) -> Ints:
        """Return the share of each call that this model would not answer well enough, in 10^-9.

        A call that has a score on this model, or that the log shows on it, escalates if it failed there, and else
        does not.
        """
        which, groups = self._groups(rows, model)
        found = [self.rates.escalation(escalate, group) for group in groups]
        floor = round(escalate.floor * WHOLE)
        share = np.array([rate for rate, _, _ in found], np.int64)[which]
        seen = np.array([basis == OBSERVED and rate > floor for rate, basis, _ in found], np.bool_)[which]
        stays = seen & (model == self.logged(rows))
        if stays.any():
            share[stays] = np.where(failed(self.columns)[rows[stays]], WHOLE, 0)
        if self.scores and not isinstance(escalate.rate, float | int):
            score = self.scores.of(self.columns, rows, model, self.logged(rows))
            share = np.where(score == UNSCORED, share, np.where(score < LEAST_QUALITY * MILLION, WHOLE, 0))
        return share

    def answer_tokens(self, rows: Ints, model: Ints) -> Ints:
        """Return how many tokens each call's answer has on this model; 0 where unknown."""
        leg = Leg(rows, model, whole(len(rows)))
        return np.maximum(self.projecting.usage(leg).output_tokens, 0).astype(np.int64)

    def decided(self, file: str, rows: Ints) -> Ints:
        """Return the model that a file of decisions names for each call; -1 where it names none."""
        return self.decisions.models(file, self.columns, rows)

    def obstacles(self, model: int, rows: Ints) -> Iterator[tuple[str, Bools]]:
        """Yield what may keep these calls from a model, with those that it keeps; the model of the log did them."""
        stays = self.logged(rows) == model
        usage, limits = self.usage_on(model, rows), self.policy.limits
        for obstacle, kept in obstacles(self.columns, rows, usage, self.prices.facts(model)):
            yield obstacle, kept & ~stays
        yield from elsewhere(self.logged(rows), model, self.prices)
        if limits.p95_latency_ms is not None:
            slow = self.rates.observed.p95_ms(model)
            too_slow = slow is not None and slow > limits.p95_latency_ms
            yield f"95 of 100 calls take up to {slow or 0:,.0f} ms", np.full(len(rows), too_slow) & ~stays
        if limits.max_cost_per_call is not None:
            costs = cost.price(usage, self.prices, parts=False)
            dear = costs.known & (costs.cost > int(limits.max_cost_per_call * TRILLION))
            yield f"the call would cost more than ${limits.max_cost_per_call:f}", dear & ~stays

    def usage_on(self, model: int, rows: Ints) -> Usage:
        """Return what these calls would use on a model."""
        if self.moves is not None and len(rows) == len(self.projecting):
            return self.moves.on(model).usage
        return self.projecting.usage(Leg(rows, np.full(len(rows), model, np.int64), whole(len(rows))))

    def _cost(self, model: int, rows: Ints, *, only: bool) -> Ints:
        """What each call would cost on a model; the highest number where the model cannot do it.

        The cost is not worked out where there is nothing to compare it with.
        """
        if self.moves is None:
            found = np.zeros(len(rows), np.int64)
            if not only:
                costs = cost.price(self.usage_on(model, rows), self.prices, parts=False)
                found = np.where(costs.known, costs.cost, _UNKNOWN_COST)
            return self._kept_from(found, model, rows)
        key = model, key_of(self.policy.limits)
        if key not in self.moves.costs:
            moved = self.moves.on(model)
            found = np.where(moved.known, moved.cost, _UNKNOWN_COST)
            self.moves.costs[key] = self._kept_from(found, model, np.arange(len(found)))
        return self.moves.costs[key][rows]

    def _kept_from(self, found: Ints, model: int, rows: Ints) -> Ints:
        """The costs, with the highest number where the model cannot do the call."""
        for _, kept in self.obstacles(model, rows):
            found[kept] = _NEVER
        return found

    def _groups(self, rows: Ints, model: Ints) -> tuple[Ints, list[Group]]:
        """The place of each call's model, task and complexity in the list of those that occur."""
        (of_task, tasks), (of_complexity, complexities) = self.columns.word("task"), self.columns.word("complexity")
        codes = (model * len(tasks) + of_task[rows]) * len(complexities) + of_complexity[rows]
        distinct, which = renumbered(codes, len(self.prices) * len(tasks) * len(complexities))
        rest, complexity = np.divmod(distinct, len(complexities))
        index, task = np.divmod(rest, len(tasks))
        found = zip(index.tolist(), task.tolist(), complexity.tolist(), strict=True)
        return which, [(m, tasks[t], complexities[c]) for m, t, c in found]
