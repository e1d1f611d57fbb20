"""One number and how sure it is, and how several such numbers about one thing become one."""

import math
from typing import Literal

import msgspec

Basis = Literal["same model", "given", "measured", "estimated", "prior", "unknown", "same (assumed)"]

ONE = 1_000_000
"""A factor of 1, in millionths."""


class Estimate(msgspec.Struct, frozen=True):
    """The logarithm of a factor, with the standard deviation of its error."""

    log: float
    sd: float
    basis: Basis
    evidence: int = 0
    """Calls or prompts behind it."""

    @property
    def millionths(self) -> int:
        """The factor as an integer, never 0."""
        return max(1, round(math.exp(self.log) * ONE))


def combined(estimates: list[Estimate]) -> Estimate:
    """Return the mean weighted by certainty (1 / sd²): little data, more prior.

    The last estimate is trusted most. It is a mean of random effects: one that contradicts the last by more than both
    their errors is as unsure as it is then seen to be. Basis and evidence are those of the estimate that weighs most.
    """
    direct = estimates[-1]
    if len(estimates) == 1:
        return direct
    variances = [max(each.sd**2, (each.log - direct.log) ** 2 - direct.sd**2, 1e-18) for each in estimates]
    weights = [1 / variance for variance in variances]
    total = sum(weights)
    log = sum(weight * each.log for weight, each in zip(weights, estimates, strict=True)) / total
    heaviest = max(zip(weights, estimates, strict=True), key=lambda pair: pair[0])[1]
    return Estimate(log, total**-0.5, heaviest.basis, heaviest.evidence)
