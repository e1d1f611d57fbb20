"""The shipped prices, read once."""

import pytest

from costsim import prices as price_tables
from costsim.prices import PriceTable


@pytest.fixture(scope="session")
def prices() -> PriceTable:
    return price_tables.load()
