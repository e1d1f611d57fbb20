"""Lists taken in whole or not at all, differences, and the words for why a rate holds."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costsim.app.prices.difference import difference
from costsim.app.prices.importing import taken_in
from costsim.app.prices.lists import day
from costsim.app.prices.rate_choice import hours
from costsim.errors import ConfigError, UsageError
from costsim.prices import lint
from costsim.prices.foreign.importing import LISTS
from costsim.prices.sheets.files import Source
from costsim.prices.sheets.layers import read
from costsim.reports.aligned import on_point, same_places
from costsim.reports.prices.changes import taken_as_text
from costsim.reports.prices.rate_card import per, rates_with_units

DAY = date(2026, 11, 20)
LIST: dict[str, Any] = {
    "acme/new": {
        "litellm_provider": "acme",
        "mode": "chat",
        "input_cost_per_token": 2e-06,
        "output_cost_per_token": 8e-06,
    },
    "acme/absurd": {"litellm_provider": "acme", "output_cost_per_token": 0.009},
    "acme/silent": {"litellm_provider": "acme", "mode": "chat"},
}


def a_list(folder: Path, content: object) -> Path:
    path = folder / "list.json"
    path.write_text(json.dumps(content))
    return path


def dated_inputs(file: Path, name: str) -> dict[date | None, str]:
    """The input rates of a model in a file, by the day from which they hold."""
    models = read(Source(file, file.read_bytes(), False)).models
    prices = next(model.prices for model in models if model.model == name)
    return {price.from_: str(price.rates["input"]) for price in prices}


def test_every_entry_of_a_list_is_accounted_for(tmp_path: Path) -> None:
    taken = taken_in("litellm", a_list(tmp_path, LIST), tmp_path / "out", DAY)
    assert (taken.added, taken.files) == (["acme/new"], 1)
    assert taken.left_out == ["acme/absurd: 9000 for output is absurdly high"]
    assert taken.not_understood == ["acme/silent"]
    assert lint([tmp_path / "out"]) == []
    text = taken_as_text(taken)
    assert "1 added (+), 0 with a new dated price (~), 0 unchanged (=), 1 left out (!), 1 not understood (?)" in text


def test_a_second_import_of_the_same_list_changes_no_byte(tmp_path: Path) -> None:
    taken_in("litellm", a_list(tmp_path, LIST), tmp_path / "out", DAY)
    before = (tmp_path / "out" / "acme.yaml").read_bytes()
    again = taken_in("litellm", a_list(tmp_path, LIST), tmp_path / "out", DAY)
    assert (again.unchanged, again.files) == (["acme/new"], 0)
    assert (tmp_path / "out" / "acme.yaml").read_bytes() == before


def test_a_new_price_is_told_with_the_old_one_which_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    taken_in("litellm", a_list(tmp_path, LIST), out, DAY)
    dearer = {"acme/new": LIST["acme/new"] | {"input_cost_per_token": 3e-06}}
    taken = taken_in("litellm", a_list(tmp_path, dearer), out, date(2026, 11, 21))
    (change,) = taken.changed
    (rate,) = change.rates
    assert (rate.unit, rate.old, rate.new, rate.from_, rate.percent) == ("input", "2", "3", "2026-11-21", "+50.0 %")
    assert dated_inputs(out / "acme.yaml", "new") == {None: "2", date(2026, 11, 21): "3"}


def test_a_provider_without_a_file_of_its_own_keeps_the_shipped_history(tmp_path: Path) -> None:
    entry = {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 4e-06,
    }
    taken = taken_in("litellm", a_list(tmp_path, {"o3": entry}), tmp_path / "out", DAY)
    assert [change.model for change in taken.changed] == ["openai/o3"]
    assert dated_inputs(tmp_path / "out" / "openai.yaml", "o3") == {None: "10", date(2025, 6, 10): "2", DAY: "1"}


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    taken = taken_in("litellm", a_list(tmp_path, LIST), None, DAY)
    assert (taken.added, taken.out) == (["acme/new"], None)
    assert [path.name for path in tmp_path.iterdir()] == ["list.json"]


def test_what_fails_in_the_middle_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    taken_in("litellm", a_list(tmp_path, LIST), out, DAY)
    (out / "zeta.yaml").write_text("provider: zeta\nmodels: [{model: m}]")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    both = {
        name: LIST["acme/new"] | {"litellm_provider": name, "input_cost_per_token": 5e-06} for name in ("acme", "zeta")
    }
    with pytest.raises(ConfigError, match=rf"^{out}/zeta\.yaml:2: "):
        taken_in("litellm", a_list(tmp_path, {f"{name}/new": entry for name, entry in both.items()}), out, DAY)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("source", LISTS)
@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, {"data": 1}, "text", {}])
def test_another_file_than_the_list_that_was_named_is_one_line(tmp_path: Path, source: str, content: object) -> None:
    with pytest.raises(ConfigError, match=f"is no price list of {source}") as told:
        taken_in(source, a_list(tmp_path, content), tmp_path / "out", DAY)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    path = a_list(tmp_path, LIST)
    with pytest.raises(UsageError, match="is no folder"):
        taken_in("litellm", path, path, DAY)


def test_a_price_that_changes_for_some_days_is_told_with_its_first_day(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    head = 'provider: own\nmodels:\n  - model: m\n    prices:\n      - rates: {input: "1"}\n'
    old.write_text(head + '      - {from: 2026-03-01, rates: {input: "2"}}\n')
    new.write_text(head + '      - {from: 2026-02-01, rates: {input: "2"}}\n')
    (change,) = difference(str(old), str(new)).models
    assert [(rate.from_, rate.old, rate.new) for rate in change.rates] == [("2026-02-01", "1", "2")]


def test_a_new_long_context_level_is_told_with_its_size(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    head = 'provider: own\nmodels:\n  - model: m\n    prices:\n      - rates: {input: "1", output: "4"}\n'
    old.write_text(head)
    new.write_text(head + '        above: [{tokens: 200000, rates: {input: "2"}}]\n')
    (change,) = difference(str(old), str(new)).models
    assert [(rate.unit, rate.from_tokens, rate.old, rate.new) for rate in change.rates] == [
        ("input", 200_001, "1", "2")
    ]


def test_the_same_prices_differ_in_nothing() -> None:
    found = difference("shipped", "shipped")
    assert (found.added, found.removed, found.changed) == (0, 0, 0)


def test_a_day_is_its_noon_and_a_time_is_utc_unless_it_says_otherwise() -> None:
    assert day("2026-10-01") == day("2026-10-01T12:00") == day("2026-10-01T14:00+02:00")


def test_hours_are_told_by_the_days_that_share_them() -> None:
    week = np.zeros((7, 1440), np.int8)
    week[:5, 60:120] = 1
    week[5:, :] = 1
    assert hours(week.ravel(), 1) == "Mon-Fri 01:00-02:00; Sat-Sun 00:00-24:00 UTC"
    assert hours(week.ravel(), 0) == "outside the hours with rates of their own"


def test_rates_that_repeat_another_name_the_one_that_they_repeat() -> None:
    rates = rates_with_units(
        {"input": "2", "cache_read": "0.5", "cache_write": "2", "cache_write_30m": "2", "output": "8"}
    )
    assert {rate.unit: rate.same_as for rate in rates} == {
        "input": None, "cache_read": None, "cache_write": "input", "cache_write_30m": "input", "output": None,
    }  # fmt: skip


def test_amounts_keep_every_digit_and_stand_on_one_point() -> None:
    assert on_point(["5", "0.075", None, "12.5"]) == [" 5.00 ", " 0.075", " -    ", "12.50 "]
    assert same_places(["0.000185", "1", "0.5"]) == ["0.000185", "1.000000", "0.500000"]
    assert (per("input"), per("web_search"), per("page")) == ("1M tokens", "1,000 searches", "page")
