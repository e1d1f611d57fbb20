"""A source as pieces that can be read on their own, in any process, and give the same calls together."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from costsim.ingest import compression
from costsim.ingest.sources import Source

SPLIT_BYTES = 16 << 20


@dataclass(frozen=True)
class Split:
    """A piece of one source: bytes [start, end) of a plain file, lines already unpacked, or the whole file."""

    source: int
    start: int
    end: int
    payload: bytes | None = None
    """Whole lines, where the file is packed and only one process can unpack it."""
    damage: str | None = None
    """Why the unpacking stopped after this piece, where it did."""


def split(number: int, source: Source) -> Iterator[Split]:
    """Yield the pieces of the source in order."""
    look = source.look
    if look.container == "empty":
        return
    if look.container != "lines" or look.own:
        yield Split(number, 0, source.size)
    elif look.packing is None:
        for start in range(0, source.size, SPLIT_BYTES):
            yield Split(number, start, min(start + SPLIT_BYTES, source.size))
    else:
        yield from _unpacked(number, source.path)


def _unpacked(number: int, path: Path) -> Iterator[Split]:
    """Pieces of a packed file; offsets count plain bytes."""
    start, rest, damage = 0, b"", None
    with compression.opened(path) as stream:
        while damage is None:
            block, damage = _read(stream, SPLIT_BYTES)
            if not block and damage is None:
                break
            whole, newline, tail = (rest + block).rpartition(b"\n")
            payload, rest = (whole + newline, tail) if newline else (b"", rest + block)
            if payload or damage:
                payload, rest = (payload + rest, b"") if damage else (payload, rest)
                yield Split(number, start, start + len(payload), payload, damage)
                start += len(payload)
    if rest:
        yield Split(number, start, start + len(rest), rest)


def _read(stream: BinaryIO, size: int) -> tuple[bytes, str | None]:
    """Up to `size` bytes, and why there are no more, where the file is damaged."""
    found = []
    while size > 0:
        try:
            block = stream.read(min(size, 1 << 20))
        except compression.DAMAGE as problem:
            return b"".join(found), str(problem) or type(problem).__name__
        if not block:
            break
        found.append(block)
        size -= len(block)
    return b"".join(found), None
