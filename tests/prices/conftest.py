"""The shipped prices, and where the price lists and oracles stand that are not part of the repository."""

from pathlib import Path

import pytest
from tests.prices.tables import shipped

from costsim.prices import PriceTable


@pytest.fixture(scope="session")
def table() -> PriceTable:
    return shipped()


@pytest.fixture(scope="session")
def shared_prices(shared_data: Path) -> Path:
    return shared_data / "prices"
