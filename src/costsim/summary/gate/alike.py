"""Calls of one kind against calls of the same kind, at the same size of the user's message (analysis of covariance)."""

from collections.abc import Sequence
from dataclasses import dataclass

from costsim.summary.gate.baseline import Baseline, Kind, Scope, amount
from costsim.summary.gate.parts import Side
from costsim.summary.gate.spread import Difference

LEAST = 10
"""Calls of a kind that both logs need."""
COVERED = 0.8
"""The part of a scope's cost that must be of kinds which both logs have."""


@dataclass(frozen=True)
class _Fit:
    """A measure of the calls of a kind."""

    mean: float
    slope: float
    error: float


class Alike:
    """What calls of the same kind cost more, by route and task."""

    def __init__(self, before: Baseline, now: Baseline) -> None:
        old = {(each.route, each.task, each.model, each.kind): each for each in before.kinds}
        self._pairs: dict[Scope, list[tuple[Kind, Kind]]] = {}
        for new in now.kinds:
            was = old.get((new.route, new.task, new.model, new.kind))
            if was is not None and min(was.calls, new.calls) >= LEAST:
                self._pairs.setdefault((new.route, new.task), []).append((was, new))

    def covers(self, scope: Scope, old: Side, new: Side) -> bool:
        """Return whether most of a scope's cost is of kinds that both logs have."""
        pairs = self._pairs.get(scope, [])
        sides = ((old, [was for was, _ in pairs]), (new, [now for _, now in pairs]))
        return all(sum(amount(kind.cost_usd) for kind in kinds) >= COVERED * side.whole.cost for side, kinds in sides)

    def add_dollars(self, scope: Scope, to: Difference) -> None:
        """Add the change of a scope's cost in 10^-12 USD, with the kinds and sizes of the new log."""
        for was, now in self._pairs.get(scope, ()):
            fits = []
            for each in (was, now):
                mean = amount(each.cost_usd) / each.calls
                fits.append(_Fit(mean, mean * each.cost[0], mean * each.cost[1]))
            _add(to, was, now, fits, now.calls)

    def add_logarithms(self, scope: Scope, name: str, to: Difference) -> None:
        """Add the change of a logarithm, each kind with the cost that its calls of now had before."""
        for was, now in self._pairs.get(scope, ()):
            weight = amount(was.cost_usd) / was.calls * now.calls
            _add(to, was, now, [_Fit(*getattr(each, name)) for each in (was, now)], weight)


def _add(to: Difference, was: Kind, now: Kind, fits: Sequence[_Fit], weight: float) -> None:
    """Add the difference of two means at the mean size of the new log, by the slope of both logs together."""
    old, new = fits
    spreads = [each.calls * each.size[1] ** 2 for each in (was, now)]
    further, whole = now.size[0] - was.size[0], sum(spreads)
    slope = (spreads[0] * old.slope + spreads[1] * new.slope) / whole if whole else 0.0
    errors = [(old.error, was.clusters), (new.error, now.clusters)]
    if whole:
        doubt = sum(part * each.calls * fit.error**2 for part, each, fit in zip(spreads, (was, now), fits, strict=True))
        errors.append((further * doubt**0.5 / whole, min(was.clusters, now.clusters)))
    weighted = [(weight * error, clusters) for error, clusters in errors]
    to.add(weight * (new.mean - old.mean - slope * further), weighted)
