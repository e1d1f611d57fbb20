"""Tokens of texts without counts: counted where the encoding is to be had, else estimated without a long wait."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim import tokens


@pytest.fixture
def encodings(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the real encodings; the test is skipped where there is none."""
    folder = shared_data / "tiktoken"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
    tokens._encoding.cache_clear()
    yield folder
    tokens._encoding.cache_clear()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o-2024-08-06", "o200k_base"),
        ("gpt-5.4-mini", "o200k_base"),
        ("openai/o3", "o200k_base"),
        ("azure/gpt-4.1", "o200k_base"),
        ("gpt-oss-120b", "o200k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("gpt-35-turbo", "cl100k_base"),
        ("text-embedding-3-small", "cl100k_base"),
        ("claude-sonnet-4-5", None),
        ("gemini-3-pro", None),
        ("turbo1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_models_encoding_is_known_by_its_name(model: str | None, name: str | None) -> None:
    assert tokens.encoding_name(model) == name


@pytest.mark.usefixtures("encodings")
@pytest.mark.parametrize(("model", "count"), [("gpt-4o", 4), ("gpt-4", 4)])
def test_text_is_counted_with_the_models_own_encoding(model: str, count: int) -> None:
    assert tokens.count("Hello, world!", model) == (count, tokens.COUNTED)


@pytest.mark.usefixtures("encodings")
def test_the_marks_of_a_chat_template_in_a_text_are_text() -> None:
    count, basis = tokens.count("<|endoftext|>", "gpt-4o")
    assert (basis, count > 1) == (tokens.COUNTED, True)


@pytest.mark.usefixtures("encodings")
def test_text_of_a_model_without_a_public_encoding_is_estimated() -> None:
    assert tokens.count("Hello, world!", "claude-sonnet-4-5") == (4, tokens.ESTIMATED)


@pytest.mark.usefixtures("encodings")
@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox jumps over the lazy dog, and then it sleeps in the warm afternoon sun. " * 5,
        "def add(a: int, b: int) -> int:\n    return a + b\n\n\nprint(add(1, 2))\n" * 5,
        "Der Ausschuss hat den Antrag in der gestrigen Sitzung ohne Aussprache angenommen. " * 5,
    ],
)
def test_an_estimate_is_near_the_count(text: str) -> None:
    count, _ = tokens.count(text, "gpt-4o")
    assert 0.7 < tokens.estimate(text) / count < 1.4


@given(st.text())
def test_an_estimate_is_of_any_text_and_zero_only_of_none(text: str) -> None:
    assert (tokens.estimate(text) == 0) == (text == "")
    assert sum(tokens.kinds_in(text)) == len(text)


@given(st.text(max_size=200), st.text(max_size=200))
def test_an_estimate_grows_with_the_text(text: str, more: str) -> None:
    assert tokens.estimate(text + more) >= tokens.estimate(text)


def test_half_a_surrogate_pair_is_estimated_like_any_character() -> None:
    assert tokens.estimate("\ud83d") == 1


def test_without_encodings_and_network_texts_are_estimated_quickly_and_silently(tmp_path: Path) -> None:
    code = (
        "from costsim import tokens; "
        "print(tokens.count('Hello, world!', 'gpt-4o'), tokens.count('Hello', 'gpt-4'), tokens.missed())"
    )
    closed = "http://127.0.0.1:9"
    environment = {**os.environ, "TIKTOKEN_CACHE_DIR": str(tmp_path), "PYTHONWARNINGS": "error"}
    environment |= dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"), closed
    )
    environment |= {"no_proxy": "", "NO_PROXY": ""}
    began = time.monotonic()
    end = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert end.stdout.strip() == "(3, 'estimated') (1, 'estimated') ('cl100k_base', 'o200k_base')"
    assert end.stderr == ""
    assert time.monotonic() - began < 10


def test_a_network_that_never_answers_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(tokens, "_fetch", lambda *_: time.sleep(0.5))
    monkeypatch.setattr(tokens, "_hanging", [])
    monkeypatch.setattr(tokens, "_missed", set())
    tokens._encoding.cache_clear()
    began = time.monotonic()
    assert tokens.count("Hello", "gpt-4o") == (1, tokens.ESTIMATED)
    assert tokens.count("Hello", "gpt-4") == (1, tokens.ESTIMATED)
    assert time.monotonic() - began < 0.4
    assert tokens.missed() == ("cl100k_base", "o200k_base")
    assert tokens.missed() == ()
    tokens._encoding.cache_clear()
