"""Numbers as logs write them: counts, money, and headline figures that may or may not hold their parts."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costsim.formats.shared.numbers import inclusive_total, trillionths, whole

COUNTS = st.integers(0, 10**7)


@pytest.mark.parametrize(
    ("written", "count"),
    [(5, 5), (5.0, 5), ("5", 5), (" 1,234 ", 1234), ("1 234", 1234), ("1_234", 1234), ("1.234,0", 1234), ("12.0", 12),
     ("-3", -3), ("NaN", None), ("", None), ("five", None), (True, None), (None, None), ([], None),
     (float("inf"), None)],
)  # fmt: skip
def test_counts_survive_spreadsheets(written: Any, count: int | None) -> None:
    assert whole(written) == count


@given(st.integers(-(10**17), 10**17))
def test_an_exact_amount_stays_exact(amount: int) -> None:
    written = format(Decimal(amount).scaleb(-12), "f")
    assert trillionths(written) == amount
    assert trillionths(f"${written}") == amount
    assert trillionths(str(amount), per_usd=10**12) == amount


@pytest.mark.parametrize(
    ("written", "amount"),
    [("0,0123", 12_300_000_000), ("1.234,5 USD", 1_234_500_000_000_000), ("1,234", 1234 * 10**12),
     (0.1, 10**11), (0.00022500000000000002, 225_000_000), ("0.0000000000005", 0), ("0.0000000000015", 2),
     (1e300, None), ("1e30", None), ("dear", None), (True, None), (None, None), (float("nan"), None)],
)  # fmt: skip
def test_money_rounds_half_to_even_and_absurd_amounts_are_none(written: Any, amount: int | None) -> None:
    assert trillionths(written) == amount


@given(
    st.one_of(
        st.floats(-1e6, 1e6),
        st.floats(0, 1e-3),
        st.integers(0, 10**15).map(lambda halves: (halves + 0.5) / 10**12),
    ),
    st.sampled_from([1, 100]),
)
def test_a_float_is_the_decimal_that_it_is_written_as(amount: float, per_usd: int) -> None:
    assert trillionths(amount, per_usd=per_usd) == trillionths(repr(amount), per_usd=per_usd)


@given(COUNTS, COUNTS, COUNTS, st.booleans())
def test_a_total_recovers_the_inclusive_count_from_either_headline(
    rest: int, part: int, beside: int, habit: bool
) -> None:
    total = rest + part + beside
    assert inclusive_total(rest + part, part, beside, total, includes=habit) == rest + part
    if part <= rest:  # otherwise the arithmetic needs no total
        assert inclusive_total(rest, part, beside, total, includes=habit) == rest + part


@given(COUNTS, COUNTS)
def test_a_part_larger_than_the_headline_is_not_inside_it(headline: int, more: int) -> None:
    part = headline + more + 1
    assert inclusive_total(headline, part, None, None, includes=True) == headline + part
