"""Like with like: how many calls of each kind came is chance, and neither hides what a change does nor is one."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from tests.summary.gate.logs import Story, figures, judged

from costsim.summary.gate.report import CheckReport, Line

USUAL = Story()
RUNS = 40


def compared(before: Story, now: Story, seed: int) -> CheckReport:
    draw = np.random.default_rng(seed)
    return judged(figures(before, draw), figures(now, draw))


def route(report: CheckReport) -> Line:
    (line,) = [line for line in report.lines if line.scope == "route"]
    return line


def test_ten_per_cent_are_found_although_single_calls_differ_five_fold() -> None:
    found = [compared(USUAL, replace(USUAL, longer=1.1), seed).verdict == "fail" for seed in range(RUNS)]
    assert all(found)


def test_chance_alone_is_no_regression() -> None:
    alarms = [compared(USUAL, USUAL, seed).verdict == "fail" for seed in range(100, 100 + RUNS)]
    assert sum(alarms) <= 4  # 2 of 40 at the rate that is asked for, far fewer as a change must be material too


def test_the_size_that_a_report_says_it_sees_is_seen() -> None:
    sees = [route(compared(USUAL, USUAL, seed)).sees_percent for seed in range(200, 200 + RUNS)]
    assert all(each is not None and 5 < each < 15 for each in sees)
    found = [
        route(compared(USUAL, replace(USUAL, longer=1 + (each or 0) / 100), seed)).finding
        for seed, each in enumerate(sees, 300)
    ]
    assert found.count("regression") >= RUNS - 5  # 38 expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replace(USUAL, hits=0.1), "cached share of input 4"),
        (replace(USUAL, thinks=0.7), "more output tokens per call"),
        (replace(USUAL, message=3.0), "more input tokens per call"),
    ],
    ids=["cache", "thinking", "messages"],
)
def test_kinds_and_sizes_that_change_by_more_than_chance_are_a_change(change: Story, words: str) -> None:
    report = compared(USUAL, change, 1)
    assert report.verdict == "fail"
    assert words in route(report).why


def test_parts_of_a_line_add_up_to_its_change_with_what_chance_did() -> None:
    line = route(compared(USUAL, replace(USUAL, longer=1.1), 7))
    assert "chance" in {part.part for part in line.parts}
    assert sum(Decimal(part.change_usd) for part in line.parts) == Decimal(line.change_usd)
    assert line.change_percent == pytest.approx(10, abs=4)


def test_a_kind_that_few_calls_are_of_is_left_to_the_whole() -> None:
    draw = np.random.default_rng(3)
    line = route(judged(figures(USUAL, draw, 40), figures(replace(USUAL, longer=3.0), draw, 40)))
    assert line.finding == "regression"
    assert line.sees_percent is not None
    assert line.sees_percent > 20


OTHERWISE = replace(USUAL, tasks=("drafting", "extraction", "chat"))


def test_a_prompt_that_is_taken_for_another_task_hides_nothing() -> None:
    """What a task is guessed from may be the very thing that changed."""
    for seed in range(10):
        report = compared(USUAL, replace(OTHERWISE, longer=1.1), seed)
        assert route(report).finding == "regression"
        assert {line.scope for line in report.lines} == {"total", "route"}
        assert any("all tasks there are compared together" in each for each in report.assumptions)


def test_other_tasks_alone_are_no_regression() -> None:
    verdicts = [compared(OTHERWISE, USUAL, seed).verdict for seed in range(RUNS)]
    assert verdicts.count("fail") <= 4


def test_tasks_that_are_the_same_stay_apart() -> None:
    lines = compared(OTHERWISE, OTHERWISE, 1).lines
    assert {line.key for line in lines if line.scope == "task"} == {"chat", "drafting", "extraction"}
