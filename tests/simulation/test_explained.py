"""One call under a policy, explained: its attempts are those of the report, and the reason for each turn is told."""

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.simulation.conftest import Replayed
from tests.simulation.test_what_a_policy_does import SAME, call, policy

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


@pytest.mark.parametrize(
    ("route", "now", "unpriced"),
    [
        ("{as_logged: true}", "", 1),
        ("{as_logged: true, service_tier: batch}", ", whose price as batch is not known", 2),
        ("{decisions: none.csv}", "", 1),
        ("{model: small, budget: {tokens: 0, then: {as_logged: true}}}", "", 1),
    ],
)  # fmt: skip
def test_a_call_that_is_left_on_a_model_without_a_price_fits_there_and_has_no_cost(
    replayed: Replayed, tmp_path: Path, route: str, now: str, unpriced: int
) -> None:
    (tmp_path / "none.csv").write_text("call_id,model\nanother,middle\n")
    rows = [call(0, model="nobody-knows", user="ann"), call(1, model="nobody-knows", user="ann", cost=2)]
    report = replayed(rows, policy(f"{{name: all, route: {route}}}"))
    (one,) = report.policies
    assert (one.unroutable, one.unchanged_unpriced, one.cost_usd) == (0, unpriced, "2")
    unknown, reported = explain("call-0", tmp_path), explain("call-1", tmp_path)
    assert (
        unknown.stays == "its rule leaves it on nobody-knows, and what it cost is not known (no price for this model)"
    )
    assert (reported.stays, reported.cost_usd) == (f"its rule leaves it on nobody-knows{now}", "2")
    assert "It costs" not in as_table(unknown)


def test_a_call_that_would_go_elsewhere_and_stays_says_which_price_is_not_known(
    replayed: Replayed, tmp_path: Path
) -> None:
    replayed(
        [call(0, model="nobody-knows"), call(1, web_searches=3, cost=2)], policy("{name: all, route: {model: middle}}")
    )
    assert explain("call-0", tmp_path).stays == (
        "what it cost is not known (no price for this model), so what it would save is not either"
    )
    assert explain("call-1", tmp_path).stays == (
        "what it would cost on middle (standard) is not known: no rate for something that was used: 3 web_search"
    )


TIER = "{name: plan, when: {route: {is: plan}}, route: {cheapest: [small, strong], service_tier: batch}}"
LEVER = "{name: wait, route: {cheapest: [small, middle]}}"


@pytest.mark.parametrize(
    ("rule", "levers", "route", "shown"),
    [
        (TIER, "{}", "plan", ["small (batch)  0.000225", "strong (batch)  no price"]),
        (
            LEVER,
            "{batch: {when: {route: {is: slow}}}}",
            "slow",
            ["small (batch)  0.000225", "middle (standard)  0.007"],
        ),
        (LEVER, "{batch: {when: {route: {is: slow}}}}", "fast", ["small (standard)  0.00045", "middle (standard)"]),
    ],
)
def test_the_models_of_a_route_are_shown_at_the_price_of_the_tier_in_which_they_would_be_asked(
    replayed: Replayed, tmp_path: Path, rule: str, levers: str, route: str, shown: list[str]
) -> None:
    replayed([call(0, route=route)], policy(rule, more=f"levers: {levers}\n{SAME}"))
    found = explain("call-0", tmp_path)
    told = [f"{each.model} ({each.service_tier})  {each.usd or 'no price'}" for each in found.models]
    assert [line.startswith(wanted) for line, wanted in zip(told, shown, strict=True)] == [True, True], told
    (attempt,) = found.attempts
    assert (attempt.model, attempt.service_tier, attempt.usd) == (
        f"acme/{found.models[0].model}", found.models[0].service_tier, found.models[0].usd,
    )  # fmt: skip
    assert f"  {found.models[1].model} ({found.models[1].service_tier})" in as_table(found)


@pytest.mark.parametrize(("prompt", "told"), [("Read this again. " * 500, True), ("", False)])
def test_caches_that_are_simulated_are_told_where_the_models_are_shown_without(
    replayed: Replayed, tmp_path: Path, prompt: str, told: bool
) -> None:
    rows = [call(n, reads=2500, prompt=prompt) for n in range(2)]
    replayed(rows, policy("{name: all, route: {model: middle}}", more=f"levers: {{prompt_cache: {{}}}}\n{SAME}"))
    found = explain("call-1", tmp_path)
    assert (found.models[0].usd != found.attempts[0].usd) == bool(found.because) == told


def test_what_a_router_charged_is_not_taken_apart_by_list_prices(replayed: Replayed, tmp_path: Path) -> None:
    charged = {**call(0, model="openai/gpt-4o-mini"), "provider": "openrouter", "cost": 2}
    no_rules = "version: 1\nname: none\nlevers: {batch: {}}"
    replayed([charged, call(1)], policy("{name: all, route: {as_logged: true}}"), no_rules)
    (attempt,) = explain("call-0", tmp_path).attempts
    assert (attempt.usd, attempt.parts, attempt.tokens) == ("2", [], "tokens as logged, its cost as the log reports it")
    (other,) = explain("call-1", tmp_path).attempts
    assert len(other.parts) == 2
    assert as_table(explain("call-1", tmp_path, 1)).startswith("call call-1 under 'none': no rule takes it")


def test_a_tier_that_no_price_knows_is_named_as_the_log_has_it(replayed: Replayed, tmp_path: Path) -> None:
    rows = [call(0, service_tier="auto", cost=2), call(1)]
    replayed(rows, policy("{name: all, route: {as_logged: true}}"))
    found = explain("call-0", tmp_path)
    (attempt,), (model,) = found.attempts, found.models
    assert (attempt.service_tier, attempt.usd) == (model.service_tier, model.usd) == ("auto", "2")
