"""Noise: the tests are right about chance, alone and many together."""

import numpy as np
import pytest

from costsim.summary.gate.pairs import Floats, Paired
from costsim.summary.gate.significance import adjusted
from costsim.summary.gate.spread import BUCKETS, p_above, spread_of


@pytest.mark.parametrize(
    ("t", "clusters", "chance"), [(1.812, 11, 0.05), (2.764, 11, 0.01), (1.96, 10**6, 0.025), (0, 5, 0.5)]
)
def test_chances_are_those_of_students_table(t: float, clusters: int, chance: float) -> None:
    assert p_above(t, 1.0, clusters) == pytest.approx(chance, rel=0.1)


def test_what_has_no_spread_is_certain() -> None:
    assert (p_above(1, 0, 5), p_above(0, 0, 5), p_above(-1, 0, 5)) == (0.0, 1.0, 1.0)


def paired(before: Floats, now: Floats) -> Paired:
    return Paired(before, now, np.ones(len(before), np.int64))


def test_pairs_see_what_the_spread_of_cases_hides() -> None:
    draw = np.random.default_rng(3)
    before = np.exp(draw.normal(10, 1, 100))
    assert paired(before, before * 1.03).p_value() < 0.001
    assert paired(before, before * 0.97).p_value() > 0.99
    assert paired(before, before).p_value() == 1.0


@pytest.mark.parametrize("cases", [200, 2500])
def test_pairs_raise_a_false_alarm_as_often_as_asked_for(cases: int) -> None:
    draw = np.random.default_rng(4)
    alarms = 0
    for _ in range(60):
        before = np.exp(draw.normal(10, 1, cases))
        one, other = (before * np.exp(draw.normal(0, 0.2, cases)) for _ in range(2))
        alarms += paired(one, other).p_value() <= 0.05
    assert alarms <= 8  # 3 expected, more than 8 once in 200 times


def test_the_error_of_a_mean_is_that_of_its_clusters() -> None:
    draw = np.random.default_rng(5)
    errors, means = [], []
    for _ in range(200):
        sums = np.stack([np.ones(BUCKETS, np.int64), np.round(np.exp(draw.normal(10, 0.5, BUCKETS))).astype(np.int64)])
        found = spread_of(("r", "t"), sums)
        assert found.error is not None
        errors.append(found.error)
        means.append(sums[1].mean())
    assert np.mean(errors) == pytest.approx(np.std(means) / np.mean(means), rel=0.15)


def test_many_tests_together_are_as_strict_as_holm_says() -> None:
    assert adjusted([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
