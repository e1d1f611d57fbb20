"""What is left of a change without the calls that have no time."""

from fractions import Fraction

from costsim.summary.gate.aligned import ALL_TASKS
from costsim.summary.gate.baseline import KIND, Baseline, Cell, Counted, PricesUsed, Scope, Span
from costsim.summary.gate.parts import CHANCE, INPUT, Amounts, sides
from costsim.summary.gate.undated import Months, Undated, a_month


def log(**routes: int) -> Baseline:
    """Calls of some routes over ten days."""
    cells = [Cell(route, "t", "m", False, calls, 0, "1", {}) for route, calls in routes.items()]
    counted = Counted(1, 1, 0, 1)
    span = Span("2026-10-01T00:00:00Z", "2026-10-11T00:00:00Z", 10.0)
    return Baseline("2", KIND, span, PricesUsed("h", "n", "logged"), counted, cells, [], [], [])


def test_the_calls_of_a_scope_changed_alike_and_chance_is_that_of_all_scopes() -> None:
    now, undated = log(a=10, b=30), Undated(5, 0, {("a", "t"): 5})
    reasons: dict[Scope, Amounts] = {("a", "t"): {INPUT: Fraction(100)}, ("b", "t"): {INPUT: Fraction(-8)}}
    found = Months(now, undated, sides(now), reasons).dated(reasons, {INPUT: Fraction(92), CHANCE: Fraction(16)})
    assert found == {INPUT: 92 - Fraction(100, 2), CHANCE: 16 - Fraction(16 * 5, 40)}


def test_a_window_without_a_price_tells_of_no_month() -> None:
    assert a_month(log(a=10), Undated(9, 0, {("a", "t"): 9})) == Fraction("3.044")
    assert a_month(log(a=10), Undated(10, 0, {("a", "t"): 10})) is None


def test_tasks_that_are_compared_together_are_counted_together() -> None:
    undated = Undated(7, 0, {("a", "chat"): 1, ("a", "code"): 2, ("b", "chat"): 4})
    assert undated.joined(["a"]).of_scope == {("a", ALL_TASKS): 3, ("b", "chat"): 4}
