from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from tests.summary.acme import DAY, HOUR, Held, Row, micros, prices, report

from costsim.policies.as_logged import AsOf
from costsim.replay import CostMode
from costsim.summary.audit import audit
from costsim.summary.noise import least
from costsim.summary.question import Question, groupings
from costsim.summary.report import Report
from costsim.summary.selection import Selection, parse_where

START = micros("2026-10-01T00:00")
CALL: Row = {"input_tokens": 1000, "output_tokens": 100}
COST = Decimal("0.015")


def shown(report: Report) -> dict[str, Any]:
    """The report as its JSON has it."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(report))
    return decoded


def mixed(count: int) -> list[Row]:
    """Many different calls, the same every time."""
    rng = Random(7)
    return [
        {
            "route": rng.choice(["a", "b", "nightly-c", None]),
            "model": rng.choice(["big", "big", "small", "changed", "unheard-of"]),
            "task": rng.choice(["classification", "chat", "code"]),
            "complexity": rng.choice(["simple", "complex"]),
            "status": rng.choice(["ok", "ok", "ok", "error"]),
            "billed": rng.random() < 0.9,
            "started_at": START + rng.randrange(20 * DAY),
            "input_tokens": rng.randrange(130_000),
            "output_tokens": rng.randrange(3000),
            "cache_read_tokens": rng.choice([None, 0]),
            "cache_write_tokens": rng.choice([None, 0]),
            "system_tokens": rng.randrange(1000),
            "history_tokens": rng.choice([0, 100]),
            "early_input_tokens": rng.choice([-1, 1000]),
            "prefix_tokens": [rng.randrange(1, 2000)],
            "since_prefix_ms": rng.choice([-1, 1000]),
            "since_answer_ms": rng.choice([-1, 1000]),
            "fallback_of": rng.choice([None, None, "fast"]),
            "reported_cost": rng.choice([None, 0, rng.randrange(10**12)]),
            "turns": 1,
        }
        for _ in range(count)
    ]


def test_the_report_has_every_key_that_others_rely_on() -> None:
    found = shown(report(CALL, {**CALL, "model": "unheard-of"}))
    assert found.keys() >= {
        "schema_version", "command", "window", "prices", "coverage", "totals", "groups", "observed", "findings",
        "assumptions",
    }  # fmt: skip
    assert found["window"].keys() == {"from", "to", "days"}
    assert found["prices"].keys() >= {"sources", "as_of", "newest", "hash"}
    assert found["coverage"].keys() >= {
        "lines", "calls", "duplicates", "rejected", "not_calls", "priced", "unpriced", "tokens_estimated",
        "unpriced_models", "rejects",
    }  # fmt: skip
    assert found["coverage"]["unpriced_models"][0].keys() >= {"model", "calls", "input_tokens", "output_tokens"}
    assert found["coverage"]["rejects"] == [{"where": "a.jsonl:7", "reason": "cut off"}]
    sums = {
        "calls", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens",
        "cost_usd", "reported_cost_usd", "cost_per_call_usd",
    }  # fmt: skip
    assert found["totals"].keys() >= sums
    assert found["groups"].keys() == {"model", "task", "route"}
    assert found["groups"]["model"][0].keys() >= sums | {"key"}
    assert found["observed"].keys() >= {"retry_rate", "error_rate", "fallback_rate", "escalation_rate"}
    assert found["findings"][0].keys() >= {"id", "title", "calls", "spend_usd", "could_save_usd", "how"}
    assert (found["schema_version"], found["command"]) == ("1", "audit")


def test_a_log_that_holds_a_sample_is_not_scaled_up_and_the_report_says_so() -> None:
    sample = {**CALL, "tags": '{"sampling_rate":"0.1"}'}
    assert shown(report(sample, sample))["totals"]["cost_usd"] == shown(report(CALL, CALL))["totals"]["cost_usd"]
    (sentence,) = [each for each in shown(report(sample, sample, CALL))["assumptions"] if "sample" in each]
    assert sentence.startswith("2 calls are a sample of 10 % of the requests")


@pytest.mark.parametrize("size", [3, 7, 40, 100])
def test_the_report_is_the_same_for_any_split_into_batches(size: int) -> None:
    rows = mixed(100)
    question = Question(groupings(["model,task", "day", "route"]))
    whole = msgspec.json.encode(audit(Held(rows), prices(), question, 1))
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    assert msgspec.json.encode(audit(Held(*batches), prices(), question, 1)) == whole


def test_the_report_is_the_same_for_any_number_of_workers() -> None:
    rows = mixed(60)
    batches = [rows[start : start + 6] for start in range(0, 60, 6)]
    one, two, five = (
        msgspec.json.encode(audit(Held(*batches), prices(), Question(), workers)) for workers in (1, 2, 5)
    )
    assert one == two == five


@pytest.mark.parametrize("mode", ["auto", "computed", "reported"])
def test_lines_calls_groups_and_findings_add_up(mode: CostMode) -> None:
    question = Question(groupings(["model", "route,task", "day"]), mode=mode)
    found = report(*mixed(150), question=question)
    seen = found.coverage
    assert seen.lines == seen.calls + seen.duplicates + seen.rejected + seen.not_calls
    assert seen.calls == seen.priced + seen.unpriced == 150
    assert seen.unpriced == sum(seen.unpriced_reasons.values())
    for rows in found.groups.values():
        assert sum(Decimal(row.cost_usd) for row in rows) == Decimal(found.totals.cost_usd)
        assert sum(row.calls for row in rows) == found.totals.calls
        assert sum(row.input_tokens for row in rows) == found.totals.input_tokens
        assert sum(row.share or 0 for row in rows) == pytest.approx(1)
    assert Decimal(found.findings_together_usd) <= Decimal(found.totals.cost_usd)
    for each in found.findings:
        assert Decimal(each.could_save_usd or 0) <= Decimal(each.spend_usd)


def test_the_spend_adds_up_to_the_computed_cost() -> None:
    found = report(*mixed(80), question=Question(mode="computed")).totals
    spend = msgspec.structs.asdict(found.spend)
    assert sum(map(Decimal, spend.values())) == Decimal(found.cost_usd)


def test_unit_costs_are_of_the_calls_that_have_a_price() -> None:
    found = report(CALL, {**CALL, "model": "unheard-of"}, CALL).totals
    assert (found.calls, found.priced) == (3, 2)
    assert (found.cost_usd, found.cost_per_call_usd, found.cost_per_1000_calls_usd) == ("0.03", "0.015", "15")
    assert Decimal(found.cost_per_million_tokens_usd or 0) == pytest.approx(Decimal("0.03") * 10**6 / 2200)


def test_what_is_not_known_is_null_and_never_zero() -> None:
    found = report({"model": "unheard-of", "input_tokens": 5, "started_at": None})
    assert found.totals.cost_per_call_usd is None
    assert found.totals.reported_cost_usd is None
    assert found.totals.share is None
    assert found.totals.monthly_usd is None
    assert found.comparison is None
    assert (found.window.start, found.window.to, found.window.days) == (None, None, None)


def test_a_model_without_a_price_is_listed_with_its_nearest_names_and_its_tokens() -> None:
    rows = [{"model": "bigg", "input_tokens": 10, "output_tokens": 2}, {"model": "bigg", "input_tokens": 5}]
    (model,) = report(CALL, *rows).coverage.unpriced_models
    assert (model.model, model.provider, model.calls) == ("bigg", "acme", 2)
    assert (model.input_tokens, model.output_tokens) == (15, 2)
    assert any("big" in each for each in model.nearest)


def test_models_without_a_price_are_the_last_finding_with_an_unknown_saving() -> None:
    found = report(*[{**CALL, "since_answer_ms": 5}] * 3, {**CALL, "model": "bigg"}).findings
    assert [(each.id, each.could_save_usd) for each in found] == [
        ("identical-requests", "0.045"),
        ("unpriced-models", None),
    ]
    assert found[-1].title == "1 call on models without a price: bigg"


def test_of_many_models_without_a_price_those_with_the_most_calls_are_named() -> None:
    rows = [{**CALL, "model": f"unheard-of-{name}"} for name in "abcdefg" for _ in range(1 + "abcdefg".index(name))]
    (told,) = (each for each in report(*rows).findings if each.id == "unpriced-models")
    names = ", ".join(f"unheard-of-{name}" for name in "gfedc")
    assert told.title == f"28 calls on models without a price: {names} and 2 more"


def test_a_month_is_the_pace_of_the_window() -> None:
    rows = [{**CALL, "started_at": START}, {**CALL, "started_at": START + 10 * DAY}]
    found = report(*rows)
    assert (found.window.start, found.window.to, found.window.days) == (
        "2026-10-01T00:00:00Z",
        "2026-10-11T00:00:00Z",
        10.0,
    )
    assert found.totals.monthly_usd == "0.09"  # 0.03 / 10 * 30.44 = 0.0913


def test_a_call_without_a_time_is_in_no_month_and_that_is_told() -> None:
    """A time before 1990 is none: it counts from a start that the log does not tell."""
    rows = [{**CALL, "started_at": START}, {**CALL, "started_at": START + 10 * DAY}]
    undated = [{**CALL, "started_at": None}, {**CALL, "started_at": 9 * DAY}, {"model": "x", "started_at": None}]
    found = report(*rows, *undated)
    assert found.window.days == 10.0
    assert (found.totals.cost_usd, found.totals.monthly_usd) == ("0.06", "0.09")
    assert (found.totals.undated_calls, found.totals.undated_cost_usd) == (3, "0.03")
    assert "3 calls without a time ($0.03) are not in the cost of a month." in found.assumptions


def test_of_a_window_without_a_price_nothing_is_said_about_a_month() -> None:
    rows = [{**CALL, "model": "x", "started_at": START}, {**CALL, "model": "x", "started_at": START + 10 * DAY}]
    found = report(*rows, {**CALL, "started_at": None})
    assert (found.totals.cost_usd, found.totals.monthly_usd) == ("0.015", None)
    assert not any("month" in each for each in found.assumptions)


def test_less_than_a_day_says_nothing_about_a_month() -> None:
    assert report({**CALL, "started_at": START}, {**CALL, "started_at": START + 23 * HOUR}).totals.monthly_usd is None


def test_a_selection_leaves_calls_out_and_says_how_many() -> None:
    rows = [{**CALL, "route": "a"}, {**CALL, "route": "b"}, {**CALL, "route": "a"}]
    found = report(*rows, question=Question(selection=Selection(parse_where(["route=a"]))))
    assert (found.totals.calls, found.coverage.left_out) == (2, 1)
    seen = found.coverage
    assert seen.lines == seen.calls + seen.duplicates + seen.rejected + seen.not_calls + seen.left_out


def test_a_selection_that_leaves_nothing_has_empty_groups() -> None:
    found = report(CALL, question=Question(selection=Selection(parse_where(["route=none"]))))
    assert found.groups == {"task": [], "model": [], "route": []}
    assert (found.totals.cost_usd, found.findings, found.findings_together_usd) == ("0", [], "0")


def test_groups_are_the_dearest_first() -> None:
    rows = [{**CALL, "route": "a"}, {**CALL, "route": "b"}, {**CALL, "route": "b"}, {"route": "c", "model": "x"}]
    assert [row.key for row in report(*rows).groups["route"]] == ["b", "a", "c"]


def test_days_stand_in_their_order_and_within_a_day_the_dearest_first() -> None:
    cheap, dear = {**CALL, "route": "a"}, {**CALL, "route": "b", "input_tokens": 9000}
    rows = [{**call, "started_at": at} for at in (START + DAY, START, None) for call in (cheap, dear)]
    found = report(*rows, dear | {"started_at": START}, question=Question(groupings(["day", "day,route"])))
    assert [row.key for row in found.groups["day"]] == ["2026-10-01", "2026-10-02", None]
    assert [row.key for row in found.groups["day,route"]] == [
        ["2026-10-01", "b"], ["2026-10-01", "a"], ["2026-10-02", "b"], ["2026-10-02", "a"], [None, "b"], [None, "a"],
    ]  # fmt: skip


def test_crossed_groups_have_a_list_as_their_key() -> None:
    found = report(CALL, question=Question(groupings(["model,route"])))
    assert [row.key for row in found.groups["model,route"]] == [["big", "desk"]]


FAILURES: Sequence[Row] = [
    {**CALL, "status": "error", "billed": False},
    {**CALL, "tried_again": 1},
    {**CALL, "status": "error", "billed": False},
    {**CALL, "tried_again": 2},
    {**CALL, "attempt": 2},
    {**CALL, "fallback_of": "fast"},
    {**CALL, "retry_of": "x"},
    CALL,
]


def test_observed_rates_are_of_calls_and_escalations_of_pieces_of_work() -> None:
    found = report(*FAILURES).observed
    assert (found.errors, found.error_rate) == (2, 2 / 8)
    assert (found.retries, found.retry_rate) == (4, 4 / 8)
    assert (found.fallbacks, found.fallback_rate) == (1, 1 / 8)
    assert (found.escalations, found.escalation_rate) == (2, 2 / 4)


def test_unbilled_calls_cost_exactly_nothing_in_every_mode() -> None:
    for mode in ("auto", "computed", "reported"):
        free = {**CALL, "model": "unheard-of", "billed": False, "reported_cost": 10**12}
        found = report(free, question=Question(mode=mode))
        assert (found.totals.cost_usd, found.coverage.priced) == ("0", 1)
        assert any("cost nothing" in said for said in found.assumptions)


def test_reported_costs_stand_in_where_the_mode_says_so() -> None:
    rows = [{**CALL, "reported_cost": 10**12}, {**CALL, "model": "x", "reported_cost": 2 * 10**12}, CALL]
    costs = {mode: report(*rows, question=Question(mode=mode)) for mode in ("auto", "computed", "reported")}
    assert Decimal(costs["auto"].totals.cost_usd) == 2 * COST + 2
    assert Decimal(costs["computed"].totals.cost_usd) == 2 * COST
    assert Decimal(costs["reported"].totals.cost_usd) == 3
    assert costs["auto"].coverage.unpriced_reasons == {}
    assert costs["computed"].coverage.unpriced_reasons == {"no price for this model": 1}
    assert costs["reported"].coverage.unpriced_reasons == {"no reported cost": 1}
    assert costs["reported"].coverage.unpriced_models == []


def test_the_day_of_the_prices_can_be_any() -> None:
    row = {"model": "changed", "input_tokens": 1_000_000, "output_tokens": 0, "started_at": micros("2026-02-01")}
    assert report(row).totals.cost_usd == "10"
    question = Question(as_of=AsOf(micros("2026-08-01")), as_of_said="2026-08-01")
    assert report(row, question=question).totals.cost_usd == "4"
    assert report(row, question=question).assumptions[0].startswith("List prices of 2026-08-01;")


def said(*rows: Row, **asked: Any) -> str:
    return "\n".join(report(*rows, question=Question(**asked)).assumptions)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"model": "x", "reported_cost": 5}, "1 call without a list price cost what the log reports."),
        ({"model": "changed", "started_at": micros("2025-01-01")}, "1 call older than the model's first known price"),
        ({"started_at": None}, "1 call without a time in the log: the newest prices."),
        ({"service_tier": None}, "1 call without a service tier in the log: standard prices."),
        (
            {"cache_write_tokens": 7, "cache_write_1h_tokens": None},
            "1 call with cache writes whose lifetime the log does not name",
        ),
        ({"tokens_basis": "counted"}, "Tokens of 1 call were counted here"),
        ({"tokens_basis": "estimated"}, "Tokens of 1 call were estimated"),
        ({"since_answer_ms": 1}, "Tasks are guessed"),
    ],
)
def test_an_assumption_is_stated_where_it_made_a_difference_and_only_there(row: Row, sentence: str) -> None:
    plain = {**CALL, "service_tier": "standard", "cache_write_1h_tokens": 0}
    assert sentence in said({**plain, **row})
    assert sentence not in said(plain)


def test_in_reported_mode_nothing_is_said_of_list_prices_but_for_the_savings() -> None:
    row = {**CALL, "reported_cost": 10**12, "since_answer_ms": 5}
    assert "Costs are what the log reports; a call without a reported cost is in no amount." in said(
        row, mode="reported"
    )
    assert "Savings are at list price" in said(row, mode="reported")
    assert "List prices" not in said(row, mode="reported")


def test_small_savings_are_left_out_and_counted() -> None:
    dear = {"input_tokens": 2_000_000, "output_tokens": 0, "model": "small", "route": "dear"}
    repeat = {"input_tokens": 100, "output_tokens": 0, "since_answer_ms": 5}
    found = report(*[dear] * 5, repeat)
    assert found.findings == []
    assert any(each.startswith("1 saving below $0.01 ($0.001 together) is not listed") for each in found.assumptions)


@pytest.mark.parametrize(
    ("cost", "smallest"),
    [(0, 1), (10**10, 10**8), (10**12, 10**10), (5 * 10**12, 10**10), (100 * 10**12, 10**11)],
)
def test_a_saving_counts_from_a_thousandth_of_the_cost_a_cent_or_a_hundredth(cost: int, smallest: int) -> None:
    assert least(cost) == smallest
