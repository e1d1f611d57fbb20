"""What findings could save together: no dollar twice."""

import numpy as np
from tests.summary.acme import MILLION, Row, micros, report, sums

from costsim.summary.findings.contract import Part, Savings
from costsim.summary.together import Remainder, together


def left(cost: int, *saved: tuple[Part, int]) -> int:
    remainder = Remainder(np.array([cost]))
    for part, amount in saved:
        remainder.save(part, Savings(np.array([0]), np.array([amount]), ()))
    return int(remainder.left()[0])


def test_savings_on_different_parts_add_up() -> None:
    assert left(100, ("prefix", 20), ("output", 30)) == 50


def test_savings_on_one_part_are_the_larger_of_them() -> None:
    assert left(100, ("history", 20), ("history", 30)) == 70


def test_no_call_saves_more_than_it_cost() -> None:
    assert left(100, ("call", 100), ("prefix", 20), ("model", 50)) == 0


def test_a_cheaper_model_saves_its_share_of_what_is_left() -> None:
    assert left(100, ("prefix", 20), ("model", 50)) == 40


def test_writing_to_a_cache_costs_more_before_it_saves() -> None:
    assert left(100, ("prefix", -25)) == 125


NIGHT: list[Row] = [
    {
        "route": "nightly", "task": "classification", "complexity": "simple", "input_tokens": 1000,
        "output_tokens": 100, "started_at": micros(f"2026-10-{day:02}T03:00"),
    }
    for day in range(1, 11)
]  # fmt: skip


def test_a_small_model_and_then_the_batch_price_save_less_than_both() -> None:
    found = sums(*NIGHT)
    cases = found.all_cases()
    small, batch = cases["frontier-for-simple"][0].saving, cases["batchable"][0].saving
    spend = 10 * 15_000 * MILLION
    assert (small, batch) == (spend * 9 // 10, spend // 2)
    assert together(found.routes, cases) == spend * 9 // 10 + spend // 10 // 2


def test_the_report_says_that_no_dollar_is_saved_twice() -> None:
    found = report(*NIGHT)
    assert found.findings_together_usd == "0.1425"
    assert any("no dollar is saved twice" in said for said in found.assumptions)
