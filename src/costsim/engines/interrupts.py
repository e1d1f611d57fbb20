"""Interrupts that wait for a moment at which nothing is half done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_INTERRUPTS = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}


@contextmanager
def held_back() -> Iterator[None]:
    """Hold back interrupts while something comes about that nobody knows of yet, and would be left behind.

    A process that starts meanwhile begins with them blocked, or it would show a traceback. Here that is not enough: a
    library's thread may take the signal, and Python then interrupts this thread all the same. So what comes is noted,
    and raised after it.
    """
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    noted: list[int] = []
    handlers = {each: signal.signal(each, lambda number, _frame: noted.append(number)) for each in _INTERRUPTS}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for each, handler in handlers.items():
            signal.signal(each, handler or signal.SIG_DFL)
        for number in noted[:1]:
            signal.raise_signal(number)
