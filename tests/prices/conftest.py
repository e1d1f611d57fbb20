"""Where the price lists and oracles stand that are not part of the repository."""

import os
from pathlib import Path

import pytest
from tests.prices.tables import shipped

from costsim.prices import PriceTable


@pytest.fixture(scope="session")
def table() -> PriceTable:
    return shipped()


@pytest.fixture(scope="session")
def shared_prices() -> Path:
    root = Path(os.environ.get("COSTSIM_SHARED") or Path(__file__).parents[3] / "shared")
    folder = root / "data" / "prices"
    if not folder.is_dir():
        pytest.skip(f"no price oracles at {folder} (set COSTSIM_SHARED)")
    return folder
