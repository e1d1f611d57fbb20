"""Several processes that apply one function, each to the next item."""

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from costsim.engines import local
from costsim.engines.interrupts import held_back
from costsim.errors import CostsimError

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Items that wait for each worker: enough that none stands idle, few enough that memory stays flat."""


def in_order(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Generator[Result, None, None]:
    """Yield `function(item)` for each item in order; the processes are gone when the iterator is closed."""
    others = multiprocessing.active_children()
    executor = ProcessPoolExecutor(
        workers, mp_context=_context(), initializer=_begin, initargs=(function, gc.get_threshold())
    )
    finished = False
    try:
        yield from _results(executor, items, workers * _AHEAD)
        finished = True
    except BrokenProcessPool as problem:
        raise CostsimError("a worker process was killed", hint="out of memory? try --workers 1") from problem
    finally:
        if not finished:
            _end_now(process for process in multiprocessing.active_children() if process not in others)
        executor.shutdown(wait=True, cancel_futures=True)


def _end_now(processes: Iterable[Any]) -> None:
    """Whoever interrupts does not wait for work in hand, which may be a file of many gigabytes."""
    for process in processes:
        process.terminate()


def _results(executor: ProcessPoolExecutor, items: Iterable[Item], ahead: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    for item in items:
        with held_back():
            waiting.append(executor.submit(_apply, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _context() -> multiprocessing.context.BaseContext:
    """Forking shares the loaded tables with the workers; where it is unsafe or unknown, they are handed over."""
    return multiprocessing.get_context("fork" if local.forks() else "spawn")


_function: Callable[[Any], Any]
"""What this worker applies: handed over once, when it starts, because it may carry large tables."""


def _begin(function: Callable[[Any], Any], threshold: tuple[int, int, int]) -> None:
    # a pool applies what it finds by name in the worker, whose one task in its life this is
    global _function  # noqa: PLW0603
    _function = function
    gc.set_threshold(*threshold)  # as seldom as in the parent, also where nothing is copied from it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends the workers
    for name in ("SIGTERM", "SIGHUP"):  # which is how it ends them, whatever it does of its own at that
        if hasattr(signal, "pthread_sigmask"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {getattr(signal, name)})


def _apply(item: Any) -> Any:
    return _function(item)
