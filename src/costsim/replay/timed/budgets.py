"""Which calls come when the budget of their user, team or tag is spent."""

from collections.abc import Callable

import numpy as np
from xxhash import xxh3_64_intdigest

from costsim import cost
from costsim.policies.attempts import Bools, Ints
from costsim.policies.document import Budget
from costsim.policies.levers import budget
from costsim.policies.levers.budget import Spending
from costsim.policies.policy import Policy
from costsim.prices import TRILLION
from costsim.replay.outcome import Solved
from costsim.replay.simulating import BatchSimulation
from costsim.replay.timed.timetable import Timed

_POSITIVE = (1 << 62) - 1


def wanted(policy: Policy) -> bool:
    """Return whether any route has a budget."""
    return any(rule.route.budget is not None for rule in policy.rules)


def solve(timed: Timed) -> Bools:
    """Return which calls are over; each rule has budgets of its own."""
    over: Bools = np.zeros(int(timed.found.calls[-1]), np.bool_)
    for number, rule in enumerate(timed.simulation.policy.rules):
        if rule.route.budget is not None:
            folder = timed.folder / f"budget-{number}"
            folder.mkdir()
            over |= budget.over(
                _loader(timed, number, rule.route.budget), timed.times, timed.batches, _limit(rule.route.budget), folder
            )
    return over


def _limit(stated: Budget) -> int:
    return stated.tokens if stated.tokens is not None else int((stated.usd or 0) * TRILLION)


def _loader(timed: Timed, rule: int, stated: Budget) -> Callable[[int], Spending]:
    def load(number: int) -> Spending:
        return _spending(*timed.batch(number), rule, stated)

    return load


def _spending(batch: BatchSimulation, solved: Solved, rule: int, stated: Budget) -> Spending:
    """What each call of the rule would spend on its first route."""
    usage = batch.past.attempts.usage
    codes, labels = batch.columns.word(stated.per)
    known = np.array([-1 if label is None else xxh3_64_intdigest(label.encode()) & _POSITIVE for label in labels])
    takes = (batch.rule == rule) & batch.past.attempts.billed
    return Spending(
        at=usage.at,
        who=np.where(takes, known[codes], -1),
        period=budget.periods(usage.at, stated.every, batch.simulation.timezone),
        spent=_spent(batch, solved, rule, in_usd=stated.tokens is None),
    )


def _spent(batch: BatchSimulation, solved: Solved, rule: int, *, in_usd: bool) -> Ints:
    """The tokens or 10^-12 USD of every request of a call, each as far as it is expected."""
    spent = np.zeros(len(batch.columns), np.int64)
    for number, leg in batch.legs(solved):
        if number == rule:
            usage = batch.desk.projecting.usage(leg)
            used = np.maximum(usage.input_tokens, 0) + np.maximum(usage.output_tokens, 0)
            if in_usd:
                used = cost.price(usage, batch.prices, parts=False).cost
            np.add.at(spent, leg.rows, np.rint(used * (leg.billed / 1e9)).astype(np.int64))
    return spent
