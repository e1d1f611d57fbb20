"""Prompts that came to both logs: they speak for a route where they are a part of it only, unless the rest objects."""

import numpy as np
import pytest
from tests.summary.gate.logs import Recurring, judged, recurring

from costsim.summary.gate.report import Line

RUNS = 20


def route(before: Recurring, now: Recurring, seed: int) -> Line:
    draw = np.random.default_rng(seed)
    (line,) = [line for line in judged(recurring(before, draw), recurring(now, draw)).lines if line.scope == "route"]
    return line


def findings(now: Recurring) -> list[tuple[str | None, str]]:
    lines = [route(Recurring(), now, seed) for seed in range(RUNS)]
    return [(line.test, line.finding) for line in lines]


def test_a_third_of_the_calls_in_pairs_proves_what_noise_hides() -> None:
    assert findings(Recurring(longer=1.1)).count(("pairs", "regression")) >= RUNS - 2
    assert findings(Recurring(longer=1.1, known=0.0)).count(("spread", "regression")) < RUNS / 2


def test_pairs_without_a_change_outweigh_the_noise_of_the_rest() -> None:
    assert [finding for _, finding in findings(Recurring())].count("regression") <= 1


def test_other_calls_that_rose_by_more_than_chance_are_heard() -> None:
    assert findings(Recurring(others=2.0)).count(("spread", "regression")) >= RUNS - 2


@pytest.mark.parametrize("known", [0.05, 1.0])
def test_few_pairs_are_silent_and_whole_ones_speak(known: float) -> None:
    assert {test for test, _ in findings(Recurring(known=known))} == {"pairs" if known == 1.0 else "spread"}
