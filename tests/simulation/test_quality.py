"""How good answers are under a policy: by route, by measures of papers on routing, where models fail together."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulation.conftest import Replayed
from tests.simulation.test_what_a_policy_does import call, line, policy

from costsim.summary.simulation.curves import height, hull, mean, reached

POINT = st.tuples(st.integers(0, 20).map(float), st.integers(0, 20).map(float))


@given(st.lists(POINT, min_size=1, max_size=12))
def test_the_curve_is_the_least_one_above_all_points_that_bends_down_and_never_falls(
    points: list[tuple[float, float]],
) -> None:
    corners = hull(points)
    assert set(corners) <= set(points)
    for x, y in points:
        assert height(corners, x) >= y - 1e-9
    heights = [height(corners, x / 4) for x in range(81)]
    steps = [after - before for before, after in pairwise(heights)]
    inside = [step for step, x in zip(steps, range(80), strict=True) if x / 4 >= corners[0][0]]
    assert all(step >= -1e-9 for step in steps)
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(inside))
    assert mean(corners, 0, 20) == pytest.approx(sum(heights[i] + heights[i + 1] for i in range(80)) / 160, abs=0.3)
    top = corners[-1]
    assert reached(corners, top[1]) == pytest.approx(top[0])
    assert reached(corners, top[1] + 1) is None


def test_a_random_router_is_the_diagonal() -> None:
    diagonal = hull([(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
    assert (mean(diagonal, 0, 1), reached(diagonal, 0.5), reached(diagonal, 0.8)) == pytest.approx((0.5, 0.5, 0.8))


SCORES = {"small": (0.0, 0.0, 1.0, 1.0), "strong": (1.0, 0.0, 1.0, 1.0)}
"""Of ten calls each: the first is beyond the small model, the second beyond both."""


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    lines = [f"call-{n},{model},{found[n // 10]}" for model, found in SCORES.items() for n in range(40)]
    (tmp_path / "scores.csv").write_text("\n".join(["call_id,model,score", *lines]))
    return tmp_path / "scores.csv"


def test_a_router_that_knows_which_calls_are_hard_is_measured_by_its_curve(replayed: Replayed, scores: Path) -> None:
    """The cascade asks the strong model for half of the calls, and gets all of the gap: 0.5 to 0.75."""
    cascade = "{name: all, route: {cascade: [{model: small}, {model: strong}], escalate: {rate: observed}}}"
    found = replayed([call(n) for n in range(40)], policy(cascade), scores=scores, controls=True).policies[0]
    assert found.routes[0].escalation_basis == "scores", "no call is left to the prior"
    quality = found.quality
    assert quality is not None
    assert (quality.score, quality.gap_recovered) == pytest.approx((0.75, 1.0))
    assert (quality.apgr, quality.cpt_50, quality.cpt_80) == pytest.approx((0.75, 0.25, 0.4))
    low, high = 0.00045, 0.042
    middle = low + 0.5 * high
    area = (middle - low) * (0.5 + 0.75) / 2 + (high - middle) * 0.75
    assert quality.aiq == pytest.approx(area / (high - low))


def test_models_that_fail_the_same_calls_are_not_taken_to_fail_apart(replayed: Replayed, scores: Path) -> None:
    report = replayed([call(n) for n in range(40)], policy(
        "{name: hard, when: {started_at: {lt: '2026-10-01T00:10'}}, route: {model: small}}",
        "{name: rest, route: {model: strong}}",
    ), scores=scores)  # fmt: skip
    quality = report.policies[0].quality
    assert quality is not None
    (pair,) = quality.failures
    assert pair.models == ["acme/small", "acme/strong"]
    assert (pair.calls, pair.fails, pair.both_fail, pair.if_independent) == (40, [0.5, 0.25], 0.25, 0.125)
    assert pair.correlation == pytest.approx(0.125 / (0.25 * 0.1875) ** 0.5)
    assert quality.apgr is None, "without controls there is no gap"
    hard, rest = line(report, "hard"), line(report, "rest")
    assert (hard.scored_calls, hard.score, hard.logged_score) == (10, 0.0, 1.0)
    assert rest.scored_calls == 30
    assert rest.score == pytest.approx(2 / 3)


def test_a_sweep_draws_more_of_the_curve(replayed: Replayed, scores: Path) -> None:
    """Half of the calls at random recover half of the gap; what the sweep tried is better, and counts."""
    split = policy(
        "{name: some, when: {share: 0.0001}, route: {model: strong}}",
        "{name: few, when: {input_tokens: {lte: 1}}, route: {model: strong}}",
        "{name: all, route: {model: small}}",
    )
    rows = [call(n, reads=1000 + n) for n in range(40)]
    alone = replayed(rows, split, scores=scores, controls=True).policies[0].quality
    swept = replayed(rows, split, scores=scores, controls=True, sweep=["rules.few.conditions.input_tokens=1009"])
    with_curve = swept.policies[0].quality
    assert alone is not None
    assert with_curve is not None
    assert alone.apgr == pytest.approx(0.5)
    assert with_curve.apgr == pytest.approx(0.875)


def test_a_router_is_measured_on_the_calls_that_have_every_score_where_some_are_missing(
    replayed: Replayed, scores: Path
) -> None:
    """Every tenth call has no score on the strong model, which the policy never asks: its other calls count."""
    lines = scores.read_text().splitlines()
    scores.write_text(
        "\n".join(each for each in lines if not (",strong," in each and each.split(",")[0].endswith("7")))
    )
    text = policy("{name: all, route: {split: [{model: small, weight: 1}, {model: middle, weight: 1}]}}",
                  more="tiers: {known: {models: [strong]}}")  # fmt: skip
    scores.write_text(scores.read_text() + "".join(f"\ncall-{n},middle,0.5" for n in range(40)))
    rows = [call(n, model="middle") for n in range(40)]
    quality = replayed(rows, text, scores=scores, controls=True).policies[0].quality
    assert quality is not None
    assert (quality.scored_calls, quality.compared_calls) == (40, 36)
    assert quality.score == pytest.approx(0.5)
    assert quality.gap_recovered == pytest.approx(0.0), "half of 0.5 and half of 0.5, as small alone; strong has 0.75"
    assert quality.apgr is not None
