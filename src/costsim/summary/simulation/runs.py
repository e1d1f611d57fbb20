"""What is replayed in one pass: the policies, and for each the controls that it is compared with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from costsim import cost
from costsim.cost import Usage
from costsim.policies.conditions import Conditions
from costsim.policies.document import Assume, Levers, Route
from costsim.policies.policy import Policy, Rule
from costsim.prices import NO_TIME, PriceTable

CHEAPEST, STRONGEST, ONE_MODEL, SAME_TOKENS = "all-cheapest", "all-strongest", "one-model", "same-tokens"
_NO_LEVERS = Levers()
_EVERYTHING = Conditions(())
_TYPICAL_INPUT, _TYPICAL_OUTPUT = 3000, 1000


@dataclass(frozen=True)
class Run:
    """One replay: a policy itself, a control of it, or the policy with one number changed."""

    policy: Policy
    of: int
    """The policy that it belongs to."""
    control: str | None = None
    model: str | None = None
    """The model of a control that sends everything to one."""
    index: int = -1
    """Its place in the price table."""
    point: tuple[str, float] | None = None
    """What was changed, and to which value."""


def runs_of(policies: list[Policy], prices: PriceTable, *, controls: bool = True) -> tuple[Run, ...]:
    """Return every replay that a report on these policies needs."""
    found = [Run(policy, number) for number, policy in enumerate(policies)]
    if controls:
        found += [run for number, policy in enumerate(policies) for run in _controls(policy, number, prices)]
    return tuple(found)


def _controls(policy: Policy, number: int, prices: PriceTable) -> Iterator[Run]:
    models = list(policy.models())
    if not models:
        return
    yield Run(_everything(policy, Route(cheapest=models)), number, CHEAPEST)
    strongest = max(models, key=lambda name: _typical_cost(name, prices))
    yield Run(_everything(policy, Route(model=strongest)), number, STRONGEST, strongest)
    for model in models:
        yield Run(_all_routes(policy, Route(model=model)), number, ONE_MODEL, model, prices.index_of(None, model))
    if not (policy.assume.input_tokens == policy.assume.output_tokens == "same"):
        yield Run(replace(policy, assume=Assume("same", "same")), number, SAME_TOKENS)


def _everything(policy: Policy, route: Route) -> Policy:
    """A policy that sends every call one way, and does nothing else."""
    rule = Rule("everything", _EVERYTHING, route, _NO_LEVERS)
    return replace(policy, rules=(rule,), fallback=None, levers=_NO_LEVERS)


def _all_routes(policy: Policy, route: Route) -> Policy:
    """The policy, with every call that it sends elsewhere sent one way."""
    rules = [
        rule if rule.route.as_logged else Rule(rule.name, rule.conditions, route, _NO_LEVERS) for rule in policy.rules
    ]
    return replace(policy, rules=tuple(rules), fallback=None, levers=_NO_LEVERS)


def _typical_cost(name: str, prices: PriceTable) -> int:
    """What a call of usual size costs on a model today: the dearest model is taken to be the strongest."""
    usage = Usage(
        model=np.array([prices.index_of(None, name)]),
        at=np.array([NO_TIME]),
        tier=np.array([0]),
        input_tokens=np.array([_TYPICAL_INPUT]),
        output_tokens=np.array([_TYPICAL_OUTPUT]),
    )
    return int(cost.price(usage, prices, parts=False).cost[0])
