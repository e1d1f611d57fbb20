"""The shipped prices, read once."""

import pytest
from tests.prices.tables import shipped

from costsim.prices import PriceTable


@pytest.fixture(scope="session")
def prices() -> PriceTable:
    return shipped()
