"""Token factors by source, target and task: stated, measured in the log, estimated, or taken from public figures."""

import math
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from costsim.projection import evidence
from costsim.projection.estimates import Basis, Estimate, combined
from costsim.projection.measured import Measured, Pair, Pairs
from costsim.projection.names import same_model
from costsim.projection.prior import Spread, Table, input_prior, output_prior, table
from costsim.projection.singles import Alone

Stated = Literal["projected", "same"] | Mapping[str, float]
"""How a policy says that tokens move: as projected, not at all, or by a factor for each target (else as projected)."""


ByModels = dict[tuple[str, str], dict[str | None, Pair]]
_NO_CALLS = Alone()


class Factor(msgspec.Struct, frozen=True):
    """Tokens on the target = tokens on the source x factor."""

    input: int
    """Millionths: 1,000,000 is 'the same'."""
    output: int
    input_sd: float
    """Standard deviation of the logarithm of the factor, for sums over many calls, not for single ones."""
    output_sd: float
    input_basis: Basis
    output_basis: Basis
    evidence: int
    """Calls or prompts behind the factor of the output."""


class Factors:
    """The factor of every source, target and task, worked out when it is first asked for."""

    def __init__(
        self,
        measured: Measured | None = None,
        input_tokens: Stated = "projected",
        output_tokens: Stated = "projected",
        fitted: Table | None = None,
    ) -> None:
        self._alone = measured.alone if measured else {}
        self._inputs = _by_models(measured.inputs if measured else {})
        self._outputs = _by_models(measured.outputs if measured else {})
        self._stated = (input_tokens, output_tokens)
        self._fitted = fitted or table()
        self._known: dict[tuple[str | None, str, str | None], Factor] = {}

    def of(self, source: str | None, target: str, task: str | None) -> Factor:
        """Return a factor; models as 'openai/gpt-5.4', None where the log's model is not known."""
        key = (source, target, task)
        if key not in self._known:
            self._known[key] = self._work_out(source, target, task)
        return self._known[key]

    def _work_out(self, source: str | None, target: str, task: str | None) -> Factor:
        into, out = self._input(source or "", target, task), self._output(source or "", target, task)
        return Factor(into.millionths, out.millionths, into.sd, out.sd, into.basis, out.basis, out.evidence)

    def _input(self, source: str, target: str, task: str | None) -> Estimate:
        if sure := _without_looking(self._stated[0], source, target):
            return sure
        prior = input_prior(source, target, task, self._fitted)
        spread = self._fitted.input.spread
        return combined([prior, *_measured(self._inputs, (source, target, task), prior.sd, spread)])

    def _output(self, source: str, target: str, task: str | None) -> Estimate:
        if sure := _without_looking(self._stated[1], source, target):
            return sure
        call_sd, spread = self._fitted.call_sd, self._fitted.output.spread
        before, after = self._alone.get((source, task), _NO_CALLS), self._alone.get((target, task), _NO_CALLS)
        found = [output_prior(source, target, task, self._fitted, (before.thought, after.thought))]
        if before.calls and after.calls:  # less direct than a prior: that of other prompts
            found.insert(0, evidence.of_others(before, after, call_sd, self._fitted.mix))
        return combined([*found, *_measured(self._outputs, (source, target, task), call_sd, spread)])


def factors(
    measured: Measured | None = None, input_tokens: Stated = "projected", output_tokens: Stated = "projected"
) -> Factors:
    """Return the factors for a log of which this was measured, under these assumptions of a policy."""
    return Factors(measured, input_tokens, output_tokens)


def _without_looking(stated: Stated, source: str, target: str) -> Estimate | None:
    """The factor that needs no estimate."""
    if source and same_model(source) == same_model(target):
        return Estimate(0.0, 0.0, "same model")
    if stated == "same":
        return Estimate(0.0, 0.0, "same (assumed)")
    if not isinstance(stated, str) and target in stated:
        return Estimate(math.log(stated[target]), 0.0, "given")
    return None


def _by_models(pairs: Pairs) -> ByModels:
    found: ByModels = {}
    for (source, target, task), pair in pairs.items():
        found.setdefault((source, target), {})[task] = pair
    return found


def _measured(pairs: ByModels, key: tuple[str, str, str | None], call_sd: float, spread: Spread) -> list[Estimate]:
    """What prompts of all other tasks say, which is less sure to hold here, and then what those of this task say."""
    source, target, task = key
    first, second = (source, target) if source <= target else (target, source)
    found: list[Estimate] = []
    if (of_tasks := pairs.get((first, second))) is None:  # as of most models
        return found
    here, elsewhere = Pair(), Pair()
    for of_task, pair in of_tasks.items():
        here, elsewhere = (here.plus(pair), elsewhere) if of_task == task else (here, elsewhere.plus(pair))
    for pair, doubt in ((elsewhere, spread.task * math.sqrt(2)), (here, 0.0)):
        if pair.prompts:
            each = evidence.of_pair(pair if first == source else pair.reversed(), call_sd)
            found.append(replace(each, sd=math.hypot(each.sd, doubt)))
    return found
