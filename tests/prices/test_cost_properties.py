"""Properties of pricing that hold for any price file and any calls."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.prices import oracle
from tests.prices.tables import make_table, shipped

from costsim.cost import Costs, Usage, billed_units, price
from costsim.prices import NO_TIME, UNIT_CODE, PriceTable, tier_code

UNITS = [
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "output",
    "reasoning",
    "audio_input",
    "web_search",
]
COLUMNS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "read": "cache_read_tokens",
    "write": "cache_write_tokens",
    "write_1h": "cache_write_1h_tokens",
    "reasoning": "reasoning_tokens",
    "audio": "audio_input_tokens",
    "audio_out": "audio_output_tokens",
    "image": "image_input_tokens",
    "searches": "web_searches",
}

money = st.integers(0, 10**8).map(lambda millionths: str(Decimal(millionths) / 10**6))
rates = st.dictionaries(st.sampled_from(UNITS), money, max_size=6)
levels = st.lists(
    st.fixed_dictionaries({"tokens": st.sampled_from([10, 100, 1000]), "at_least": st.booleans(), "rates": rates}),
    max_size=2,
    unique_by=lambda level: level["tokens"],
).map(lambda found: sorted(found, key=lambda level: str(level["tokens"])))
tiers = st.dictionaries(
    st.sampled_from(["batch", "flex"]), st.fixed_dictionaries({"rates": rates, "above": levels}), max_size=2
)
windows = st.lists(
    st.fixed_dictionaries(
        {
            "hours": st.sampled_from([["16:30-00:30"], ["01:00-04:00", "06:00-10:00"], ["00:00-24:00"]]),
            "weekdays": st.sampled_from([[], ["monday", "friday"], ["saturday", "sunday"]]),
            "zone": st.sampled_from(["UTC", "Asia/Shanghai"]),
            "rates": rates,
            "above": levels,
        }
    ),
    max_size=1,
)
prices = st.fixed_dictionaries(
    {
        "rates": rates.map(lambda found: {"input": "1", **found}),
        "above": levels,
        "tiers": tiers,
        "windows": windows,
    }
)
DAYS = ["2025-01-01", "2025-03-09", "2025-06-30"]
histories = st.lists(prices, min_size=1, max_size=3).map(
    lambda found: [
        price | ({"from": day} if place else {}) for place, (price, day) in enumerate(zip(found, DAYS, strict=False))
    ]
)
counts = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 2000))
calls = st.fixed_dictionaries(
    {
        "at": st.datetimes(datetime(2024, 12, 1), datetime(2025, 9, 1)).map(lambda at: at.replace(tzinfo=UTC)),
        "tier": st.sampled_from(["standard", "standard", "batch", "flex", "priority"]),
        "input": st.one_of(st.none(), st.integers(0, 3000)),
        "output": st.one_of(st.none(), st.integers(0, 3000)),
        **dict.fromkeys(("read", "write", "write_1h", "reasoning", "audio", "audio_out", "image", "searches"), counts),
    }
)


def priced(table: PriceTable, found: list[dict[str, Any]], model: int) -> Costs:
    return price(usage_of(found, model), table)


def usage_of(found: list[dict[str, Any]], model: int) -> Usage:
    def column(name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([-1 if call[name] is None else call[name] for call in found], np.int64)

    return Usage(
        model=np.full(len(found), model),
        at=np.array([int(call["at"].timestamp()) * 10**6 for call in found], np.int64),
        tier=np.array([tier_code(call["tier"]) for call in found]),
        **{ours: column(name) for name, ours in COLUMNS.items()},  # type: ignore[arg-type]
    )


@settings(max_examples=150, deadline=None)
@given(history=histories, found=st.lists(calls, min_size=1, max_size=30))
def test_the_columns_equal_a_row_by_row_decimal_oracle(
    history: list[dict[str, Any]], found: list[dict[str, Any]]
) -> None:
    model = {"model": "m", "prices": history}
    costs = priced(make_table(json.dumps({"provider": "p", "models": [model]})), found, 0)
    expected = [oracle.cost(model, call) for call in found]
    got = [Decimal(int(cost)) / 10**12 if known else None for cost, known in zip(costs.cost, costs.known, strict=True)]
    assert got == expected


@settings(max_examples=60, deadline=None)
@given(found=st.lists(calls, min_size=1, max_size=20), cut=st.integers(0, 20))
def test_parts_add_up_and_calls_priced_in_two_batches_cost_the_same(found: list[dict[str, Any]], cut: int) -> None:
    table = shipped()
    model = table.index_of("openai", "gpt-5.5")
    whole = priced(table, found, model)
    halves = [priced(table, half, model) for half in (found[:cut], found[cut:]) if half]
    assert whole.cost.tolist() == [cost for half in halves for cost in half.cost.tolist()]
    assert whole.cost.tolist() == np.sum([*whole.parts.values()], axis=0).tolist()
    assert not whole.cost[~whole.known].any()


@settings(max_examples=60, deadline=None)
@given(found=st.lists(calls, min_size=1, max_size=20))
def test_every_token_is_billed_exactly_once(found: list[dict[str, Any]]) -> None:
    table = make_table(
        'provider: p\nmodels: [{model: m, prices: [{rates: {input: "1", output: "1", web_search: "0"}}]}]'
    )
    calls_without_tier = [call | {"tier": "standard"} for call in found]
    costs = priced(table, calls_without_tier, 0)
    for call, cost, known in zip(calls_without_tier, costs.cost, costs.known, strict=True):
        if known:
            assert cost == (call["input"] + call["output"]) * 10**6


@settings(max_examples=60, deadline=None)
@given(found=st.lists(calls, min_size=1, max_size=20))
def test_billed_units_times_their_rates_are_the_cost_and_hold_every_token_once(found: list[dict[str, Any]]) -> None:
    table = shipped()
    usage = usage_of(found, table.index_of("openai", "gpt-5.5"))
    costs, units = price(usage, table), billed_units(usage, table)
    rows = table.rows(usage.model, usage.at, usage.tier, np.maximum(usage.input_tokens, 0)).row
    spent = sum(table.rates[rows, UNIT_CODE[unit]] * count for unit, count in units.items())
    tokens = sum(count for unit, count in units.items() if unit != "web_search")
    whole = np.maximum(usage.input_tokens, 0) + np.maximum(usage.output_tokens, 0)
    assert (np.broadcast_to(spent, len(found))[costs.known] == costs.cost[costs.known]).all()
    assert (np.broadcast_to(tokens, len(found)) == whole).all()


def test_many_calls_cost_what_each_costs_alone() -> None:
    """More calls than one chunk holds, with every tier, at many times and prompt sizes."""
    table, draw = shipped(), np.random.default_rng(7)
    size = 70_000
    usage = Usage(
        model=draw.integers(-1, len(table), size),
        at=draw.choice(np.array([NO_TIME, 1_700_000_000_000_000, 1_790_000_000_000_000]), size),
        tier=draw.integers(0, 9, size),
        input_tokens=draw.integers(-1, 400_000, size),
        output_tokens=draw.integers(-1, 5_000, size),
    )
    costs = price(usage, table)
    for place in draw.choice(size, 50, replace=False):
        one = slice(place, place + 1)
        alone = price(
            Usage(
                usage.model[one],
                usage.at[one],
                usage.tier[one],
                usage.input_tokens[one],
                usage.output_tokens[one],
            ),
            table,
        )
        assert (alone.cost[0], alone.reason[0]) == (costs.cost[place], costs.reason[place])
    assert (costs.cost >= 0).all()
