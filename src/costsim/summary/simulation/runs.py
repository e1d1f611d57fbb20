"""What is replayed in one pass: the policies, and for each the controls that it is compared with."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace

from costsim import cost
from costsim.cost import Usage
from costsim.policies.conditions import Conditions
from costsim.policies.document import Assume, Levers, Route
from costsim.policies.policy import Policy, Rule
from costsim.prices import NO_TIME, PriceTable
from costsim.summary.simulation.sweeps import Sweep

CHEAPEST, STRONGEST, ONE_MODEL, SAME_TOKENS = "all-cheapest", "all-strongest", "one-model", "same-tokens"
MISCLASSIFIED, WITHOUT = "misclassified", "without"
_EVERYTHING = Conditions(())
_OF_TASK = {"task", "task_confidence"}
_TYPICAL_INPUT, _TYPICAL_OUTPUT = 3000, 1000


class Run(msgspec.Struct, frozen=True):
    """One replay: a policy itself, a control of it, or the policy with one number changed."""

    policy: Policy
    of: int
    """The policy that it belongs to."""
    control: str | None = None
    model: str | None = None
    """The model of a control that sends everything to one."""
    index: int = -1
    """Its place in the price table."""
    lever: str | None = None
    """What a control leaves out."""
    point: tuple[str, float] | None = None
    """What was changed, and to which value."""

    @property
    def is_policy(self) -> bool:
        """Whether this is a policy itself."""
        return self.control is None and self.point is None


def runs_of(
    policies: Sequence[Policy], prices: PriceTable, *, controls: bool = True, sweeps: Sequence[Sweep] = ()
) -> tuple[Run, ...]:
    """Return every replay that a report on these policies needs; the policies themselves come first, in order."""
    for sweep in sweeps:
        sweep.insist(policies)
    found = [Run(policy, number) for number, policy in enumerate(policies)]
    for number, policy in enumerate(policies):
        if controls:
            found += [*_models(policy, number, prices), *_assumptions(policy, number), *_levers(policy, number)]
        for sweep in sweeps:
            found += [Run(changed, number, point=(sweep.key, value)) for value, changed in sweep.policies(policy)]
    return tuple(found)


def _models(policy: Policy, number: int, prices: PriceTable) -> Iterator[Run]:
    """The same calls on the models of the policy, one way for all."""
    models = list(policy.models())
    if not models:
        return
    yield Run(_everything(policy, Route(cheapest=models)), number, CHEAPEST)
    strongest = max(models, key=lambda name: _typical_cost(name, prices))
    yield Run(_everything(policy, Route(model=strongest)), number, STRONGEST, strongest)
    for model in models:
        yield Run(_all_routes(policy, Route(model=model)), number, ONE_MODEL, model, prices.index_of(None, model))


def _assumptions(policy: Policy, number: int) -> Iterator[Run]:
    """The policy under other assumptions: the naive one, and tasks that are what they truly were."""
    if policy.models() and not (policy.assume.input_tokens == policy.assume.output_tokens == "same"):
        yield Run(replace(policy, assume=Assume("same", "same")), number, SAME_TOKENS)
    if any(rule.conditions.columns() & _OF_TASK for rule in policy.rules):
        yield Run(policy, number, MISCLASSIFIED)


def _levers(policy: Policy, number: int) -> Iterator[Run]:
    """The policy without each of its levers."""
    for lever in Levers.__struct_fields__:
        if any(getattr(levers, lever) is not None for levers in policy.all_levers()):
            rules = tuple(replace(rule, levers=_without(rule.levers, lever)) for rule in policy.rules)
            without = replace(policy, rules=rules, levers=_without(policy.levers, lever))
            yield Run(without, number, WITHOUT, lever=lever.replace("_", "-"))
    if any(rule.route.sticky is not None for rule in policy.rules):
        rules = tuple(replace(rule, route=replace(rule.route, sticky=None)) for rule in policy.rules)
        yield Run(replace(policy, rules=rules), number, WITHOUT, lever="sticky")


def _without(levers: Levers, lever: str) -> Levers:
    return replace(levers, **{lever: None})


def _everything(policy: Policy, route: Route) -> Policy:
    """A policy that sends every call one way, and does nothing else."""
    levers = _caches(policy.levers)
    rule = Rule("everything", _EVERYTHING, route, levers)
    return replace(policy, rules=(rule,), fallback=None, levers=levers)


def _caches(levers: Levers) -> Levers:
    """Prompt caches alone: that they are simulated is no saving of the policy's own, but how the world is."""
    return Levers(prompt_cache=levers.prompt_cache)


def _all_routes(policy: Policy, route: Route) -> Policy:
    """The policy, with every call that it sends elsewhere sent one way."""
    rules = [
        rule if rule.route.as_logged else Rule(rule.name, rule.conditions, route, _caches(rule.levers))
        for rule in policy.rules
    ]
    return replace(policy, rules=tuple(rules), fallback=None, levers=_caches(policy.levers))


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
