"""Lines keep within their width and lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from costsim.reports.layout import bar, joined, wrapped
from costsim.reports.names import cells

SENTENCES = st.lists(st.text(st.sampled_from("abc語é"), min_size=1, max_size=30), min_size=1, max_size=12).map(" ".join)


@given(SENTENCES, st.integers(12, 60))
def test_wrapped_lines_fit_and_hold_every_character(text: str, width: int) -> None:
    lines = [line for [(line, _)] in wrapped(text, width, indent="  ", hanging="    ")]
    assert max(map(cells, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(line == line.rstrip() for line in lines)


@given(st.lists(SENTENCES, min_size=1, max_size=5), st.integers(12, 60))
def test_joined_parts_fit_and_hold_every_character(parts: list[str], width: int) -> None:
    lines = joined(parts, " · ", width)
    assert max(map(cells, lines)) <= width
    assert "".join(lines).replace(" ", "").replace("·", "") == "".join(parts).replace(" ", "")


def test_a_number_is_not_parted_from_its_per_cent_sign() -> None:
    assert wrapped("a saving of 12.5 %", 16) == [[("a saving of", "plain")], [("12.5 %", "plain")]]


@given(st.floats(0, 1), st.integers(8, 20))
def test_a_bar_is_as_long_as_its_share_and_shows_what_is_there(size: float, width: int) -> None:
    drawn = bar(size, width)
    assert len(drawn) <= width
    assert bool(drawn) == (size > 0)
    assert abs(len(drawn.rstrip("▏▎▍▌▋▊▉")) - size * width) <= 1
