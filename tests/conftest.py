"""What holds for every test: none waits for a network; those that need the shared test data skip without it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from costsim import tokens

_BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True, scope="session")
def _no_encoding_is_fetched() -> Iterator[None]:
    """Texts without counts are estimated, wherever the tests run; a test that counts says where the encodings are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", "")
        for name in ("http_proxy", "https_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
            patch.setenv(name.upper(), "http://127.0.0.1:9")
        tokens._encoding.cache_clear()
        yield


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


@pytest.fixture(scope="session")
def shared_folder(shared_file: Callable[[str], Path]) -> Callable[[str], list[Path]]:
    """Return a function from a pattern of names inside the shared data to the files that match it."""

    def find(pattern: str) -> list[Path]:
        folder, _, names = pattern.rpartition("/")
        root = shared_file("logs/PROVENANCE.md").parents[1] / folder
        found = sorted(root.glob(names))
        if not found:
            pytest.skip(f"the shared data is not here: {root / names}")
        return found

    return find
