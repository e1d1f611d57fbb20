"""Taking a foreign list into our files: what it names is ours already, what it leaves out stays, nothing twice."""

import json
import shutil
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.prices.tables import shipped

from costsim.decode import parse_yaml
from costsim.prices import PriceTable, lint
from costsim.prices.compiling.assemble import assemble
from costsim.prices.entries import entries
from costsim.prices.foreign.importing import import_list
from costsim.prices.sheets.files import SHIPPED, Source
from costsim.prices.sheets.sheet import ModelSheet, ProviderSheet

DAY, LATER = date(2026, 11, 20), date(2026, 11, 21)
OURS = """
provider: acme
models:
  - model: big-1
    prices: [{rates: {input: "1", output: "4"}}]
  - model: big-2
    names: [big-2-0101]
    match: ["big-2-\\\\d{8}"]
    prices:
      - rates: {input: "5", output: "9"}
      - from: 2026-01-01
        rates: {input: "2", cache_write: "2.5", cache_write_1h: "4", output: "8", web_search: "10"}
        above: [{tokens: 200000, at_least: true, rates: {input: "4", output: "12"}}]
        tiers:
          batch: {rates: {input: "1", cache_write_1h: "2", output: "4"}}
          flex: {rates: {input: "1", output: "4"}}
        windows:
          - {hours: ["00:00-06:00", "20:00-24:00"], rates: {input: "1"}}
        regions: {eu: "1.1"}
aliases:
  - {name: big-latest, meant: [{model: big-1}, {from: 2026-01-01, model: big-2}]}
"""


def entry(usd_in: str, usd_out: str, **more: object) -> dict[str, object]:
    """An entry of LiteLLM's list, with prices per million tokens."""
    return {
        "litellm_provider": "acme",
        "mode": "chat",
        "input_cost_per_token": float(usd_in) / 10**6,
        "output_cost_per_token": float(usd_out) / 10**6,
        **more,
    }


def taken(folder: Path, content: Mapping[str, object], day: date = DAY) -> list[str]:
    return import_list("litellm", json.dumps(content).encode(), folder, shipped().book, day)


def model_of(folder: Path, name: str) -> ModelSheet:
    models = parse_yaml((folder / "acme.yaml").read_text(), ProviderSheet).models
    return next(model for model in models if model.model == name)


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    (tmp_path / "acme.yaml").write_text(OURS)
    return tmp_path


def test_a_moving_alias_stays_what_it_is(ours: Path) -> None:
    assert taken(ours, {"acme/big-latest": entry("7", "9")}) == [
        "! acme/big-latest is left out: a moving alias here",
    ]
    assert (ours / "acme.yaml").read_text() == OURS


@pytest.mark.parametrize("name", ["big_2", "Big-2", "big-2-0101", "big-2-20260101"])
def test_a_name_that_means_a_model_here_is_no_new_model(ours: Path, name: str) -> None:
    assert taken(ours, {f"acme/{name}": entry("2", "8")}) == []


def test_a_name_that_a_pattern_gives_to_a_family_leaves_it_with_the_history_of_the_family(ours: Path) -> None:
    assert taken(ours, {"acme/big-2-20261120": entry("3", "8")}) == ["+ acme/big-2-20261120"]
    inputs = [(price.from_, price.rates["input"]) for price in model_of(ours, "big-2-20261120").prices]
    assert inputs == [(None, Decimal(5)), (date(2026, 1, 1), Decimal(2)), (DAY, Decimal(3))]
    assert lint([ours]) == []


def test_what_a_list_does_not_state_is_no_change(ours: Path) -> None:
    assert taken(ours, {"acme/big-2": entry("2", "8", cache_read_input_token_cost=2e-6)}) == []
    assert (ours / "acme.yaml").read_text() == OURS


def test_a_change_leaves_everything_that_the_list_does_not_state(ours: Path) -> None:
    stated = {"input_cost_per_token_batches": 1.5e-6, "input_cost_per_token_above_200k_tokens": 6e-6}
    assert taken(ours, {"acme/big-2": entry("3", "8", **stated)}) == ["~ acme/big-2"]
    *before, new = model_of(ours, "big-2").prices
    was = before[-1]
    assert (len(before), new.from_) == (2, DAY)
    assert new.rates == {**was.rates, "input": Decimal(3)}
    assert [(level.tokens, level.at_least, level.rates) for level in new.above] == [
        (200_000, True, {"input": Decimal(6), "output": Decimal(12)})
    ]
    assert new.tiers["batch"].rates == {**was.tiers["batch"].rates, "input": Decimal("1.5")}
    assert (new.tiers["flex"], new.windows, new.regions) == (was.tiers["flex"], was.windows, was.regions)
    assert lint([ours]) == []


def test_a_unit_that_is_new_does_not_reach_into_what_the_list_does_not_state(ours: Path) -> None:
    assert taken(ours, {"acme/big-2": entry("2", "8", cache_read_input_token_cost=2e-7)}) == ["~ acme/big-2"]
    new = model_of(ours, "big-2").prices[-1]
    assert new.rates["cache_read"] == Decimal("0.2")
    assert new.above[0].rates["cache_read"] == 4
    assert {tier: special.rates["cache_read"] for tier, special in new.tiers.items()} == {"batch": 1, "flex": 1}
    assert new.windows[0].rates["cache_read"] == 1
    assert lint([ours]) == []


def test_half_a_tier_that_is_new_would_charge_the_other_half_at_the_standard_rate(ours: Path) -> None:
    assert taken(ours, {"acme/big-1": entry("1", "4", input_cost_per_token_batches=5e-7)}) == []


@pytest.mark.parametrize(
    ("hours", "lines"),
    [([["20:00-06:00"]], []), ([["20:00-24:00"], ["00:00-06:00"]], []), ([["20:00-05:00"]], ["~ acme/big-2"])],
)
def test_the_same_hours_written_otherwise_are_no_change(ours: Path, hours: list[list[str]], lines: list[str]) -> None:
    windows = {"input_cost_per_token": 1e-6, "windows": [{"hours_utc": spans} for spans in hours]}
    assert taken(ours, {"acme/big-2": entry("2", "8", off_peak_pricing=windows)}) == lines


def test_two_prices_for_one_model_on_one_day_are_told(ours: Path) -> None:
    content = {"acme/big-2-0101": entry("4", "8"), "acme/big-2": entry("3", "8")}
    left_out = (
        "! acme/big-2-0101 is left out: two prices for one model on one day: "
        "kept acme/big-2 (input 3), left out acme/big-2-0101 (input 4)"
    )
    assert taken(ours, content) == ["~ acme/big-2", left_out]
    assert model_of(ours, "big-2").prices[-1].rates["input"] == 3
    after = (ours / "acme.yaml").read_bytes()
    assert taken(ours, content, LATER) == [left_out]
    assert (ours / "acme.yaml").read_bytes() == after


def test_two_names_that_become_one_are_told_where_their_prices_differ(tmp_path: Path) -> None:
    content = {"acme/chat": entry("3", "8"), "chat": entry("3", "9")}
    assert taken(tmp_path, content) == [
        "+ acme/chat",
        "! acme/chat is left out: two prices for one model on one day: "
        "kept acme/chat (output 8), left out chat (output 9)",
    ]


def test_another_list_of_the_same_day_does_not_take_the_place_of_the_first(ours: Path) -> None:
    taken(ours, {"acme/big-1": entry("2", "4")})
    assert taken(ours, {"acme/big-1": entry("3", "4")}) == [
        "! acme/big-1 is left out: two prices for one model on one day: "
        "kept that of 2026-11-20 here (input 2), left out acme/big-1 (input 3)"
    ]


def test_a_price_that_begins_here_later_is_not_overtaken(ours: Path) -> None:
    path = ours / "acme.yaml"
    path.write_text(OURS.replace("2026-01-01\n        rates", "2026-12-01\n        rates"))
    assert taken(ours, {"acme/big-2": entry("5", "9")}) == []
    assert taken(ours, {"acme/big-2": entry("6", "9")}) == [
        "! acme/big-2 is left out: a price from 2026-12-01 on stands here already"
    ]


def test_what_is_left_out_writes_no_file(tmp_path: Path) -> None:
    assert taken(tmp_path, {"acme/absurd": entry("9000", "9000")}) == [
        "! acme/absurd is left out: 9000 for input is absurdly high"
    ]
    assert list(tmp_path.iterdir()) == []


USD = st.decimals("0", "20", places=2)
PRICES = st.fixed_dictionaries(
    {"input": USD, "output": USD},
    optional={"cache_read": USD, "cache_write": USD, "web_search": USD, "long": USD, "batch": USD},
)
NAMES = st.sampled_from(
    ["big-1", "big-2", "Big_2", "big-2-0101", "big-2-20260101", "big-latest", "new-1", "new.1", "acme/new-1"]
)
CONTENTS = st.lists(st.tuples(NAMES, PRICES), max_size=6, unique_by=lambda pair: pair[0])


def _litellm(models: list[tuple[str, Any]]) -> object:
    keys = {
        "input": "input_cost_per_token",
        "output": "output_cost_per_token",
        "cache_read": "cache_read_input_token_cost",
        "cache_write": "cache_creation_input_token_cost",
        "long": "input_cost_per_token_above_200k_tokens",
        "batch": "input_cost_per_token_batches",
    }

    def one(prices: dict[str, Decimal]) -> dict[str, object]:
        return {keys[unit]: float(usd) / 10**6 for unit, usd in prices.items() if unit in keys}

    return {name: {"litellm_provider": "acme", **one(prices)} for name, prices in models}


def _genai(models: list[tuple[str, Any]]) -> object:
    def one(prices: dict[str, Decimal]) -> dict[str, object]:
        found: dict[str, object] = {f"{unit}_mtok": str(prices[unit]) for unit in prices if unit in keys}
        if "long" in prices:
            found["input_mtok"] = {
                "base": str(prices["input"]),
                "tiers": [{"start": 199_999, "price": str(prices["long"])}],
            }
        return found

    keys = ("input", "output", "cache_read", "cache_write")
    return [{"id": "acme", "models": [{"id": name, "match": {"equals": name}, "prices": one(p)} for name, p in models]}]


def _models_dev(models: list[tuple[str, Any]]) -> object:
    keys = ("input", "output", "cache_read", "cache_write")

    def one(prices: dict[str, Decimal]) -> dict[str, object]:
        cost: dict[str, object] = {unit: float(prices[unit]) for unit in prices if unit in keys}
        return cost | ({"context_over_200k": {"input": float(prices["long"])}} if "long" in prices else {})

    return {"acme": {"models": {name: {"cost": one(prices)} for name, prices in models}}}


def _openrouter(models: list[tuple[str, Any]]) -> object:
    keys = {"input": "prompt", "output": "completion", "cache_read": "input_cache_read", "web_search": "web_search"}

    def one(prices: dict[str, Decimal]) -> dict[str, str]:
        return {keys[unit]: str(usd / 10**6) for unit, usd in prices.items() if unit in keys}

    return {"data": [{"id": name, "pricing": one(prices)} for name, prices in models]}


KINDS = {"litellm": _litellm, "genai-prices": _genai, "models.dev": _models_dev, "openrouter": _openrouter}


@pytest.mark.parametrize("source", KINDS)
@settings(max_examples=12, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(models=CONTENTS)
def test_a_list_that_was_taken_in_changes_nothing_the_second_time(source: str, models: list[tuple[str, Any]]) -> None:
    content = json.dumps(KINDS[source](models)).encode()
    with TemporaryDirectory() as name:
        folder = Path(name)
        for provider in ("acme", "openrouter"):
            (folder / f"{provider}.yaml").write_text(OURS.replace("provider: acme", f"provider: {provider}"))
        first = import_list(source, content, folder, shipped().book, DAY)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert lint([folder]) == []
        for day in (DAY, LATER):
            again = import_list(source, content, folder, shipped().book, day)
            assert sorted(again) == sorted(line for line in first if line.startswith("!"))
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_resolver_is_told_no_other_name_by_an_import(table: PriceTable, tmp_path: Path) -> None:
    assert table.book.provider_of("acme") is None
    taken(tmp_path, {"acme/new.1": entry("1", "2"), "acme/new-1": entry("1", "2")})
    assert [model.model for model in parse_yaml((tmp_path / "acme.yaml").read_text(), ProviderSheet).models] == [
        "new.1"
    ]


LISTED = {"litellm": ("litellm_model_prices.json", 30), "genai-prices": ("genai_prices.json", 60)}
"""List -> its file, and how many of its prices at least were settled against it."""


Over = dict[str, tuple[Path, list[str]]]


@pytest.fixture(scope="module")
def over_shipped(shared_prices: Path, tmp_path_factory: pytest.TempPathFactory) -> Over:
    """The shipped files with each whole list taken in, and what was said about it."""
    found = {}
    for source, (file, _) in LISTED.items():
        folder = tmp_path_factory.mktemp("prices")
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        content = (shared_prices / file).read_bytes()
        found[source] = folder, import_list(source, content, folder, shipped().book, DAY)
    return found


@pytest.mark.parametrize("source", LISTED)
def test_what_was_settled_against_a_list_does_not_come_back_with_it(over_shipped: Over, source: str) -> None:
    _, lines = over_shipped[source]
    assert [line for line in lines if line[0] == "~"] == []
    settled = [line for line in lines if "kept ours, settled: " in line and "pricing-disagreements.md" in line]
    assert len(settled) >= LISTED[source][1]


@pytest.mark.parametrize("source", LISTED)
def test_no_model_becomes_free_by_an_import(over_shipped: Over, source: str) -> None:
    folder, lines = over_shipped[source]
    after = assemble([Source(path, path.read_bytes(), True) for path in sorted(folder.glob("*.yaml"))], "")
    added = [line[2:] for line in lines if line[0] == "+"]
    assert [name for name in added if not after.rates[_rows_of(after, name)].max() > 0] == []


def test_a_whole_list_taken_in_again_changes_no_byte(over_shipped: Over, shared_prices: Path) -> None:
    folder, first = over_shipped["genai-prices"]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    content = (shared_prices / "genai_prices.json").read_bytes()
    again = import_list("genai-prices", content, folder, shipped().book, LATER)
    assert sorted(again) == sorted(line for line in first if line[0] == "!")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def _rows_of(table: PriceTable, name: str) -> list[int]:
    provider, _, model = name.partition("/")
    return [entry.row for entry in entries(table, table.index_of(provider, model))]


def test_the_shipped_aliases_outlive_an_import(over_shipped: Over) -> None:
    folder, lines = over_shipped["litellm"]
    told = [line for line in lines if line.endswith("is left out: a moving alias here")]
    assert "! mistral/mistral-large-latest is left out: a moving alias here" in told
    before, after = (parse_yaml((place / "mistral.yaml").read_text(), ProviderSheet) for place in (SHIPPED, folder))
    assert len(told) == len(before.aliases)
    assert after.aliases == before.aliases


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (("0", "0"), "input at 0 may mean 'not known'; kept ours"),
        (("1", "0"), "output at 0 may mean 'not known'; kept ours"),
    ],
)
def test_a_zero_does_not_make_a_paid_model_free(ours: Path, stated: tuple[str, str], why: str) -> None:
    assert taken(ours, {"acme/big-1": entry(*stated)}) == [f"! acme/big-1 is left out: {why}"]
    assert (ours / "acme.yaml").read_text() == OURS


def test_a_new_model_at_nothing_stays_unknown_unless_its_name_says_that_it_is_free(ours: Path) -> None:
    doubt = "a price of 0 may mean 'not known' (a row of your own can say free)"
    assert taken(ours, {"acme/new": entry("0", "0"), "acme/new:free": entry("0", "0")}) == [
        f"! acme/new is left out: {doubt}",
        "+ acme/new:free",
    ]


def test_another_model_of_a_provider_that_sells_everything_for_nothing_is_free(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text('provider: acme\nmodels: [{model: a, prices: [{rates: {input: "0"}}]}]')
    assert taken(tmp_path, {"acme/b": entry("0", "0")}) == ["+ acme/b"]


def test_a_cache_write_at_nothing_is_input_like_any_other(ours: Path) -> None:
    free = {"cache_creation_input_token_cost": 0.0, "cache_creation_input_token_cost_above_1hr": 4e-6}
    assert taken(ours, {"acme/big-2": entry("3", "8", **free)}) == ["~ acme/big-2"]
    assert model_of(ours, "big-2").prices[-1].rates["cache_write"] == Decimal("2.5")


def test_another_price_than_the_one_that_was_settled_is_a_change(shared_prices: Path, tmp_path: Path) -> None:
    shutil.copy(SHIPPED / "mistral.yaml", tmp_path)
    entries = json.loads((shared_prices / "litellm_model_prices.json").read_text())
    stated = entries["mistral/open-mistral-nemo"]
    (kept,) = taken(tmp_path, {"mistral/open-mistral-nemo": stated})
    assert kept == (
        "! mistral/open-mistral-nemo is left out: kept ours, settled: 0.30 was the launch price of July 2024"
        " (docs/decisions/pricing-disagreements.md)"
    )
    cheaper = stated | {"input_cost_per_token": 1e-7}
    assert taken(tmp_path, {"mistral/open-mistral-nemo": cheaper}) == ["~ mistral/open-mistral-nemo"]
