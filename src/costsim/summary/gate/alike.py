"""Calls of one kind against calls of the same kind, at the same size of the user's message (analysis of covariance)."""

import math
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from costsim.summary.gate.baseline import Baseline, Kind, Scope, amount
from costsim.summary.gate.parts import Side
from costsim.summary.gate.spread import CHANCE_ERRORS, Difference

LEAST = 10
"""Calls of a kind that both logs need."""
COVERED = 0.8
"""The part of a scope's cost that must be of kinds which both logs have."""


class _Fit(msgspec.Struct, frozen=True):
    """A measure of the calls of a kind."""

    mean: float
    slope: float
    error: float


class Alike:
    """What calls of the same kind cost more, by route and task."""

    def __init__(self, before: Baseline, now: Baseline, old: dict[Scope, Side], new: dict[Scope, Side]) -> None:
        known = {(each.route, each.task, each.model, each.kind): each for each in before.kinds}
        self._pairs: dict[Scope, list[tuple[Kind, Kind]]] = {}
        for kind in now.kinds:
            was = known.get((kind.route, kind.task, kind.model, kind.kind))
            scope = kind.route, kind.task
            if was is not None and min(was.calls, kind.calls) >= LEAST and scope in old and scope in new:
                self._pairs.setdefault(scope, []).append((was, kind))
        self._same_sizes = {scope for scope, pairs in self._pairs.items() if _differ_by_chance(pairs)}
        self.covered = {scope for scope in self._pairs if min(self._parts(scope, old, new)) >= COVERED}
        """The scopes of which most is of kinds that both logs have."""
        self._whole = {scope: 1 / self._parts(scope, old, new)[1] for scope in self.covered}
        """What the kinds must be multiplied with to stand for all of a scope."""

    def _parts(self, scope: Scope, old: dict[Scope, Side], new: dict[Scope, Side]) -> tuple[float, float]:
        """How much of a scope's cost is of kinds that both logs have, in each of them."""
        pairs = self._pairs[scope]
        was, now = (sum(amount(pair[place].cost_usd) for pair in pairs) for place in (0, 1))
        return was / max(old[scope].whole.cost, 1), now / max(new[scope].whole.cost, 1)

    def add_dollars(self, scope: Scope, to: Difference) -> None:
        """Add the change of a scope's cost in 10^-12 USD, with the kinds and sizes of the new log."""
        for was, now in self._pairs[scope]:
            weight = self._whole[scope] * now.calls
            self._add(to, scope, (was, now), [_of_dollars(each) for each in (was, now)], weight)

    def add_logarithms(self, scope: Scope, name: str, to: Difference) -> None:
        """Add the change of a logarithm, each kind with the cost that its calls of now had before."""
        for was, now in self._pairs[scope]:
            weight = self._whole[scope] * now.calls * _mean(was)
            self._add(to, scope, (was, now), [_Fit(*getattr(each, name)) for each in (was, now)], weight)

    def _add(self, to: Difference, scope: Scope, kinds: tuple[Kind, Kind], fits: Sequence[_Fit], weight: float) -> None:
        """Add a difference; at the same size, unless what users wrote differs by more than chance."""
        if scope not in self._same_sizes:
            fits = [_without_size(kind, fit) for kind, fit in zip(kinds, fits, strict=True)]
        _add(to, kinds, fits, weight)


def _mean(kind: Kind) -> float:
    return amount(kind.cost_usd) / kind.calls


def _of_dollars(kind: Kind) -> _Fit:
    mean, (slope, error) = _mean(kind), kind.cost
    return _Fit(mean, mean * slope, mean * error)


def _without_size(kind: Kind, fit: _Fit) -> _Fit:
    """A fit that takes sizes for a part of the noise."""
    return replace(fit, slope=0.0, error=math.hypot(fit.error, fit.slope * kind.size[1] / math.sqrt(kind.calls)))


def _differ_by_chance(pairs: Sequence[tuple[Kind, Kind]]) -> bool:
    """Whether the sizes of users' messages make no more of a difference in dollars than chance would."""
    found = Difference()
    for was, now in pairs:
        weight = now.calls * _of_dollars(was).slope
        errors = [(weight * each.size[1] / math.sqrt(each.calls), each.clusters) for each in (was, now)]
        found.add(weight * (now.size[0] - was.size[0]), errors)
    return abs(found.amount) <= CHANCE_ERRORS * found.error


def _add(to: Difference, kinds: tuple[Kind, Kind], fits: Sequence[_Fit], weight: float) -> None:
    """Add the difference of two means at the mean size of the new log, by the slope of both logs together."""
    (was, now), (old, new) = kinds, fits
    spreads = [each.calls * each.size[1] ** 2 for each in kinds]
    further, whole = now.size[0] - was.size[0], sum(spreads)
    slope = (spreads[0] * old.slope + spreads[1] * new.slope) / whole if whole else 0.0
    errors = [(old.error, was.clusters), (new.error, now.clusters)]
    if slope:
        doubt = sum(part * each.calls * fit.error**2 for part, each, fit in zip(spreads, kinds, fits, strict=True))
        errors.append((further * math.sqrt(doubt) / whole, min(was.clusters, now.clusters)))
    weighted = [(weight * error, clusters) for error, clusters in errors]
    to.add(weight * (new.mean - old.mean - slope * further), weighted)
