"""A mistake in a user's file is one line with its place; a misfit in a log costs its field and nothing more."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costsim.decode import TolerantDecoder, parse_yaml, read_yaml
from costsim.errors import ConfigError


class Price(msgspec.Struct, forbid_unknown_fields=True):
    model: str
    input: float
    tags: list[str] = []


class Sheet(msgspec.Struct, forbid_unknown_fields=True):
    provider: str
    models: list[Price]


GOOD = "provider: acme\nmodels:\n  - model: big\n    input: 2.5\n  - model: small\n    input: 1\n"


def test_a_good_file_is_what_it_says() -> None:
    assert parse_yaml(GOOD, Sheet).models[1] == Price("small", 1.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("input: 1", "inptu: 1", "p.yaml:6: unknown key 'inptu' (did you mean 'input'?)"),
        ("input: 1", "input: much", "p.yaml:6: models[1].input: expected `float`, got `str`"),
        ("    input: 2.5\n", "", "p.yaml:3: models[0]: object missing required field `input`"),
        ("model: small", "model: [small", "p.yaml:6: did not find expected ',' or ']'"),
        ("provider: acme", "provider: acme\nprovider: other", "p.yaml:2: key 'provider' stands here twice"),
        ("provider: acme", "provider: 2026-02-31", "p.yaml:1: '2026-02-31' is no date (a text stands in quotes)"),
        ("input: 1", "input: 0x_", "p.yaml:6: '0x_' is no number (a text stands in quotes)"),
        ("input: 1", "input: !!float x", "p.yaml:6: 'x' is no number"),
        ("input: 1", "input: !!bool perhaps", "p.yaml:6: 'perhaps' is neither true nor false"),
        ("input: 1", "[a]: 1", "p.yaml:6: a list or a mapping cannot be a key"),
        ("input: 1", "input: \0", "p.yaml:6: is not YAML: "),
        (
            "provider: acme",
            "provider: !!python/object:os.system x",
            "p.yaml:1: could not determine a constructor for the tag",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as problem:
        parse_yaml(GOOD.replace(old, new), Sheet, "p.yaml")
    assert str(problem.value).startswith(said)
    assert "\n" not in str(problem.value)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.yaml", "binary.yaml"):
        with pytest.raises(ConfigError, match=f"{name}: cannot be read"):
            read_yaml(tmp_path / name, Sheet)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:- \n[]{},'\"#&*!|>%@\t\x00\ue000é?0.", max_size=40) | st.text(max_size=30))
def test_any_text_is_a_sheet_or_a_config_error(text: str) -> None:
    try:
        said = repr(parse_yaml(text, Sheet))
    except ConfigError as problem:
        said = str(problem)
    assert "\n" not in said


class Usage(msgspec.Struct):
    tokens: int | None = None
    cached: int | None = None


class Line(msgspec.Struct):
    model: str | None = None
    usage: Usage | None = None
    parts: list[Usage] | None = None


decode = TolerantDecoder(Line).decode


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ('{"model": "m", "usage": {"tokens": "12"}}', Line("m", Usage(12))),
        ('{"model": "m", "usage": {"tokens": 12, "cached": "many"}}', Line("m", Usage(12))),
        ('{"model": 5, "usage": {"tokens": 12}}', Line(None, Usage(12))),
        ('{"model": "m", "usage": [1]}', Line("m")),
        ('{"model": "m", "parts": [{"tokens": 1}, {"tokens": {}}]}', Line("m", None, [Usage(1), Usage()])),
        ('{"model": {}, "usage": 1, "parts": {}}', Line()),
        ('{"model": "m", "parts": [5, {"tokens": 1}, "x"]}', Line("m", None, [Usage(1)])),
    ],
)
def test_a_field_of_another_type_is_absent_and_the_rest_of_the_line_is_read(line: str, read: Line) -> None:
    assert decode(line.encode()) == read


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    assert decode(b'{"model": "m\xff"}') == Line("m\ufffd")


@pytest.mark.parametrize("line", [b"", b"[1]", b"5", b"null", b'"text"', b"{", b'{"model": }', b"\xff"])
def test_what_is_no_json_object_is_a_decode_error(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(line)


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["model", "usage", "tokens", "parts", "a.b", "x[0]", "`"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON | st.binary(max_size=30))
def test_anything_is_a_line_or_a_decode_error(value: Any) -> None:
    with suppress(msgspec.DecodeError):
        assert isinstance(decode(value if isinstance(value, bytes) else json.dumps(value).encode()), Line)
