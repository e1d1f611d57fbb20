"""What a policy does to calls, seen from the report."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.simulation.conftest import Replayed

from costsim.errors import ConfigError, EvidenceError, UsageError
from costsim.summary.simulation.report import PolicyLine, RouteLine, SimulationReport

SAME = "assume: {input_tokens: same, output_tokens: same}"


def call(number: int, model: str = "strong", reads: int = 1000, writes: int = 100, **more: Any) -> dict[str, Any]:
    return {"id": f"call-{number}", "time": f"2026-10-01T00:{number % 60:02}:00Z", "model": model,
            "input_tokens": reads, "output_tokens": writes, **more}  # fmt: skip


def policy(*rules: str, name: str = "tried", more: str = SAME) -> str:
    return "\n".join(["version: 1", f"name: {name}", "rules:", *(f"  - {rule}" for rule in rules), more])


def line(report: SimulationReport, route: str) -> RouteLine:
    return next(each for each in report.policies[0].routes if each.route == route)


def test_a_call_that_no_model_of_its_route_can_do_stays_and_is_counted(replayed: Replayed) -> None:
    rows = [call(0, reads=50_000), call(1)]
    report = replayed(rows, policy("{name: all, route: {model: small}}"))
    assert report.policies[0].unroutable == line(report, "all").unroutable == 1
    assert Decimal(line(report, "all").cost_usd) == Decimal("1.512") + Decimal("0.00045")
    (obstacle,) = line(report, "all").obstacles
    assert (obstacle.model, obstacle.calls) == ("acme/small", 1)
    (text,) = [each.text for each in report.assumptions if "fits no model" in each.text]
    assert text == f"1 call fits no model of its route and stayed. acme/small: {obstacle.why} (1 call)."


def test_a_call_without_a_price_is_unchanged_in_both_columns_and_counted(replayed: Replayed) -> None:
    report = replayed([call(0, model="nobody-knows"), call(1)], policy("{name: all, route: {model: middle}}"))
    assert line(report, "all").unchanged_unpriced == 1
    assert (report.coverage.priced, report.coverage.unpriced) == (1, 1)
    assert Decimal(line(report, "all").cost_usd) == Decimal("0.007")


def test_a_call_of_a_model_that_nobody_knows_may_be_left_as_it_is(replayed: Replayed) -> None:
    report = replayed([call(0, model="nobody-knows", cost=2), call(1)], policy("{name: all, route: {as_logged: true}}"))
    assert report.policies[0].unroutable == 0
    assert report.policies[0].savings_usd == "0"


@pytest.mark.parametrize("as_of", ["logged", "2026-11-01"])
def test_calls_without_a_time_are_in_no_month(replayed: Replayed, as_of: str) -> None:
    """Calls with and without a time that are alike in all else, so that only their time keeps them in other cells."""
    rows = [call(n, reads=1000 + n // 2, time=f"2026-10-{1 + n // 2:02}T00:00:00Z" if n % 2 else "") for n in range(40)]
    cascade = "{name: all, route: {cascade: [{model: small}, {model: middle}], escalate: {rate: 0.3}}}"
    whole, dated, undated = (
        replayed(some, policy(cascade), as_of=as_of)
        for some in (rows, rows[1::2], [each for each in rows if not each["time"]])
    )
    assert (whole.baseline.monthly_usd, whole.policies[0].monthly) == (
        dated.baseline.monthly_usd, dated.policies[0].monthly
    )  # fmt: skip
    assert whole.policies[0].monthly is not None
    assert (whole.baseline.undated_calls, whole.baseline.undated_cost_usd) == (20, undated.baseline.cost_usd)
    assert whole.policies[0].undated_cost_usd == undated.policies[0].cost_usd
    assert (undated.baseline.monthly_usd, undated.policies[0].monthly) == (None, None)
    told = [each for each in whole.assumptions if "without a time" in each.text]
    assert [(each.text, each.section) for each in told] == [
        ("20 calls without a time ($0.85 as logged) are not in the cost of a month.", "totals")
    ]


def test_savings_are_signed(replayed: Replayed) -> None:
    report = replayed([call(0, model="middle")], policy("{name: all, route: {model: strong}}"))
    assert Decimal(report.policies[0].savings_usd) == Decimal("0.007") - Decimal("0.042")
    assert report.policies[0].savings_pct == -500.0


def test_a_moved_call_loses_its_cache_and_one_that_stays_keeps_it(replayed: Replayed) -> None:
    rows = [call(0, cached_tokens=800), call(1, model="middle", cached_tokens=800)]
    report = replayed(rows, policy("{name: all, route: {model: middle}}"))
    moved, stays = Decimal("0.007"), Decimal("0.0034")
    assert Decimal(line(report, "all").cost_usd) == moved + stays


def test_a_call_that_was_paid_for_in_a_region_stays_in_it(replayed: Replayed) -> None:
    rows = [{**call(0, model="gpt-5.4"), "provider": "openai", "region": "eu"}, call(1, model="middle")]
    report = replayed(rows, policy("{name: all, route: {model: gpt-5.4-mini}}"))
    assert line(report, "all").model == "openai/gpt-5.4-mini > openai/gpt-5.4-mini (eu)"
    usual = replayed(rows[1:], policy("{name: all, route: {model: gpt-5.4-mini}}"))
    both, one = (Decimal(line(each, "all").cost_usd) for each in (report, usual))
    assert both == one + one * Decimal("1.1"), "at the price of that region"


def test_a_call_drawn_by_lot_goes_to_its_own_region_as_a_routed_one_does(replayed: Replayed) -> None:
    """Half of the calls to each of two models, whichever: one of each half is of a region, at its price."""
    rows = [{**call(n, model="gpt-5.4"), "provider": "openai", "region": "eu" if n % 2 else "", "route": "ab"[n // 2]}
            for n in range(4)]  # fmt: skip
    report = replayed(rows, policy("{name: a, when: {route: {is: a}}, route: {model: gpt-5.4-mini}}",
                                   "{name: b, route: {model: gpt-5.4-nano}}"), controls=True)  # fmt: skip
    costs = {each.name: Decimal(each.cost_usd) for each in report.controls}
    assert costs["random-same-mix"] == Decimal(report.policies[0].cost_usd), "calls of one size: no choice is better"


def test_a_call_that_needs_a_region_does_not_go_where_a_model_is_not_served_in_it(replayed: Replayed) -> None:
    rows = [{**call(0, model="gpt-5.4"), "provider": "openai", "region": "eu"}, call(1)]
    report = replayed(rows, policy("{name: all, route: {model: claude-opus-4-6}}"))
    (obstacle,) = line(report, "all").obstacles
    assert (obstacle.model, obstacle.why, obstacle.calls) == (
        "anthropic/claude-opus-4-6", "it is not served in eu at this price", 1,
    )  # fmt: skip
    tiers = f"tiers: {{some: {{models: [claude-opus-4-6, gpt-5.4]}}}}\n{SAME}"
    assert not line(replayed(rows, policy("{name: all, route: {tier: some}}", more=tiers)), "all").obstacles


def test_models_whose_regions_no_price_tells_are_named_where_a_call_needs_one(replayed: Replayed) -> None:
    rows = [{**call(0, model="gpt-5.4"), "provider": "openai", "region": "eu"}, call(1)]
    found = replayed(rows, policy("{name: all, route: {model: small}}"))
    text = "Calls served in eu go to acme/small: no price tells whether it is served there."
    assert text in [each.text for each in found.assumptions]


def test_a_call_that_is_sold_in_no_such_tier_says_so(replayed: Replayed) -> None:
    report = replayed([call(0)], policy("{name: all, route: {as_logged: true, service_tier: flex}}"))
    (obstacle,) = line(report, "all").obstacles
    assert (obstacle.model, obstacle.why) == ("acme/strong", "it is not sold in the service tier flex")


def test_models_that_are_taken_to_fail_are_named_with_the_calls_that_it_rests_on(replayed: Replayed) -> None:
    rows = [call(0), *(call(n, model="small", status="error" if n < 3 else "") for n in range(1, 5))]
    falls = f"fallback: {{then: [strong]}}\n{SAME}"
    found = replayed(rows, policy("{name: all, when: {model: {is: strong}}, route: {model: small}}", more=falls))
    assert line(found, "all").fallback_rate == 0.5
    (text,) = [each.text for each in found.assumptions if "Attempts on other models fail" in each.text]
    assert text.endswith("Failed here: acme/small in 2 of 4 calls; so few may say little: state fallback.rate.")


def test_a_tier_takes_the_cheapest_model_that_can_do_the_call(replayed: Replayed) -> None:
    tiers = f"tiers: {{cheap: {{models: [middle, small]}}}}\n{SAME}"
    report = replayed([call(0), call(1, reads=9000)], policy("{name: all, route: {tier: cheap}}", more=tiers))
    assert line(report, "all").model == "acme/middle > acme/small"
    assert Decimal(report.policies[0].cost_usd) == Decimal("0.00045") + Decimal("0.047")


def test_a_limit_keeps_a_call_from_a_model_that_would_be_too_dear_for_it(replayed: Replayed) -> None:
    limits = f"limits: {{max_cost_per_call: 0.01}}\n{SAME}"
    rows = [call(0, model="small"), call(1, model="small", reads=3000)]
    report = replayed(rows, policy("{name: all, route: {model: middle}}", more=limits))
    assert report.policies[0].unroutable == 1


def test_a_service_tier_is_asked_for_where_the_model_is_sold_in_it(replayed: Replayed) -> None:
    rows = [call(0, model="small"), call(1)]
    report = replayed(rows, policy("{name: all, route: {as_logged: true, service_tier: batch}}"))
    assert report.policies[0].unroutable == 1
    assert Decimal(report.policies[0].savings_usd) == Decimal("0.000225")


def test_decisions_of_another_router_are_replayed_as_it_decided(replayed: Replayed, tmp_path: Path) -> None:
    (tmp_path / "router.csv").write_text("call_id,model\ncall-0,small\ncall-2,middle\n")
    report = replayed([call(n) for n in range(3)], policy("{name: all, route: {decisions: router.csv}}"))
    assert Decimal(report.policies[0].cost_usd) == Decimal("0.00045") + Decimal("0.042") + Decimal("0.007")


def test_a_decision_for_an_unknown_model_is_a_mistake_in_that_file(replayed: Replayed, tmp_path: Path) -> None:
    (tmp_path / "router.csv").write_text("call_id,model\ncall-0,smal\n")
    with pytest.raises(ConfigError, match=r"router\.csv: unknown model 'smal'"):
        replayed([call(0)], policy("{name: all, route: {decisions: router.csv}}"))


@pytest.mark.parametrize(
    "sign",
    [
        {"finish_reason": "length"},
        {"finish_reason": "MALFORMED_FUNCTION_CALL"},
        {"finish_reason": "guardrail_intervened"},
        {"wants_json": True, "response": "Sorry, here it is:" + " {" * 100},
        {"answer_check": "unparsable_tool_call"},
        {"quality": 0.2},
    ],
    ids=lambda sign: " ".join(map(str, next(iter(sign.items()))))[:40],
)
def test_an_escalation_that_the_log_shows_is_taken_call_by_call(replayed: Replayed, sign: dict[str, Any]) -> None:
    """Of ten calls of the small model one was not good enough: it alone pays for the strong model."""
    rows = [call(n, model="small", **({"reads": 5000} | sign if n == 3 else {"finish_reason": "stop"}))
            for n in range(10)]  # fmt: skip
    cascade = "{name: all, route: {cascade: [{model: small}, {model: strong}], escalate: {rate: observed}}}"
    report = replayed(rows, policy(cascade))
    strong = Decimal("0.15") + Decimal("0.012")
    assert Decimal(report.policies[0].cost_usd) == Decimal(report.baseline.cost_usd) + strong
    assert line(report, "all").escalation_rate == pytest.approx(0.1)


def test_a_prompt_that_comes_again_is_answered_from_the_cache(replayed: Replayed) -> None:
    rows = [call(n, prompt="Where is my order?" if n % 2 else f"Question {n}") for n in range(6)]
    more = f"levers: {{response_cache: {{ttl: 1h}}}}\n{SAME}"
    report = replayed(rows, "version: 1\nname: kept\n" + more)
    assert report.policies[0].served_from_cache == 2
    assert Decimal(report.policies[0].savings_usd) == 2 * Decimal("0.042")


def test_scores_tell_how_good_the_answers_are_and_which_calls_escalate(replayed: Replayed, tmp_path: Path) -> None:
    """Of four calls the small model fails one, which goes on to the strong one; all of them have scores on both."""
    lines = ["call_id,model,score"]
    lines += [f"call-{n},small,{0.2 if n == 0 else 0.9}" for n in range(4)]
    lines += [f"call-{n},strong,1.0" for n in range(4)]
    (tmp_path / "scores.csv").write_text("\n".join(lines))
    cascade = "{name: all, route: {cascade: [{model: small}, {model: strong}], escalate: {rate: observed}}}"
    found = replayed([call(n) for n in range(4)], policy(cascade), scores=tmp_path / "scores.csv", controls=True)
    quality = found.policies[0].quality
    assert quality is not None
    assert (quality.scored_calls, quality.logged_score) == (4, 1.0)
    assert quality.score == pytest.approx((1.0 + 3 * 0.9) / 4)
    assert quality.gap_recovered == pytest.approx((3.7 - 2.9) / (4.0 - 2.9))
    assert found.policies[0].escalation_rate == pytest.approx(0.25)


def test_without_scores_nothing_is_claimed_of_quality(replayed: Replayed) -> None:
    report = replayed([call(0)], policy("{name: all, route: {model: middle}}"))
    assert report.policies[0].quality is None
    assert "Quality is not estimated" in report.assumptions[-1].text


def _comparable(report: SimulationReport) -> bytes:
    return msgspec.json.encode(report)


def test_any_number_of_workers_and_of_policies_in_one_pass_gives_the_same_digits(replayed: Replayed) -> None:
    rows = [call(n, reads=100 + 37 * n % 5000, user=f"user-{n % 5}") for n in range(300)]
    one = policy("{name: all, route: {split: [{model: small, weight: 1}, {model: middle, weight: 2}]}}", name="one")
    budget = "budget: {per: user, every: day, tokens: 60000, then: {model: small}}"
    two = policy(f"{{name: all, route: {{model: middle, {budget}}}}}", name="two")
    alone = [replayed(rows, text).policies[0] for text in (one, two)]
    together = replayed(rows, one, two, workers=2)
    assert [_line(each) for each in together.policies] == [_line(each) for each in alone]
    assert _comparable(replayed(rows, one, two, workers=1)) == _comparable(together)


def _line(found: PolicyLine) -> bytes:
    return msgspec.json.encode(found)


def test_attempts_of_every_call_add_up_to_the_report(replayed: Replayed, tmp_path: Path) -> None:
    rows = [call(n, reads=100 + 37 * n % 5000) for n in range(100)]
    cascade = "{name: all, route: {cascade: [{model: small}, {model: middle}], escalate: {rate: 0.25}}}"
    out = tmp_path / "attempts.parquet"
    report = replayed(rows, policy(cascade), per_call=out)
    table = pq.read_table(out)
    expected = sum(
        (row["cost_usd"] * row["billed_share"] for row in table.select(["cost_usd", "billed_share"]).to_pylist()),
        Decimal(0),
    )
    assert expected == Decimal(report.policies[0].cost_usd)
    assert len(pc.unique(table["call_id"])) == len(rows)


@pytest.mark.parametrize("rows", [[], [call(0, model="nobody-knows")]], ids=["no calls", "no price"])
def test_where_nothing_can_be_replayed_no_saving_is_claimed(replayed: Replayed, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(EvidenceError):
        replayed(
            rows or [{"model": "", "input_tokens": "", "output_tokens": ""}],
            policy("{name: all, route: {model: middle}}"),
        )


def test_a_log_with_one_call_has_no_interval(replayed: Replayed) -> None:
    report = replayed([call(0)], policy("{name: all, route: {model: middle}}"))
    assert report.policies[0].interval is None


def test_the_interval_holds_the_projection(replayed: Replayed) -> None:
    rows = [call(n, reads=100 + 37 * n % 5000) for n in range(200)]
    found = replayed(rows, policy("{name: all, route: {model: middle}}", more="")).policies[0]
    assert found.interval is not None
    assert Decimal(found.interval.cost_low_usd) < Decimal(found.cost_usd) < Decimal(found.interval.cost_high_usd)
    assert Decimal(found.interval.savings_low_usd) < Decimal(found.savings_usd)


def test_controls_are_what_the_same_calls_cost_sent_otherwise(replayed: Replayed) -> None:
    rows = [call(n, reads=1000) for n in range(10)]
    split = "{name: all, route: {split: [{model: small, weight: 1}, {model: middle, weight: 1}]}}"
    controls = {each.name: Decimal(each.cost_usd) for each in replayed(rows, policy(split), controls=True).controls}
    assert controls["all-cheapest"] == controls["best-single-model"] == 10 * Decimal("0.00045")
    assert controls["all-strongest"] == 10 * Decimal("0.007")
    assert controls["random-same-mix"] == 5 * Decimal("0.00045") + 5 * Decimal("0.007")


@pytest.mark.parametrize(
    "sweep", ["escalation=0:1:0.1", "escalation_rate=1:0:0.1", "escalation_rate=0:2:0.5", "conditions.turns=1,2", "x"]
)
def test_a_sweep_that_cannot_be_is_a_mistake(replayed: Replayed, sweep: str) -> None:
    with pytest.raises(UsageError, match="--sweep"):
        replayed([call(0)], policy("{name: all, route: {model: middle}}"), sweep=[sweep])


def test_a_sweep_of_a_condition_moves_calls_from_one_route_to_the_next(replayed: Replayed) -> None:
    rows = [call(n, reads=1000 * (n + 1)) for n in range(4)]
    text = policy("{name: few, when: {input_tokens: {lte: 1}}, route: {model: small}}")
    report = replayed(rows, text, sweep=["conditions.input_tokens=0,2000,4000"])
    costs = [Decimal(point.cost_usd) for point in report.sweep]
    assert costs[0] == Decimal(report.baseline.cost_usd) > costs[1] > costs[2]


def test_a_sweep_may_name_one_rule_and_leaves_the_others(replayed: Replayed) -> None:
    rows = [call(n, reads=1000 * (n + 1)) for n in range(4)]
    text = policy(
        "{name: v1.few, when: {input_tokens: {lte: 1}}, route: {model: small}}",
        "{name: some, when: {input_tokens: {lte: 3000}}, route: {cascade: [{model: small}, {model: middle}]}}",
    )
    other = policy("{name: all, route: {model: middle}}", name="other")
    report = replayed(rows, text, other, sweep=["rules.v1.few.conditions.input_tokens=1,3000"])
    assert [(point.policy, point.value) for point in report.sweep] == [("tried", 1), ("tried", 3000)]
    dearer, cheaper = (Decimal(point.cost_usd) for point in report.sweep)
    assert dearer == Decimal(report.policies[0].cost_usd) > cheaper
    (never,) = replayed(rows, text, sweep=["rules.some.escalation_rate=0"]).sweep
    assert Decimal(never.cost_usd) < dearer


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ("rules.fw.conditions.input_tokens=1", r"did you mean 'rules.few.conditions.input_tokens'\?"),
        ("conditions.turns=1", "there are conditions.input_tokens, input_tokens, output_tokens, rules.few.cond"),
        ("escalation_rate=0.1", "there are conditions.input_tokens, "),
    ],
)
def test_a_sweep_of_what_a_policy_has_not_names_what_it_has(replayed: Replayed, sweep: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        replayed([call(0)], policy("{name: few, when: {input_tokens: {lte: 1}}, route: {model: small}}"), sweep=[sweep])


def test_what_a_policy_asks_for_in_vain_is_told(replayed: Replayed) -> None:
    in_time = "{name: seldom, when: {turns: {gt: 3}}, route: {model: small}}"
    text = policy(
        "{name: textless, when: {task: {is: code}, tags.team: {is: b}}, route: {model: small}}",
        "{name: unsure, when: {task_confidence: {gte: 0.6}, tags.team: {is: b}}, route: {model: small}}",
        "{name: typo, when: {tags.teem: {is: b}}, route: {model: small}}",
        "{name: other, when: {tags.team: {is: z}}, route: {model: small}}",
        "{name: both, when: {tags.team: {is: a}, input_tokens: {gt: 1500}}, route: {model: small}}",
        in_time,
        "{name: all, when: {tags.team: {exists: true}}, route: {model: small, sticky: conversation, "
        "budget: {per: user, tokens: 9, then: {model: middle}}}}",
        "{name: late, when: {tags.team: {is: a}}, route: {model: small}}",
        more=f"{SAME}\nlevers: {{prompt_cache: {{}}, response_cache: {{}}}}",
    )
    rows = [call(0, team="a"), call(1, team="b", reads=2000)]
    said = "\n".join(each.text for each in replayed(rows, text).assumptions)
    for each in (
        "Rule 'typo' took no call: no call of the log states tags.teem.",
        "Rule 'other' took no call: there is none where tags.team is z.",
        "Rule 'both' took no call: none meets all of its conditions at once.",
        "Rule 'seldom' took no call: no call of the log states turns.",
        "Rule 'late' took no call: rules before it take all that meet its conditions.",
        "Rule 'textless' took no call: the task of no call is known; without text, --tasks or a column `task` states",
        "Rule 'unsure' took no call: the task of no call is known",
        "No prompt cache is simulated: ", "No answer is given again: ",
        "'all' keeps no conversation on its model", "No budget of 'all' ever ends: no call of it states user.",
    ):  # fmt: skip
        assert each in said
    assert "Rule 'all'" not in said
    assert "are simulated in the order of time" not in said, "it is not told how what there is not comes about"
    timeless = [{**call(n, prompt="The same."), "time": ""} for n in range(2)]
    said = "\n".join(each.text for each in replayed(timeless, text).assumptions)
    assert "No prompt cache is simulated: no call states its time." in said
    assert "No answer is given again: no call states its time." in said


def test_a_cache_of_which_only_the_price_is_known_is_taken_for_a_usual_one_and_named(replayed: Replayed) -> None:
    rows = [call(n, model="small", prompt="The same long beginning. " * 400, reads=5000) for n in range(9)]
    text = policy("{name: all, route: {model: strong}}", more=f"{SAME}\nlevers: {{prompt_cache: {{}}}}")
    report = replayed(rows, text, controls=True)
    assert Decimal(report.policies[0].levers[0].savings_usd) > 0
    (said,) = [each.text for each in report.assumptions if "not when it is cached" in each.text]
    assert "acme/strong" in said
    assert "1,024" in said


def test_a_lever_whose_conditions_no_call_meets_and_a_limit_of_unknown_times_are_told(replayed: Replayed) -> None:
    waits = policy(
        "{name: all, route: {model: small}}",
        more="levers: {batch: {when: {tags.team: {is: z}}}, response_cache: {when: {tags.teem: {is: b}}}}\n"
        "limits: {p95_latency_ms: 9}",
    )
    said = "\n".join(each.text for each in replayed([call(n, prompt="The same.") for n in range(2)], waits).assumptions)
    assert "No call is sent at the batch price by `batch`: no call of the log states tags.team." in said
    assert "No answer is given again by `response_cache`: no call of the log states tags.teem." in said
    assert "p95_latency_ms keeps no call from acme/small: the log states no time of a call on it." in said


def test_a_lever_in_vain_is_told_with_its_rule_where_that_of_another_rule_acts(replayed: Replayed) -> None:
    text = policy(
        "{name: mine, when: {tags.team: {is: a}}, route: {model: small}, levers: {batch: {when: {user: {is: u}}}}}",
        "{name: other, route: {model: small}, levers: {batch: {when: {user: {is: nobody}}}}}",
    )
    report = replayed([{**call(n, team="ab"[n]), "user": "u"} for n in range(2)], text)
    assert 2 * Decimal(line(report, "mine").cost_usd) == Decimal(line(report, "other").cost_usd)
    (said,) = [each.text for each in report.assumptions if "`batch`" in each.text]
    assert said == "No call is sent at the batch price by `batch` of rule 'other': there is none where user is nobody."


def test_a_policy_that_simulates_caches_is_compared_with_others_that_have_them(replayed: Replayed) -> None:
    rows = [call(n, model="small", prompt="The same long beginning. " * 400, reads=5000) for n in range(9)]
    text = policy("{name: all, route: {model: middle}}", more=f"{SAME}\nlevers: {{prompt_cache: {{}}}}")
    report = replayed(rows, text, controls=True)
    assert Decimal(report.policies[0].levers[0].savings_usd) > 0
    costs = {each.name: each.cost_usd for each in report.controls}
    assert costs["all-strongest"] == costs["best-single-model"] == report.policies[0].cost_usd


def test_a_model_of_the_log_keeps_the_lifetime_that_it_sells_and_is_named(replayed: Replayed) -> None:
    """Every ten minutes the same beginning: an hour would hold it, and five minutes do not."""
    rows = [call(n, model="asked", system="The same long beginning. " * 400, prompt=f"{n}", reads=5000)
            for n in range(0, 60, 10)]  # fmt: skip
    levers = f"{SAME}\nlevers: {{prompt_cache: {{ttl: 1h}}}}"
    report = replayed(rows, policy("{name: all, route: {as_logged: true}}", more=levers))
    assert report.policies[0].savings_usd == "0"
    (said,) = [each.text for each in report.assumptions if "cache of 1h" in each.text]
    assert said == "No prompt cache of 1h is sold for acme/asked: its own lifetime, 5m, is kept."
    often = [{**each, "time": f"2026-10-01T00:0{n}:00Z"} for n, each in enumerate(rows)]
    assert (
        Decimal(replayed(often, policy("{name: all, route: {as_logged: true}}", more=levers)).policies[0].savings_usd)
        > 0
    )


def test_a_breakpoint_stands_where_what_it_writes_is_read_again_often_enough(replayed: Replayed) -> None:
    """Of 5,000 tokens 4,000 are the system prompt; questions are asked once, and conversations go on."""
    asked_to_cache = f"{SAME}\nlevers: {{prompt_cache: {{}}}}"
    text = policy("{name: all, route: {model: asked}}", more=asked_to_cache)
    once = [call(n, system="s" * 16_000, prompt=f"{n:04000}", reads=5000) for n in range(6)]
    report = replayed(once, text)
    per_million = 1000 * 6 * 4 + 4000 * (5 + 5 * Decimal("0.4"))
    assert line(report, "all").cost_usd == str((per_million + 600 * 20) / 10**6)

    turns = [{"role": "user" if n % 2 == 0 else "assistant", "content": f"{n:04000}"} for n in range(6)]
    further = [
        call(10 + n, system="t" * 16_000, prompt=json.dumps(turns[:n]), reads=4000 + n * 1000) for n in (1, 3, 5)
    ]
    more = (4000 + 1000) * 5 + 5000 * Decimal("0.4") + 2000 * 5 + 7000 * Decimal("0.4") + 2000 * 5 + 300 * 20
    cost = Decimal(line(replayed([*once, *further], text), "all").cost_usd)
    assert cost == (per_million + 600 * 20 + more) / 10**6
