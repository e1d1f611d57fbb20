"""Where the escalation rates of a policy come from: for each rule, what is given, scored, observed or prior."""

from costsim.policies.document import Escalate
from costsim.replay.outcome import NO_RULE
from costsim.replay.rates import GIVEN, OBSERVED, PRIOR
from costsim.replay.simulating import Simulation
from costsim.summary.simulation.sums import PolicySums

SCORES = "scores"
"""Calls that have a score on the model of a leg go on by it; others as the rest of the basis says."""
BASES = (GIVEN, SCORES, OBSERVED, PRIOR)

Bases = dict[str, int]
"""Basis -> on how many calls of the log its rates rest; in the order of BASES."""


def bases(simulation: Simulation, sums: PolicySums, *, scored: bool) -> dict[int, Bases]:
    """Return the bases of every rule with a cascade that calls went through; `scored`: there is a file of scores."""
    found: dict[int, dict[str, dict[object, int]]] = {}
    for (rule, model, task), (requests, _, unsure) in sums.later.items():
        if rule != NO_RULE:
            escalate = escalate_of(simulation, rule)
            _, basis, calls = simulation.rates.escalation(escalate, (model, task, None))
            of_rule = found.setdefault(rule, {})
            by_score = scored and unsure < requests and not isinstance(escalate.rate, float | int)
            if by_score:
                of_rule.setdefault(SCORES, {})
            if unsure or not by_score:
                of_rule.setdefault(basis, {})[model, task] = calls
    return {
        rule: {basis: sum(of_rule[basis].values()) for basis in BASES if basis in of_rule}
        for rule, of_rule in sorted(found.items())
    }


def escalate_of(simulation: Simulation, rule: int) -> Escalate:
    """Return how a rule escalates; what holds where it says nothing."""
    return simulation.policy.rules[rule].route.escalate or Escalate()
