"""One call under a policy, explained: its attempts are those of the report, and the reason for each turn is told."""

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.simulation.conftest import Replayed
from tests.simulation.test_what_a_policy_does import call, policy

from costsim.app.explaining.policy import explained
from costsim.app.reading import Reading
from costsim.reports.explaining.policy import Rerouted, as_table

RICH = policy(
    "{name: asked, when: {route: {is: router}}, route: {decisions: router.csv}}",
    "{name: plan, when: {route: {is: plan}}, route: {model: middle, budget: {tokens: 1500, then: {model: small}}}}",
    "{name: talk, when: {route: {is: talk}}, route: {split: [{model: small, weight: 1}, {model: middle, weight: 1}], "
    "sticky: conversation}}",
    "{name: hard, when: {input_tokens: {lt: 9000}}, route: {cascade: [{model: small}, {model: strong}], "
    "escalate: {rate: 0.3, carry_answer: true, verifier: {model: judge}}}}",
    "{name: long, route: {model: small}}",
    more="assume: {output_tokens: {small: 1.5}, input_tokens: same}\nfallback: {rate: 0.1, retries: 1, then: [middle]}",
)
ROWS = [
    call(0, route="router"), call(1, route="router"),
    *(call(n, route="plan", user="ann") for n in (2, 3, 4)), call(5, route="plan"),
    *(call(n, route="talk", conversation_id="c") for n in (6, 7)),
    call(8), call(9, reads=20_000),
]  # fmt: skip
TOLD = {
    "call-0": ["router.csv says acme/middle."],
    "call-1": ["router.csv has no decision: it keeps its model."],
    "call-3": ["The budget of user 'ann' for the month is not spent."],
    "call-4": ["The budget of user 'ann' for the month is spent: it goes where the budget says then."],
    "call-5": ["It is in no budget: the log states no user."],
    "call-8": [],
}


def explain(call_id: str, folder: Path, number: int = 0) -> Rerouted:
    reading = Reading(home=folder, workers=1)
    return explained(call_id, folder / f"policy-{number}.yaml", [], reading, [folder / "prices.yaml"])


def test_every_call_explained_costs_what_its_attempts_in_the_report_do(replayed: Replayed, tmp_path: Path) -> None:
    (tmp_path / "router.csv").write_text("call_id,model\ncall-0,middle\n")
    replayed(ROWS, RICH, per_call=tmp_path / "attempts.parquet")
    costs: dict[str, Decimal] = {}
    for row in pq.read_table(tmp_path / "attempts.parquet").to_pylist():
        costs[row["call_id"]] = costs.get(row["call_id"], Decimal(0)) + row["cost_usd"] * row["billed_share"]
    found = {name: explain(name, tmp_path) for name in costs}
    assert {name: Decimal(each.cost_usd or "") for name, each in found.items()} == costs
    for each in found.values():
        assert each.stays or sum(Decimal(attempt.expected_usd) for attempt in each.attempts) == costs[each.call_id]
        for attempt in each.attempts:
            assert sum(Decimal(part.usd) for part in attempt.parts) == Decimal(attempt.usd)
    assert {name: found[name].because for name in TOLD} == TOLD
    (talk,) = found["call-7"].because
    assert talk == f"Its conversation is on {found['call-6'].attempts[0].model}."
    assert found["call-9"].stays == "no model of its route can do it"
    assert found["call-8"].rules[0].why == ["route is not logged (wanted: is router)"]


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_call_that_a_kept_answer_serves_costs_nothing(replayed: Replayed, tmp_path: Path, asked_before: bool) -> None:
    text = policy("{name: all, route: {model: middle}}", more="levers: {response_cache: {}}")
    replayed([call(n, prompt="What is it?", route="a") for n in range(2)], text)
    found = explain(f"call-{int(asked_before)}", tmp_path)
    if not asked_before:
        assert (found.because, len(found.attempts)) == ([], 1)
        return
    assert (found.stays, found.attempts, found.cost_usd) == (None, [], "0")
    assert found.savings_usd == found.baseline_cost_usd
    assert "A cache of answers serves it: no model is asked, and it costs nothing." in as_table(found)
