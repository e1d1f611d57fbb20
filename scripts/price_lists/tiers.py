"""Service tiers as the lists have them, made whole or left out: half a tier would silently charge the other half."""

from decimal import Decimal

import msgspec

from costsim.prices.sheets.sheet import Level, Price, Rates, TierPrice

DISCOUNTED = ("batch", "flex")


def with_whole_tiers(price: Price) -> Price:
    """Return a price whose tiers have a rate for input and output, and discounted ones also for long prompts."""
    tiers = {
        tier: _with_levels(price, tier, special)
        for tier, special in price.tiers.items()
        if all(unit in special.rates or not price.rates.get(unit) for unit in ("input", "output"))
    }
    return msgspec.structs.replace(price, tiers=tiers)


def _with_levels(price: Price, tier: str, special: TierPrice) -> TierPrice:
    """A batch is half price at every prompt size (rule 5), and flex is sold at the batch price; lists forget levels."""
    if special.above or not price.above or tier not in DISCOUNTED:
        return special
    if not all(_halved(price.rates, special.rates, unit) for unit in ("input", "output")):
        return special
    return msgspec.structs.replace(special, above=[_scaled(price.rates, special.rates, level) for level in price.above])


def _halved(standard: Rates, special: Rates, unit: str) -> bool:
    return unit not in standard or special.get(unit) == standard[unit] / 2


def _scaled(standard: Rates, special: Rates, level: Level) -> Level:
    """A level of standard at the tier's own fraction of each unit; a unit that the tier does not discount stays out."""
    rates = {
        unit: Decimal(f"{(usd * special[unit] / standard[unit]).normalize():f}")
        for unit, usd in level.rates.items()
        if special.get(unit) is not None and standard.get(unit)
    }
    return msgspec.structs.replace(level, rates=rates)
