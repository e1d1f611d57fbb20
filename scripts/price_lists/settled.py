"""What is known better than the lists: whose price holds where they contradict each other, and what both lack."""

from decimal import Decimal

import msgspec

from costsim.prices.sheet import ModelSheet, ProviderSheet


def choose(provider: str, name: str) -> str:
    """Return 'first' or 'second': the list whose price of today is right."""
    return "first"


def corrected(sheet: ProviderSheet) -> ProviderSheet:
    """Return a provider's file with what the lists lack, and without what cannot be."""
    models = [_without_slip(without_unreachable(model)) for model in sheet.models]
    return msgspec.structs.replace(sheet, models=models)


def _without_slip(model: ModelSheet) -> ModelSheet:
    """The list has this one per thousand tokens where it means per million."""
    if model.model != "jais-30b-chat":
        return model
    rates = {unit: usd / 1000 for unit, usd in model.prices[0].rates.items()}
    price = msgspec.structs.replace(model.prices[0], rates=rates, note="listed a thousand times too high")
    return msgspec.structs.replace(model, prices=[price])


def without_unreachable(model: ModelSheet) -> ModelSheet:
    """Return the model without prices of prompts that its context window cannot hold."""
    window = model.context_window
    if window is None:
        return model
    prices = []
    for price in model.prices:
        tiers = {
            tier: msgspec.structs.replace(special, above=[one for one in special.above if one.tokens <= window])
            for tier, special in price.tiers.items()
        }
        above = [one for one in price.above if one.tokens <= window]
        prices.append(msgspec.structs.replace(price, above=above, tiers=tiers))
    return msgspec.structs.replace(model, prices=prices)


def with_free_prices(sheet: ModelSheet) -> ModelSheet | None:
    """Return a model whose `:free` variant costs an explicit nothing; None for one without any price.

    The dated list leaves the prices of free variants empty, where an empty price must stay unknown.
    """
    if any(price.rates for price in sheet.prices):
        prices = [price for price in sheet.prices if price.rates]
    elif sheet.model.endswith(":free"):
        free = {"input": Decimal(0), "output": Decimal(0)}
        prices = [msgspec.structs.replace(price, rates=free) for price in sheet.prices]
    else:
        return None
    return msgspec.structs.replace(sheet, prices=prices)
