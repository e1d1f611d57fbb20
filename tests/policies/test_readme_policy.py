"""The README's policy is a valid one, and says every key that there is."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from costsim.policies import document
from costsim.policies.loading import parse
from costsim.policies.operators import OPERATORS
from costsim.prices import PriceTable

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text() -> str:
    (found,) = re.findall(r"```yaml\n(version: 1\n.*?)```", README, re.DOTALL)
    return str(found)


def said(plain: Any) -> set[str]:
    """Every key of plain YAML, at any depth."""
    if isinstance(plain, dict):
        return {str(key) for key in plain}.union(*map(said, plain.values()))
    return set().union(*map(said, plain)) if isinstance(plain, list) else set()


def test_it_is_valid(text: str, prices: PriceTable) -> None:
    assert parse(text, "README.md", prices).warnings == ()


def test_it_says_every_key(text: str) -> None:
    structs = [each for each in vars(document).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    keys = {field.encode_name for struct in structs for field in msgspec.structs.fields(struct)}
    in_comments = {"usd", "decisions"}
    assert keys - in_comments <= said(yaml.safe_load(re.sub(r"\bon:", "'on':", text)))
    assert all(re.search(rf"#.*\b{key}: ", text) for key in in_comments)


def test_the_table_names_every_operator() -> None:
    (rows,) = re.findall(r"\| operator \|.*?\n\n", README, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", rows.replace("`true`", "").replace("`false`", ""))) == set(OPERATORS)
