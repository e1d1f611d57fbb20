"""Other projects' price lists, read into our sheets and taken into our files."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from costsim.decode import parse_yaml
from costsim.errors import UsageError
from costsim.prices import PriceTable, lint
from costsim.prices.foreign import genai, litellm, models_dev, openrouter
from costsim.prices.foreign.importing import import_list
from costsim.prices.sheets.sheet import ProviderSheet
from costsim.prices.sheets.writing import to_yaml

LITELLM: dict[str, dict[str, object]] = {
    "sample_spec": {"mode": "chat"},
    "acme/chat": {
        "litellm_provider": "acme",
        "mode": "chat",
        "max_input_tokens": 300000,
        "input_cost_per_token": 2e-06,
        "output_cost_per_token": 1.0000000000000001e-05,
        "cache_read_input_token_cost": 2e-07,
        "cache_creation_input_token_cost_above_1hr": 4e-06,
        "input_cost_per_token_above_200k_tokens": 4e-06,
        "input_cost_per_token_batches": 1e-06,
        "input_cost_per_token_above_200k_tokens_batches": 2e-06,
        "search_context_cost_per_query": {"search_context_size_medium": 0.01},
        "supports_function_calling": True,
        "supports_vision": True,
        "prompt_cache_min_tokens": 1024,
        "deprecation_date": "2027-01-31",
        "provider_specific_entry": {"us": 1.1, "fast": 6.0},
    },
    "acme/free-of-price": {"litellm_provider": "acme", "mode": "chat"},
}
GENAI = [
    {
        "id": "acme",
        "pricing_urls": ["https://acme.test/pricing"],
        "models": [
            {
                "id": "chat",
                "match": {"or": [{"equals": "chat"}, {"starts_with": "chat@"}, {"regex": r"^chat-\d{8}$"}]},
                "prices": [
                    {"prices": {"input_mtok": "5", "output_mtok": "10"}},
                    {
                        "constraint": {"start_date": "2025-06-10"},
                        "prices": {
                            "input_mtok": {"base": "2", "tiers": [{"start": 199999, "price": "4"}]},
                            "output_mtok": "10",
                            "web_searches_kcount": "10",
                        },
                    },
                ],
                "price_variants": [
                    {
                        "when": {"processing": "batch"},
                        "prices": {"input_mtok": "1", "output_mtok": "5"},
                        "constraint": {"start_date": "2026-10-14"},
                    }
                ],
            }
        ],
    }
]
MODELS_DEV = {
    "acme": {
        "models": {
            "chat": {
                "cost": {"input": 2, "output": 10, "cache_read": 0.2, "context_over_200k": {"input": 4, "output": 15}},
                "limit": {"context": 300000, "output": 8000},
                "tool_call": True,
                "modalities": {"input": ["text", "image"]},
            },
            "unpriced": {"cost": {}},
        }
    }
}
OPENROUTER = {
    "data": [
        {
            "id": "acme/chat",
            "canonical_slug": "acme/chat-20250101",
            "context_length": 300000,
            "pricing": {"prompt": "0.000002", "completion": "0.00001", "request": "0", "web_search": "0.01"},
            "supported_parameters": ["tools", "response_format"],
        },
        {"id": "acme/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
    ]
}


def as_bytes(content: object) -> bytes:
    return json.dumps(content).encode()


def test_litellm_keys_become_units_levels_tiers_and_regions() -> None:
    found = {key: sheet for _, key, sheet in litellm.read(as_bytes(LITELLM))}
    (price,) = found["acme/chat"].prices
    assert {unit: str(usd) for unit, usd in price.rates.items()} == {
        "input": "2",
        "output": "10",
        "cache_read": "0.2",
        "cache_write_1h": "4",
        "web_search": "10",
    }
    assert [(level.tokens, level.rates) for level in price.above] == [(200_000, {"input": Decimal(4)})]
    assert price.tiers["batch"].above[0].rates == {"input": Decimal(2)}
    assert price.tiers["fast"].rates["output"] == 60
    assert price.regions == {"us": Decimal("1.1")}
    assert found["acme/free-of-price"].prices == []


def test_litellm_facts_are_taken_along() -> None:
    sheet = next(sheet for _, key, sheet in litellm.read(as_bytes(LITELLM)) if key == "acme/chat")
    assert (sheet.context_window, sheet.can, sheet.retires) == (300_000, ["tools", "vision"], date(2027, 1, 31))
    assert sheet.cache is not None
    assert sheet.cache.min_tokens == 1024


def test_litellm_off_peak_hours_become_windows() -> None:
    peak = {"input_cost_per_token": 2e-06, "litellm_provider": "acme"}
    windows = [{"hours_utc": "10:00-00:00", "weekdays": [6, 7]}]
    entry = peak | {"off_peak_pricing": {"input_cost_per_token": 1e-06, "windows": windows}}
    (window,) = litellm.sheet("m", json.loads(json.dumps(entry), parse_float=Decimal)).prices[0].windows
    assert (window.hours, window.weekdays, window.rates) == (
        ("10:00-24:00",),
        ["saturday", "sunday"],
        {"input": Decimal(1)},
    )


def test_dated_prices_keep_their_history_and_their_tiers() -> None:
    (one,) = genai.read(as_bytes(GENAI))
    first, second = one.sheet.prices
    assert (first.from_, second.from_) == (None, date(2025, 6, 10))
    assert (second.above[0].tokens, second.above[0].at_least) == (200_000, True)
    assert second.tiers["batch"].rates["output"] == 5
    assert first.tiers == {}


def test_a_dated_list_gives_names_and_patterns_but_no_beginnings_of_names() -> None:
    (one,) = genai.read(as_bytes(GENAI))
    assert one.sheet.names == []
    assert one.sheet.match == [r"chat-\d{8}"]
    assert one.answers_to("chat@2025")
    assert not one.answers_to("my-chat")


def test_models_dev_has_one_long_context_step() -> None:
    ((provider, sheet),) = models_dev.read(as_bytes(MODELS_DEV))
    assert (provider, sheet.model, sheet.can) == ("acme", "chat", ["tools", "vision"])
    assert sheet.prices[0].above[0].rates == {"input": Decimal(4), "output": Decimal(15)}


def test_openrouter_has_prices_per_token_and_no_price_for_its_router() -> None:
    ((_, sheet),) = openrouter.read(as_bytes(OPENROUTER))
    assert {unit: str(usd) for unit, usd in sheet.prices[0].rates.items()} == {
        "input": "2",
        "output": "10",
        "web_search": "10",
    }
    assert sheet.names == ["acme/chat-20250101"]


def test_an_import_appends_and_never_overwrites(tmp_path: Path, table: PriceTable) -> None:
    def take(content: object, day: int) -> list[str]:
        return import_list("litellm", as_bytes(content), tmp_path, table.book, date(2026, 11, day))

    dearer = {"acme/chat": {**LITELLM["acme/chat"], "input_cost_per_token": 3e-06}}
    assert take(LITELLM, 1) == ["+ acme/chat"]
    assert take(LITELLM, 2) == []
    assert take(dearer, 3) == ["~ acme/chat"]
    assert take(dearer, 4) == []
    prices = parse_yaml((tmp_path / "acme.yaml").read_text(), ProviderSheet).models[0].prices
    assert [(price.from_, int(price.rates["input"])) for price in prices] == [(None, 2), (date(2026, 11, 3), 3)]
    assert lint([tmp_path]) == []


def test_an_import_leaves_out_what_cannot_be(tmp_path: Path, table: PriceTable) -> None:
    absurd = {"chat": {"litellm_provider": "acme", "output_cost_per_token": 0.009}}
    found = import_list("litellm", as_bytes(absurd), tmp_path, table.book, date(2026, 11, 1))
    assert found == ["! acme/chat is left out: 9000 for output is absurdly high"]


@pytest.mark.parametrize(
    ("source", "content"), [("genai-prices", GENAI), ("models.dev", MODELS_DEV), ("openrouter", OPENROUTER)]
)
def test_every_list_can_be_imported(tmp_path: Path, table: PriceTable, source: str, content: object) -> None:
    found = import_list(source, as_bytes(content), tmp_path, table.book, date(2026, 11, 1))
    assert len(found) == 1
    assert lint([tmp_path]) == []


def test_an_unknown_list_is_named_with_the_known_ones(tmp_path: Path, table: PriceTable) -> None:
    with pytest.raises(UsageError, match="did you mean 'litellm'"):
        import_list("litelm", b"{}", tmp_path, table.book, date(2026, 11, 1))


def test_a_sheet_written_and_read_again_is_the_same() -> None:
    (one,) = genai.read(as_bytes(GENAI))
    entry = next(sheet for _, key, sheet in litellm.read(as_bytes(LITELLM)) if key == "acme/chat")
    sheet = ProviderSheet(
        provider="acme",
        name="A: b",
        also=["yes", "x y"],
        checked=date(2026, 1, 1),
        small_model="no",
        small_models={"*: x": "a/b:c", "plain": "y"},
        models=[one.sheet, entry],
    )
    assert parse_yaml(to_yaml(sheet, "two\nlines"), ProviderSheet) == sheet
