"""Regions: a call that was served at the price of a region was to stay in it, wherever it goes.

A log names a region for most calls of a cloud, whether anybody cares or not; who paid for it did. Of models that cost
the same everywhere the price table does not say where they are served, which is no obstacle.
"""

from collections.abc import Iterator

import numpy as np

from costsim.policies.attempts import Bools, Ints
from costsim.prices import PriceTable

ANYWHERE = "other"
"""What the price table calls any region but `global`."""


def needs(logged: Ints, prices: PriceTable) -> dict[str, list[int]]:
    """Return the regions that calls need, given the models that served them, each with those models."""
    found: dict[str, list[int]] = {}
    for model in np.flatnonzero(np.bincount(logged[logged >= 0])).tolist():
        if (region := prices.facts(model).region) is not None:
            found.setdefault(region, []).append(model)
    return found


def elsewhere(logged: Ints, model: int, prices: PriceTable) -> Iterator[tuple[str, Bools]]:
    """Yield the regions that a model does not serve, with the calls that need them."""
    here = prices.facts(model).region
    if here == ANYWHERE or (here is None and model not in prices.regional):
        return
    for region, models in needs(logged, prices).items():
        if region != here:
            where = "any one region" if region == ANYWHERE else region
            yield f"it is not served in {where} at this price", np.isin(logged, models)
