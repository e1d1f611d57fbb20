"""A store in parts that are worth the trouble: some batches together, always the same ones."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import numpy as np
import pyarrow as pa

from costsim.engines import ENGINES, local
from costsim.ingest.kept.store import Manifest
from costsim.summary.question import Question

FEW_CALLS = 100_000
"""Fewer are replayed before a second process would have started."""
FEW_IN_CELLS = 5 * FEW_CALLS
"""The same where they are in cells, or are only looked at."""
AT_ONCE = 50_000
"""Calls of a part, about: to replay a part costs as much as thousands of its calls, and memory must stay flat."""
IN_CELLS, FEWER_IN_CELLS = 200_000, 100_000
"""The same where most calls are replayed in cells, of many calls and of few: the sooner the first are read."""
Found = TypeVar("Found")


class Batches(Protocol):
    """Where calls are read from: a store, or a file of calls."""

    manifest: Manifest
    bucket_columns: Sequence[str]
    """Columns that tell the bucket of a call."""

    def part(self, first: int, end: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the calls of the batches [first, end) as one table, without copies; only the named columns."""


class Parts:
    """The chosen calls of a store, part by part."""

    def __init__(self, store: Batches, question: Question, columns: Sequence[str], at_once: int = AT_ONCE) -> None:
        self._store, self._question, self._columns = store, question, columns
        self.stored = store.manifest.calls
        """Calls of the store, before some of them are chosen."""
        self._batches: list[list[int]] = []
        rows = at_once
        for number, batch in enumerate(store.manifest.batches):
            if rows >= at_once:
                self._batches.append([])
                rows = 0
            self._batches[-1].append(number)
            rows += batch.rows

    def __len__(self) -> int:
        return len(self._batches)

    def calls(self, part: int) -> pa.Table:
        """Return the chosen calls of a part."""
        numbers = self._batches[part]
        found = self._store.part(numbers[0], numbers[-1] + 1, self._columns)
        return self._question.selection.of(found, self._question.timezone)

    def each(self, parts: Sequence[int]) -> Iterator[tuple[int, pa.Table]]:
        """Yield some parts, one at least, with their chosen calls; while one is looked at, the next one is read."""
        with ThreadPoolExecutor(1) as reader:
            ahead = reader.submit(self.calls, parts[0])
            for part, after in zip(parts, [*parts[1:], None], strict=True):
                calls = ahead.result()
                if after is not None:
                    ahead = reader.submit(self.calls, after)
                yield part, calls

    def place(self, batch: int, row: int) -> tuple[int, int]:
        """Return the part of a batch's row, and its row there, where no call is left out."""
        part = next(part for part, batches in enumerate(self._batches) if batch in batches)
        before = self._batches[part][: self._batches[part].index(batch)]
        stored = self._store.manifest.batches
        return part, row + sum(stored[number].rows - stored[number].copies for number in before)


def at_once(calls: int, *, in_cells: bool) -> int:
    """Return about how many of so many calls a part has."""
    if not in_cells:
        return AT_ONCE
    return IN_CELLS if calls > FEW_IN_CELLS else FEWER_IN_CELLS


def spread(
    function: Callable[[Sequence[int]], Found], parts: int, calls: int, workers: int | None, few: int = FEW_CALLS
) -> Iterator[Found]:
    """Yield what a function makes of all parts, some at a time, on so many processes, or here if calls are few."""
    workers = workers or local.worth(calls, few)
    shares = np.array_split(np.arange(parts), max(1, min(parts, workers * 4 if workers > 1 else 1)))
    work = [share.tolist() for share in shares if len(share)]
    yield from ENGINES["local"].map(function, work, min(workers, len(work)))
