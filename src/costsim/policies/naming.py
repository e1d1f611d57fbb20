"""What a policy calls a model of the price table."""

from costsim.prices import PriceTable


def name_of(index: int, prices: PriceTable) -> str | None:
    """Return the shortest name that means this model and no other; None where only a provider and region do."""
    facts = prices.facts(index)
    names = (facts.model, f"{facts.provider}/{facts.model}")
    return next((name for name in names if prices.index_of(None, name) == index), None)
