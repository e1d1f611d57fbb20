"""Whether a change is more than noise, and how large one must be to be seen."""

import math
from collections.abc import Iterable
from fractions import Fraction
from statistics import NormalDist

import msgspec

from costsim.summary.gate.alike import Alike
from costsim.summary.gate.baseline import Baseline, Scope, Spread
from costsim.summary.gate.parts import INPUT, OUTPUT, Amounts, Side
from costsim.summary.gate.spread import CHANCE_ERRORS, Difference

SEEN = 0.95
"""The chance with which a change of the size that `sees` tells is found."""
_UNKNOWN_ERROR = 1.0
"""The error of a mean that rests on a single conversation: as large as the mean."""
_NORMAL = NormalDist()


class Tested(msgspec.Struct):
    """What noise leaves of the change of some scopes."""

    change: Fraction
    """In 10^-12 USD: of calls of the same kind, unless the kinds themselves changed by more than chance."""
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
        self._covered = self._alike.covered

    def of(self, scopes: Iterable[Scope], parts: Amounts) -> Tested:
        """Return what noise leaves of a change, of which `parts` are the reasons.

        The clearest of six tests counts, at six times its p value: of all dollars, and of dollars and logarithms of
        cost, input and output tokens among calls of the same kind. A few dear calls drown a change in dollars that
        logarithms show; long answers drown prompts that grew. What is proven of a part of the change alone counts
        where that part is half of it or more.
        """
        scopes = list(scopes)
        was = float(sum(mean_before(self._old[scope], self._new[scope]) for scope in scopes))
        whole, kinds = self._dollars(scopes, set()), self._dollars(scopes, self._covered)
        levels = [self._logarithms(scopes, "ln_cost", covered) for covered in (set[Scope](), self._covered)]
        change, taken = _change(whole, kinds, sum(parts.values(), Fraction(0)))
        tests = [whole.p_value(), levels[0].p_value()]
        tests += [each.p_value() if 2 * kinds.amount >= change else 1.0 for each in (kinds, levels[1])]
        for name, part in (("ln_input", INPUT), ("ln_output", OUTPUT)):
            found = self._logarithms(scopes, name, self._covered)
            tests.append(found.p_value() if 2 * parts[part] >= change else 1.0)
        errors = [each.error / was if was else math.inf for each in (whole, kinds, *levels)]
        return Tested(change, min(1.0, len(tests) * min(tests)), taken / was if was else math.inf, errors, len(tests))

    def _dollars(self, scopes: Iterable[Scope], covered: set[Scope]) -> Difference:
        found = Difference()
        for scope in scopes:
            if scope in covered:
                self._alike.add_dollars(scope, found)
                continue
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


def _change(whole: Difference, kinds: Difference, exact: Fraction) -> tuple[Fraction, float]:
    """The change among calls of the same kind, if the rest is no more than chance; else all of it. And its error."""
    rest, variance = whole.amount - kinds.amount, whole.variance - kinds.variance
    if variance > 0 and abs(rest) <= CHANCE_ERRORS * math.sqrt(variance):
        return Fraction(round(kinds.amount)), kinds.error
    return exact, whole.error


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
