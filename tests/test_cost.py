from decimal import Decimal

import numpy as np
import pytest
from tests.prices.tables import cost_of, make_table, shipped

from costsim.cost import (
    ABSURD,
    INCONSISTENT,
    NO_PRICE,
    NO_RATE,
    NO_TIER,
    NO_TOKENS,
    PRICED,
    REASONS,
    Usage,
    billed_units,
    price,
)
from costsim.prices import NO_TIME

TRILLION = 10**12

CHAT = """
provider: acme
models:
  - model: chat
    prices:
      - rates: {input: "3", cache_read: "0.30", cache_write: "3.75", cache_write_1h: "6", output: "15",
                web_search: "10"}
        tiers: {batch: {rates: {input: "1.5", output: "7.5"}}}
  - model: embed
    mode: embedding
    prices: [{rates: {input: "0.1"}}]
  - model: rerank
    mode: rerank
    prices: [{rates: {request: "2"}}]
  - model: free
    prices: [{rates: {input: "0", output: "0"}}]
  - model: ear
    prices: [{rates: {second_input: "0.0001"}}]
  - model: listener
    prices: [{rates: {input: "2", cache_read: "1", audio_input: "40", audio_cache_read: "4", output: "10"}}]
"""


def test_an_unknown_model_has_no_cost_and_says_so() -> None:
    costs = cost_of(shipped(), None, "no-such-model-9", input_tokens=10, output_tokens=1)
    assert (costs.known[0], costs.cost[0], costs.reason[0]) == (False, 0, NO_PRICE)


def test_every_reason_has_words() -> None:
    assert len(REASONS) == 7
    assert REASONS[PRICED] == ""
    assert all(REASONS[1:])


def test_a_tier_that_the_table_lacks_is_unpriced_and_never_standard() -> None:
    table = make_table(CHAT)
    assert cost_of(table, "acme", "chat", tier="flex", input_tokens=1, output_tokens=1).reason[0] == NO_TIER
    assert cost_of(table, "acme", "chat", tier="auto", input_tokens=1, output_tokens=1).reason[0] == NO_TIER


def test_searches_are_not_discounted_in_a_batch() -> None:
    call = {"input_tokens": 1000, "output_tokens": 0, "web_searches": 3}
    costs = cost_of(make_table(CHAT), "acme", "chat", tier="batch", **call)
    assert costs.parts["web_search"][0] == Decimal("0.03") * TRILLION
    assert costs.parts["input"][0] == Decimal("0.0015") * TRILLION


def test_a_chat_call_without_a_count_of_its_input_or_output_has_no_cost() -> None:
    table = make_table(CHAT)
    assert cost_of(table, "acme", "chat", input_tokens=5).reason[0] == NO_TOKENS
    assert cost_of(table, "acme", "chat", output_tokens=5).reason[0] == NO_TOKENS


def test_an_embedding_needs_no_output() -> None:
    assert cost_of(make_table(CHAT), "acme", "embed", input_tokens=1_000_000).cost[0] == Decimal("0.1") * TRILLION


def test_a_model_sold_by_the_request_needs_no_tokens() -> None:
    assert cost_of(make_table(CHAT), "acme", "rerank").cost[0] == Decimal("0.002") * TRILLION


def test_a_call_that_is_several_requests_is_billed_for_each_of_them() -> None:
    table = make_table(CHAT)
    none = np.array([-1, -1])
    calls = np.array([table.index_of("acme", "rerank")] * 2)
    counts = {"request": np.array([3, 0])}
    usage = Usage(calls, np.array([NO_TIME] * 2), np.array([0, 0]), none, none, things=counts)
    assert price(usage, table).cost.tolist() == [int(Decimal("0.006") * TRILLION), int(Decimal("0.002") * TRILLION)]
    assert billed_units(usage, table)["request"].tolist() == [3, 1]


def test_an_explicit_zero_is_a_price() -> None:
    costs = cost_of(make_table(CHAT), "acme", "free", input_tokens=5, output_tokens=5)
    assert (costs.known[0], costs.cost[0]) == (True, 0)


def test_a_model_sold_by_the_second_is_not_free_when_nobody_counted_seconds() -> None:
    costs = cost_of(make_table(CHAT), "acme", "ear", input_tokens=0, output_tokens=0)
    assert (costs.known[0], costs.reason[0]) == (False, NO_TOKENS)


def test_seconds_and_other_things_are_billed_one_by_one() -> None:
    table = make_table(CHAT)
    calls = np.array([table.index_of("acme", "ear")])
    none = np.array([-1])
    usage = Usage(calls, np.array([NO_TIME]), np.array([0]), none, none, things={"second_input": np.array([90])})
    assert price(usage, table).cost[0] == Decimal("0.009") * TRILLION


def test_a_short_recording_is_billed_at_the_least_number_of_seconds() -> None:
    table = shipped()
    calls = np.array([table.index_of("groq", "whisper-large-v3"), table.index_of("openai", "whisper-1"), -1])
    seconds, none, zero = np.array([3, 3, 3]), np.full(3, -1), np.zeros(3, np.int64)
    costs = price(Usage(calls, np.full(3, NO_TIME), zero, none, none, things={"second_input": seconds}), table)
    assert costs.cost.tolist() == [10 * 30_833_333, 3 * 10**8, 0]


@pytest.mark.parametrize(
    "call",
    [
        {"input_tokens": 10, "cache_read_tokens": 11, "output_tokens": 1},
        {"input_tokens": 10, "cache_read_tokens": 6, "cache_write_tokens": 6, "output_tokens": 1},
        {"input_tokens": 10, "cache_write_tokens": 5, "cache_write_1h_tokens": 6, "output_tokens": 1},
        {"input_tokens": 10, "output_tokens": 1, "reasoning_tokens": 2},
        {"input_tokens": 10, "output_tokens": -7},
        {"input_tokens": 10, "audio_input_tokens": 11, "output_tokens": 1},
    ],
)
def test_counts_that_contradict_each_other_give_no_cost_and_never_a_negative_one(
    call: dict[str, int],
) -> None:
    costs = cost_of(make_table(CHAT), "acme", "chat", **call)
    assert (costs.known[0], costs.cost[0], costs.reason[0]) == (False, 0, INCONSISTENT)


@pytest.mark.parametrize("count", [10**9 + 1, 10**15, 2**62])
def test_absurd_counts_are_not_priced_and_do_not_wrap_around(count: int) -> None:
    costs = cost_of(make_table(CHAT), "acme", "chat", input_tokens=count, output_tokens=1)
    assert (costs.known[0], costs.cost[0], costs.reason[0]) == (False, 0, ABSURD)


def test_the_dearest_possible_call_still_fits_in_an_int64() -> None:
    rates = '{input: "4000", output: "4000", web_search: "10000"}'
    dear = f"provider: a\nmodels: [{{model: m, prices: [{{rates: {rates}}}]}}]"
    costs = cost_of(make_table(dear), "a", "m", input_tokens=10**9, output_tokens=10**9, web_searches=10**5)
    assert costs.cost[0] == (2 * 4000 * 1000 + 10 * 10**5) * TRILLION


def test_something_that_was_used_but_has_no_rate_makes_the_cost_unknown() -> None:
    costs = cost_of(make_table(CHAT), "acme", "listener", input_tokens=5, output_tokens=5, web_searches=1)
    assert (costs.known[0], costs.reason[0]) == (False, NO_RATE)


def test_audio_that_does_not_fit_beside_the_cached_part_was_itself_cached() -> None:
    call = {"input_tokens": 100, "cache_read_tokens": 80, "audio_input_tokens": 50, "output_tokens": 0}
    parts = cost_of(make_table(CHAT), "acme", "listener", **call).parts
    spent = {unit: int(cost[0]) for unit, cost in parts.items() if cost[0]}
    assert spent == {
        "cache_read": 50 * 10**6,
        "audio_input": 20 * 40 * 10**6,
        "audio_cache_read": 30 * 4 * 10**6,
    }


def test_an_absent_cache_rate_is_the_input_rate_and_an_absent_hour_is_the_five_minute_one() -> None:
    text = """
provider: acme
models:
  - {model: bare, prices: [{rates: {input: "2", output: "8"}}]}
  - {model: five, prices: [{rates: {input: "2", cache_write: "2.5", output: "8"}}]}
"""
    table, call = (
        make_table(text),
        {"input_tokens": 30, "cache_write_tokens": 20, "cache_write_1h_tokens": 20},
    )
    read = {"input_tokens": 30, "cache_read_tokens": 20, "output_tokens": 0}
    assert cost_of(table, "acme", "bare", output_tokens=0, **call).cost[0] == 30 * 2 * 10**6
    assert cost_of(table, "acme", "five", output_tokens=0, **call).cost[0] == 10 * 2 * 10**6 + 20 * 25 * 10**5
    assert cost_of(table, "acme", "bare", **read).cost[0] == 30 * 2 * 10**6


def test_reasoning_is_billed_once_as_a_part_of_output() -> None:
    text = 'provider: a\nmodels: [{model: m, prices: [{rates: {input: "1", output: "10", reasoning: "4"}}]}]'
    costs = cost_of(make_table(text), "a", "m", input_tokens=0, output_tokens=100, reasoning_tokens=60)
    assert costs.cost[0] == (40 * 10 + 60 * 4) * 10**6


def test_no_calls_cost_nothing() -> None:
    nothing = np.zeros(0, np.int64)
    costs = price(Usage(nothing, nothing, nothing, nothing, nothing), make_table(CHAT))
    assert len(costs.cost) == 0


def test_a_table_without_models_prices_nothing() -> None:
    one = np.array([0])
    costs = price(Usage(one, one, one, one, one), make_table("provider: empty\nmodels: []"))
    assert costs.reason[0] == NO_TIER
