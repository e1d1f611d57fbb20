"""How numbers are written, each rule with a name; rounding never lies.

What is above zero never shows as zero, a part never as the whole; what a reader hopes for is rounded down.
"""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=80)
_CENTS = 2
_MOST_PLACES = 12
"""Money is whole 10^-12 USD; more digits would be invented."""
_HOURS = 24
_MINUTES = 60
_SECONDS = 60


def count(number: int) -> str:
    """Return a count with thousands separators."""
    return f"{number:,}"


def plural(number: int, thing: str) -> str:
    """Return a count and what is counted: '1 call', '2 calls'."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def places(amounts: Iterable[Decimal]) -> int:
    """Return the digits after the point for amounts in one column: cents, or three figures of the largest."""
    largest = max((abs(amount) for amount in amounts), default=Decimal(0))
    if largest >= 1 or not largest:
        return _CENTS
    return min(_CENTS - largest.adjusted(), _MOST_PLACES)


def money(amount: Decimal, digits: int | None = None) -> str:
    """Return dollars, rounded half up; what would round to zero is '<' the smallest amount that would not."""
    digits = places([amount]) if digits is None else digits
    smallest = Decimal(1).scaleb(-digits)
    shown = abs(amount).quantize(smallest, ROUND_HALF_UP, _EXACT)
    if amount and not shown:
        return f"{'−' if amount < 0 else ''}<${smallest:f}"
    return f"{'−' if amount < 0 else ''}${shown:,f}"


def change(amount: Decimal, digits: int | None = None) -> str:
    """Return a difference in dollars with its sign."""
    return f"+{money(amount, digits)}" if amount > 0 else money(amount, digits)


def about(amount: Decimal, of: Decimal) -> str:
    """Return an amount in cents that is extrapolated from one `of` a log; where both are not zero, neither is the text.

    Whole dollars from a thousand up, for the cents would mean nothing.
    """
    if not amount and of:
        return f"<${Decimal(1).scaleb(-_CENTS)}"
    return (
        f"~${amount.quantize(Decimal(1), ROUND_HALF_UP, _EXACT):,f}" if amount >= 1000 else f"~{money(amount, _CENTS)}"
    )


def percent(share: float | Decimal, *, aligned: bool = False, floor: bool = False) -> str:
    """Return a share as per cent with one digit; '0 %' and '100 %' only if exact, else '<0.1 %' to '99.9 %'.

    `aligned` keeps the digit of the exact ones too, for a column; `floor` rounds down, for savings.
    """
    exact = Decimal(str(share)) * 100
    if exact in (0, 100) and not aligned:
        return f"{exact:.0f} %"
    shown = exact.quantize(Decimal("0.1"), ROUND_FLOOR if floor else ROUND_HALF_UP, _EXACT)
    if exact > 0 and not shown:
        return "<0.1 %"
    if exact < 100 <= shown:
        return "99.9 %"
    return f"{shown:,f} %".replace("-", "−")


def mean(total: int, of: int) -> str:
    """Return a mean of counts, whole; '<1' where it would round to zero, '0' only where it is zero."""
    if not of:
        return "0"
    rounded = (2 * total + of) // (2 * of)
    return "<1" if total and not rounded else f"{rounded:,}"


def duration(days: float) -> str:
    """Return a span of time in the largest unit of which there is at least one: '31 days', '7.5 hours'."""
    for size, unit in ((1.0, "day"), (1 / _HOURS, "hour"), (1 / _HOURS / _MINUTES, "minute")):
        if days >= size:
            return _of_unit(days / size, unit)
    return _of_unit(days * _HOURS * _MINUTES * _SECONDS, "second")


def _of_unit(amount: float, unit: str) -> str:
    shown = f"{amount:,.0f}" if amount >= 10 else f"{amount:.1f}".removesuffix(".0")
    return f"{shown} {unit}" if shown == "1" else f"{shown} {unit}s"
