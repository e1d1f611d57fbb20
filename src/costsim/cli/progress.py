"""A progress bar on standard error: only on a terminal, only for work that takes a while."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

AFTER_SECONDS = 0.5


@contextmanager
def progress(wanted: bool) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told the bytes done and of how many; the bar appears when the work is long."""
    if not wanted or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    bar = _Bar()
    try:
        yield bar.update
    finally:
        bar.stop()


class _Bar:
    """A bar of bytes with rate and time left, made late: rich is not loaded for quick work."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bar: Any = None

    def update(self, done: int, total: int) -> None:
        if self._bar is None:
            if time.monotonic() - self._began < AFTER_SECONDS or done >= total:
                return
            self._start(total)
        self._bar.update(self._task, completed=done, total=total)

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _start(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._bar = Progress("reading", *columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        self._task = self._bar.add_task("reading", total=total)
        self._bar.start()
