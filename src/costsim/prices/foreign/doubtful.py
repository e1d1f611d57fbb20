"""What another list states that must not be believed: zeros that mean 'not known', and what was settled against it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import xxhash

from costsim.decode import read_yaml
from costsim.prices.sheets.sheet import Price, ProviderSheet, Rates

DECISIONS = "docs/decisions/pricing-disagreements.md"


class Declined(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a list stated about a model, and was looked at and not taken."""

    stated: list[str]
    """Fingerprints: a list may have several names, and prices, for one model."""
    why: str


def zero_in_doubt(ours: Price | None, theirs: Price, name: str, known: ProviderSheet) -> str:
    """Return why a list's zero may mean 'not known'; '' where it is no zero or can be believed.

    A model may be free by its name, or because everything that its provider sells is.
    """
    if ours is None:
        if any(usd for rates in _places(theirs) for usd in rates.values()) or name.endswith(":free"):
            return ""
        return "" if _sells_for_nothing(known) else "a price of 0 may mean 'not known' (a row of your own can say free)"
    for unit in ("input", "output"):
        if theirs.rates.get(unit) == 0 and ours.rates.get(unit):
            return f"{unit} at 0 may mean 'not known'; kept ours"
    return ""


def without_free_writes(price: Price) -> Price:
    """Return a price without cache writes at nothing, where fresh input has a price (rule 20).

    What is written to a cache was read first: a list's 0, where no storage is charged, would make it free.
    """
    if price.rates.get("cache_write") != 0 or not price.rates.get("input"):
        return price

    def less(rates: Rates) -> Rates:
        return {unit: usd for unit, usd in rates.items() if unit != "cache_write" or usd}

    return msgspec.structs.replace(
        price,
        rates=less(price.rates),
        above=[msgspec.structs.replace(level, rates=less(level.rates)) for level in price.above],
        tiers={
            tier: msgspec.structs.replace(
                special,
                rates=less(special.rates),
                above=[msgspec.structs.replace(level, rates=less(level.rates)) for level in special.above],
            )
            for tier, special in price.tiers.items()
        },
        windows=[msgspec.structs.replace(window, rates=less(window.rates)) for window in price.windows],
    )


def settled(source: str, name: str, theirs: Price) -> str:
    """Return why our price was kept when the list stated exactly this before; '' where it states something new."""
    declined = known_statements().get(source, {}).get(name)
    if declined is None or fingerprint(theirs) not in declined.stated:
        return ""
    return f"kept ours, settled: {declined.why} ({DECISIONS})"


def fingerprint(price: Price) -> str:
    """Return a hash of what a price charges, however it is sourced and from whenever it holds."""
    bare = msgspec.structs.replace(price, from_=None, hour=None, source="", checked=None, note="")
    return xxhash.xxh3_64_hexdigest(msgspec.json.encode(_plain(msgspec.to_builtins(bare, builtin_types=(Decimal,)))))


def _plain(value: object) -> object:
    """Keys in order and numbers without the zeros behind them, so that one price has one form."""
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


@cache
def known_statements() -> dict[str, dict[str, Declined]]:
    """Return what was declined: list -> provider/model -> statements."""
    return read_yaml(Path(__file__).with_name("declined.yaml"), dict[str, dict[str, Declined]])


def _sells_for_nothing(sheet: ProviderSheet) -> bool:
    prices = [price for model in sheet.models for price in model.prices]
    return bool(prices) and not any(usd for price in prices for rates in _places(price) for usd in rates.values())


def _places(price: Price) -> Iterator[Rates]:
    """Every mapping of rates in a price."""
    yield price.rates
    yield from (level.rates for level in price.above)
    for tier in price.tiers.values():
        yield tier.rates
        yield from (level.rates for level in tier.above)
    for window in price.windows:
        yield window.rates
        yield from (level.rates for level in window.above)
