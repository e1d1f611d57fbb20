"""The processes of this machine."""

import os
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Generator[Result, None, None]:
    """Yield `function(item)` for each item in order; with one worker, here and now, without a process.

    Whoever leaves before the end closes the iterator, and the processes are gone when that returns.
    """
    if workers <= 1:
        for item in items:
            yield function(item)
        return
    from costsim.engines.processes import in_order  # what makes processes is slow to load

    yield from in_order(function, items, workers)
