"""Numbers of other lists as exact prices of ours."""

from decimal import ROUND_HALF_EVEN, Decimal

from costsim.prices.units import PER, TRILLION


def money(unit: str, usd_each: Decimal | int | str) -> Decimal:
    """Return a price per single unit as our price per `PER`, to the nearest 10^-12 USD each.

    Other lists hold binary fractions (0.00000029999999999999996) and thirds of a cent; the rest of them is
    exact.
    """
    whole = (Decimal(usd_each) * TRILLION).to_integral_value(ROUND_HALF_EVEN)
    return tidy(whole * PER[unit] / TRILLION)


def tidy(usd: Decimal) -> Decimal:
    """Return the same number without trailing zeros or an exponent."""
    return Decimal(f"{usd.normalize():f}")
