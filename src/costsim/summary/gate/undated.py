"""Calls of a log without a time: no window holds them, so what a change comes to in a month leaves theirs out."""

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from costsim.summary.gate.aligned import ALL_TASKS
from costsim.summary.gate.baseline import Baseline, Scope
from costsim.summary.gate.parts import CHANCE, Amounts, Side
from costsim.summary.printed import DAYS_OF_A_MONTH


class Undated(msgspec.Struct, frozen=True):
    """Calls without a time."""

    calls: int = 0
    """With a price or without."""
    cost: int = 0
    """10^-12 USD."""
    of_scope: Mapping[Scope, int] = msgspec.field(default_factory=dict)
    """Route and task -> those of its calls that have a price."""
    parts: Mapping[Scope, Amounts] | None = None
    """Why they cost something else, where that is known of single calls: of one log that was replayed twice."""

    def joined(self, routes: Collection[str | None]) -> "Undated":
        """Return the same with all tasks of some routes together, as `aligned` has them."""
        found: dict[Scope, int] = {}
        for (route, task), calls in self.of_scope.items():
            scope = route, ALL_TASKS if route in routes else task
            found[scope] = found.get(scope, 0) + calls
        return replace(self, of_scope=found)


def a_month(now: Baseline, undated: Undated) -> Fraction | None:
    """Return how many times the window of a log goes into a month.

    None for less than a day, or where no call with a price has a time.
    """
    days = now.window.days
    dated = sum(cell.calls for cell in now.cells) > sum(undated.of_scope.values())
    return Fraction(DAYS_OF_A_MONTH) / Fraction(str(days)) if dated and days is not None and days >= 1 else None


class Months:
    """What changes come to in a month, at the pace of those calls of a log that have a time."""

    def __init__(
        self, now: Baseline, undated: Undated, sides: Mapping[Scope, Side], reasons: Mapping[Scope, Amounts]
    ) -> None:
        self.times = a_month(now, undated)
        """How many times the window goes into a month; None where nothing can be said of one."""
        self._undated, self._sides, self._reasons = undated, sides, reasons

    def dated(self, scopes: Iterable[Scope], parts: Amounts) -> Amounts | None:
        """Return the parts of a change of some scopes without calls that have no time; None where no call has one.

        Where single calls are not known, those of a scope are taken to have changed alike.
        """
        there = [scope for scope in scopes if scope in self._sides]
        calls = sum(self._sides[scope].whole.calls for scope in there)
        undated = sum(self._undated.of_scope.get(scope, 0) for scope in there)
        if not undated:
            return parts
        if self.times is None or undated == calls:
            return None
        found = dict(parts)
        for name in parts:
            if name == CHANCE:
                found[name] -= parts[name] * Fraction(undated, calls)
            else:
                found[name] -= sum((self._changed(scope, name) for scope in there), Fraction(0))
        return found

    def _changed(self, scope: Scope, part: str) -> Fraction:
        """What a part of the change of a scope is due to calls without a time."""
        undated = self._undated.of_scope.get(scope, 0)
        if not undated:
            return Fraction(0)
        if self._undated.parts is not None:
            return self._undated.parts[scope][part]
        return self._reasons[scope][part] * Fraction(undated, self._sides[scope].whole.calls)
