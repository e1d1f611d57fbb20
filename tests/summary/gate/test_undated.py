"""What is left of a change without the calls that have no time."""

from fractions import Fraction

import pytest

from costsim.summary.gate.aligned import ALL_TASKS
from costsim.summary.gate.baseline import KIND, Baseline, Cell, Counted, PricesUsed, Scope, Span
from costsim.summary.gate.parts import CHANCE, INPUT, ORDER, Amounts, sides
from costsim.summary.gate.undated import Months, Undated, a_month


def log(**routes: int) -> Baseline:
    """Calls of some routes over ten days."""
    cells = [Cell(route, "t", "m", False, calls, 0, "1", {}) for route, calls in routes.items()]
    counted = Counted(1, 1, 0, 1)
    span = Span("2026-10-01T00:00:00Z", "2026-10-11T00:00:00Z", 10.0)
    return Baseline("2", KIND, span, PricesUsed("h", "n", "logged"), counted, cells, [], [], [])


def test_the_calls_of_a_scope_changed_alike() -> None:
    now, undated = log(a=10, b=30), Undated(5, 0, {("a", "t"): 5})
    of_a: Amounts = {INPUT: Fraction(100), CHANCE: Fraction(16)}
    reasons: dict[Scope, Amounts] = {("a", "t"): of_a, ("b", "t"): {INPUT: Fraction(-8)}}
    found = Months(now, undated, sides(now)).dated(reasons)
    assert found == {**dict.fromkeys(ORDER, Fraction(0)), INPUT: Fraction(50 - 8), CHANCE: Fraction(8)}


@pytest.mark.parametrize(("undated", "tells"), [(0, True), (20, True), (21, False)])
def test_a_month_is_told_where_half_of_the_calls_have_a_time(undated: int, tells: bool) -> None:
    now = log(a=10, b=30)
    months = Months(now, Undated(undated, 0, {("b", "t"): undated}), sides(now))
    assert months.tells([("a", "t"), ("b", "t")]) == tells


def test_a_window_without_a_price_tells_of_no_month() -> None:
    assert a_month(log(a=10), Undated(9, 0, {("a", "t"): 9})) == Fraction("3.044")
    assert a_month(log(a=10), Undated(10, 0, {("a", "t"): 10})) is None


def test_tasks_that_are_compared_together_are_counted_together() -> None:
    undated = Undated(7, 0, {("a", "chat"): 1, ("a", "code"): 2, ("b", "chat"): 4})
    assert undated.joined(["a"]).of_scope == {("a", ALL_TASKS): 3, ("b", "chat"): 4}
