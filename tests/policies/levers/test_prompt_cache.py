"""The prompt cache against a slow reading of the same rules, and against what is known of a real trace."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costsim.policies.levers.prompt_cache import FOREVER, NONE, CacheRules, Requests, simulate

MODELS = 5


def rules(least: int = 0, step: int = 1, lifetime: int = 300) -> CacheRules:
    """Five manners: automatic, explicit with breakpoints, explicit for an hour, not refreshed, and none."""
    return CacheRules(
        least=np.full(MODELS, least),
        step=np.full(MODELS, step),
        lifetime=np.array([lifetime, lifetime, 12 * lifetime, lifetime, 0]),
        refreshed=np.array([True, True, True, False, True]),
        everywhere=np.array([True, False, False, True, True]),
        writes=np.array([False, True, True, True, True]),
        one_hour=np.array([False, False, True, False, False]),
    )


class Sent(NamedTuple):
    """One request, as tests write it down: a path in a tree of prompts is its prefixes."""

    at: int
    model: int
    path: tuple[int, ...]
    share: float = 1.0
    stretch: int = 1


def requests(sent: list[Sent]) -> Requests:
    paths = [[hash(each.path[:end]) & (2**64 - 1) for end in range(1, len(each.path) + 1)] for each in sent]
    counts = np.array([len(path) for path in paths], np.int64)
    total = 10 * counts + 7
    return Requests(
        at=np.array([each.at for each in sent], np.int64),
        model=np.array([each.model for each in sent], np.int32),
        share=np.array([each.share for each in sent], float),
        input_tokens=total * np.array([each.stretch for each in sent], np.int64),
        counted_tokens=total,
        call=np.arange(len(sent)),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        hashes=np.array([one for path in paths for one in path], np.uint64),
        tokens=np.array([10 * (end + 1) for path in paths for end in range(len(path))], np.int64),
    )


def use_of(sent: list[Sent], by: CacheRules, batches: int = 1, at_once: int = 1 << 17) -> list[tuple[int, int, int]]:
    """(read, write, write for an hour) of each request, batch after batch."""
    return uses_of(sent, by, batches, at_once)[0]


def uses_of(
    sent: list[Sent], by: CacheRules, batches: int = 1, at_once: int = 1 << 17
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    """The same with both breakpoints, and with the first alone."""
    size = -(-len(sent) // batches) if sent else 0

    def load(batch: int) -> Requests:
        return requests(sent[batch * size : (batch + 1) * size])

    with TemporaryDirectory() as folder:
        found = simulate(load, lambda batch: load(batch).at, batches, by, Path(folder), at_once)
        both, first = (list(zip(*(column.tolist() for column in use), strict=True)) for use in found)
        return both, first


def by_hand(sent: list[Sent], by: CacheRules) -> list[tuple[int, int, int]]:
    """The same, request by request, for requests that all happen."""
    found = [(NONE, NONE, NONE)] * len(sent)
    stored: dict[tuple[int, tuple[int, ...]], int] = {}
    for number in sorted(range(len(sent)), key=lambda number: sent[number].at):
        at, model, path, _, stretch = sent[number]
        if at < 0 or not path:
            continue
        lengths = [10 * end * stretch for end in range(1, len(path) + 1)]
        lengths = [n // by.step[model] * by.step[model] if n >= by.least[model] else 0 for n in lengths]
        keys = [(model, path[:end]) for end in range(1, len(path) + 1)]
        there = [key in stored and at - stored[key] <= by.lifetime[model] for key in keys]
        read = max((n for n, found in zip(lengths, there, strict=True) if found), default=0)
        for key, found_it in zip(keys, there, strict=True):
            breakpoint_ = by.everywhere[model] or key in (keys[0], keys[-1])
            if breakpoint_ and (by.refreshed[model] or not found_it):
                stored[key] = at
        write = lengths[-1] - read if by.writes[model] else 0
        if not by.lifetime[model]:
            read = write = 0
        found[number] = (int(read), int(write), int(write) if by.one_hour[model] else 0)
    return found


SENT = st.lists(
    st.builds(
        Sent,
        at=st.integers(-1, 2000),
        model=st.integers(0, MODELS - 1),
        path=st.lists(st.integers(0, 1), max_size=6).map(tuple),
        share=st.just(1.0),
        stretch=st.integers(1, 3),
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(SENT, st.sampled_from([(0, 1), (25, 1), (20, 16)]))
def test_what_is_read_and_written_is_what_one_finds_request_by_request(
    sent: list[Sent], sizes: tuple[int, int]
) -> None:
    by = rules(*sizes)
    assert use_of(sent, by) == by_hand(sent, by)


SHARES = st.sampled_from([0.0, 0.05, 0.5, 1.0])


@settings(max_examples=80)
@given(SENT, st.lists(SHARES, min_size=40, max_size=40), st.integers(1, 6), st.integers(1, 20))
def test_with_its_first_breakpoint_alone_a_request_does_what_it_would_if_nothing_followed_its_first_prefix(
    sent: list[Sent], shares: list[float], batches: int, at_once: int
) -> None:
    sent = [each._replace(share=share) for each, share in zip(sent, shares, strict=False)]
    by = rules(25)
    alone = use_of([each._replace(path=each.path[:1]) for each in sent], by)
    expected = [
        (0, 0, 0) if by.everywhere[each.model] or use[0] == NONE else use for each, use in zip(sent, alone, strict=True)
    ]
    assert uses_of(sent, by, batches, at_once)[1] == expected


@settings(max_examples=80)
@given(SENT, st.lists(SHARES, min_size=40, max_size=40), st.integers(1, 6), st.integers(1, 20))
def test_batches_and_parts_change_nothing(sent: list[Sent], shares: list[float], batches: int, at_once: int) -> None:
    sent = [each._replace(share=share) for each, share in zip(sent, shares, strict=False)]
    assert use_of(sent, rules(), batches, at_once) == use_of(sent, rules())


@settings(max_examples=50)
@given(SENT, st.lists(SHARES, min_size=40, max_size=40))
def test_a_log_of_many_years_is_looked_up_as_one_of_an_hour(sent: list[Sent], shares: list[float]) -> None:
    sent = [each._replace(share=share) for each, share in zip(sent, shares, strict=False)]
    slow = 10**14
    slowly = [each._replace(at=each.at * slow) for each in sent]
    assert use_of(slowly, rules(lifetime=300 * slow)) == use_of(sent, rules())


def test_a_request_that_may_not_have_happened_leaves_a_chance_of_what_it_would_have_stored() -> None:
    path = (0, 0, 0)
    perhaps = [Sent(0, 0, path, 0.5), Sent(10, 0, path, 0.5), Sent(20, 0, path)]
    assert [read for read, _, _ in use_of(perhaps, rules())] == [0, 15, 23]  # 30 x 0.5, 30 x (1 - 0.5 x 0.5)
    longer = [Sent(0, 0, path[:1]), Sent(10, 0, path, 0.5), Sent(20, 0, path)]
    assert use_of(longer, rules())[2][0] == 20  # 10 for sure, and half of 20 more
    held = [Sent(0, 3, path, 0.5), Sent(10, 3, path, 0.5), Sent(20, 3, path)]
    assert [read for read, _, _ in use_of(held, rules())] == [0, 10, 15]  # a renewal process: n / (1 + n)


def test_a_switch_of_models_pays_for_the_prefix_again() -> None:
    turns = [Sent(number, number >= 3, tuple(range(number + 1))) for number in range(6)]
    assert [read for read, _, _ in use_of(turns, rules())] == [0, 10, 20, 0, 40, 50]


def test_an_unknown_model_caches_nothing() -> None:
    assert use_of([Sent(0, -1, (0, 0)), Sent(1, -1, (0, 0))], rules()) == [(0, 0, 0), (0, 0, 0)]


@pytest.fixture(scope="module")
def trace(shared_file: Callable[[str], Path]) -> list[dict[str, list[int]]]:
    path = shared_file("traces/mooncake_fast25_conversation_trace.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_unbounded_cache_finds_in_a_real_trace_what_is_known_to_lie_in_it(trace: list[dict[str, list[int]]]) -> None:
    counts = np.array([len(each["hash_ids"]) for each in trace])
    total = np.array([each["input_length"] for each in trace])
    offsets = np.concatenate([[0], np.cumsum(counts)])
    blocks = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts) + 1

    def read(
        tokens: np.ndarray[tuple[int], np.dtype[np.int64]], whole: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> int:
        asked = Requests(
            at=np.arange(len(trace)),
            model=np.zeros(len(trace), np.int32),
            share=np.ones(len(trace)),
            input_tokens=whole,
            counted_tokens=whole,
            call=np.arange(len(trace)),
            offsets=offsets,
            hashes=np.concatenate([each["hash_ids"] for each in trace]).astype(np.uint64),
            tokens=tokens,
        )
        with TemporaryDirectory() as folder:
            use = simulate(lambda _: asked, lambda _: asked.at, 1, rules(0, 1, FOREVER // 12), Path(folder))
            return int(use.both.read.sum())

    assert read(blocks, counts) == 105_710  # of 288,500 blocks: 36.6 %
    assert (
        read(np.minimum(blocks * 512, np.repeat(total, counts)), total) == 54_098_411
    )  # of 144,793,823 tokens: 37.4 %
