"""What is known about models besides their rates, one by one and as columns."""

import numpy as np
import pytest
from tests.prices.tables import make_table, micros

from costsim.prices import PriceTable
from costsim.prices.fact_columns import LONG_AGO, NEVER

CACHING = """
provider: acme
checked: 2026-01-15
caching:
  - {match: ["small-*"], min_tokens: 2048}
  - {match: ["*"], automatic: true, min_tokens: 1024, lifetime: 300, refreshed: true}
models:
  - model: small-1
    context_window: 200000
    max_output_tokens: 8000
    can: [tools, vision]
    released: 2025-01-01
    retires: 2026-01-01
    prices: [{rates: {input: "1", cache_read: "0.1", output: "2"}}]
  - model: own
    cache: {automatic: false, lifetime: 1800}
    prices: [{rates: {input: "1", cache_read: "0.1", cache_write: "1.25", output: "2"}}]
  - model: uncached
    prices: [{rates: {input: "1", output: "2"}}]
"""


@pytest.fixture(scope="module")
def acme() -> PriceTable:
    return make_table(CACHING)


def test_a_models_own_caching_wins_over_the_first_rule_that_says_something(acme: PriceTable) -> None:
    columns, at = acme.fact_columns, [acme.index_of("acme", name) for name in ("small-1", "own", "uncached")]
    assert columns.cache_min_tokens[at].tolist() == [2048, 1024, -1]
    assert columns.cache_seconds[at].tolist() == [300, 1800, -1]
    assert columns.cache_automatic[at].tolist() == [1, 0, -1]
    assert columns.cache_refreshed[at].tolist() == [1, 1, -1]
    assert acme.facts(at[1]).cache_lifetimes == ("30m",)


def test_what_is_not_known_about_a_model_is_not_made_up(acme: PriceTable) -> None:
    columns, at = acme.fact_columns, [acme.index_of("acme", "small-1"), acme.index_of("acme", "own"), -1]
    assert columns.context_window[at].tolist() == [200000, -1, -1]
    assert columns.vision[at].tolist() == [1, -1, -1]
    assert columns.audio[at].tolist() == [0, -1, -1]
    assert columns.released[at].tolist() == [micros("2025-01-01"), LONG_AGO, LONG_AGO]
    assert columns.retires[at].tolist() == [micros("2026-01-01"), NEVER, NEVER]


RETIRING = """
provider: acme
retirements:
  - {match: ["old-*-eu"], source: "https://acme.example/eu", note: "not before 2027"}
  - {match: ["Old-*"], day: 2025-06-30, source: "https://acme.example/end", checked: 2026-11-01}
models:
  - {model: old-1, prices: [{rates: {input: "1", output: "2"}}]}
  - {model: old-1-eu, prices: [{rates: {input: "1", output: "2"}}]}
  - {model: old-2, retires: 2026-01-01, prices: [{rates: {input: "1", output: "2"}}]}
  - {model: new, prices: [{rates: {input: "1", output: "2"}}]}
"""


def test_the_first_rule_that_matches_says_when_a_model_is_retired_unless_the_model_does() -> None:
    table = make_table(RETIRING)
    of = {name: table.facts(table.index_of("acme", name)) for name in ("old-1", "old-1-eu", "old-2", "new")}
    assert {name: facts.retires for name, facts in of.items()} == {
        "old-1": "2025-06-30", "old-1-eu": None, "old-2": "2026-01-01", "new": None
    }  # fmt: skip
    assert (of["old-1"].retires_source, of["old-1"].retires_checked) == ("https://acme.example/end", "2026-11-01")
    assert (of["old-1-eu"].retires_source, of["old-1-eu"].retires_note) == (
        "https://acme.example/eu",
        "not before 2027",
    )
    assert of["old-2"].retires_source == ""
    assert table.fact_columns.retires[table.index_of("acme", "old-1")] == micros("2025-06-30")


@pytest.mark.parametrize(
    ("provider", "model", "least", "seconds", "automatic"),
    [
        ("openai", "gpt-5.5", 1024, 300, 1),
        ("openai", "gpt-5.6", 1024, 1800, 1),
        ("openai", "gpt-4", -1, -1, -1),
        ("anthropic", "claude-haiku-4-5", 4096, 300, 0),
        ("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1024, 300, 0),
        ("openrouter", "anthropic/claude-sonnet-4.5", 1024, 300, 0),
        ("azure", "gpt-5.4", 1024, 300, 1),
        ("google", "gemini-2.5-pro", 2048, -1, 1),
        ("groq", "openai/gpt-oss-120b", 1024, 7200, 1),
        ("deepseek", "deepseek-chat", 64, 7200, 1),
    ],
)
def test_how_the_great_providers_cache_is_known(
    table: PriceTable, provider: str, model: str, least: int, seconds: int, automatic: int
) -> None:
    columns, index = table.fact_columns, table.index_of(provider, model)
    found = (columns.cache_min_tokens[index], columns.cache_seconds[index], columns.cache_automatic[index])
    assert found == (least, seconds, automatic)


@pytest.mark.parametrize(
    ("model", "day"),
    [
        ("claude-haiku-4-5", "2025-10-01"),
        ("gpt-4o", "2024-05-13"),
        ("gpt-4o-2024-05-13", "2024-05-13"),
        ("o3", "2025-04-16"),
    ],
)
def test_an_undated_name_is_as_old_as_its_first_dated_version(table: PriceTable, model: str, day: str) -> None:
    assert table.fact_columns.released[table.index_of(None, model)] == micros(day)


def test_models_of_one_maker_and_generation_share_a_tokenizer_whoever_sells_them(table: PriceTable) -> None:
    columns = table.fact_columns
    names = [("openai", "gpt-5.5"), ("azure", "gpt-4o"), ("openrouter", "openai/gpt-5.5"), ("openai", "gpt-4")]
    codes = columns.tokenizer[[table.index_of(*name) for name in names]]
    assert codes[0] == codes[1] == codes[2] != codes[3]
    assert [columns.tokenizers[code] for code in codes[2:]] == ["o200k", "cl100k"]
    assert len(columns.tokenizer) == len(table) + 1
    assert np.mean(columns.tokenizer >= 0) > 0.6
