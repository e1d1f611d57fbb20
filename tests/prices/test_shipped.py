"""What the shipped price files promise as a whole."""

import re

import pytest
from tests.prices.tables import make_table

from costsim.prices import TIERS, UNITS, PriceTable
from costsim.prices.entries import changes, entries
from costsim.prices.foreign.exact import money
from costsim.prices.sheets.files import SHIPPED

FIRST_PROVIDERS = (
    *("openai", "anthropic", "google", "vertex", "azure", "bedrock", "mistral", "deepseek", "xai", "groq"),
    *("together", "cohere", "openrouter"),
)


def test_every_model_has_facts_and_at_least_one_price(table: PriceTable) -> None:
    periods = table.arrays.cell_periods[:-1].reshape(len(table), len(TIERS))
    assert (periods.sum(axis=1) > 0).all()
    assert all(table.facts(index).provider for index in range(0, len(table), 97))


def test_no_rate_is_missing_where_another_stands_in_for_it(table: PriceTable) -> None:
    of = {unit: table.rates[:, place] for place, unit in enumerate(UNITS)}
    assert ((of["input"] < 0) | (of["cache_read"] >= 0)).all()
    assert ((of["output"] < 0) | (of["reasoning"] >= 0)).all()


@pytest.mark.parametrize("provider", FIRST_PROVIDERS)
def test_each_large_provider_has_a_file_with_a_source_and_a_day(provider: str) -> None:
    text = (SHIPPED / f"{provider}.yaml").read_text(encoding="utf-8")
    assert re.search(r'^source: "https://', text, re.MULTILINE)
    assert re.search(r"^checked: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)


@pytest.mark.parametrize(
    "provider", ["openai", "anthropic", "google", "azure", "bedrock", "mistral", "deepseek", "xai"]
)
def test_each_large_provider_names_a_small_model_that_is_cheaper_than_most(table: PriceTable, provider: str) -> None:
    small = table.small_model(provider)
    assert small is not None
    own = [i for i, key in enumerate(table.book.keys) if key.startswith(f"{provider}/")]
    prices = [found[0].rates.get("output", 0) for i in own if (found := entries(table, i))]
    assert entries(table, small)[0].rates["output"] <= sorted(prices)[len(prices) * 2 // 3]


def test_a_provider_has_one_small_model_whatever_it_is_called(table: PriceTable) -> None:
    assert table.small_model("azure_openai") == table.small_model("azure")
    assert table.small_model("no-such-provider") is None


@pytest.mark.parametrize(
    ("provider", "model", "small"),
    [
        ("bedrock", "anthropic.claude-sonnet-4-6", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("bedrock", "amazon.nova-pro-v1:0", "amazon.nova-lite-v1:0"),
        ("openrouter", "anthropic/claude-opus-4.5", "anthropic/claude-haiku-4.5"),
        ("openrouter", "openai/gpt-5.5", "openai/gpt-5.4-mini"),
        ("vertex", "claude-opus-4-5", "claude-haiku-4-5"),
    ],
)
def test_who_sells_models_of_several_makers_has_a_small_one_of_each(
    table: PriceTable, provider: str, model: str, small: str
) -> None:
    found = table.small_model(provider, model)
    assert found is not None
    assert table.facts(found).model == small


@pytest.mark.parametrize(
    ("provider", "model", "day"),
    [
        ("anthropic", "claude-instant-1.2", "2024-11-06"),
        ("anthropic", "claude-2.1", "2025-07-21"),
        ("anthropic", "claude-3-opus-20240229", "2026-01-05"),
        ("anthropic", "claude-sonnet-4-5", "2026-11-30"),
        ("openai", "gpt-3.5-turbo-0301", "2024-09-13"),
        ("openai", "gpt-4-0314", "2026-10-23"),
        ("google", "gemini-1.5-pro", "2025-09-29"),
        ("bedrock", "us.anthropic.claude-3-haiku-20240307-v1:0", "2026-09-10"),
        ("bedrock", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", None),
        ("vertex", "claude-haiku-4-5", None),
    ],
)
def test_a_model_is_retired_on_its_providers_day_which_is_not_the_earliest_possible_one(
    table: PriceTable, provider: str, model: str, day: str | None
) -> None:
    assert table.facts(table.index_of(provider, model)).retires == day


def test_no_small_model_is_retired(table: PriceTable) -> None:
    small = [table.facts(index) for of_makers in table.small_models.values() for index in of_makers.values()]
    assert len(small) > 10
    assert [facts.key for facts in small if facts.retires and facts.retires <= table.newest] == []


def test_entries_show_a_model_as_its_file_says_it(table: PriceTable) -> None:
    found = entries(table, table.index_of("openai", "gpt-5.5"))
    shown = {(entry.tier, entry.tokens): str(entry.rates["output"]) for entry in found}
    assert (shown["standard", 0], shown["standard", 272_001], shown["batch", 0]) == ("30", "45", "15")


def test_changes_between_two_tables_are_one_line_each() -> None:
    model = '  - {model: %s, prices: [{rates: {input: "%s"}}]}'
    before = "\n".join(["provider: a", "models:", model % ("x", 1), model % ("y", 1)])
    after = "\n".join(["provider: a", "models:", model % ("x", 2.5), model % ("z", 1)])
    lines = list(changes(make_table(before), make_table(after)))
    assert lines[0] == "~ a/x standard from 0 tokens: input 1 -> 2.5"
    assert lines[-2:] == ["- a/y", "+ a/z"]
    assert list(changes(make_table(before), make_table(before))) == []


@pytest.mark.parametrize(
    ("unit", "each", "price"),
    [("input", "0.00000029999999999999996", "0.3"), ("input", "5E-8", "0.05"), ("web_search", "0.01", "10")],
)
def test_binary_noise_of_other_lists_is_rounded_away(unit: str, each: str, price: str) -> None:
    assert str(money(unit, each)) == price
