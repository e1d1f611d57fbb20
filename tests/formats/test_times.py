"""Times as logs write them, and what is no time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.formats.shared.times import microseconds

WHEN = 1700158546680590
MOMENTS = st.datetimes(datetime(1990, 1, 2), datetime(9999, 12, 30)).map(lambda moment: moment.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "written",
    [
        1700158546.68059, "1700158546.68059", 1700158546680.59, WHEN, str(WHEN), WHEN * 1000, f"{WHEN}000",
        "2023-11-16T18:15:46.680590Z", "2023-11-16 18:15:46.6805900", "2023-11-16T18:15:46.680590123Z",
        "2023-11-16T13:15:46.68059-05:00", " 2023-11-16 18:15:46.680590+00:00 ", "16.11.2023 18:15:46.680590",
    ],
)  # fmt: skip
def test_one_moment_in_every_spelling(written: float | str) -> None:
    assert microseconds(written) == WHEN


def test_an_http_date_has_whole_seconds() -> None:
    assert microseconds("Thu, 16 Nov 2023 18:15:46 GMT") == WHEN // 1_000_000 * 1_000_000


@pytest.mark.parametrize(
    "written",
    [
        None,
        True,
        0,
        -1,
        4.3,
        6011,
        1e308,
        float("nan"),
        float("inf"),
        "",
        "yesterday",
        "2023-13-45",
        [],
        {},
        "99:99",
        "NaN",
    ],
)
def test_what_is_no_time_is_none(written: object) -> None:
    assert microseconds(written) is None


@given(MOMENTS, st.integers(-14, 14))
def test_a_time_with_a_zone_is_the_same_moment_in_utc(moment: datetime, hours: int) -> None:
    shifted = (moment + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
    written = f"{shifted}{'-' if hours < 0 else '+'}{abs(hours):02d}:00"
    assert microseconds(written) == microseconds(moment.isoformat())


@given(st.text() | st.integers() | st.floats())
def test_anything_is_a_time_or_none(written: str | float) -> None:
    found = microseconds(written)
    assert found is None or isinstance(found, int)
