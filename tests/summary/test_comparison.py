"""Why a reported cost is not the computed one: each reason, in calls of which it is true."""

import pytest
from tests.prices.tables import make_table
from tests.summary.acme import MILLION, PRICES, Row, priced, sums, table

from costsim.replay import COST_MODES, history
from costsim.summary.comparison import ROUTED, UNEXPLAINED, Compared, compare
from costsim.summary.priced import Priced

USAGE: Row = {
    "input_tokens": 10_000, "cache_read_tokens": 4_000, "cache_write_tokens": 2_000, "cache_write_1h_tokens": 1_000,
    "output_tokens": 1_000, "reasoning_tokens": 300, "web_searches": 2,
}  # fmt: skip
LIST = 4_000 * 10 + 4_000 * 1 + 1_000 * 12.5 + 1_000 * 20 + 1_000 * 50 + 2 * 10_000


def told(usd_per_million: float, **other: object) -> dict[str, list[int]]:
    """What explains a reported cost of so many USD per million calls."""
    return compare(priced({**USAGE, "reported_cost": int(usd_per_million * MILLION), **other})).explained()


def test_reports_that_are_right_to_the_last_digit_or_rounded_are_equal() -> None:
    for off in (0, 1, 10**6, -(10**6)):
        row = {**USAGE, "reported_cost": int(LIST * MILLION) + off}
        found = compare(priced(row))
        assert (found.calls, found.equal, found.explained()) == (1, 1, {})


@pytest.mark.parametrize(
    ("reported", "reason"),
    [
        (0, "reported as nothing"),
        (10_000 * 10 + 1_000 * 50 + 20_000, "reported without the cache discount"),
        (4_000 * 10 + 1_000 * 50 + 20_000, "reported without cached tokens"),
        (LIST + 6_000 * 10, "reported with cached tokens counted twice"),
        (LIST - 1_000 * 7.5, "reported with 1 h cache writes at the 5 min rate"),
        (LIST + 300 * 50, "reported with reasoning tokens counted twice"),
        (LIST - 300 * 50, "reported without reasoning tokens"),
        (LIST - 20_000, "reported without tool calls"),
        (LIST * 1.0123, UNEXPLAINED),
    ],
)
def test_each_reason_is_found_where_it_is_true(reported: float, reason: str) -> None:
    assert told(reported) == {reason: [1, int(reported * MILLION), int(LIST * MILLION)]}


def test_a_batch_that_was_reported_at_the_standard_tier() -> None:
    row = {"input_tokens": 1000, "output_tokens": 10, "service_tier": "batch", "reported_cost": 10_500 * MILLION}
    assert list(compare(priced(row)).explained()) == ["reported at the standard tier"]


def test_a_long_prompt_that_was_reported_at_the_price_of_a_short_one() -> None:
    row = {"input_tokens": 250_001, "output_tokens": 10, "reported_cost": (250_001 * 10 + 500) * MILLION}
    assert list(compare(priced(row)).explained()) == ["reported without the long-context price"]


def test_a_call_of_last_spring_that_was_reported_at_the_price_of_today() -> None:
    row = {"model": "changed", "input_tokens": 1000, "output_tokens": 10, "reported_cost": 4_040 * MILLION}
    early = {**row, "started_at": 1_772_000_000 * MILLION}
    assert list(compare(priced(early)).explained()) == ["reported at today's price, not that of the call's day"]


def test_a_call_that_nobody_billed_and_the_log_has_a_cost_for() -> None:
    found = compare(priced({**USAGE, "billed": False, "reported_cost": 77}))
    (reason,) = found.explained()
    assert "not billed" in reason
    assert (found.computed, found.reported) == (0, 77)


def discounted(percent: float, calls: int) -> Compared:
    return compare(priced(*[{**USAGE, "reported_cost": int(LIST * MILLION * percent / 100)}] * calls))


def test_what_a_router_charged_is_its_own_affair() -> None:
    router = make_table(PRICES.replace("provider: acme", "provider: acme\nreports_charge: true"))
    calls = table({**USAGE, "reported_cost": int(LIST * 2.345 * MILLION)})
    for mode in COST_MODES:
        found = compare(Priced(calls, history(calls, router, mode=mode), router, mode))
        assert list(found.explained()) == [ROUTED]


def test_a_discount_that_many_calls_share_is_named() -> None:
    assert list(discounted(95, 3).explained()) == ["reported at 95 % of list price"]
    assert list(discounted(120, 3).explained()) == ["reported at 120 % of list price"]


def test_a_percentage_that_one_call_in_many_has_is_chance() -> None:
    found = Compared()
    for percent, calls in ((95, 60), (71, 1), (83, 2)):
        found.add(discounted(percent, calls))
    assert {reason: sums[0] for reason, sums in found.explained().items()} == {
        "reported at 95 % of list price": 60,
        UNEXPLAINED: 3,
    }


def test_differences_and_equal_calls_add_up_to_all_that_are_compared() -> None:
    rows = [{**USAGE, "reported_cost": cost * 10**9} for cost in (0, 1, 95, 146, 147, 200)]
    found = sums(*rows, {**USAGE}, {**USAGE, "model": "unheard-of", "reported_cost": 5}).compared
    explained = found.explained().values()
    assert found.calls == len(rows) == found.equal + sum(calls for calls, _, _ in explained)
    assert found.reported == sum(row["reported_cost"] for row in rows)
