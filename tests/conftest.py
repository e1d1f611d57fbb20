"""What holds for every test: none waits for a network."""

from collections.abc import Iterator

import pytest

from costsim import tokens


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
