"""One line for the total, each route and each task: how much dearer with the mix kept, and whether that is noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from costsim.summary.gate import pairs
from costsim.summary.gate.aligned import ALL_TASKS
from costsim.summary.gate.baseline import Baseline, Scope
from costsim.summary.gate.pairs import Paired
from costsim.summary.gate.parts import CHANCE, MIX, VOLUME, Amounts, Side, added
from costsim.summary.gate.significance import Significance, Tested, adjusted

TOTAL, ROUTE, TASK = "total", "route", "task"
PAIRS, SPREAD, EXACT = "pairs", "spread", "exact"


@dataclass
class Compared:
    """Some scopes that both logs have, with the mix of the new one."""

    scope: str
    key: str | None
    scopes: tuple[Scope, ...]
    calls_before: int
    calls_now: int
    cost: int
    """10^-12 USD."""
    parts: Amounts
    """Why it changed, without volume and mix."""
    paired: Paired | None = None
    test: str | None = None
    tested: Tested | None = None
    adjusted: float | None = None
    tests: int = 1
    """How many lines were tested together with this one."""

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


class Comparison:
    """Two logs, ready to be looked at by route and task."""

    def __init__(self, before: Baseline, now: Baseline, old: dict[Scope, Side], new: dict[Scope, Side],
                 parts: Mapping[Scope, Amounts], *, exact: bool = False) -> None:  # fmt: skip
        self.before, self.now, self._old, self._new, self._parts, self._exact = before, now, old, new, parts, exact
        self.common = [scope for scope in new if scope in old and old[scope].work and new[scope].work]
        self._significance = Significance(before, now, old, new)

    def lines(self, min_calls: int) -> list[Compared]:
        """Return the total, then routes and tasks, the largest change first; all tested that have enough calls."""
        found = [self._compared(TOTAL, None, self.common), *self._of(ROUTE, 0), *self._of(TASK, 1)]
        tested: dict[tuple[Scope, ...], Compared] = {}
        for line in found:
            if min(line.calls_before, line.calls_now) >= min_calls:
                self._test(line, min_calls)
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
        parts = added(self._parts[each] for each in scopes)
        del parts[VOLUME], parts[MIX]
        return Compared(
            scope,
            key,
            tuple(sorted(scopes, key=str)),
            sum(self._old[each].work for each in scopes),
            sum(self._new[each].work for each in scopes),
            sum(self._new[each].whole.cost for each in scopes),
            parts,
        )

    def _test(self, line: Compared, min_calls: int) -> None:
        if self._exact:
            line.test = EXACT
            return
        line.paired = self._pairs(line)
        if line.paired is not None and _enough(line.paired, line.calls_now, min_calls):
            line.test, (error, of_ratios) = PAIRS, line.paired.errors()
            line.tested = Tested(line.change, line.paired.p_value(), error, [error, of_ratios], 2)
            return
        line.test, line.tested = SPREAD, self._significance.of(line.scopes, line.parts)
        if line.tested.change != line.change:
            line.parts[CHANCE] = line.tested.change - line.change

    def _pairs(self, line: Compared) -> Paired | None:
        """The pairs of whole routes: a case is not kept by task."""
        if line.scope == TASK:
            return None
        routes = {route for route, _ in line.scopes}
        found = [each for route in routes if (each := pairs.of_route(self.before, self.now, route)) is not None]
        return pairs.joined(found) if found else None


def _enough(found: Paired, calls: int, least: int) -> bool:
    """Whether pairs may speak for a route: enough of them, and half of its calls."""
    return len(found) >= least and 2 * int(found.calls.sum()) >= calls
