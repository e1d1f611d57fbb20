"""Fees that include tokens, and free quotas: what they come to, whatever the batches and the order of the calls."""

import json
from typing import Any

import pytest
from tests.prices.tables import make_table
from tests.summary.acme import Row, micros, table

from costsim.prices import PriceTable
from costsim.replay import history
from costsim.summary import allowances
from costsim.summary.allowances import Due, Used
from costsim.summary.priced import Priced

DOLLAR = 10**12
SHEET = """
provider: acme
checked: 2026-11-17
models:
  - model: big
    free: {units: {web_search: 3}, per: %s, group: searches}
    prices: [{rates: {input: "10", output: "50", web_search: "10"}}]
  - model: other
    free: {units: {web_search: 3}, per: %s, group: searches}
    prices: [{rates: {input: "10", output: "50", web_search: "20"}}]
  - {model: small, prices: [{rates: {input: "1", output: "5"}}]}
"""


def prices(*commitments: dict[str, Any], per: str = "day") -> PriceTable:
    return make_table(SHEET % (per, per), user=json.dumps({"commitment": list(commitments)}))


def deal(**changed: Any) -> dict[str, Any]:
    return {"name": "deal", "match": "acme/*", "fee_usd": "100", "tokens": 1000, **changed}


def call(day: str, tokens: int = 0, **other: Any) -> Row:
    return {"started_at": micros(f"{day}T12:00"), "input_tokens": tokens, "output_tokens": 0, **other}


def used(rates: PriceTable, *batches: list[Row]) -> Used:
    found = Used()
    for rows in batches:
        calls, one = table(*rows), Used()
        one.take(Priced(calls, history(calls, rates), rates, "auto"))
        found.add(one)
    return found


def months(rates: PriceTable, *batches: list[Row]) -> dict[str, Due]:
    due = allowances.months(rates, used(rates, *batches), micros("2026-10-01"), micros("2026-11-30"))
    return {f"{name} {month}": each for name, month, each in due}


def test_included_tokens_cost_the_fee_and_those_above_them_the_months_average() -> None:
    rows = [call("2026-10-05", 600), call("2026-10-06", 900, model="small")]
    due = months(prices(deal()), rows)["deal 2026-10"]
    assert (due.used, due.listed, due.over) == (1500, 600 * 10**7 + 900 * 10**6, 500)
    assert due.overage == (600 * 10**7 + 900 * 10**6) // 3
    assert due.cost == 100 * DOLLAR + due.overage


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_the_order_and_the_batches_of_calls_do_not_matter(cut: int) -> None:
    rows = [call("2026-10-05", 333), call("2026-10-07", 777, model="small"), call("2026-11-06", 11)]
    rates = prices(deal())
    assert months(rates, rows[cut:], rows[:cut]) == months(rates, rows) == months(rates, rows[::-1])


def test_a_fee_is_due_in_a_month_without_a_call() -> None:
    found = months(prices(deal()), [call("2026-10-05", 5)])
    assert [(key, due.cost) for key, due in found.items()] == [
        ("deal 2026-10", 100 * DOLLAR),
        ("deal 2026-11", 100 * DOLLAR),
    ]


def test_a_commitment_holds_from_its_first_day_to_its_last() -> None:
    rows = [call(f"2026-10-{day}", 1) for day in ("09", "10", "20", "21")]
    found = months(prices(deal(**{"from": "2026-10-10", "until": "2026-10-20"})), rows)
    assert {key: (due.calls, due.used) for key, due in found.items()} == {"deal 2026-10": (2, 2)}


def test_of_two_commitments_the_first_that_covers_a_call_takes_it() -> None:
    rates = prices(deal(until="2026-10-15"), deal(name="next", **{"from": "2026-10-01"}))
    found = months(rates, [call("2026-10-15", 1), call("2026-10-16", 1)])
    assert {key: due.calls for key, due in found.items()} == {"deal 2026-10": 1, "next 2026-10": 1, "next 2026-11": 0}


def test_searches_are_no_tokens_and_unbilled_calls_none_of_the_included_ones() -> None:
    rows = [call("2026-10-05", 5, web_searches=2), call("2026-10-05", 7, billed=False)]
    due = months(prices(deal()), rows)["deal 2026-10"]
    assert (due.calls, due.used, due.listed) == (1, 5, 5 * 10**7)


@pytest.mark.parametrize(("per", "free"), [("day", 3 + 2), ("month", 3)])
def test_what_is_free_every_day_is_taken_off_at_the_average_of_what_shares_it(per: str, free: int) -> None:
    rows = [
        call("2026-10-05", web_searches=2),
        call("2026-10-05", web_searches=4, model="other"),
        call("2026-10-06", web_searches=2),
    ]
    rates = prices(per=per)
    ((quota, total, gratis, credit),) = allowances.free(rates, used(rates, rows[:1], rows[1:]))
    assert (quota.name, total, gratis) == ("acme/searches", 8, free)
    of_a_day = (2 * 10 + 4 * 20) * DOLLAR // 1000 * 3 // 6 + 2 * 10 * DOLLAR // 1000
    of_a_month = (2 * 10 + 4 * 20 + 2 * 10) * DOLLAR // 1000 * 3 // 8
    assert credit == (of_a_day if per == "day" else of_a_month)


@pytest.mark.parametrize("at", [None, 5], ids=["none", "counts from a start that is not told"])
def test_a_call_without_a_time_uses_nothing_of_a_day_or_a_month(at: int | None) -> None:
    rates = prices(deal())
    assert used(rates, [{"started_at": at, "input_tokens": 5, "web_searches": 2}]).tally.groups == {}


def test_a_log_without_searches_or_commitments_has_no_allowances() -> None:
    rates = prices()
    assert used(rates, [call("2026-10-05", 5)]).tally.groups == {}
