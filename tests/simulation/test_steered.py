"""Calls that a file of decisions or a budget steers: which they leave out is told, and nothing is taken on trust."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.simulation.conftest import Replayed
from tests.simulation.test_what_a_policy_does import call, line, policy

from costsim.errors import ConfigError
from costsim.summary.simulation.report import SimulationReport

ROUTER = policy("{name: all, route: {decisions: router.csv}}")


def said(report: SimulationReport) -> str:
    return "\n".join(each.text for each in report.assumptions)


def test_a_file_of_decisions_says_which_calls_it_leaves_out_and_which_of_its_own_are_not_here(
    replayed: Replayed, tmp_path: Path
) -> None:
    (tmp_path / "router.csv").write_text("call_id,model\ncall-0,small\ncall-1,middle\ncall-9,small\n")
    found = said(replayed([call(n) for n in range(4)], ROUTER))
    assert "router.csv decides 2 of 4 calls of 'all'; 2 calls without a decision keep their model." in found
    assert "1 decision of router.csv is of a call not looked at here." in found
    (tmp_path / "router.csv").write_text("call_id,model\ncall-8,small\ncall-9,small\n")
    assert "router.csv decides no call of 'all'; 4 calls" in said(replayed([call(n) for n in range(4)], ROUTER))


def test_ids_that_look_like_numbers_are_texts_and_an_empty_decision_is_none(replayed: Replayed, tmp_path: Path) -> None:
    (tmp_path / "router.csv").write_text("call_id,model\n0012,small\n13,\n1e3,small\n")
    rows = [{**call(n), "id": name} for n, name in enumerate(("0012", "13", "1e3"))]
    report = replayed(rows, ROUTER)
    assert "router.csv decides 2 of 3 calls of 'all'; 1 call without a decision keeps its model." in said(report)
    assert Decimal(line(report, "all").cost_usd) == 2 * Decimal("0.00045") + Decimal("0.042")


def test_another_router_is_compared_with_its_own_models_by_lot(replayed: Replayed, tmp_path: Path) -> None:
    """It sends the long call to the small model and the short ones to the strong: worse than drawing lots."""
    (tmp_path / "router.csv").write_text("call_id,model\ncall-0,small\ncall-1,strong\ncall-2,strong\ncall-3,strong\n")
    rows = [call(0), *(call(n, reads=4000) for n in (1, 2, 3))]
    report = replayed(rows, ROUTER, controls=True)
    costs = {each.name: Decimal(each.cost_usd) for each in report.controls}
    small, strong = Decimal("0.00045") + 3 * Decimal("0.0012"), Decimal("0.042") + 3 * Decimal("0.132")
    assert (costs["all-cheapest"], costs["all-strongest"]) == (small, strong)
    assert costs["random-same-mix"] == (small + 3 * strong) / 4
    assert Decimal(report.policies[0].cost_usd) > costs["random-same-mix"]


@pytest.mark.parametrize(
    ("wanted", "file", "problem"),
    [
        ("router", "call_id,model\nx,small\nx,strong\ny,small\ny,small\n", "call 'x' has two decisions"),
        (
            "scores",
            "call_id,model,score\nx,small,0.2\nx,strong,0.9\nx,small,1\n",
            "call 'x' has two scores on acme/small",
        ),
    ],
)
def test_a_file_that_says_two_things_of_a_call_or_none_that_is_a_score_is_a_mistake(
    replayed: Replayed, tmp_path: Path, wanted: str, file: str, problem: str
) -> None:
    (tmp_path / f"{wanted}.csv").write_text(file)
    text = ROUTER if wanted == "router" else policy("{name: all, route: {model: small}}")
    with pytest.raises(ConfigError, match=problem):
        replayed([call(0)], text, **({"scores": tmp_path / "scores.csv"} if wanted == "scores" else {}))


def test_a_budget_tells_how_many_calls_came_too_late_and_how_many_are_in_none(replayed: Replayed) -> None:
    rows = [
        *(call(n, user="ann") for n in range(3)),
        {**call(3, user="ann"), "time": "2026-11-01T00:00:00Z"},
        *(call(n) for n in (4, 5)),
        {**call(6, user="ann"), "time": ""},
    ]
    text = policy("{name: plan, route: {model: middle, budget: {tokens: 1500, then: {model: small}}}}")
    report = replayed(rows, text)
    assert Decimal(line(report, "plan").cost_usd) == 6 * Decimal("0.007") + Decimal("0.00045")
    for each in (
        "1 call of 'plan' came after the budget of the call's user was spent.",
        "2 calls of 'plan' without user: in no budget, so none ends for them.",
        "1 call of 'plan' without a time: in no budget, so none ends for them.",
    ):
        assert each in said(report)


def test_a_prompt_of_which_no_parts_are_known_is_not_trimmed_and_that_is_told(replayed: Replayed) -> None:
    text = policy(more="levers: {trim: {system_tokens: 0.5, output_tokens: 0.5}}").replace("rules:\n", "")
    report = replayed([call(0)], text)
    assert Decimal(report.policies[0].savings_usd) == Decimal("0.006"), "half of the answer, and none of the prompt"
    assert "No input is trimmed: " in said(report)


def test_two_policies_of_one_name_are_told_apart_by_their_files(replayed: Replayed, tmp_path: Path) -> None:
    rules = ("{name: all, route: {model: small}}", "{name: all, route: {model: middle}}")
    report = replayed([call(0)], *map(policy, rules), controls=True)
    names = [f"tried ({tmp_path}/policy-{number}.yaml)" for number in (0, 1)]
    assert [each.name for each in report.policies] == names
    assert {each.policy for each in report.controls} == set(names)
