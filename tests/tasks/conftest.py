"""The classifier as shipped, and where the labelled prompts stand that are not part of the repository."""

import os
from pathlib import Path

import pytest

from costsim.tasks import Classifier


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    root = Path(os.environ.get("COSTSIM_SHARED") or Path(__file__).parents[3] / "shared")
    if not (root / "data").is_dir():
        pytest.skip(f"no labelled prompts under {root} (set COSTSIM_SHARED)")
    return root / "data"
