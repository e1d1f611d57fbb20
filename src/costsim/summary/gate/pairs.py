"""The same prompts or test cases in both logs, compared one by one."""

import math
from fractions import Fraction

import msgspec
import numpy as np

from costsim.summary.gate.baseline import Baseline, amount
from costsim.summary.gate.spread import p_above
from costsim.summary.priced import Ints

_FLIPS, _ROUNDS = 4_000, 10
_MOST_FLIPPED = 2_000
"""Of more pairs, the sum of flipped differences is as good as normal."""
_SEED = 20_260_101

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


class Paired(msgspec.Struct, frozen=True):
    """Cases that both logs have; costs per call in 10^-12 USD, weighted by the calls of the new log."""

    before: Floats
    now: Floats
    calls: Ints

    def __len__(self) -> int:
        return len(self.calls)

    def p_value(self) -> float:
        """Return the chance of so large an increase where each case is as likely to get dearer as cheaper.

        The signs of the differences are flipped at random; of the differences in dollars and of those of logarithms
        (which a few dear cases do not drown) the clearer one counts, at twice its value.
        """
        dollars = (self.now - self.before) * self.calls
        return min(1.0, 2 * min(_flipped(dollars), _flipped(self._ratios())))

    def cost_now(self) -> float:
        """Return what the calls of the new log cost, 10^-12 USD."""
        return float(self.now @ self.calls)

    def rise(self) -> float:
        """Return the change as a part of what was."""
        was = float(self.before @ self.calls)
        return self.cost_now() / was - 1 if was else math.inf

    def errors(self) -> tuple[float, float]:
        """Return the standard errors of the change, as a part of what was, and of the mean logarithm of the ratios."""
        dollars, was = (self.now - self.before) * self.calls, float(self.before @ self.calls)
        of_dollars = float(np.sqrt(((dollars - dollars.mean()) ** 2).sum())) / was if was else math.inf
        ratios = self._ratios()
        return of_dollars, float(ratios.std() / math.sqrt(len(ratios))) if len(ratios) else math.inf

    def _ratios(self) -> Floats:
        both = (self.now > 0) & (self.before > 0)
        return np.log(self.now[both]) - np.log(self.before[both])


def of_route(before: Baseline, now: Baseline, route: str | None) -> Paired | None:
    """Return the pairs of a route; None where the logs keep no cases by the same thing."""
    if before.pairing is None or now.pairing is None or before.pairing.by != now.pairing.by:
        return None
    old, new = before.pairing.cases.get(route or "", {}), now.pairing.cases.get(route or "", {})
    both = sorted(old.keys() & new.keys())
    was = [float(Fraction(amount(old[case][1]), old[case][0])) for case in both]
    costs = [float(Fraction(amount(new[case][1]), new[case][0])) for case in both]
    return Paired(np.array(was), np.array(costs), np.array([new[case][0] for case in both], np.int64))


def joined(found: list[Paired]) -> Paired:
    """Return the pairs of several routes as one."""
    return Paired(*(np.concatenate([getattr(each, name) for each in found]) for name in ("before", "now", "calls")))


def _flipped(differences: Floats) -> float:
    if not differences.any():
        return 1.0
    seen = float(differences.sum())
    random = np.random.default_rng(_SEED)
    if len(differences) > _MOST_FLIPPED:
        return p_above(seen, float(np.sqrt(differences @ differences)), len(differences))
    slack = 1e-9 * float(np.abs(differences).sum())
    as_far = 0
    for _ in range(_ROUNDS):
        signs = random.integers(0, 2, (_FLIPS // _ROUNDS, len(differences)), np.int8) * 2 - 1
        as_far += int((signs @ differences >= seen - slack).sum())
    return (1 + as_far) / (_FLIPS + 1)
