"""How often calls escalate and fail: from the policy, from the log, or from a prior; and how sure that is."""

from collections.abc import Mapping
from math import sqrt

import msgspec

from costsim.policies.attempts import WHOLE
from costsim.policies.document import Escalate, Fallback
from costsim.replay import prior
from costsim.replay.observed import Group, Observed

GIVEN, OBSERVED, PRIOR = "given", "observed", "prior"
"""Where a rate comes from: the policy; calls of this model on this task; public test sets (`prior`)."""


class Rates(msgspec.Struct):
    """Rates of escalation and failure for the calls of any batch."""

    observed: Observed
    _known: dict[tuple[str, Group], tuple[int, str, int]] = msgspec.field(default_factory=dict)

    def escalation(self, escalate: Escalate, group: Group) -> tuple[int, str, int]:
        """Return a rate in 10^-9, where it comes from, and on how many calls it rests."""
        key = str(escalate.rate), group
        if key not in self._known:
            rate, basis, calls = self._rate(escalate.rate, group)
            floor = escalate.floor if basis != GIVEN else 0.0
            self._known[key] = round(max(rate, floor) * WHOLE), basis, calls
        return self._known[key]

    def _rate(self, said: float | str | Mapping[str, float], group: Group) -> tuple[float, str, int]:
        if isinstance(said, float | int):
            return float(said), GIVEN, 0
        if isinstance(said, Mapping) and group[1] in said:
            return said[group[1] or ""], GIVEN, 0
        if said == PRIOR:
            return prior.escalation().rate, PRIOR, 0
        rate, calls = self.observed.rate(group)
        return rate, OBSERVED if calls else PRIOR, calls

    def failure(self, fallback: Fallback, model: int) -> int:
        """Return the share of a model's attempts that fail in a way that the policy falls back on, in 10^-9."""
        if fallback.rate == "observed":
            return round(self.observed.error_rate(model, frozenset(fallback.on)) * WHOLE)
        return round(float(fallback.rate) * WHOLE)

    def billed(self, model: int) -> int:
        """Return the share of a model's failures that are billed, in 10^-9."""
        return round(self.observed.billed_share_of_errors(model) * WHOLE)


def uncertainty(rate: float, basis: str, calls: int) -> float:
    """Return the standard deviation of a rate: of a share among so many calls, of a prior as among a few."""
    if basis == GIVEN:
        return 0.0
    return sqrt(rate * (1 - rate) / (calls + prior.escalation().calls + 1))
