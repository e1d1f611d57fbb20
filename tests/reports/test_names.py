"""Names are legible, fit, and stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.reports.legible import ascii_only, clean
from costsim.reports.names import cells, dimension, label, shortened

WORDS = st.text(st.characters(exclude_characters="…#", exclude_categories=["C", "M", "Z"]), max_size=40)


@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(8, 40))
def test_shortened_names_fit_and_different_ones_stay_different(names: list[str], width: int) -> None:
    cut = shortened(names, width)
    assert max(map(cells, cut)) <= width
    assert len(set(cut)) == len(set(names))


def test_a_long_name_is_cut_in_the_middle() -> None:
    assert shortened(["anthropic.claude-opus-4-8-20260115"], 16) == ["anthrop…20260115"]


def test_names_that_differ_only_in_the_middle_are_cut_elsewhere() -> None:
    names = ["provider/team-a/claude-opus-4-8-20260115", "provider/team-b/claude-opus-4-8-20260115"]
    assert shortened(names, 18) == ["provider/team-a…15", "provider/team-b…15"]


def test_names_that_differ_only_where_no_cut_shows_it_are_numbered() -> None:
    names = ["a" * 30 + middle + "b" * 30 for middle in "xy"]
    assert shortened(names, 10) == ["aaaaaaa…#1", "aaaaaaa…#2"]


def test_a_name_that_fits_is_left_alone() -> None:
    assert shortened(["gpt-5.5", "検索チーム"], 10) == ["gpt-5.5", "検索チーム"]


@pytest.mark.parametrize(
    ("value", "name", "said"),
    [
        (None, "route", "(no route)"),
        (None, "day", "(no time)"),
        (None, "tag:team", "(no team)"),
        (None, "requested_model", "(no requested model)"),
        ("", "user", "(empty)"),
        ("gpt-5.5", "model", "gpt-5.5"),
    ],
)
def test_a_missing_key_says_what_is_missing(value: str | None, name: str, said: str) -> None:
    assert label(value, name) == said


def test_a_tag_is_named_as_one() -> None:
    assert (dimension("tag:team"), dimension("tier"), dimension("model")) == ("tag team", "service tier", "model")


@given(st.text())
def test_a_clean_text_is_printable_and_on_one_line(text: str) -> None:
    assert clean(text).isprintable()


@given(st.text())
def test_ascii_only_is_ascii(text: str) -> None:
    assert ascii_only(clean(text)).isascii()


def test_marks_keep_their_width_in_ascii() -> None:
    marks = "·—–−…→×█▉▊▋▌▍▎▏‘’“”"
    assert len(ascii_only(marks)) == len(marks)


def test_terminal_commands_in_a_name_become_visible() -> None:
    assert clean("\x1b[31mred\nalert\u202e\u00a0!") == "\\x1b[31mred\\nalert\\u202e !"
