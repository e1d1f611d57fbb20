"""What a log's calls are: which models answer which tasks, and what that costs; what a policy is fitted to."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import asdict, astuple
from numpy.typing import NDArray

from costsim.ingest.kept.store import Store
from costsim.prices import NO_TIME, PriceTable
from costsim.replay import COLUMNS, history
from costsim.schema import whole_numbers, words
from costsim.tasks import UNKNOWN

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
"""In the order of the fields of `Sum`."""
SURE = 0.6
"""The confidence from which a call's task is taken as known."""


class Group(NamedTuple):
    """Calls that are alike in what a fitted policy looks at."""

    label: str
    """The model, as the log calls it."""
    model: int
    """Its index in the price table."""
    task: str
    complexity: str
    sure: bool


class Sum(msgspec.Struct):
    """What the calls of a group add up to."""

    calls: int = 0
    cost: int = 0
    """10^-12 USD."""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    """A part of the input, like the next."""
    cache_write_tokens: int = 0

    def add(self, other: "Sum") -> "Sum":
        """Add another sum to this one, and return it."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self

    def typical(self) -> "Sum":
        """Return the mean call, rounded down."""
        return Sum(*(value // max(1, self.calls) for value in astuple(self)))


class Traffic(msgspec.Struct):
    """Chat calls with a price, by group."""

    groups: dict[Group, Sum] = msgspec.field(default_factory=lambda: defaultdict(Sum))
    others: int = 0
    """Calls without a price or of another kind, such as embeddings."""
    last_day: str = ""
    """The day (UTC, YYYY-MM-DD) of the newest call; empty where none has a time."""

    def total(self, wanted: Callable[[Group], bool] = lambda _: True) -> Sum:
        """Return the sum of the groups that are wanted."""
        whole = Sum()
        for group, part in self.groups.items():
            if wanted(group):
                whole.add(part)
        return whole

    def by_model(self) -> dict[int, Sum]:
        """Return the sum of each model, dearest first."""
        found: dict[int, Sum] = defaultdict(Sum)
        for group, part in self.groups.items():
            found[group.model].add(part)
        return dict(sorted(found.items(), key=lambda item: (-item[1].cost, item[0])))


def traffic_of(store: Store, prices: PriceTable) -> Traffic:
    """Return what the calls of a store are, in one pass over its batches."""
    found = Traffic()
    for calls in store.batches((*COLUMNS, "task", "task_confidence", "complexity", "operation")):
        for group, part in _sums(calls, prices, found):
            found.groups[group].add(part)
    return found


def _sums(calls: pa.Table, prices: PriceTable, found: Traffic) -> Iterator[tuple[Group, Sum]]:
    replay = history(calls, prices)
    model = replay.attempts.usage.model.astype(np.int64)
    operation, operations = words(calls, "operation")
    chat = np.array([each == "chat" for each in operations], bool)[operation]
    rows = np.flatnonzero(chat & replay.known & (model >= 0))
    found.others += calls.num_rows - len(rows)
    found.last_day = max(found.last_day, _last_day(replay.attempts.usage.at))
    sure = np.nan_to_num(calls.column("task_confidence").to_numpy()) >= np.float32(SURE)
    columns = [words(calls, name) for name in ("model", "task", "complexity")]
    keys = np.stack([*(codes[rows] for codes, _ in columns), model[rows], sure[rows].astype(np.int64)], axis=1)
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    sums = [
        _added(which.ravel(), len(distinct), values[rows])
        for values in (
            np.ones(calls.num_rows, np.int64),
            replay.cost,
            *(whole_numbers(calls, name, 0) for name in _TOKENS),
        )
    ]
    labels = [names for _, names in columns]
    for place, (label, task, complexity, index, known) in enumerate(distinct.tolist()):
        group = Group(
            labels[0][label] or "", index, labels[1][task] or UNKNOWN, labels[2][complexity] or "", bool(known)
        )
        yield group, Sum(*(int(each[place]) for each in sums))


def _last_day(at: NDArray[np.int64]) -> str:
    timed = at[at != NO_TIME]
    return str(timed.max().astype("datetime64[us]").astype("datetime64[D]")) if len(timed) else ""


def _added(which: NDArray[np.int64], count: int, values: NDArray[np.int64]) -> NDArray[np.int64]:
    sums = np.zeros(count, np.int64)
    np.add.at(sums, which, values)
    return sums
