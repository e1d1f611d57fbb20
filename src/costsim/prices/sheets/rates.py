"""From the prices of one model, as the YAML says them, to rows of whole numbers with every fall-back worked
out.

Selection (rule 4): each unit takes the highest threshold that the prompt has passed; at an equal threshold
the served tier wins over standard; a passed threshold of standard beats a lower one of the tier. What then
has no rate takes that of the unit that stands in for it (rule 20).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from costsim.prices.sheets.sheet import Level, Price, Rates, Window
from costsim.prices.units import PER, STANDS_IN, TOKEN_UNITS, TRILLION, UNIT_CODE, UNITS

Row = tuple[int, ...]
"""A rate for each of UNITS in 10^-12 USD; -1 = none."""
Steps = dict[int, dict[int, int]]
"""Prompt size from which it holds -> unit code -> rate."""

NO_RATE = -1
_STANDS_IN = tuple((UNIT_CODE[unit], UNIT_CODE[other]) for unit, other in STANDS_IN)
_TOKEN_CODES = frozenset(UNIT_CODE[unit] for unit in TOKEN_UNITS)


class Block(msgspec.Struct, frozen=True):
    """The rows of one period of one tier: for each window (outside every window first) one row per level."""

    starts: tuple[int, ...]
    rows: tuple[Row, ...]


def whole(unit: str, usd: Decimal) -> Decimal:
    """Return a YAML price in 10^-12 USD per single unit; a fraction is an error for the caller to name."""
    return usd * TRILLION / PER[unit]


def has_tier(price: Price, tier: str) -> bool:
    """Whether the price knows the tier; standard is what the price itself says."""
    return tier in price.tiers or (tier == "standard" and bool(price.rates or price.windows))


def block(price: Price, tier: str, region: Decimal = Decimal(1), contract: Decimal = Decimal(1)) -> Block:
    """Return the rows of one tier of a price, its token rates times a region's factor, all rates times a contract's."""
    standard = _steps(price.rates, price.above)
    own = _tier_steps(price, tier)
    windows = [_steps(window.rates, window.above) for window in _windows(price, tier)]
    starts = tuple(sorted({0, *standard, *own, *(start for steps in windows for start in steps)}))
    variants = [own, *windows]
    rows = tuple(_row(standard, special, start) for special in variants for start in starts)
    if region != 1 or contract != 1:
        factors = [region * contract if code in _TOKEN_CODES else contract for code in range(len(UNITS))]
        rows = tuple(tuple(map(_times, row, factors)) for row in rows)
    return Block(starts, rows)


def _tier_steps(price: Price, tier: str) -> Steps:
    found = price.tiers.get(tier)
    return _steps(found.rates, found.above) if found else {}


def _windows(price: Price, tier: str) -> list[Window]:
    """Daily windows change the standard price; a tier that was paid for has its own."""
    return price.windows if tier == "standard" else []


def _steps(rates: Rates, above: Iterable[Level]) -> Steps:
    steps = {0: _codes(rates)}
    for level in above:
        steps[level.tokens if level.at_least else level.tokens + 1] = _codes(level.rates)
    return steps


def _codes(rates: Mapping[str, Decimal]) -> dict[int, int]:
    return {UNIT_CODE[unit]: int(whole(unit, usd)) for unit, usd in rates.items()}


def _row(standard: Steps, special: Steps, start: int) -> Row:
    row = [NO_RATE] * len(UNITS)
    for step in sorted({*standard, *special}):
        if step > start:
            break
        for rates in (standard.get(step, {}), special.get(step, {})):
            for code, rate in rates.items():
                row[code] = rate
    for code, other in _STANDS_IN:
        if row[code] == NO_RATE:
            row[code] = row[other]
    return tuple(row)


def _times(rate: int, factor: Decimal) -> int:
    """A multiplied rate, to the nearest 10^-12 USD."""
    return rate if rate == NO_RATE else int((rate * factor).to_integral_value())
