"""Prompt caches as they would have been: what each request reads and writes, from prefixes, times and models.

A prefix is alive for a request when an earlier request of the same model stored it within its lifetime. A request reads
the longest prefix that is alive, down to the model's granularity, if that is at least the model's minimum; what it
stores beyond that is written. Where requests happen only with a probability, reads and writes are what is to be
expected of a request that does happen.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.policies.levers import on_disk
from costsim.policies.levers.grouping import Bools, Hashes, Ints, mixed
from costsim.policies.levers.in_order import AT_ONCE, Timed, in_order
from costsim.policies.levers.lifetimes import CERTAIN, Stored, alive

FOREVER = 1 << 61
"""A lifetime that never ends, in microseconds."""

NONE = -1
"""Nothing can be said: the request has no time, no prefixes or no tokens."""


class CacheRules(msgspec.Struct, frozen=True):
    """How each model caches; arrays by the model's code."""

    least: Ints
    """Tokens: shorter prefixes are not cached."""
    step: Ints
    """Reads are whole multiples of so many tokens."""
    lifetime: Ints
    """Microseconds; 0: the model has no cache."""
    refreshed: Bools
    """Whether each request with a prefix begins its lifetime anew."""
    everywhere: Bools
    """Whether each prefix is stored, as automatic caches do; else the first and the last, where breakpoints stand."""
    writes: Bools
    """Whether what is stored is counted as written, because it is billed."""
    one_hour: Bools
    """Whether writes are of the sort that lives for an hour."""


class Requests(Timed, frozen=True):
    """Attempts of one batch, and the prefixes of the calls that they come from.

    Prefixes of call c are those from offsets[c] to offsets[c + 1], the shorter first.
    """

    model: NDArray[np.int32]
    """Places in the rules; -1 for a model without rules, which caches nothing."""
    share: NDArray[np.float64]
    """The probability that the attempt happens."""
    input_tokens: Ints
    """Of the attempt, on its model."""
    counted_tokens: Ints
    """The input tokens of its call as they were counted for `tokens`; prefixes grow or shrink with the input."""
    call: Ints
    offsets: Ints
    hashes: Hashes
    tokens: Ints

    def only(self, places: Ints) -> "Requests":
        """Return some attempts, with only their prefixes."""
        calls, call = np.unique(self.call[places], return_inverse=True)
        starts, counts = self.offsets[calls], np.diff(self.offsets)[calls]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        rows = _ranges(starts, counts)
        return Requests(
            self.at[places],
            self.model[places],
            self.share[places],
            self.input_tokens[places],
            self.counted_tokens[places],
            call.astype(np.int64),
            offsets,
            self.hashes[rows],
            self.tokens[rows],
        )

    @classmethod
    def together(cls, some: list["Requests"]) -> "Requests":
        """Return several as one."""
        calls = np.cumsum([0, *(len(each.offsets) - 1 for each in some)])
        rows = np.cumsum([0, *(len(each.hashes) for each in some)])
        joined: list[NDArray[Any]] = [
            np.concatenate(columns) for columns in zip(*(each.columns() for each in some), strict=True)
        ]
        joined[5] = np.concatenate([each.call + before for each, before in zip(some, calls, strict=False)])
        offsets = [each.offsets[:-1] + before for each, before in zip(some, rows, strict=False)]
        joined[6] = np.append(np.concatenate(offsets), rows[-1])
        return Requests(*joined)


class CacheUse(NamedTuple):
    """What each attempt reads and writes, in tokens of its input; NONE where nothing can be said."""

    read: Ints
    write: Ints
    write_1h: Ints
    """The part of `write` that lives for an hour."""

    def of(self, rows: slice) -> "CacheUse":
        """Return some attempts."""
        return CacheUse(self.read[rows], self.write[rows], self.write_1h[rows])


class Uses(NamedTuple):
    """What each attempt reads and writes, by where breakpoints stand; of automatic caches all is in `both`."""

    both: CacheUse
    """At the first prefix and the last."""
    first: CacheUse
    """At the first alone, as long as nobody stores the last: 0 where `both` says NONE, and of automatic caches."""


def simulate(
    load: Callable[[int], Requests],
    times: Callable[[int], Ints],
    batches: int,
    rules: CacheRules,
    folder: Path,
    at_once: int = AT_ONCE,
) -> Uses:
    """Return the cache use of all attempts of all batches, one batch after the other, as arrays on the disk.

    `load` returns a batch and is called once for each; `times` its `at` alone, twice. Memory: one batch (or part, see
    `in_order`), and what was stored within the lifetimes before it. Files under `folder`: 24 bytes for each attempt,
    48 where its cache must be asked for, and where batches overlap in time, a copy of them.
    """
    total = sum(len(times(batch)) for batch in range(batches))
    use = Uses(*(_columns(folder, f"{part}-breakpoints", total) for part in Uses._fields))
    for column in use.both:
        on_disk.reserve(column)
        column[:] = NONE
    stored = Stored.nothing()
    waiting: list[tuple[Requests, Ints]] = []
    for part in in_order(load, times, batches, folder, at_once):
        waiting.append(part)
        if sum(len(requests.hashes) for requests, _ in waiting) >= len(stored):  # else most of the work is what is kept
            stored = _fill(use, waiting, rules, stored)
            waiting = []
    _fill(use, waiting, rules, stored)
    return use


def _fill(use: Uses, waiting: list[tuple[Requests, Ints]], rules: CacheRules, stored: Stored) -> Stored:
    """Write down the use of some parts; return what is stored after them."""
    if not waiting:
        return stored
    requests = Requests.together([requests for requests, _ in waiting]) if len(waiting) > 1 else waiting[0][0]
    found, stored = _use(requests, rules, stored)
    places = np.concatenate([places for _, places in waiting])
    for columns, values in zip(use, found, strict=True):
        if values is not None:
            for column, written in zip(columns, values, strict=True):
                on_disk.reserve(column)
                column[places] = written
    return stored


def _columns(folder: Path, name: str, rows: int) -> CacheUse:
    files = (folder / f"cache-{name}-{column}.npy" for column in CacheUse._fields)
    return CacheUse(*(on_disk.column(file, np.int64, rows) for file in files))


class _Rows(NamedTuple):
    """One row for each prefix of each attempt that caches: attempts by time, prefixes from the shortest."""

    attempt: Ints
    place: Ints
    """Of the prefix among those of all calls."""
    starts: Ints
    """First row of each attempt that caches."""
    ends: Ints
    """And its last."""


def _rows(requests: Requests, caches: Bools) -> _Rows:
    counts = np.where(caches, np.diff(requests.offsets)[requests.call], 0)
    after = np.cumsum(counts)[caches]
    return _Rows(
        attempt=np.repeat(np.arange(len(counts)), counts),
        place=_ranges(requests.offsets[requests.call], counts),
        starts=after - counts[caches],
        ends=after - 1,
    )


def _use(requests: Requests, rules: CacheRules, before: Stored) -> tuple[tuple[CacheUse, CacheUse | None], Stored]:
    """The use of attempts in the order of time, given what is stored before them; and what is stored after them.

    Each request with a prefix as its first stores it, whether the last is stored too or not, and no other does: so what
    is left of first prefixes is the same with both breakpoints and with one.
    """
    has_prefixes = np.diff(requests.offsets)[requests.call] > 0
    caches = (requests.model >= 0) & (rules.lifetime[requests.model] > 0) & has_prefixes & (requests.input_tokens > 0)
    rows = _rows(requests, caches)
    chance, after = alive(before, _looked_up(requests, rules, rows))
    length = _length(requests, rules, rows)
    both = _billed(requests, rules, caches, _expected(chance, length, rows), length[rows.ends])
    unknown = (requests.input_tokens < 0) | ~has_prefixes
    both = CacheUse(*(np.where(unknown, NONE, column) for column in both))
    asked = ~rules.everywhere[requests.model[caches]]
    if not asked.any():
        return (both, None), after
    shortest = np.where(asked, length[rows.starts], 0)
    read = (shortest * chance[rows.starts] + CERTAIN // 2) // CERTAIN
    return (both, _billed(requests, rules, caches, read, shortest)), after


def _billed(requests: Requests, rules: CacheRules, caches: Bools, reads: Ints, stores: Ints) -> CacheUse:
    """The use of all attempts, given what those that cache read and store."""
    read, write = np.zeros(len(caches), np.int64), np.zeros(len(caches), np.int64)
    read[caches] = reads
    write[caches] = np.maximum(stores - reads, 0)
    write = np.where(rules.writes[requests.model], write, 0)
    return CacheUse(read, write, np.where(rules.one_hour[requests.model], write, 0))


def _looked_up(requests: Requests, rules: CacheRules, rows: _Rows) -> Stored:
    model = requests.model[rows.attempt]
    stores = rules.everywhere[model]
    stores[rows.starts] = True
    stores[rows.ends] = True
    return Stored(
        at=requests.at[rows.attempt],
        key=mixed(requests.hashes[rows.place], model),
        share=requests.share[rows.attempt],
        stores=stores,
        lifetime=rules.lifetime[model],
        refreshed=rules.refreshed[model],
    )


def _length(requests: Requests, rules: CacheRules, rows: _Rows) -> Ints:
    """What a request reads that finds a prefix: its tokens on that model, in whole steps, if they are enough."""
    model, whole = requests.model[rows.attempt], requests.input_tokens[rows.attempt]
    tokens = requests.tokens[rows.place]
    if not np.array_equal(requests.input_tokens, requests.counted_tokens):
        tokens = tokens * whole // np.maximum(requests.counted_tokens, 1)[rows.attempt]
    length = np.where(tokens >= rules.least[model], np.minimum(tokens, whole), 0)
    if (rules.step > 1).any():
        length -= length % rules.step[model]
    return length


def _expected(chance: Ints, length: Ints, rows: _Rows) -> Ints:
    """Tokens that each attempt is expected to read.

    The longest prefix that is alive is at least j with the highest chance of any from j on; the sum of what each j adds
    times that chance is the mean of the longest.
    """
    if not len(rows.starts):
        return np.zeros(0, np.int64)
    if ((chance == 0) | (chance == CERTAIN)).all():
        found: Ints = np.maximum.reduceat(np.where(chance > 0, length, 0), rows.starts)
        return found
    later_first = (rows.attempt[-1] - rows.attempt[::-1]) * (CERTAIN + 1)  # so each attempt begins above all before it
    at_least = (np.maximum.accumulate(chance[::-1] + later_first) - later_first)[::-1]
    added = np.diff(length, prepend=0)
    added[rows.starts] = length[rows.starts]
    return (np.add.reduceat(np.maximum(added, 0) * at_least, rows.starts) + CERTAIN // 2) // CERTAIN


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """All numbers from each start on, so many of each."""
    ends = np.cumsum(counts)
    found: Ints = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - counts), counts)
    return found
