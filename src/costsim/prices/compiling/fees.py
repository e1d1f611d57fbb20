"""What a provider bills besides tokens, whatever the model: it becomes a part of every model's prices."""

from collections.abc import Sequence
from datetime import date

import msgspec

from costsim.prices.sheets.sheet import Fee, ModelSheet, Price, Rates

_ALWAYS = date.min


def with_fees(model: ModelSheet, fees: Sequence[Fee]) -> list[Price]:
    """Return a model's prices with the fees of their time, cut in two where a fee begins in between.

    A rate of the model's own goes before a fee; a price without rates of its own, of a tier alone, stays without.
    """
    if not fees:
        return model.prices
    found: list[Price] = []
    for place, price in enumerate(model.prices):
        until = model.prices[place + 1].from_ if place + 1 < len(model.prices) else None
        begun = price.from_ or model.released or _ALWAYS
        found.append(_with(price, fees, begun))
        later = [fee.from_ for fee in fees if fee.from_ and begun < fee.from_ < (until or date.max)]
        found += [_with(msgspec.structs.replace(price, from_=day, hour=None), fees, day) for day in later]
    return found


def _with(price: Price, fees: Sequence[Fee], day: date) -> Price:
    rates: Rates = {}
    for fee in fees:
        if (fee.from_ or _ALWAYS) <= day:
            rates |= fee.rates
    return msgspec.structs.replace(price, rates=rates | price.rates) if price.rates else price
