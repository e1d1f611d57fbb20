"""What of a policy's cost is only known up to a factor: tokens on other models, and how often calls escalate."""

from collections.abc import Iterator

from costsim.policies.attempts import WHOLE
from costsim.replay.rates import uncertainty
from costsim.replay.simulating import Simulation
from costsim.summary.simulation.escalations import escalate_of
from costsim.summary.simulation.intervals import Doubt
from costsim.summary.simulation.sums import PolicySums

_USD = 1e21


def doubts(simulation: Simulation, sums: PolicySums) -> Iterator[Doubt]:
    """Yield every doubtful part of a policy's cost, in a fixed order."""
    yield from _of_tokens(simulation, sums)
    yield from _of_rates(simulation, sums)


def _of_tokens(simulation: Simulation, sums: PolicySums) -> Iterator[Doubt]:
    for (source, target, task), (_, of_input, of_output) in sorted(sums.factors.items(), key=str):
        factor = simulation.factor(source, target, task)
        yield Doubt(of_input / _USD, factor.input_sd, f"input {target}")
        yield Doubt(of_output / _USD, factor.output_sd, f"output {target}")


def _of_rates(simulation: Simulation, sums: PolicySums) -> Iterator[Doubt]:
    for (rule, model, task), (_, later, _) in sorted(sums.later.items(), key=str):
        rate, basis, calls = simulation.rates.escalation(escalate_of(simulation, rule), (model, task, None))
        share = rate / WHOLE
        if share > 0:
            yield Doubt(later / _USD, uncertainty(share, basis, calls) / share, f"rate {model}")
