"""From the sums of a policy to exact amounts: what each rule costs, attempts and rates."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

import msgspec

from costsim.policies.attempts import WHOLE, Kind
from costsim.summary.simulation.sums import (
    ALL_CALLS,
    ALONE,
    BASELINE,
    CALLS,
    COST,
    KEPT_CALLS,
    KEPT_COST,
    SERVED,
    UNDATED_BASELINE,
    UNDATED_COST,
    UNPRICED,
    UNROUTABLE,
    LegKey,
    PolicySums,
)


class RuleAmounts(msgspec.Struct):
    """One rule, or the calls of none; money in 10^-12 USD."""

    calls: int = 0
    kept: int = 0
    served: int = 0
    unroutable: int = 0
    unpriced: int = 0
    baseline: int = 0
    cost: int = 0
    requests: Fraction = Fraction(0)
    """Expected requests that answer, or try to."""
    escalations: Fraction = Fraction(0)
    """Expected calls that a second leg answers."""
    fallbacks: Fraction = Fraction(0)
    retries: Fraction = Fraction(0)
    cascades: int = 0
    """Calls whose first answer is judged."""
    first: int = 0
    """Expected cost of first answers and of judging them, in 10^-21 USD."""
    second: int = 0
    """The cost of second answers, had every call come to them."""
    later: int = 0
    """Expected cost of all that follows first answers."""
    straight: int = 0
    """The cost of asking the last model at once."""
    legs: int = 0
    """The number of answers that a call may have, less one."""
    models: dict[int, Fraction] = msgspec.field(default_factory=lambda: defaultdict(Fraction))
    """Model -> expected requests that answer."""

    @property
    def routed(self) -> int:
        """Calls that go by the rule."""
        return self.calls - self.kept - self.served

    @property
    def escalation_rate(self) -> float | None:
        """The expected share of judged answers that are not good enough; None for no cascade."""
        return float(self.escalations / self.cascades) if self.cascades else None

    @property
    def break_even(self) -> float | None:
        """The share of escalations from which going straight to the last model is cheaper; None for no cascade.

        (straight - first) / what an escalation costs. With more than two legs, that is what it costs at the rates
        of the later legs.
        """
        if not self.cascades or not self.second:
            return None
        escalated = Fraction(self.second)
        if self.legs > 1 and self.escalations:
            escalated = self.later * self.cascades / self.escalations
        return float((self.straight - self.first) / escalated)


def by_rule(sums: PolicySums) -> dict[int, RuleAmounts]:
    """Return the amounts of every rule that took a call."""
    found = {}
    for rule, row in sums.rules.items():
        found[rule] = RuleAmounts(
            row[ALL_CALLS], row[KEPT_CALLS], row[SERVED], row[UNROUTABLE], row[UNPRICED], row[BASELINE], row[KEPT_COST]
        )
    for rule, amounts in found.items():
        _add_legs(amounts, [(key, each) for key, each in sums.legs.items() if key[0] == rule])
    return found


def _add_legs(amounts: RuleAmounts, legs: Iterable[tuple[LegKey, list[int]]]) -> None:
    """Add what the legs of a rule cost: exact sums by share, multiplied with it, rounded once to 10^-12 USD."""
    costs = 0
    for (_, number, kind, model, share, paid), row in legs:
        costs += row[COST] * paid
        _add_cascade(amounts, number, Kind(kind), row, paid)
        if kind != Kind.VERIFY:
            expected = Fraction(row[CALLS] * share, WHOLE)
            amounts.requests += expected
            amounts.models[model] += expected
            _count(amounts, number, Kind(kind), expected)
    amounts.cost += _whole(costs)


def _whole(cost: int) -> int:
    """A cost in 10^-21 USD to the nearest 10^-12."""
    return (cost + WHOLE // 2) // WHOLE


def _count(amounts: RuleAmounts, number: int, kind: Kind, expected: Fraction) -> None:
    if kind == Kind.FALLBACK:
        amounts.fallbacks += expected
    elif kind == Kind.RETRY:
        amounts.retries += expected
    elif number == 1:
        amounts.escalations += expected


def _add_cascade(amounts: RuleAmounts, number: int, kind: Kind, row: list[int], paid: int) -> None:
    """What the break-even rate is made of."""
    answers = kind in (Kind.ANSWER, Kind.TRY)
    if number == 0 and kind in (Kind.TRY, Kind.VERIFY):
        amounts.first += row[COST] * paid
    if number == 0 and kind == Kind.TRY:
        amounts.cascades += row[CALLS]
    if number:
        amounts.later += row[COST] * paid
        amounts.legs = max(amounts.legs, number)
    if number == 1 and answers:
        amounts.second += row[COST] * WHOLE
    if number and kind == Kind.ANSWER:
        amounts.straight += row[ALONE] * WHOLE


class Amounts(msgspec.Struct, frozen=True):
    """A policy: its rules, and all of them together; money in 10^-12 USD."""

    rules: dict[int, RuleAmounts]
    undated_baseline: int = 0
    """What calls without a time cost; it and what they are expected to cost are known of policies alone."""
    undated_cost: int = 0

    @property
    def cost(self) -> int:
        """Expected cost of all calls in 10^-12 USD."""
        return sum(rule.cost for rule in self.rules.values())

    @property
    def baseline(self) -> int:
        """What they cost as they were made."""
        return sum(rule.baseline for rule in self.rules.values())

    @property
    def calls(self) -> int:
        """All calls."""
        return sum(rule.calls for rule in self.rules.values())

    def rate(self, measure: str) -> float:
        """Return an expected count of all rules, for each call."""
        return float(sum((getattr(rule, measure) for rule in self.rules.values()), Fraction(0)) / max(self.calls, 1))


def amounts(sums: PolicySums) -> Amounts:
    """Return the amounts of a policy."""
    return Amounts(by_rule(sums), sums.undated[UNDATED_BASELINE], _whole(sums.undated[UNDATED_COST]))
