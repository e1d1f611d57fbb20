"""Small price tables from YAML text, one-call pricing, and the shipped table, for the tests of prices and costs."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from costsim.cost import Costs, Usage, price
from costsim.prices import NO_TIME, PriceTable, load, tier_code
from costsim.prices.assemble import assemble
from costsim.prices.files import Source


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


def cost_of(
    table: PriceTable,
    provider: str | None,
    model: str,
    *,
    at: str | None = None,
    tier: str | None = None,
    region: str | None = None,
    **counts: int,
) -> Costs:
    """Return the costs of one call; counts are columns of Usage, input and output null unless given."""

    def column(value: int) -> npt.NDArray[np.int64]:
        return np.array([value], np.int64)

    columns = {name: column(value) for name, value in counts.items()}
    return price(
        Usage(
            model=column(table.index_of(provider, model, region)),
            at=column(micros(at) if at else NO_TIME),
            tier=column(tier_code(tier)),
            input_tokens=columns.pop("input_tokens", column(-1)),
            output_tokens=columns.pop("output_tokens", column(-1)),
            **columns,
        ),
        table,
    )
