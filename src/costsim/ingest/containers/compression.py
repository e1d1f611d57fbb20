"""Open a log as a stream of plain bytes, whatever it is packed in; told by its first bytes, not by its name."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

_MAGIC = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zst", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
_BLOCK = 1 << 18

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstandard.ZstdError, OSError)
"""What reading a damaged or cut-off file raises, by its packing."""


class Damaged(OSError):  # noqa: N818  it says what the file is
    """A file that breaks off, or is spoilt from here on; what came before has been read."""


def packing(start: bytes) -> str | None:
    """Return what the file that begins with `start` is packed in (gz, zst, bz2, xz), or None where it is plain."""
    for magic, name in _MAGIC.items():
        if start.startswith(magic):
            return name
    return None


def opened(path: Path) -> BinaryIO:
    """Open a file for reading its plain bytes."""
    raw = path.open("rb")
    try:
        return unpacked(raw, packing(raw.peek(8)[:8]))
    except BaseException:
        raw.close()
        raise


def unpacked(raw: BinaryIO, name: str | None) -> BinaryIO:
    """Return a stream of the plain bytes inside `raw`; Damaged after all that can be had, where it is damaged."""
    if name is None:
        return raw
    return cast(BinaryIO, _Unpacked(raw, _zst_blocks(raw) if name == "zst" else _blocks(raw, name)))


def _blocks(raw: BinaryIO, name: str) -> Iterator[bytes]:
    makers: dict[str, Callable[[BinaryIO], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
        "gz": lambda raw: gzip.GzipFile(fileobj=raw),
        "bz2": bz2.BZ2File,
        "xz": lzma.LZMAFile,
    }
    yield from iter(partial(makers[name](raw).read1, _BLOCK), b"")


def _zst_blocks(raw: BinaryIO) -> Iterator[bytes]:
    """Frame by frame: the library's own stream takes a cut-off frame for a whole one."""
    unpacker = zstandard.ZstdDecompressor()
    frame, begun = unpacker.decompressobj(), False
    for block in iter(partial(raw.read, _BLOCK), b""):
        rest = block
        while rest:
            plain, begun = frame.decompress(rest), True
            if plain:
                yield plain
            rest = frame.unused_data
            if frame.eof:
                frame, begun = unpacker.decompressobj(), False
    if begun:
        raise EOFError


class _Unpacked(io.BufferedIOBase):
    """Blocks of plain bytes as a stream that never loses bytes to an error that comes after them."""

    def __init__(self, raw: BinaryIO, blocks: Iterator[bytes]) -> None:
        self._raw, self._blocks = raw, blocks
        self._block, self._at, self._passed = b"", 0, 0
        self._damage: Damaged | None = None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()
        super().close()

    def read1(self, size: int | None = -1, /) -> bytes:
        """Some of the next bytes; b'' at the end."""
        if not self._has_more():
            return b""
        end = len(self._block) if size is None or size < 0 else self._at + size
        return self._taken(end)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next `size` bytes; fewer only at the end, or where the file is damaged."""
        left = -1 if size is None else size
        return b"".join(self._parts(left))

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next bytes up to and with a newline, at most `size`."""
        left = -1 if size is None else size
        return b"".join(self._parts(left, b"\n"))

    def _parts(self, left: int, until: bytes | None = None) -> Iterator[bytes]:
        """Parts of at most `left` bytes together; Damaged only where there is no byte before the damage."""
        first = True
        while left and (self._has_more() if first else self._has_more(quietly=True)):
            end = len(self._block) if left < 0 else min(len(self._block), self._at + left)
            found = self._block.find(until, self._at, end) if until else -1
            part = self._taken(found + 1 if found >= 0 else end)
            yield part
            left, first = left - len(part) if left > 0 else left, False
            if found >= 0:
                return

    def _taken(self, end: int) -> bytes:
        part = self._block[self._at : end]
        self._at += len(part)
        return part

    def _has_more(self, *, quietly: bool = False) -> bool:
        """Whether a byte is left; Damaged, unless `quietly`, where the file is known to break off here."""
        while self._at >= len(self._block) and self._damage is None:
            self._passed, self._block, self._at = self._passed + len(self._block), b"", 0
            try:
                self._block = next(self._blocks)
            except StopIteration:
                return False
            except DAMAGE as problem:
                what = "cut off" if isinstance(problem, EOFError) else "damaged"
                self._damage = Damaged(f"{what} after {amount(self._passed)}")
        if self._at < len(self._block):
            return True
        if self._damage is not None and not quietly:
            raise self._damage
        return False


def amount(count: int) -> str:
    """Return a number of bytes as people say it: 1.2 GB."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
