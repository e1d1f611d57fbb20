"""Trimmed calls: exact counts that still agree with each other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from costsim.policies.levers.trim import Shares, Tokens, moved, trim

COUNT = st.integers(0, 5000)
SHARE = st.sampled_from([0.0, 0.25, 1 / 3, 0.8, 1.0])


def one(
    system: int, history: int, user: int, tool: int, read: int, write: int, output: int = 100, fixed: int = 0
) -> Tokens:
    total = system + history + user + tool
    counts = (total, output, output // 2, read, write, write // 2, system, history, user, tool, fixed)
    return Tokens(*(np.array([count], np.int64) for count in counts))


def test_each_part_keeps_its_share_and_the_cached_beginning_shrinks_with_it() -> None:
    found = trim(one(1000, 500, 300, 200, read=1350, write=350), Shares(0.5, 0.2, 1.0, 0.4, 0.9))
    # 500 of the system's; 100 + 80 of 700 in between; all of the user's
    assert [int(column[0]) for column in found] == [980, 90, 45, 500 + 350 * 180 // 700, 90, 45]


def test_images_stay_as_they_are_and_unknown_stays_unknown() -> None:
    assert int(trim(one(0, 0, 1000, 0, 0, 0, fixed=800), Shares(user=0.5)).input[0]) == 900
    nothing = Tokens(*(np.array([-1], np.int64) for _ in range(11)))
    assert [int(column[0]) for column in trim(nothing, Shares(0.5, 0.5, 0.5, 0.5, 0.5))] == [-1] * 6


def test_a_call_without_known_parts_keeps_its_input() -> None:
    known = one(0, 0, 0, 0, 0, 0)
    counts = {**asdict(known), "input": np.array([700]), "cache_read": np.array([300]), "user": np.array([-1])}
    found = trim(Tokens(**counts), Shares(0.5, 0.5, 0.5, 0.5, 0.5))
    assert (int(found.input[0]), int(found.cache_read[0]), int(found.output[0])) == (700, 300, 50)


@given(COUNT, COUNT, COUNT, COUNT, st.floats(0, 1), st.floats(0, 1), st.tuples(SHARE, SHARE, SHARE, SHARE, SHARE))
def test_counts_still_agree_with_each_other(
    system: int, history: int, user: int, tool: int, reads: float, writes: float, by: tuple[float, ...]
) -> None:
    total = system + history + user + tool
    read = int(total * reads)
    tokens = one(system, history, user, tool, read, int((total - read) * writes))
    found = trim(tokens, Shares(*by))
    assert np.all(found.cache_read + found.cache_write <= found.input)
    assert np.all(found.cache_write_1h <= found.cache_write)
    assert np.all(found.reasoning <= found.output)
    assert np.all(found.input <= tokens.input)
    assert (trim(tokens, Shares()).input, trim(tokens, Shares()).cache_read) == (tokens.input, tokens.cache_read)
    ends = moved(tokens, Shares(*by), np.arange(total + 1), np.zeros(total + 1, np.int64))
    assert np.all(np.diff(ends) >= 0)
    assert (ends[0], ends[-1]) == (0, found.input[0])
