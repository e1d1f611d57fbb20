"""Where the shared test data is; tests that need it are skipped, with a reason, where it is missing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

_BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def shared_file() -> Callable[[str], Path]:
    """Return a function from a name inside the shared data to its path."""
    root = Path(os.environ.get("COSTSIM_SHARED") or _BESIDE_THE_REPOSITORY)
    root = root / "data" if (root / "data").is_dir() else root

    def find(name: str) -> Path:
        path = root / name
        if not path.is_file():
            pytest.skip(f"the shared data is not here: {path}")
        return path

    return find
