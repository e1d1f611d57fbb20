"""Numbers as logs write them: counts with thousands separators, money with a currency sign, the many ways to
say 'none'.
"""

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

NOTHING = frozenset(
    {"", "nan", "null", "none", "nil", "na", "n/a", "#n/a", "<na>", "nat", "-", "undefined", "inf", "-inf"}
)
"""What stands in a cell that says nothing, in lower case."""

_USD = Decimal(10**12)
_PLACES = {1: 12, 100: 10}
"""How many of a unit make one USD -> by how many places 10^-12 USD are smaller than the unit."""
_SCALES = {unit: 10.0**places for unit, places in _PLACES.items()}
_SURE, _NEAR = 1e14, 0.45
"""Up to so many 10^-12 USD a product is less than 0.03 off, so one this near to a whole number is rounded right."""
_ABSURD = 20
"""Digits before the point of an amount that no log means, whatever its unit."""
_USUAL_USD = 1_000_000
_LARGEST = 2**63 - 1
_MOST_DIGITS = 19
_BESIDE = str.maketrans("", "", "$ _'\u00a0\u202f")
"""What may stand in or beside a number and means nothing."""
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


def whole(value: Any) -> int | None:
    """Return a count as an int: 1234, 1234.0, '1,234' and '1234.0' alike; None where it is no number."""
    if value is None or value.__class__ is int:
        return value
    if value.__class__ is float:
        return round(value) if math.isfinite(value) else None
    if value.__class__ is str and value.isdecimal() and len(value) < _MOST_DIGITS:
        return int(value)
    number = real(value)
    return None if number is None else round(number)


def real(value: Any) -> float | None:
    """Return a number as a float, or None where it is none, or none that is finite."""
    if value is None:
        return None
    if value.__class__ is float:
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        value = value.strip()
        try:
            number = float(value)
        except ValueError:
            try:
                number = float(_plain(value))
            except ValueError:
                return None
    elif isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return None
    else:
        return None
    return number if math.isfinite(number) else None


def _plain(text: str) -> str:
    """A number as Python writes it: '$1,234.5', '1.234,5' and '1234,5' alike; '1,234' is a thousand and more."""
    text = text.translate(_BESIDE)
    if _DECIMAL_COMMA.fullmatch(text) and not _THOUSANDS.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "")


def trillionths(amount: Any, *, per_usd: int = 1) -> int | None:
    """Return an amount of money as an integer of 10^-12 USD, rounded half to even; None where it is no
    amount.

    A float is taken as the decimal that it is written as (0.1 is one tenth). `per_usd` is how many of the
    amount's unit make one USD: 100 where the log counts cents. What does not fit into 64 bits is no amount.
    """
    if amount.__class__ is float and per_usd in _PLACES and abs(amount) < _USUAL_USD:  # as a rule
        scaled = amount * _SCALES[per_usd]
        if abs(scaled) < _SURE and abs(scaled - (found := round(scaled))) < _NEAR:
            return found
        return int(Decimal(repr(amount)).scaleb(_PLACES[per_usd], _EXACT).to_integral_value(context=_EXACT))
    if isinstance(amount, bool) or not isinstance(amount, int | float | str | Decimal):
        return None
    if isinstance(amount, str):
        amount = _plain(amount.strip().removeprefix("USD").removesuffix("USD"))
    try:
        number = _EXACT.create_decimal(repr(amount) if isinstance(amount, float) else amount)
        if not number.is_finite() or number.adjusted() >= _ABSURD:
            return None
        number = (
            _EXACT.multiply(number, _USD) if per_usd == 1 else _EXACT.divide(_EXACT.multiply(number, _USD), per_usd)
        )
        found = int(number.to_integral_value(context=_EXACT))
    except InvalidOperation:
        return None
    return found if abs(found) <= _LARGEST else None


def inclusive_total(headline: int, part: int, beside: int | None, total: int | None, *, includes: bool) -> int:
    """Return a count including its `part` (cached input, reasoning), from a headline that may or may not hold
    it.

    Arithmetic comes first: a part larger than the headline is not inside it, and a total that is the sum of
    either reading and of what is `beside` it tells which one it is. Where both are possible, `includes`, the
    log's habit, decides.
    """
    if part <= 0:
        return headline
    if part > headline >= 0:
        return headline + part
    if total is not None and beside is not None:
        if total == headline + beside:
            return headline
        if total == headline + part + beside:
            return headline + part
    return headline if includes else headline + part
