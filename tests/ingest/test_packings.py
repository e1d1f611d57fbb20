"""A packed log is read like a plain one, and one that is damaged up to the damage."""

import bz2
import gzip
import io
import lzma
import random
import re
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Read
from tests.ingest.logs import call, calls, lines

from costsim.errors import LogError
from costsim.ingest.containers import compression

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_log_is_read_like_a_plain_one(read: Read, packer: str) -> None:
    log = read(PACKERS[packer](calls(50)))
    assert log.table() == read(calls(50)).table()
    assert log.source.damage is None


@pytest.mark.parametrize("packer", PACKERS)
def test_several_packed_files_in_one_are_one_log(read: Read, packer: str) -> None:
    log = read(PACKERS[packer](calls(5)) + PACKERS[packer](lines(call(8))))
    assert (log.source.calls, log.source.damage) == (6, None)


@pytest.mark.parametrize("packer", PACKERS)
def test_a_cut_off_packed_log_counts_what_is_before_the_cut(read: Read, packer: str) -> None:
    whole = PACKERS[packer](
        b"".join(lines(call(number, padding=random.Random(number).randbytes(1000).hex())) for number in range(900))
    )
    log = read(whole + whole[: len(whole) // 2])
    assert log.source.calls >= 900
    assert re.fullmatch(r"cut off after \d+\.\d [kM]B", log.source.damage or "")
    assert log.adds_up()


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_log_of_which_nothing_can_be_read_is_an_error(read: Read, packer: str) -> None:
    with pytest.raises(LogError, match=r"(cut off|damaged) after 0 bytes \(nothing in it can be read\)"):
        read(PACKERS[packer](calls(1))[:20])


def test_a_wrong_checksum_is_told_and_costs_no_call(read: Read) -> None:
    log = read(gzip.compress(calls(100))[:-8] + b"12345678")
    assert log.source.calls == 100
    assert (log.source.damage or "").startswith("damaged after ")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000), st.sampled_from(sorted(PACKERS)), st.integers(0, 3000), st.integers(1, 700))
def test_an_unpacked_stream_gives_a_beginning_of_what_was_packed_and_then_says_if_that_is_not_all(
    content: bytes, packer: str, cut: int, step: int
) -> None:
    packed = PACKERS[packer](content)
    kept = packed[: max(6, len(packed) - cut)]
    stream = compression.unpacked(io.BytesIO(kept), packer)
    found, damaged = [], False
    while not damaged:
        try:
            part = stream.read(step)
        except compression.Damaged:
            damaged = True
            break
        if not part:
            break
        found.append(part)
    assert content.startswith(b"".join(found))
    assert damaged or b"".join(found) == content
    assert damaged or kept == packed


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_an_unpacked_stream_has_the_lines_of_the_plain_one(parts: list[bytes], limit: int) -> None:
    content = b"\n".join(parts)
    packed, plain = compression.unpacked(io.BytesIO(gzip.compress(content)), "gz"), io.BytesIO(content)
    for _ in range(content.count(b"\n") + len(content) // limit + 2):
        assert packed.readline(limit) == plain.readline(limit)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1200, "1.2 kB"), (1_200_000_000, "1.2 GB"), (5 * 10**12, "5000.0 GB")],
)
def test_an_amount_of_bytes_is_said_in_few_digits(count: int, said: str) -> None:
    assert compression.amount(count) == said
