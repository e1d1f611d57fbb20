"""Calls of a log without a time: no window holds them, so what a change comes to in a month leaves theirs out."""

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from costsim.summary.gate.aligned import ALL_TASKS
from costsim.summary.gate.baseline import Baseline, Scope
from costsim.summary.gate.parts import Amounts, Side, added
from costsim.summary.printed import DAYS_OF_A_MONTH

CALLS_OF_A_MONTH = 100_000
"""Of so many calls a change is worth its dollars, where no month can be told."""


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


def why_no_month(now: Baseline) -> str:
    """Return why nothing can be said of a month."""
    days = now.window.days
    return "the log is shorter than a day" if days is not None and days < 1 else "no call with a price has a time"


def a_month(now: Baseline, undated: Undated) -> Fraction | None:
    """Return how many times the window of a log goes into a month.

    None for less than a day, or where no call with a price has a time.
    """
    days = now.window.days
    dated = sum(cell.calls for cell in now.cells) > sum(undated.of_scope.values())
    return Fraction(DAYS_OF_A_MONTH) / Fraction(str(days)) if dated and days is not None and days >= 1 else None


class Months:
    """What changes come to in a month, at the pace of those calls of a log that have a time."""

    def __init__(self, now: Baseline, undated: Undated, sides: Mapping[Scope, Side]) -> None:
        self.times = a_month(now, undated)
        """How many times the window goes into a month; None where nothing can be said of one."""
        self._undated, self._sides = undated, sides

    def undated(self, scopes: Iterable[Scope]) -> int:
        """Return how many calls with a price, of some scopes, have no time."""
        return sum(self._undated.of_scope.get(scope, 0) for scope in scopes)

    def tells(self, scopes: Collection[Scope]) -> bool:
        """Return whether a month can be told, and half or more of the calls of some scopes have a time."""
        return self.times is not None and 2 * self.undated(scopes) <= self._calls(scopes)

    def dated(self, reasons: Mapping[Scope, Amounts]) -> Amounts | None:
        """Return why some scopes changed, without calls that have no time; None where no call has one.

        Where single calls are not known, those of a scope are taken to have changed alike.
        """
        undated = self.undated(reasons)
        if undated and (self.times is None or undated == self._calls(reasons)):
            return None
        return added(self._without(scope, parts) for scope, parts in reasons.items())

    def _calls(self, scopes: Iterable[Scope]) -> int:
        return sum(self._sides[scope].whole.calls for scope in scopes if scope in self._sides)

    def _without(self, scope: Scope, parts: Amounts) -> Amounts:
        undated = self._undated.of_scope.get(scope, 0)
        if not undated:
            return parts
        if self._undated.parts is not None:
            return {part: value - self._undated.parts[scope][part] for part, value in parts.items()}
        dated = 1 - Fraction(undated, self._sides[scope].whole.calls)
        return {part: value * dated for part, value in parts.items()}
