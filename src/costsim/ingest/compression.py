"""Open a log as a stream of plain bytes, whatever it is packed in; told by its first bytes, not by its name."""

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

_MAGIC = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstandard.ZstdError, OSError)
"""What reading a damaged or cut-off file raises, by its packing."""


def packing(start: bytes) -> str | None:
    """Return what the file that begins with `start` is packed in (gz, zst, bz2, xz), or None where it is plain."""
    for magic, name in _MAGIC.items():
        if start.startswith(magic):
            return name
    return None


def opened(path: Path) -> BinaryIO:
    """Open a file for reading its plain bytes."""
    raw = path.open("rb")
    return unpacked(raw, packing(raw.peek(8)[:8]))


def unpacked(raw: BinaryIO, name: str | None) -> BinaryIO:
    """Return a stream of the plain bytes inside `raw`."""
    if name == "gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    if name == "zst":
        reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
        return cast(BinaryIO, io.BufferedReader(reader, 1 << 20))
    if name == "bz2":
        return cast(BinaryIO, bz2.BZ2File(raw))
    if name == "xz":
        return cast(BinaryIO, lzma.LZMAFile(raw))
    return raw
