"""The processes of this machine."""

import os
import sys
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_SLOW_START = 16
"""A worker that begins anew loads a second's worth of libraries and tables first, for each thing that is done."""


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def forks() -> bool:
    """Return whether a worker begins as a copy of this process; else it begins anew, and all is handed over to it."""
    return sys.platform == "linux"  # elsewhere it is unsafe, or there is no such thing


def worth(amount: int, few: int) -> int:
    """Return how many processes to use: one where so much work is done before a second one would have started.

    `few` is how much that is where workers begin as copies.
    """
    return cores() if amount > few * (1 if forks() else _SLOW_START) else 1


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
