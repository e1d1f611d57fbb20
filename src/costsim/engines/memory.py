"""Memory that is freed is kept for what comes next, where it would else be given back and cleared anew."""

import ctypes
import sys

import pyarrow as pa

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""Parameters of glibc's mallopt(3)."""
_LARGEST_ARRAY, _KEPT, _AT_ONCE = 32 << 20, 1 << 30, 64 << 20


def keep_freed() -> None:
    """Keep up to a gigabyte that arrays have freed; they come and go by the thousand, each of some megabytes.

    A quarter of the time of a replay is else spent on pages that the system hands out, and clears. Does nothing where
    memory is handed out by another library than glibc.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # as with musl
        return
    pa.set_memory_pool(pa.system_memory_pool())
    mallopt(_MMAP_THRESHOLD, _LARGEST_ARRAY)
    mallopt(_TRIM_THRESHOLD, _KEPT)
    mallopt(_TOP_PAD, _AT_ONCE)
