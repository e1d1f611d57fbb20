from collections.abc import Iterator
from decimal import Decimal
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from tests.prices.tables import make_table
from tests.summary.acme import PRICES, Row, micros, prices, table

from costsim.decode import parse_yaml
from costsim.policies.as_logged import AsOf
from costsim.replay import BASES, CostMode, Replay, history
from costsim.schema import usd

USAGE: Row = {"input_tokens": 1000, "output_tokens": 10}
LISTED = 1000 * 10**7 + 10 * 5 * 10**7


def replayed(*rows: Row, mode: CostMode = "auto", as_of: AsOf | None = None) -> Replay:
    return history(table(*rows), prices(), as_of or AsOf(), mode)


def outcome(replay: Replay) -> list[tuple[str, int]]:
    return [(BASES[basis], int(cost)) for basis, cost in zip(replay.basis, replay.cost, strict=True)]


PRICED, REPORTED, UNKNOWN = ("computed", LISTED), ("reported", 77), ("unpriced", 0)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("auto", [PRICED, PRICED, REPORTED, UNKNOWN]),
        ("computed", [PRICED, PRICED, UNKNOWN, UNKNOWN]),
        ("reported", [REPORTED, UNKNOWN, REPORTED, UNKNOWN]),
    ],
)
def test_each_mode_takes_the_word_of_the_table_or_of_the_log(mode: CostMode, expected: list[tuple[str, int]]) -> None:
    told = {"reported_cost": 77}
    unheard = {**USAGE, "model": "unheard-of"}
    assert outcome(replayed({**USAGE, **told}, USAGE, {**unheard, **told}, unheard, mode=mode)) == expected


@pytest.mark.parametrize("mode", ["auto", "computed", "reported"])
@pytest.mark.parametrize("model", ["big", "unheard-of"])
def test_a_call_that_nobody_billed_costs_exactly_nothing(mode: CostMode, model: str) -> None:
    replay = replayed({**USAGE, "model": model, "billed": False, "reported_cost": 77}, mode=mode)
    assert outcome(replay) == [("computed", 0)]
    assert all(part[0] == 0 for part in replay.costs.parts.values())


def test_a_reported_cost_of_nothing_is_a_cost() -> None:
    assert outcome(replayed({**USAGE, "reported_cost": 0}, mode="reported")) == [("reported", 0)]


def test_the_prices_are_those_of_each_day_or_of_one_day_for_all() -> None:
    rows = [{**USAGE, "model": "changed", "started_at": micros(day)} for day in ("2026-02-01", "2026-08-01")]
    assert [cost for _, cost in outcome(replayed(*rows))] == [1010 * 10**7, 1010 * 4 * 10**6]
    assert [cost for _, cost in outcome(replayed(*rows, as_of=AsOf(micros("2026-09-01"))))] == [1010 * 4 * 10**6] * 2


def test_no_calls_are_replayed_as_no_attempts() -> None:
    assert len(replayed().cost) == 0


def test_history_is_one_attempt_for_each_call() -> None:
    attempts = replayed(*[USAGE] * 3).attempts
    assert np.array_equal(attempts.call, [0, 1, 2])


def many() -> Iterator[Row]:
    """Every combination of some models, tiers and counts."""
    sizes = (0, 1, 999, 99_999, 100_000, 100_001, 2_000_000)
    for model, tier, size, cached in product(("big", "small", "nearly"), (None, "batch"), sizes, (0, 3, 4)):
        part = size * cached // 8
        yield {
            "model": model, "service_tier": tier, "input_tokens": size, "cache_read_tokens": part,
            "cache_write_tokens": part, "cache_write_1h_tokens": part // 3, "output_tokens": size // 50,
            "reasoning_tokens": size // 90,
        }  # fmt: skip


def by_decimals(row: Row) -> Decimal | None:
    """The cost of one call, straight from the words of the price file."""
    models = parse_yaml(PRICES, dict, "prices")["models"]
    price = next(model for model in models if model["model"] == row["model"])["prices"][0]
    rates = dict(price["rates"])
    if row["service_tier"] == "batch":
        if "tiers" not in price:
            return None
        rates |= price["tiers"]["batch"]["rates"]
    for level in price.get("above", []) if row["service_tier"] is None else []:
        rates |= level["rates"] if row["input_tokens"] > level["tokens"] else {}
    rates.setdefault("cache_read", rates["input"])
    rates.setdefault("cache_write", rates["input"])
    rates.setdefault("cache_write_1h", rates["cache_write"])
    rates.setdefault("reasoning", rates["output"])
    counts = {
        "input": row["input_tokens"] - row["cache_read_tokens"] - row["cache_write_tokens"],
        "cache_read": row["cache_read_tokens"],
        "cache_write": row["cache_write_tokens"] - row["cache_write_1h_tokens"],
        "cache_write_1h": row["cache_write_1h_tokens"],
        "output": row["output_tokens"] - row["reasoning_tokens"],
        "reasoning": row["reasoning_tokens"],
    }
    return sum((Decimal(rates[unit]) * count for unit, count in counts.items()), Decimal()) / 10**6


def test_replaying_history_equals_adding_up_in_decimals_call_by_call() -> None:
    rows = [row for row in many() if not (row["service_tier"] == "batch" and row["input_tokens"] > 100_000)]
    replay = replayed(*rows)
    expected = [by_decimals(row) for row in rows]
    assert len(rows) > 90
    assert [
        usd(int(cost)) if known else None for cost, known in zip(replay.cost, replay.known, strict=True)
    ] == expected
    assert usd(int(replay.cost.sum())) == sum(each for each in expected if each is not None)


def test_the_parts_of_every_cost_add_up_to_it() -> None:
    replay = replayed(*many())
    assert np.array_equal(sum(replay.costs.parts.values()), replay.cost)


def test_a_batch_of_calls_in_another_order_costs_the_same() -> None:
    calls = table(*many())
    order = np.random.default_rng(3).permutation(calls.num_rows)
    assert np.array_equal(history(calls.take(pa.array(order)), prices()).cost, history(calls, prices()).cost[order])


ROUTER = """
provider: acme
reports_charge: true
models: [{model: big, prices: [{rates: {input: "10", output: "50"}}]}]
"""


@pytest.mark.parametrize(
    ("mode", "day", "told", "expected"),
    [
        ("auto", None, 77, REPORTED),
        ("auto", None, LISTED, PRICED),
        ("auto", None, None, PRICED),
        ("computed", None, 77, PRICED),
        ("auto", "2026-09-01", 77, PRICED),
    ],
)
def test_a_routers_own_charge_is_the_cost_where_it_is_not_the_list_price(
    mode: CostMode, day: str | None, told: int | None, expected: tuple[str, int]
) -> None:
    calls = table({**USAGE, "reported_cost": told})
    as_of = AsOf(micros(day)) if day else AsOf()
    assert outcome(history(calls, make_table(ROUTER), as_of, mode)) == [expected]


def test_a_call_that_a_router_did_not_bill_costs_nothing_whatever_it_reports() -> None:
    calls = table({**USAGE, "reported_cost": 77, "billed": False})
    assert outcome(history(calls, make_table(ROUTER))) == [("computed", 0)]
