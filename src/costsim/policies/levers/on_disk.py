"""Columns of all calls that stand in files and are mapped into memory: as large as a log, and shared by processes."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def column(path: Path, kind: type[np.generic], rows: int) -> NDArray[Any]:
    """Return a column of zeros in a new file; what is never written to takes no room (see `reserve`)."""
    if not rows:
        return np.zeros(0, kind)
    found: NDArray[Any] = np.lib.format.open_memmap(path, "w+", kind, (rows,))
    return found


def reserve(mapped: NDArray[Any]) -> None:
    """Make sure that there is room for all of a column: where a disk is full, the system ends who writes to one.

    OSError where there is none; nothing is known of it before on systems that cannot reserve room.
    """
    if not isinstance(mapped, np.memmap) or not hasattr(os, "posix_fallocate"):
        return
    path = Path(str(mapped.filename))
    with path.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as problem:
            raise OSError(problem.errno, problem.strerror, str(path.parent)) from problem
