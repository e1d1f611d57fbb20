"""Small price tables from YAML text, one-call pricing, and the shipped table."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from costsim.cost import Costs, Usage, price
from costsim.prices import NO_TIME, PriceTable, load, tier_code
from costsim.prices.compiling.assemble import assemble
from costsim.prices.sheets.files import Source


def make_table(*texts: str, user: str = "") -> PriceTable:
    """Return a table of YAML texts as shipped files, with a user's file over them."""
    files = [Source(Path(f"{place}.yaml"), text.encode(), True) for place, text in enumerate(texts)]
    own = [Source(Path("user.yaml"), user.encode(), False)] if user else []
    return assemble([*files, *own], "hash")


@cache
def shipped() -> PriceTable:
    """Return the table that costsim ships."""
    return load()


def micros(moment: str) -> int:
    """Return an ISO date or time in UTC as microseconds."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * 10**6


def cost_of(table: PriceTable, provider: str | None, model: str, **call: Any) -> Costs:
    """Return the costs of one call: at, tier and region as a log says them, counts as columns of Usage."""
    at, index = call.pop("at", None), table.index_of(provider, model, call.pop("region", None))
    tier = tier_code(call.pop("tier", None))
    counts = {"input_tokens": -1, "output_tokens": -1, **call}
    columns: dict[str, Any] = {name: np.array([count], np.int64) for name, count in counts.items()}
    moment = np.array([micros(at) if at else NO_TIME])
    return price(Usage(np.array([index]), moment, np.array([tier]), **columns), table)
