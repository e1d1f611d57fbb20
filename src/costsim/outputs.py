"""Files that a user names for output: there when they are whole, and nothing else in their place is taken away."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from costsim.errors import UsageError

_OF_THE_SYSTEM = ("/dev/", "/proc/")
"""What stands here is opened anew as what it is (`/dev/stdout`, also where that goes to a file)."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield where to write what shall be at `path`, which takes its place in one step when nothing went wrong.

    A link stays, and what it points to is written; a device or a pipe is written to as it is, until its reader has
    seen enough. UsageError where the system refuses.
    """
    if is_stream(path):
        with _refusals(path), suppress(BrokenPipeError):
            yield path
        return
    final = Path(os.path.realpath(path))
    part = final.with_name(f".{final.name}.{os.getpid()}.part")
    try:
        with _refusals(path):
            yield part
            part.replace(final)
    finally:
        part.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Whether `path` is there and takes what is written to it, rather than keeping it: a device, a pipe, a terminal."""
    try:
        kind = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) or path.absolute().as_posix().startswith(_OF_THE_SYSTEM)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise UsageError(f"cannot be written: {problem.strerror or problem}", where=str(path)) from problem
