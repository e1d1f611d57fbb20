"""What holds for every test: none waits for a network; those that need the shared test data skip without it."""

import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from platformdirs import user_cache_path

from costsim import tokens
from costsim.prices.compiling import assemble
from costsim.prices.sheets import layers
from costsim.prices.sheets.files import Source
from costsim.prices.sheets.sheet import ProviderSheet

settings.register_profile("steady", deadline=None)  # a busy machine is no bug
settings.load_profile("steady")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as a shell has it for what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

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


@pytest.fixture(autouse=True, scope="session")
def _nothing_is_compiled_twice() -> Iterator[None]:
    """What takes seconds and is the same for all tests is done once, in processes that tests start too.

    Byte code is written, as on a user's machine. Compiled prices are kept where they are, whatever home folder a test
    gives its user. The shipped price files, under a test's own, are parsed once.
    """
    parse = layers.read
    shipped = cache(parse)

    def read(source: Source) -> ProviderSheet:
        return shipped(source) if source.shipped else parse(source)

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("XDG_CACHE_HOME", str(user_cache_path()))
        patch.setattr(assemble, "read", read)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that is no part of the repository: COSTSIM_SHARED, or one beside the repository."""
    root = Path(os.environ.get("COSTSIM_SHARED") or _BESIDE_THE_REPOSITORY)
    folder = root / "data" if (root / "data").is_dir() else root
    if not folder.is_dir():
        pytest.skip(f"the shared data is not here: {folder} (set COSTSIM_SHARED)")
    return folder


@pytest.fixture(scope="session")
def shared_file(shared_data: Path) -> Callable[[str], Path]:
    """Return a function from a name inside the shared data to its path."""

    def find(name: str) -> Path:
        path = shared_data / name
        if not path.is_file():
            pytest.skip(f"the shared data is not here: {path}")
        return path

    return find


@pytest.fixture(scope="session")
def shared_folder(shared_data: Path) -> Callable[[str], list[Path]]:
    """Return a function from a pattern of names inside the shared data to the files that match it."""

    def find(pattern: str) -> list[Path]:
        folder, _, names = pattern.rpartition("/")
        found = sorted((shared_data / folder).glob(names))
        if not found:
            pytest.skip(f"the shared data is not here: {shared_data / pattern}")
        return found

    return find
