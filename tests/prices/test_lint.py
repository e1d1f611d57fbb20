"""Price files broken in every way, each with one clear line."""

from pathlib import Path

import pytest

from costsim.prices import lint

HEAD = "provider: own\nmodels:\n  - model: m\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            HEAD + '    prices: [{rates: {input: "-1"}}]',
            "4: a price of -1 for input (a price is zero or more)",
        ),
        (HEAD + '    prices: [{rates: {inptu: "1"}}]', "4: unknown unit 'inptu' (did you mean 'input'?)"),
        (
            HEAD + '    prices: [{rates: {input: "0.0000001"}}]',
            "4: 1E-7 for input is not a whole number of 10^-12 USD"
            " (a price per million tokens has at most 6 decimal places)",
        ),
        (
            HEAD + '    prices: [{rates: {input: "5000"}}]',
            "4: 5000 for input is absurdly high (prices are per million tokens)",
        ),
        (
            HEAD + '    prices:\n      - {from: 2025-02-01, rates: {input: "1"}}\n'
            '      - {from: 2025-01-01, rates: {input: "2"}}',
            "6: the prices of 'm' are not in order of time, or two hold from one moment"
            " (every price but the first needs a later `from`)",
        ),
        (
            HEAD + '    context_window: 100\n    prices:\n      - rates: {input: "1"}\n'
            '        above: [{tokens: 200, rates: {input: "2"}}]',
            "7: a level above 200 tokens, in a context window of 100",
        ),
        (
            HEAD + '    prices:\n      - rates: {input: "1"}\n        tiers: {bach: {rates: {input: "1"}}}',
            "6: unknown tier 'bach' (did you mean 'batch'?)",
        ),
        (
            HEAD + '    prices:\n      - rates: {page: "1"}\n        windows: [{zone: Mars, rates: {page: "1"}}]',
            "6: the time zone 'Mars' is unknown, or changes with the season",
        ),
        (
            HEAD + '    names: [m, n]\n    prices: [{rates: {input: "1"}}]\n'
            '  - {model: n, prices: [{rates: {input: "1"}}]}',
            "6: the name 'n' belongs to 'm' and to 'n'",
        ),
        (HEAD + '    price: [{rates: {input: "1"}}]', "4: unknown key 'price' (did you mean 'prices'?)"),
        (HEAD + "    prices: []", "4: models[0].prices: expected `array` of length >= 1"),
        (HEAD + "    prices: [{rates: {}}]", "4: 'm' has a price without any rate"),
        (
            HEAD + '    match: ["("]\n    prices: [{rates: {input: "1"}}]',
            "4: '(' is not a regular expression",
        ),
        ("provider: own\nsmall_model: x\nmodels: []", "2: small_model 'x' is not a model of this file"),
        ("provider: own\nprovider: own", "2: key 'provider' stands here twice"),
        ('discount: [{match: "*", multiply: "-1"}]', "1: a multiplier of -1 (0.85 is 15 % off)"),
        ('discount: {match: "*", multiply: .nan}', "1: a multiplier of NaN (0.85 is 15 % off)"),
        (
            'commitment: {name: x, match: "*", fee_usd: 1, tokens: 0}',
            "1: a commitment that includes no tokens",
        ),
        (
            "commitment:\n  - {name: x, match: a, fee_usd: 1, tokens: 1}\n"
            "  - {name: x, match: b, fee_usd: 1, tokens: 1}",
            "3: two commitments are called 'x'",
        ),
        ('models: [{model: m, prices: [{rates: {input: "1"}}]}]', "1: models without a provider"),
        ("aliases: [{name: a, meant: [{model: b}]}]", "1: 'a' points to an unknown model 'b'"),
        (
            HEAD + '    names: [A]\n    prices: [{rates: {input: "1"}}]\naliases: [{name: a, meant: [{model: m}]}]',
            "3: the name 'a' belongs to 'm' and is a moving alias",
        ),
    ],
)
def test_a_mistake_is_one_line_with_file_line_and_what_to_do(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    found = [one for one in lint([file]) if one.startswith(str(file))]
    assert len(found) == 1
    assert found[0].startswith(f"{file}:{line}")


def test_all_mistakes_of_a_file_are_listed_at_once(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(HEAD + '    prices:\n      - rates: {input: "-1", outptu: "2"}\n        tiers: {x: {rates: {}}}')
    assert len(lint([file])) == 3


def test_the_shipped_files_have_no_mistakes() -> None:
    assert lint() == []
