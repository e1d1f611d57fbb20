"""Block hashes, by which traces without text tell what requests have in common, to prefixes with hashes and tokens."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

Prefixes = list[tuple[int, int]]
Blocks = NDArray[np.uint64]

MOST = 64
"""Prefixes kept of one request."""
_MOST_PLAIN = 256
_MOST_TOKENS = 2**64 - 1
_SIZES = tuple(1 << power for power in range(4, 13))


def blocks(ids: Sequence[int]) -> Blocks:
    """Return the ids of blocks as an array; whatever their sign and size, equal ids stay equal."""
    try:
        return np.array(ids, np.int64).view(np.uint64)
    except OverflowError:
        return np.array([each & 0xFFFF_FFFF_FFFF_FFFF for each in ids], np.uint64)


def size_of_blocks(count: int, tokens: int) -> int:
    """Return how many tokens a block has, of which `count` hold `tokens`; a power of two from 16 to 4096."""
    return next((size for size in _SIZES if -(-tokens // size) == count), max(1, -(-tokens // max(count, 1))))


def plain(ids: Blocks, tokens: int, size: int = 0) -> Prefixes:
    """Return the prefixes of a request of which nothing else is known: one after each block, or after every 2nd, 4th...

    of a long one, so that what two requests share is found however long each of them is.
    """
    if not len(ids) or tokens <= 0:
        return []
    step, size = 1, size or size_of_blocks(len(ids), tokens)
    while len(ids) // step > _MOST_PLAIN:
        step *= 2
    return _at(ids, [*range(step, len(ids), step)], size, tokens, "")


def told_apart(requests: Sequence[Blocks], tokens: Sequence[int], size: int, scope: str) -> list[Prefixes]:
    """Return the prefixes of requests that are all known: only where one ends or parts from another.

    In the order of the blocks, what a request shares with any other is the least that its neighbours share on the way
    there; ids mean something within `scope` only.
    """
    keys = [each.astype(">u8").tobytes() for each in requests]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    shared = np.array([_shared(requests[a], requests[b]) for a, b in pairwise(order)], np.int64)
    found: list[Prefixes] = [[] for _ in requests]
    for place, number in enumerate(order):
        before = np.minimum.accumulate(shared[:place][::-1]) if place else shared[:0]
        after = np.minimum.accumulate(shared[place:])
        ends = np.unique(np.concatenate([before, after]))
        own = [int(end) for end in ends if 0 < end <= len(requests[number])]
        found[number] = _at(requests[number], own[:8] + own[8:][9 - MOST :], size, tokens[number], scope)
    return found


def _shared(one: Blocks, other: Blocks) -> int:
    """How many blocks two requests have in common at their beginning."""
    length = min(len(one), len(other))
    differ = np.flatnonzero(one[:length] != other[:length])
    return int(differ[0]) if len(differ) else length


def _at(ids: Blocks, ends: Sequence[int], size: int, tokens: int, scope: str) -> Prefixes:
    """The prefixes that end after some numbers of blocks, and the whole request."""
    start, raw = scope.encode("utf-8", "replace"), memoryview(ids.tobytes())
    found = [(xxh3_64_intdigest(start + raw[: 8 * end]), end * size) for end in ends if end * size < tokens]
    # what is no whole block is its own
    rest = b"" if len(ids) * size >= tokens else min(tokens, _MOST_TOKENS).to_bytes(8)
    return [*found, (xxh3_64_intdigest(start + raw + rest), tokens)]
