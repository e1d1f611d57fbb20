"""Whether a change is more than noise, and how large one must be to be seen."""

import math
from collections.abc import Collection, Iterable
from fractions import Fraction
from statistics import NormalDist

import msgspec

from costsim.summary.gate.alike import Alike
from costsim.summary.gate.baseline import Baseline, Scope, Spread
from costsim.summary.gate.parts import INPUT, OUTPUT, Amounts, Side
from costsim.summary.gate.spread import Difference

SEEN = 0.95
"""The chance with which a change of the size that `sees` tells is found."""
_UNKNOWN_ERROR = 1.0
"""The error of a mean that rests on a single conversation: as large as the mean."""
_NORMAL = NormalDist()


class Tested(msgspec.Struct):
    """What noise leaves of the change of some scopes."""

    change: Fraction
    """In 10^-12 USD."""
    p_value: float
    error: float
    """The standard error of the change, as a part of what the calls cost before."""
    errors: list[float] = msgspec.field(default_factory=list)
    """Of each test that can prove all of a change, as a part of what the calls cost before."""
    tests: int = 1

    def sees(self, share: float, percent: float) -> float:
        """Return the rise in per cent that is `percent` or more, and real at p < `share`, with the chance `SEEN`."""
        power = _NORMAL.inv_cdf(1 - (1 - SEEN) / 2)  # of two things that must both come out
        real = (_NORMAL.inv_cdf(1 - share / self.tests) + power) * min(self.errors)
        return max(100 * real, percent + 100 * power * self.error)


class Significance:
    """Two logs, with what is known of the spread of their costs."""

    def __init__(self, before: Baseline, now: Baseline, old: dict[Scope, Side], new: dict[Scope, Side]) -> None:
        self._old, self._new = old, new
        self._spread = [{(each.route, each.task): each for each in side.spreads} for side in (before, now)]
        self._levels = [{(each.route, each.task, each.model): each for each in side.levels} for side in (before, now)]
        self._alike = Alike(before, now, old, new)
        self.covered = self._alike.covered
        """The scopes of which calls of the same kind can be compared."""
        self._known: dict[tuple[Scope, bool], Difference] = {}

    def of(self, scopes: Iterable[Scope], parts: Amounts, change: Fraction, variance: float) -> Tested:
        """Return what noise leaves of a change, and its error; without chance `parts` are the reasons for it.

        The clearest of six tests counts, at six times its p value: of all dollars, and of dollars and logarithms of
        cost, input and output tokens among calls of the same kind. A few dear calls drown a change in dollars that
        logarithms show; long answers drown prompts that grew. What is proven of a part of the change alone counts
        where that part is half of it or more.
        """
        scopes = list(scopes)
        was = float(sum(mean_before(self._old[scope], self._new[scope]) for scope in scopes))
        whole, kinds = self.dollars(scopes, set()), self.dollars(scopes, self.covered)
        levels = [self._logarithms(scopes, "ln_cost", covered) for covered in (set[Scope](), self.covered)]
        tests = [whole.p_value(), levels[0].p_value()]
        tests += [each.p_value() if 2 * kinds.amount >= change else 1.0 for each in (kinds, levels[1])]
        for name, part in (("ln_input", INPUT), ("ln_output", OUTPUT)):
            found = self._logarithms(scopes, name, self.covered)
            tests.append(found.p_value() if 2 * parts[part] >= change else 1.0)
        errors = [each.error / was if was else math.inf for each in (whole, kinds, *levels)]
        taken = math.sqrt(variance) / was if was else math.inf
        return Tested(change, min(1.0, len(tests) * min(tests)), taken, errors, len(tests))

    def dollars(self, scopes: Iterable[Scope], alike: Collection[Scope]) -> Difference:
        """Return the change of some scopes in 10^-12 USD; that of calls of the same kind in those `alike`."""
        found = Difference()
        for scope in scopes:
            found.take(self._dollars_of(scope, scope in alike and scope in self.covered))
        return found

    def _dollars_of(self, scope: Scope, alike: bool) -> Difference:
        if (scope, alike) in self._known:
            return self._known[scope, alike]
        found = self._known[scope, alike] = Difference()
        if alike:
            self._alike.add_dollars(scope, found)
            return found
        old, new = (spread.get(scope) for spread in self._spread)
        was = float(mean_before(self._old[scope], self._new[scope]))
        cost = float(self._new[scope].whole.cost)
        found.add(cost - was, [(was * _error(old), _clusters(old)), (cost * _error(new), _clusters(new))])
        return found

    def _logarithms(self, scopes: Iterable[Scope], name: str, covered: set[Scope]) -> Difference:
        found = Difference()
        for scope in scopes:
            if scope in covered:
                self._alike.add_logarithms(scope, name, found)
            else:
                self._add_levels(scope, name, found)
        return found

    def _add_levels(self, scope: Scope, name: str, to: Difference) -> None:
        """Each model with the cost that its calls of now had before."""
        for model, use in self._new[scope].first.items():
            old, new = (levels.get((*scope, model)) for levels in self._levels)
            known = self._old[scope].first.get(model)
            was, now = getattr(old, name, None), getattr(new, name, None)
            if old and new and known and was and now:
                weight = float(Fraction(known.cost * use.calls, known.calls))
                errors = [(weight * was[1], old.clusters), (weight * now[1], new.clusters)]
                to.add(weight * (now[0] - was[0]), errors)


def mean_before(old: Side, new: Side) -> Fraction:
    """Return what the work of the new log would have cost at the mean of the old one."""
    return Fraction(old.whole.cost * new.work, old.work)


def _error(spread: Spread | None) -> float:
    return _UNKNOWN_ERROR if spread is None or spread.error is None else spread.error


def _clusters(spread: Spread | None) -> int:
    return 2 if spread is None else spread.clusters


def adjusted(p_values: list[float]) -> list[float]:
    """Return p values adjusted for each other, so that a false alarm anywhere is as rare as asked for (Holm 1979)."""
    found, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        found[place] = highest
    return found
