"""One line for the total, each route and each task: how much dearer with the mix kept, and whether that is noise."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from costsim.summary.gate import pairs
from costsim.summary.gate.aligned import ALL_TASKS
from costsim.summary.gate.baseline import Baseline, Scope
from costsim.summary.gate.changes import Changes
from costsim.summary.gate.pairs import Paired
from costsim.summary.gate.parts import Amounts, Side, added
from costsim.summary.gate.significance import Significance, Tested, adjusted
from costsim.summary.gate.spread import CHANCE_ERRORS

LEAST_OF_COST = 0.25
"""The part of a route's cost that pairs need to speak for it where less than half of its calls are in them."""
_ROUNDING = 1e-9
"""Of a change, as a part of what was: pairs are summed in floating point."""
TOTAL, ROUTE, TASK = "total", "route", "task"
PAIRS, SPREAD, EXACT = "pairs", "spread", "exact"


class Compared(msgspec.Struct):
    """Some scopes that both logs have, with the mix of the new one."""

    scope: str
    key: str | None
    scopes: tuple[Scope, ...]
    calls_before: int
    calls_now: int
    cost: int
    """10^-12 USD."""
    reasons: Mapping[Scope, Amounts]
    """Why each of them changed, without volume and mix."""
    paired: Paired | None = None
    test: str | None = None
    tested: Tested | None = None
    adjusted: float | None = None
    tests: int = 1
    """How many lines were tested together with this one."""

    @property
    def parts(self) -> Amounts:
        """Why they changed together."""
        return added(self.reasons.values())

    @property
    def change(self) -> Fraction:
        """The change in 10^-12 USD."""
        return sum(self.parts.values(), Fraction(0))

    @property
    def was(self) -> Fraction:
        """What the new log's work would have cost before, 10^-12 USD."""
        return self.cost - self.change

    @property
    def relative(self) -> float | None:
        """The change as a part of what it was."""
        return float(self.change / self.was) if self.was else None


class _Heard(msgspec.Struct, frozen=True):
    """What pairs say of some scopes."""

    tested: Tested
    change: Fraction
    """10^-12 USD."""
    error: float
    """10^-12 USD."""


def _risen(line: Compared, rise: Fraction) -> Fraction:
    """The change of what a line costs now, if it rose by such a part of what it was."""
    return line.cost * rise / (1 + rise) if rise > -1 else line.was * rise


class Comparison:
    """Two logs, ready to be looked at by route and task."""

    def __init__(self, before: Baseline, now: Baseline, old: dict[Scope, Side], new: dict[Scope, Side],
                 parts: Mapping[Scope, Amounts], *, exact: bool = False) -> None:  # fmt: skip
        self.before, self.now, self._old, self._new, self._exact = before, now, old, new, exact
        self.common = [scope for scope in new if scope in old and old[scope].work and new[scope].work]
        self._significance = Significance(before, now, old, new)
        self._changes = Changes(parts, new, self.common)

    def lines(self, min_calls: int) -> list[Compared]:
        """Return the total, then routes and tasks, the largest change first; all tested that have enough calls."""
        found = [self._compared(TOTAL, None, self.common), *self._of(ROUTE, 0), *self._of(TASK, 1)]
        enough = [line for line in found if min(line.calls_before, line.calls_now) >= min_calls]
        if self._exact:
            for line in enough:
                line.test = EXACT
        else:
            self._test(enough, min_calls)
        tested: dict[tuple[Scope, ...], Compared] = {}
        for line in found:
            line.reasons = self._changes.reasons(line.scopes)
            if line.test is not None:
                tested.setdefault(line.scopes, line)
        p_values = adjusted([line.tested.p_value for line in tested.values() if line.tested])
        by_scopes = dict(zip(tested, p_values, strict=False))
        for line in found:
            line.adjusted, line.tests = by_scopes.get(line.scopes) if line.tested else None, len(by_scopes)
        return sorted(
            found, key=lambda line: ((TOTAL, ROUTE, TASK).index(line.scope), -abs(line.change), str(line.key))
        )

    def _of(self, scope: str, place: int) -> list[Compared]:
        keys = {each[place] for each in self.common} - ({ALL_TASKS} if scope == TASK else set())
        if not keys - {None} or (scope == TASK and len(keys) == 1):
            return []
        return [self._compared(scope, key, [each for each in self.common if each[place] == key]) for key in keys]

    def _compared(self, scope: str, key: str | None, scopes: Sequence[Scope]) -> Compared:
        return Compared(
            scope,
            key,
            tuple(sorted(scopes, key=str)),
            sum(self._old[each].work for each in scopes),
            sum(self._new[each].work for each in scopes),
            sum(self._new[each].whole.cost for each in scopes),
            self._changes.in_full(scopes),
        )

    def _test(self, lines: Sequence[Compared], min_calls: int) -> None:
        """Routes speak before tasks, and these before the whole: each of them is surer of where something changed."""
        lines = sorted(lines, key=lambda line: ((ROUTE, TASK, TOTAL).index(line.scope), str(line.key)))
        self._changes.ask([line.scopes for line in lines], self._significance)
        for line in lines:
            line.test, line.tested = SPREAD, self._apart(line)
        for line in lines:
            if line.scope != TASK:
                self._hear_pairs(line, min_calls)
        for line in lines:
            if line.tested and line.was:
                variance = self._changes.variance(line.scopes, self._significance)
                line.tested.error = math.sqrt(variance) / float(line.was)

    def _apart(self, line: Compared) -> Tested:
        change = sum((self._changes.amount(scope) for scope in line.scopes), Fraction(0))
        variance = self._changes.variance(line.scopes, self._significance)
        return self._significance.of(line.scopes, line.parts, change, variance)

    def _hear_pairs(self, line: Compared, min_calls: int) -> None:
        """Test a line by its pairs where they say more, and settle by them what those of its routes have not."""
        heard, left = self._heard(line, min_calls), self._changes.left(line.scopes)
        if heard:
            line.test, line.tested = PAIRS, heard.tested
        if left and len(left) < len(line.scopes):
            rest = self._compared(line.scope, line.key, left)
            rest.tested = self._apart(rest)
            heard = self._heard(rest, min_calls)
        if heard and left:
            self._changes.settle(left, heard.change, heard.error)

    def _heard(self, line: Compared, min_calls: int) -> _Heard | None:
        line.paired = self._pairs(line)
        if line.paired is None or line.tested is None or len(line.paired) < min_calls:
            return None
        return _heard(line, line.paired, line.tested)

    def _pairs(self, line: Compared) -> Paired | None:
        """The pairs of whole routes: a case is not kept by task."""
        routes = {route for route, _ in line.scopes}
        found = [
            each
            for route in sorted(routes, key=str)
            if (each := pairs.of_route(self.before, self.now, route)) is not None
        ]
        return pairs.joined(found) if found else None


def _heard(line: Compared, pairs: Paired, apart: Tested) -> _Heard | None:
    """What pairs say of a change; None where all calls say more: of two that agree, the surer speaks.

    A quarter of the cost is enough for pairs that all calls agree with; half of the calls is heard even against them.
    All of the change is as that in pairs then, unless the rest of it is more than chance (errors: Hausman 1978).
    """
    (error, of_ratios), rise = pairs.errors(), pairs.rise()
    half = 2 * int(pairs.calls.sum()) >= line.calls_now
    chance = CHANCE_ERRORS * math.sqrt(abs(apart.error**2 - error**2))  # of the surer one against the other
    agree = bool(line.was) and abs(float(apart.change / line.was) - rise) <= chance
    if agree and (error >= apart.error or not (half or pairs.cost_now() >= LEAST_OF_COST * line.cost)):
        return None
    if not agree and not half:
        return None
    as_pairs = agree and abs(rise - float(line.change / line.was)) > _ROUNDING
    change = Fraction(round(_risen(line, Fraction(rise)))) if as_pairs else line.change
    return _Heard(Tested(change, pairs.p_value(), error, [error, of_ratios], 2), change, error * float(line.was))
