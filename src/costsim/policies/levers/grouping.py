"""Rows of the same key side by side, in the order in which they came, and what stands before each of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from costsim.schema import distinct

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Hashes = NDArray[np.uint64]


_MOST = 1 << 62


class Groups(NamedTuple):
    """Rows by key and then by place."""

    order: Ints
    """Places of the rows."""
    first: Ints
    """For each row in this order, where the rows of its key begin."""


def mixed(hashes: Hashes, codes: NDArray[np.integer]) -> Hashes:
    """Return hashes that differ where a hash or a code does; all bits of both are in the highest ones."""
    found = hashes + (codes.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    found ^= found >> np.uint64(32)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    return found


def grouped(keys: Hashes) -> Groups:
    """Return the rows by key; rows of one key stay in their order.

    Numbers are sorted ten times as fast as their places: a key gives its lowest bits to the place. Where that makes two
    keys look the same, which is rare, all are sorted the slow way. Keys must be well mixed.
    """
    bits = np.uint64(max(1, (len(keys) - 1).bit_length()))
    short = np.sort(keys >> bits << bits | np.arange(len(keys), dtype=np.uint64))
    order = (short & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    sorted_keys = keys[order]
    same = sorted_keys[1:] == sorted_keys[:-1]
    if not np.array_equal(same, short[1:] >> bits == short[:-1] >> bits):
        order = np.argsort(keys, kind="stable")
        same = keys[order][1:] == keys[order][:-1]
    begins = np.ones(len(keys), np.bool_)
    begins[1:] = ~same
    return Groups(order, np.maximum.accumulate(np.where(begins, np.arange(len(keys)), 0)))


def last_before(chosen: Bools, first: Ints) -> Ints:
    """Return for each row the last chosen one before it of its key; -1 where there is none."""
    found = np.arange(-1, len(chosen) - 1)
    if not chosen.all():
        found[1:] = np.maximum.accumulate(np.where(chosen[:-1], found[1:], -1))
    found[found < first] = -1
    return found


def stored_until(at: Ints, first: Ints, keeps: Bools, lifetime: Ints) -> Bools:
    """Return which rows store something anew that lives from then for `lifetime`, however often it is read.

    `at` rises within each key. A row that keeps stores where nothing that an earlier row stored is left: so the rows
    that store are the first of each key, the first after its end, and so on: a path, followed in doubling steps.
    """
    rows = np.flatnonzero(keeps)
    first_kept = np.searchsorted(rows, first[rows])
    after = first_after(at[rows] + lifetime[rows], np.arange(len(rows)), at[rows], first_kept)
    stores = np.zeros(len(rows) + 1, np.bool_)
    stores[first_kept] = True
    jump = np.append(after, len(rows))
    while True:
        reached = jump[np.flatnonzero(stores)]
        if stores[reached].all():
            break
        stores[reached] = True
        jump = jump[jump]
    found = np.zeros(len(at), np.bool_)
    found[rows] = stores[:-1]
    return found


def first_after(limit: Ints, rows: Ints, at: Ints, first: Ints) -> Ints:
    """Return for some rows the first row of their key whose time is above a limit; the number of rows if none is.

    One search finds all: keys and times together are one rising number; times as ranks where they would not fit.
    """
    end = len(at)
    if not len(rows):
        return rows
    times, start = at, int(at.min())
    wide = int(at.max()) - start + 2
    if wide > _MOST // end:
        known = distinct(at)
        times, limit, start = np.searchsorted(known, at), np.searchsorted(known, limit, side="right") - 1, 0
        wide = len(known) + 1
    together = first * wide + (times - start)
    found = np.searchsorted(together, first[rows] * wide + np.clip(limit + 1 - start, 0, wide - 1))
    inside = np.append(first, -1)[found] == first[rows]
    return np.where(inside, found, end)


def is_last(chosen: Bools, first: Ints) -> Bools:
    """Return which rows are the last chosen one of their key."""
    places = np.arange(len(chosen))
    last = np.maximum.reduceat(np.where(chosen, places, -1), np.flatnonzero(first == places))
    found = np.zeros(len(chosen), np.bool_)
    found[last[last >= 0]] = True
    return found
