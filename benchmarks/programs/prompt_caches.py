"""Conversations of many calls, and what simulating their prompt caches takes: `prompt_caches.py 10000000 7 in-order`.

Calls of a month, 333,000 a day if there are ten million. With `overlapping` every batch spans the whole month, as the
files of many servers do. Prints JSON; making the calls is not counted.
"""

import json
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from costsim.engines.memory import keep_freed
from costsim.policies.levers.prompt_cache import CacheRules, Requests, simulate

BATCH = 1 << 17
MODELS = 4
TURNS, MOST_PREFIXES = 6, 8
SYSTEM_PROMPTS, SYSTEM_TOKENS, MESSAGE_TOKENS = 7, 1200, 250
MINUTE = 60_000_000
MONTH = 30 * 24 * 60 * MINUTE
ORDERS = ("in-order", "overlapping")

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


def requests(batch: int, calls: int, all_calls: int, seed: int, order: str) -> Requests:
    """Return one batch: each call of a conversation reads what the call before it read, and two messages more."""
    draw = np.random.default_rng((seed, batch))
    span = MONTH * calls // all_calls
    conversations = -(-calls // TURNS)
    starts = draw.integers(0, MONTH if order == "overlapping" else span, conversations)
    gaps = draw.exponential(2 * MINUTE, (conversations, TURNS)).astype(np.int64)
    at = (starts[:, None] + np.cumsum(gaps, axis=1) + (0 if order == "overlapping" else batch * span)).ravel()[:calls]
    by_time = np.argsort(at, kind="stable")
    conversation = by_time // TURNS + batch * calls
    prefixes = np.minimum(by_time % TURNS * 2 + 2, MOST_PREFIXES)
    offsets = np.concatenate([[0], np.cumsum(prefixes)])
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], prefixes)
    of_conversation = np.repeat(conversation, prefixes)
    ids = np.where(place == 0, of_conversation % SYSTEM_PROMPTS, of_conversation * 1000 + place + SYSTEM_PROMPTS)
    total = SYSTEM_TOKENS + (prefixes - 1) * MESSAGE_TOKENS
    return Requests(
        at=at[by_time],
        model=(conversation % MODELS).astype(np.int32),
        share=np.where(draw.random(calls) < 0.1, 0.08, 1.0),
        input_tokens=total,
        counted_tokens=total,
        call=np.arange(calls),
        offsets=offsets,
        hashes=ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15),
        tokens=SYSTEM_TOKENS + place * MESSAGE_TOKENS,
    )


RULES = CacheRules(
    least=np.full(MODELS, 1024),
    step=np.array([128, 1, 1, 1]),
    lifetime=np.array([5, 5, 60, 5]) * MINUTE,
    refreshed=np.array([True, True, True, False]),
    everywhere=np.array([True, False, True, True]),
    writes=np.array([False, True, True, True]),
    one_hour=np.zeros(MODELS, np.bool_),
)


def main() -> None:
    keep_freed()  # as `costsim simulate` does
    count, seed, order = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    sizes = [min(BATCH, count - start) for start in range(0, count, BATCH)]
    making, rows = 0.0, 0

    def load(batch: int) -> Requests:
        nonlocal making, rows
        began = time.perf_counter()
        found = requests(batch, sizes[batch], count, seed, order)
        making += time.perf_counter() - began
        rows += len(found.hashes)
        return found

    @cache
    def times(batch: int) -> Ints:
        return requests(batch, sizes[batch], count, seed, order).at

    for batch in range(len(sizes)):
        times(batch)
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        use = simulate(load, times, len(sizes), RULES, Path(folder)).both
        took = time.perf_counter() - began - making
        print(json.dumps({"seconds": took, "prefixes": rows, "read": int(use.read.sum())}))


if __name__ == "__main__":
    main()
