"""Rounding never lies."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.reports import numbers

AMOUNTS = st.decimals(-(10**9), 10**9, places=12)
DIGITS = st.integers(2, 12)
SHARES = st.floats(0, 1)


def parsed(text: str) -> Decimal:
    """Return the number that a reader sees."""
    return Decimal(re.sub(r"[^0-9.\-]", "", text.replace("−", "-")))


@given(AMOUNTS, DIGITS)
def test_money_reads_back_within_half_of_its_last_digit(amount: Decimal, digits: int) -> None:
    said = numbers.money(amount, digits)
    if "<" not in said:
        assert abs(parsed(said) - amount) <= Decimal(1).scaleb(-digits) / 2


@given(AMOUNTS.filter(bool), DIGITS)
def test_an_amount_that_is_not_zero_never_reads_as_zero(amount: Decimal, digits: int) -> None:
    said = numbers.money(amount, digits)
    assert parsed(said) != 0
    if "<" in said:
        assert 0 < abs(amount) < abs(parsed(said))
        assert said.startswith("−") == (amount < 0)


@given(st.decimals(0, 1, places=12).filter(bool))
def test_a_small_amount_on_its_own_shows_three_figures(amount: Decimal) -> None:
    said = numbers.money(amount)
    assert not said.startswith("<")
    assert abs(parsed(said) - amount) <= amount * Decimal("0.005")


@given(st.lists(AMOUNTS, min_size=1, max_size=8))
def test_amounts_of_one_column_have_their_points_in_line(amounts: list[Decimal]) -> None:
    digits = numbers.places(amounts)
    assert {len(numbers.money(amount, digits).partition(".")[2]) for amount in amounts} == {digits}


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "$0.00"),
        ("0.004", "$0.00400"),
        ("0.5", "$0.500"),
        ("1", "$1.00"),
        ("22.655", "$22.66"),
        ("-2.5", "−$2.50"),
        ("1234567.891", "$1,234,567.89"),
        ("1E-20", "<$0.000000000001"),
        ("12345678901234567890.128", "$12,345,678,901,234,567,890.13"),
    ],
)
def test_money(amount: str, said: str) -> None:
    assert numbers.money(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("amount", "said"), [("0.004", "<$0.01"), ("-0.004", "−<$0.01"), ("0.005", "$0.01"), ("0", "$0.00")]
)
def test_money_in_a_column_of_cents(amount: str, said: str) -> None:
    assert numbers.money(Decimal(amount), 2) == said


@pytest.mark.parametrize(("amount", "said"), [("1", "+$1.00"), ("-1", "−$1.00"), ("0", "$0.00")])
def test_a_difference_has_its_sign(amount: str, said: str) -> None:
    assert numbers.change(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("amount", "of", "said"),
    [
        ("4657.02", "4800", "~$4,657"),
        ("999.99", "1000", "~$999.99"),
        ("0.07", "1.18", "~$0.07"),
        ("0.00", "0.02", "<$0.01"),
        ("0.00", "0", "~$0.00"),
    ],
)
def test_an_extrapolated_amount_has_no_digits_that_mean_nothing(amount: str, of: str, said: str) -> None:
    assert numbers.about(Decimal(amount), Decimal(of)) == said


@given(SHARES, st.booleans(), st.booleans())
def test_only_nothing_is_0_per_cent_and_only_the_whole_is_100(share: float, aligned: bool, floor: bool) -> None:
    said = numbers.percent(share, aligned=aligned, floor=floor)
    assert (parsed(said) == 0) == (share == 0)
    assert (parsed(said) == 100) == (share == 1)


@given(SHARES, st.booleans())
def test_a_percentage_reads_back_within_its_last_digit(share: float, floor: bool) -> None:
    said, exact = numbers.percent(share, floor=floor), Decimal(str(share)) * 100
    assert abs(parsed(said) - exact) <= Decimal("0.1")
    if floor and not said.startswith("<"):
        assert parsed(said) <= exact


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.99999, "99.9 %"),
        (1e-9, "<0.1 %"),
        (0.18249, "18.2 %"),
        (-0.039, "−3.9 %"),
        (12.5, "1,250.0 %"),
    ],
)
def test_percent(share: float, said: str) -> None:
    assert numbers.percent(share) == said


def test_a_saving_is_rounded_down() -> None:
    assert (numbers.percent(0.7199, floor=True), numbers.percent(0.7199)) == ("71.9 %", "72.0 %")


def test_percentages_of_a_column_all_have_their_digit() -> None:
    assert [numbers.percent(share, aligned=True) for share in (0, 0.5, 1)] == ["0.0 %", "50.0 %", "100.0 %"]


@pytest.mark.parametrize(
    ("total", "of", "said"), [(0, 5, "0"), (1, 5, "<1"), (5, 10, "1"), (39110, 10, "3,911"), (7, 0, "0"), (25, 10, "3")]
)
def test_a_mean_is_whole_and_zero_only_for_nothing(total: int, of: int, said: str) -> None:
    assert numbers.mean(total, of) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (365.0, "365 days"),
        (30.9999, "31 days"),
        (1, "1 day"),
        (1.5, "1.5 days"),
        (0.5, "12 hours"),
        (1 / 24, "1 hour"),
        (1 / 1440, "1 minute"),
        (0.0001, "8.6 seconds"),
    ],
)
def test_a_duration_is_told_in_its_largest_unit(days: float, said: str) -> None:
    assert numbers.duration(days) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 calls"), (1, "1 call"), (2000, "2,000 calls")])
def test_one_thing_is_singular(number: int, said: str) -> None:
    assert numbers.plural(number, "call") == said
