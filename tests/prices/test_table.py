"""Look-ups by time, tier, prompt size and hour."""

import numpy as np
import pytest
from tests.prices.tables import make_table, micros

from costsim.prices import NO_TIME, TIERS, UNIT_CODE, UNITS, UNKNOWN_TIER, PriceTable, tier_code
from costsim.prices.sheets.schedule import offset_minutes

HISTORY = """
provider: acme
checked: 2026-01-15
models:
  - model: dated
    released: 2025-01-01
    prices:
      - {from: 2025-01-01, rates: {input: "10"}}
      - {from: 2025-06-10, rates: {input: "2"}, tiers: {batch: {rates: {input: "1"}}}}
      - {from: 2026-06-01, rates: {input: "9"}}
  - model: night
    prices:
      - rates: {input: "4"}
        windows:
          - {hours: ["16:30-00:30"], rates: {input: "1"}}
          - {hours: ["01:00-02:00"], weekdays: [monday], zone: Asia/Shanghai, rates: {input: "3"}}
  - model: long
    prices:
      - rates: {input: "1", output: "5"}
        above:
          - {tokens: 1000, rates: {input: "2"}}
          - {tokens: 2000, at_least: true, rates: {input: "3", output: "7"}}
        tiers: {priority: {rates: {input: "4", output: "20"}, above: [{tokens: 1000, rates: {input: "8"}}]}}
"""


@pytest.fixture(scope="module")
def history() -> PriceTable:
    return make_table(HISTORY)


def rate(table: PriceTable, model: str, unit: str, at: str | None = None, tier: str = "", tokens: int = 1) -> int:
    """Return a rate in USD per million tokens."""
    index = np.array([table.index_of("acme", model)])
    moment = np.array([micros(at) if at else NO_TIME])
    row = table.rows(index, moment, np.array([tier_code(tier)]), np.array([tokens])).row[0]
    return int(table.rates[row, UNIT_CODE[unit]]) // 10**6 if row >= 0 else -1


def test_a_call_has_the_price_of_its_own_time(history: PriceTable) -> None:
    found = [rate(history, "dated", "input", at) for at in ("2025-01-01", "2025-06-09T23:59:59", "2025-06-10")]
    assert found == [10, 10, 2]


def test_a_call_before_the_first_known_price_has_that_price_and_is_flagged(history: PriceTable) -> None:
    index, zero, one = np.array([history.index_of("acme", "dated")] * 2), np.array([0, 0]), np.array([1, 1])
    rows = history.rows(index, np.array([micros("2024-12-31"), micros("2025-01-01")]), zero, one)
    assert rows.before_first.tolist() == [True, False]
    assert rows.row[0] == rows.row[1]


def test_a_call_without_a_time_has_the_price_of_the_day_on_which_prices_were_checked(
    history: PriceTable,
) -> None:
    assert history.newest == "2026-01-15"
    assert rate(history, "dated", "input") == 2


def test_a_tier_begins_when_its_own_price_does(history: PriceTable) -> None:
    assert rate(history, "dated", "input", "2025-07-01", "batch") == 1
    assert rate(history, "night", "input", "2025-07-01", "batch") == -1


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T16:29:00", 4),
        ("2026-01-05T16:30:00", 1),
        ("2026-01-06T00:29:59", 1),
        ("2026-01-06T00:30:00", 4),
        ("2026-01-05T01:30:00", 3),
        ("2026-01-06T01:30:00", 4),
    ],
)
def test_a_window_holds_at_its_utc_hours_on_the_weekdays_of_its_zone(
    history: PriceTable, at: str, expected: int
) -> None:
    assert rate(history, "night", "input", at) == expected


@pytest.mark.parametrize(
    ("zone", "minutes"), [("UTC", 0), ("Asia/Shanghai", 480), ("Europe/Paris", None), ("Mars/Olympus", None)]
)
def test_a_zone_whose_clock_changes_with_the_season_has_no_one_offset(zone: str, minutes: int | None) -> None:
    assert offset_minutes(zone) == minutes


@pytest.mark.parametrize(
    ("tokens", "standard", "priority"),
    [(1000, (1, 5), (4, 20)), (1001, (2, 5), (8, 20)), (1999, (2, 5), (8, 20)), (2000, (3, 7), (3, 7))],
)
def test_each_unit_takes_the_highest_threshold_that_the_prompt_passed(
    history: PriceTable, tokens: int, standard: tuple[int, int], priority: tuple[int, int]
) -> None:
    for tier, expected in (("", standard), ("priority", priority)):
        found = tuple(rate(history, "long", unit, tier=tier, tokens=tokens) for unit in ("input", "output"))
        assert found == expected


def test_unknown_models_and_tiers_have_no_row(history: PriceTable) -> None:
    models, tiers = np.array([-1, 0, 0]), np.array([0, UNKNOWN_TIER, -3])
    assert history.rows(models, np.zeros(3, np.int64), tiers, np.zeros(3, np.int64)).row.tolist() == [
        -1,
        -1,
        -1,
    ]


@pytest.mark.parametrize("word", [None, "", "default", "standard", "on_demand", "ON_DEMAND", "on-demand", " Standard "])
def test_the_usual_words_for_the_usual_tier_are_standard(word: str | None) -> None:
    assert tier_code(word) == 0


def test_auto_is_not_a_tier_and_neither_is_what_nobody_sells() -> None:
    assert tier_code("auto") == tier_code("scale") == tier_code("provisioned_throughput") == UNKNOWN_TIER
    assert TIERS[tier_code("Batch")] == "batch"


def test_facts_say_what_a_model_can_do_and_where_its_price_jumps(history: PriceTable) -> None:
    long, dated = (history.facts(history.index_of("acme", model)) for model in ("long", "dated"))
    assert long.thresholds == (1001, 2000)
    assert (dated.key, dated.released) == ("acme/dated", "2025-01-01")


def test_units_come_in_one_fixed_order() -> None:
    assert UNITS[:2] == ("input", "cache_read")
    assert len(set(UNITS)) == len(UNITS)
