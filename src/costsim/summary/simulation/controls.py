"""What a policy must be compared with: other ways to send the same calls."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.summary.printed import money
from costsim.summary.simulation.amounts import Amounts
from costsim.summary.simulation.report import Control
from costsim.summary.simulation.runs import CHEAPEST, MISCLASSIFIED, ONE_MODEL, SAME_TOKENS, STRONGEST, Run

BEST, RANDOM = "best-single-model", "random-same-mix"


def of(runs: Sequence[Run], replays: Sequence[Amounts], prices: PriceTable) -> Iterator[Control]:
    """Yield the controls of every policy."""
    usual = {there: index for index, regional in prices.regional.items() for there in regional.values()}
    for number, (run, replay) in enumerate(zip(runs, replays, strict=True)):
        if run.is_policy:
            of_policy = [(each, found) for each, found in zip(runs, replays, strict=True) if each.of == number]
            yield from _of_policy(run.policy, replay, [each for each in of_policy if each[0].control], usual)


def _of_policy(
    policy: Policy, replay: Amounts, controls: Sequence[tuple[Run, Amounts]], usual: Mapping[int, int]
) -> Iterator[Control]:
    name = policy.name
    for run, found in controls:
        if run.control == CHEAPEST:
            how = "every call on that model of the policy which is cheapest for it and can do it"
            yield Control(CHEAPEST, name, money(found.cost), how)
        if run.control == STRONGEST:
            how = f"every call that {run.model} can do on it: the policy's model with the highest list price"
            yield Control(STRONGEST, name, money(found.cost), how)
    singles = {run.model: found for run, found in controls if run.control == ONE_MODEL}
    if singles:
        best = min(singles, key=lambda model: (singles[model].cost, model))
        how = f"every call that the policy routes on {best}: of the policy's models the cheapest on the whole"
        yield Control(BEST, name, money(singles[best].cost), how)
        of_model = {run.index: found for run, found in controls if run.control == ONE_MODEL}
        yield from _random(policy, replay, of_model, usual)
    for run, found in controls:
        if run.control == SAME_TOKENS:
            how = "the policy, had every model used as many tokens as the one in the log: the naive assumption"
            yield Control(SAME_TOKENS, name, money(found.cost), how)
        if run.control == MISCLASSIFIED:
            how = "the policy, had each call the task that its guess may stand for: the classifier errs as measured"
            yield Control(MISCLASSIFIED, name, money(found.cost), how)


def _random(
    policy: Policy, replay: Amounts, singles: Mapping[int, Amounts], usual: Mapping[int, int]
) -> Iterator[Control]:
    """As many requests to each model as the policy sends, in whatever region, but to calls drawn by lot."""
    routed = [number for number, rule in enumerate(policy.rules) if not rule.route.as_logged and number in replay.rules]
    calls = sum(replay.rules[number].routed for number in routed)
    sent: dict[int, Fraction] = defaultdict(Fraction)
    for number in routed:
        for model, expected in replay.rules[number].models.items():
            sent[model if model in singles else usual.get(model, model)] += expected
    if not calls or set(sent) - set(singles):
        return
    cost: Fraction = Fraction(sum(rule.cost for number, rule in replay.rules.items() if number not in routed))
    for model, expected in sent.items():
        everything = sum(singles[model].rules[number].cost for number in routed)
        cost += Fraction(expected) / calls * everything
    how = "as many requests to each model as the policy sends, to calls drawn by lot: what routing must beat"
    yield Control(RANDOM, policy.name, money(round(cost)), how)
