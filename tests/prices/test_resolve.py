"""Names of models, as logs spell them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.prices.tables import cost_of, make_table, micros, shipped

from costsim.prices import PriceTable


@pytest.mark.parametrize(
    ("provider", "name", "meant"),
    [
        ("openai", "gpt-4o", "openai/gpt-4o"),
        ("OpenAI", "GPT-4o", "openai/gpt-4o"),
        (None, "gpt-4o", "openai/gpt-4o"),
        ("", "gpt-4o", "openai/gpt-4o"),
        (None, "openai/gpt-4o", "openai/gpt-4o"),
        ("openai", "openai/gpt-4o", "openai/gpt-4o"),
        ("litellm_proxy", "openai/gpt-4o", "openai/gpt-4o"),
        (None, "openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o"),
        ("openrouter", "openai/gpt-4o", "openrouter/openai/gpt-4o"),
        (None, "gpt-5.2-20251211", "openai/gpt-5.2"),
        ("openai", "gpt-5-2-2025-12-11", "openai/gpt-5.2"),
        (None, "claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5[1m]", "anthropic/claude-sonnet-4-5"),
        ("vertex_ai", "claude-sonnet-4-5@20250929", "vertex/claude-sonnet-4-5"),
        (
            "gcp.vertex_ai",
            "publishers/anthropic/models/claude-sonnet-4-5@20250929",
            "vertex/claude-sonnet-4-5",
        ),
        ("gemini", "models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("google", "gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("azure", "gpt-4o-2024-08-06", "azure/gpt-4o"),
        ("groq", "llama-3.3-70b-versatile", "groq/llama-3.3-70b-versatile"),
        ("openai", "ft:gpt-4o-2024-08-06:acme::AbC123", "openai/ft:gpt-4o-2024-08-06"),
        ("openrouter", "google/gemini-2.0-flash-exp:free", "openrouter/google/gemini-2.0-flash-exp:free"),
    ],
)
def test_a_name_is_found_however_a_log_spells_it(table: PriceTable, provider: str, name: str, meant: str) -> None:
    found = table.resolve(provider, name)
    assert (found.known, table.book.keys[found.index]) == (True, meant)


@pytest.mark.parametrize(
    ("name", "in_region"),
    [
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("bedrock/converse/eu.anthropic.claude-sonnet-4-5-20250929-v1:0", True),
        ("anthropic.claude-sonnet-4-5-20250929", True),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            True,
        ),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", False),
    ],
)
def test_bedrock_charges_a_tenth_more_in_a_region_than_globally(table: PriceTable, name: str, in_region: bool) -> None:
    index = table.index_of("bedrock", name)
    row = table.arrays.period_row[table.arrays.cell_period[index * 8]]
    assert table.rates[row, 0] == (3_300_000 if in_region else 3_000_000)


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        (None, "made-up-model"),
        (None, None),
        ("openai", ""),
        ("openai", "gpt-4o-turbo-max"),
        ("openai", "gpt-4o-2031-01-01"),
        ("openai", "gpt-5.2-proo"),
        ("openai", "ft:gpt-9-nano:acme::1"),
        ("openai", "claude-sonnet-4-5"),
        ("anthropic", "claude"),
        ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"),
        ("azure", "my-deployment"),
        ("no-such-provider", "gpt-4o"),
        (None, "llama-3.3-70b-instruct"),
        ("openrouter", "openai/gpt-4o:nitro-max"),
    ],
)
def test_a_name_that_nobody_gave_is_unknown_and_never_a_guess(
    table: PriceTable, provider: str | None, name: str | None
) -> None:
    assert not table.resolve(provider, name).known


@settings(max_examples=200, deadline=None)
@given(
    name=st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-./:@", min_size=1, max_size=30),
    provider=st.sampled_from([None, "openai", "anthropic", "bedrock", "openrouter", "azure"]),
)
def test_a_made_up_name_is_always_unknown(name: str, provider: str | None) -> None:
    assert shipped().index_of(provider, f"{name}-zzqx") == -1


@settings(max_examples=100, deadline=None)
@given(
    index=st.integers(0, 4000),
    extra=st.sampled_from(["-2", "-turbo", "x", "-mini-max", "-v9", "-v9:0", ":free-of-charge"]),
)
def test_a_known_name_with_something_after_it_is_not_the_known_model(index: int, extra: str) -> None:
    table = shipped()
    provider, _, model = table.book.keys[index].partition("/")
    of_someone = model.startswith("ft:") and extra.startswith(":")  # ft:MODEL:ORGANIZATION is that model, fine-tuned
    assert table.index_of(provider, model + extra) != index or ("." in model and extra == "-v9:0") or of_someone


def test_an_unknown_name_comes_with_the_nearest_names(table: PriceTable) -> None:
    assert "openai/gpt-5.2-pro" in table.resolve("openai", "gpt-5.2-proo").nearest


def test_a_name_that_others_sell_says_who_does(table: PriceTable) -> None:
    found = table.resolve("openai", "claude-sonnet-4-5")
    assert "anthropic/claude-sonnet-4-5" in found.nearest
    assert "openai has no price for it" in found.why


def test_an_azure_deployment_is_told_how_to_be_mapped(table: PriceTable) -> None:
    assert "alias: {NAME: azure/MODEL}" in table.resolve("azure", "my-deployment").why


def test_a_deployment_behind_its_provider_s_name_is_told_how_to_be_mapped(table: PriceTable) -> None:
    found = table.resolve(None, "azure/unknown-deployment")
    assert "alias: {NAME: azure/MODEL}" in found.why
    assert all(name.startswith("azure/") for name in found.nearest)


def test_the_nearest_names_begin_alike(table: PriceTable) -> None:
    nearest = table.resolve("openai", "gpt-5.5-turbo-x").nearest
    assert nearest[:2] == ("openai/gpt-5.5-pro", "openai/gpt-5.5")


def test_without_a_provider_the_answer_says_whose_price_was_taken(table: PriceTable) -> None:
    assert "its maker's own (OpenAI)" in table.resolve(None, "gpt-4o").why


REGIONAL = """
provider: acme
makes: ["chat*"]
models:
  - model: chat
    names: [eu/chat-old, Chat_Latest.1]
    prices: [{rates: {input: "10", output: "20", web_search: "10"}, regions: {eu: "1.1", other: "1.2"}}]
"""


def test_a_region_multiplies_tokens_but_not_searches() -> None:
    table = make_table(REGIONAL)
    index = table.index_of("acme", "chat", "eu")
    assert table.facts(index).key == "acme/chat (eu)"
    row = table.arrays.period_row[table.arrays.cell_period[index * 8]]
    assert table.rates[row, 0] == 11 * 10**6
    assert 10**10 in table.rates[row].tolist()


@pytest.mark.parametrize(
    ("region", "key"),
    [
        (None, "acme/chat"),
        ("global", "acme/chat"),
        ("not_available", "acme/chat"),
        ("EU", "acme/chat (eu)"),
        ("europe-west4", "acme/chat (other)"),
        ("us-central1", "acme/chat (other)"),
    ],
)
def test_a_region_that_is_not_global_and_not_named_is_another(region: str | None, key: str) -> None:
    table = make_table(REGIONAL)
    assert table.book.keys[table.index_of("acme", "chat", region)] == key


MOVING = """
provider: acme
models:
  - {model: one, prices: [{rates: {input: "1"}}]}
  - model: two
    prices: [{rates: {input: "2"}, tiers: {batch: {rates: {input: "1"}}}}, {from: 2025-06-01, rates: {input: "3"}}]
aliases:
  - {name: newest, meant: [{model: one}, {from: 2025-03-01, model: two}]}
"""


@pytest.mark.parametrize(
    ("at", "tier", "microdollars"),
    [
        ("2025-02-01", "", 1),
        ("2025-03-01", "", 2),
        ("2025-07-01", "", 3),
        ("2025-02-01", "batch", None),
        ("2025-04-01", "batch", 1),
        ("2025-04-01", "flex", None),
    ],
)
def test_a_moving_alias_costs_what_it_meant_that_day(at: str, tier: str, microdollars: int | None) -> None:
    costs = cost_of(make_table(MOVING), "acme", "newest", at=at, tier=tier, input_tokens=1, output_tokens=0)
    assert (costs.cost[0] // 10**6 if costs.known[0] else None) == microdollars


def test_the_shipped_aliases_move_on_the_day_of_the_move(table: PriceTable) -> None:
    found = [table.resolve("mistral", "mistral-large-latest", micros(day)).why for day in ("2025-12-01", "2025-12-02")]
    assert found[0].endswith("then of mistral-large")
    assert found[1].endswith("then of mistral-large-2512")


def test_a_moving_alias_means_what_it_meant_that_day() -> None:
    table = make_table(MOVING)
    assert "then of one" in table.resolve("acme", "newest", micros("2025-02-01")).why
    assert "then of two" in table.resolve("acme", "newest", micros("2025-04-01")).why
    assert table.facts(table.index_of("acme", "newest")).key == "acme/newest"
