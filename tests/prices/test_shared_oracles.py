"""Real usage, vectors that two engines agree on, invoices, and both public lists, where they are at hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from tests.prices.tables import micros

from costsim.cost import Costs, Usage, price
from costsim.prices import PriceTable
from costsim.prices.foreign import genai, litellm
from costsim.prices.sheets.sheet import ModelSheet

TRILLION = 10**12
COLUMNS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_tokens": "cache_read_tokens",
    "cache_write_tokens": "cache_write_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "output_reasoning_tokens": "reasoning_tokens",
    "input_audio_tokens": "audio_input_tokens",
    "input_image_tokens": "image_input_tokens",
    "output_image_tokens": "image_output_tokens",
    "web_searches": "web_searches",
}


def costs_something(sheet: ModelSheet) -> bool:
    """Whether a list has a price for a model; its zeros are often placeholders."""
    return any(usd for price in sheet.prices for usd in price.rates.values())


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def priced(table: PriceTable, rows: list[dict[str, Any]], name: str, at: str) -> Costs:
    usage = {ours: np.array([row["usage"].get(theirs, 0) for row in rows]) for theirs, ours in COLUMNS.items()}
    return price(
        Usage(
            model=np.array([table.index_of(row["provider"], row[name]) for row in rows]),
            at=np.full(len(rows), micros(at)),
            tier=np.zeros(len(rows), np.int16),
            **usage,  # type: ignore[arg-type]
        ),
        table,
    )


def test_real_usage_costs_what_an_independent_engine_says(table: PriceTable, shared_prices: Path) -> None:
    rows = rows_of(shared_prices / "usage_oracle.jsonl")
    costs = priced(table, rows, "model", "2025-11-06T12:00:00")
    expected = [int(Decimal(row["total_price"]) * TRILLION) for row in rows]
    assert costs.known.all()
    assert np.abs(costs.cost - np.array(expected)).max() <= 1


def test_vectors_that_two_engines_agree_on_cost_what_they_say(table: PriceTable, shared_prices: Path) -> None:
    rows = rows_of(shared_prices / "vector_oracle.jsonl")
    costs = priced(table, rows, "key", "2026-11-17T12:00:00")
    wrong = [
        row["key"]
        for row, cost, known in zip(rows, costs.cost, costs.known, strict=True)
        if not known or abs(cost / TRILLION - row["litellm"]) > 1e-9 * max(row["litellm"], 1e-3)
    ]
    assert wrong == []


def test_every_disagreement_is_settled_for_one_side_or_explained(table: PriceTable, shared_prices: Path) -> None:
    rows = rows_of(shared_prices / "disagreements.jsonl")
    costs = priced(table, rows, "key", "2026-11-17T12:00:00")
    neither = {
        row["key"].removeprefix("deepseek/")
        for row, cost in zip(rows, costs.cost, strict=True)
        if min(abs(cost / TRILLION - row[side]) for side in ("litellm", "genai")) > 1e-9
    }
    assert costs.known.all()
    assert neither == {"deepseek-chat"}


def test_every_priced_key_of_both_lists_finds_its_price(table: PriceTable, shared_prices: Path) -> None:
    first = list(litellm.read((shared_prices / "litellm_model_prices.json").read_bytes()))
    second = list(genai.read((shared_prices / "genai_prices.json").read_bytes()))
    keys = [(provider, key) for provider, key, sheet in first if costs_something(sheet)]
    keys += [(one.provider, one.sheet.model) for one in second if costs_something(one.sheet)]
    missing = [key for key in keys if table.index_of(*key) < 0]
    assert len(keys) > 6_000
    assert missing == []


def test_every_key_of_both_lists_resolves_or_is_listed_with_the_reason(table: PriceTable, shared_prices: Path) -> None:
    listed = (Path(__file__).parents[2] / "docs" / "decisions" / "pricing-unpriced.md").read_text(encoding="utf-8")
    first = litellm.read((shared_prices / "litellm_model_prices.json").read_bytes())
    second = genai.read((shared_prices / "genai_prices.json").read_bytes())
    keys = [(provider, key) for provider, key, _ in first] + [(one.provider, one.sheet.model) for one in second]
    unknown = [key for provider, key in keys if table.index_of(provider, key) < 0]
    assert [key for key in unknown if f"`{key}`" not in listed] == []
    assert len(unknown) < 0.025 * len(keys)
