"""What a user's own file may add to the shipped prices, or change."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.prices.tables import cost_of, make_table

from costsim.errors import ConfigError
from costsim.prices import UNIT_CODE, PriceTable, load

SHIPPED = """
provider: acme
also: [acme_cloud]
models:
  - {model: chat, names: [chat-2025], prices: [{rates: {input: "2", output: "8"}}]}
  - {model: mini, prices: [{rates: {input: "1", output: "3"}}]}
"""


def dollars(table: PriceTable, provider: str | None, model: str) -> Decimal | None:
    """What a million tokens in and out cost."""
    costs = cost_of(table, provider, model, input_tokens=10**6, output_tokens=10**6)
    return Decimal(int(costs.cost[0])) / 10**12 if costs.known[0] else None


def test_a_discount_multiplies_every_rate_of_what_it_matches() -> None:
    table = make_table(SHIPPED, user='discount: [{match: "acme/ch*", multiply: "0.85"}]')
    assert dollars(table, "acme", "chat") == Decimal("8.5")
    assert dollars(table, "acme", "mini") == 4


def test_a_discount_holds_for_what_is_not_billed_in_tokens_too() -> None:
    text = 'provider: a\nmodels: [{model: ear, prices: [{rates: {second_input: "0.01", web_search: "10"}}]}]'
    table = make_table(text, user="discount: {match: a/*, multiply: 0.5}")
    rates = table.rates[0]
    assert [int(rates[UNIT_CODE[unit]]) for unit in ("second_input", "web_search")] == [5 * 10**9, 5 * 10**9]


def test_one_discount_needs_no_list_and_may_be_a_number() -> None:
    assert dollars(make_table(SHIPPED, user="discount: {match: acme/*, multiply: 0.85}"), "acme", "chat") == Decimal(
        "8.5"
    )


def test_the_last_of_two_discounts_holds() -> None:
    both = 'discount: [{match: "acme/*", multiply: "0.5"}, {match: "acme/mini", multiply: "0.25"}]'
    assert dollars(make_table(SHIPPED, user=both), "acme", "mini") == 1


def test_a_discount_that_makes_a_price_absurd_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"user\.yaml: a discount or region makes a rate absurdly high"):
        make_table(SHIPPED, user='discount: {match: "*", multiply: 100000}')


def test_an_alias_gives_a_deployment_its_model() -> None:
    table = make_table(SHIPPED, user="alias: {my-deployment: acme/chat, acme/other: acme/mini}")
    assert dollars(table, None, "My-Deployment") == 10
    assert dollars(table, "acme_cloud", "my-deployment") == 10
    assert dollars(table, "acme", "other") == 4
    assert "alias of the user" in table.resolve("acme", "my-deployment").why


def test_an_alias_of_nothing_is_an_error_in_the_users_file() -> None:
    with pytest.raises(ConfigError, match=r"user.yaml:2: the alias 'x' means 'acme/none', which no price file has"):
        make_table(SHIPPED, user="alias:\n  x: acme/none")


def test_a_full_row_takes_the_place_of_the_shipped_one_and_its_names() -> None:
    own = 'provider: acme\nmodels: [{model: chat-2025, prices: [{rates: {input: "1", output: "1"}}]}]'
    table = make_table(SHIPPED, user=own)
    assert dollars(table, "acme", "chat-2025") == 2
    assert dollars(table, "acme", "chat") == 10
    assert dollars(table, "acme_cloud", "mini") == 4


def test_a_local_model_at_nothing_costs_nothing_and_is_known() -> None:
    local = 'provider: local\nmodels: [{model: llama, prices: [{rates: {input: "0", output: "0"}}]}]'
    table = make_table(SHIPPED, user=local)
    assert dollars(table, "local", "llama") == 0
    assert dollars(table, None, "llama") == 0


def test_a_commitment_is_kept_for_whoever_adds_up_a_month() -> None:
    text = 'commitment: [{name: deal, match: "acme/*", fee_usd: "1000", tokens: 1000000, from: 2026-01-01}]'
    (deal,) = make_table(SHIPPED, user=text).commitments
    assert (int(deal.fee_usd), deal.tokens, str(deal.from_)) == (1000, 10**6, "2026-01-01")


def test_a_missing_file_says_which_one_was_meant(tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text("discount: []")
    with pytest.raises(ConfigError, match=r"did you mean 'prices\.yaml'"):
        load([tmp_path / "price.yaml"])


def test_a_folder_stands_for_its_files_and_the_later_one_wins(tmp_path: Path) -> None:
    for name, price in (("a", "1"), ("b", "2")):
        text = f'provider: own\nmodels: [{{model: m, prices: [{{rates: {{input: "{price}", output: "0"}}}}]}}]'
        (tmp_path / f"{name}.yaml").write_text(text)
    assert dollars(load([tmp_path]), "own", "m") == 2


def test_a_folder_without_price_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no price file in this folder"):
        load([tmp_path])
