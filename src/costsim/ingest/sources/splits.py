"""A source as pieces that can be read on their own, in any process, and give the same calls together."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from costsim.ingest.containers import compression
from costsim.ingest.sources.found import Source

SPLIT_BYTES = 16 << 20
SMALL = 1 << 20
"""Bytes; smaller files that follow one another are read together, for a batch of calls for each would take far longer
than reading it: OpenCode writes a file for each message.
"""
MOST_TOGETHER = 500
"""Files."""
LONGEST_LINE = 1 << 28
"""Bytes; a longer line is no line of a log, and memory is not spent on it."""


class Split(msgspec.Struct, frozen=True):
    """A piece of one source: bytes [start, end) of a plain file, lines already unpacked, or the whole file."""

    source: int
    start: int
    end: int
    payload: bytes | None = None
    """Whole lines, where the file is packed and only one process can unpack it."""
    damage: str | None = None
    """Why the unpacking stopped after this piece, where it did."""


def together(sources: Sequence[Source]) -> Iterator[list[Split]]:
    """Yield the pieces of all sources in order: of a large source one by one, of small ones of one format together."""
    waiting: list[Split] = []
    for number, source in enumerate(sources):
        small = source.size <= min(SMALL, SPLIT_BYTES) and source.look.packing is None and not source.look.own
        if waiting and not (small and _goes_with(sources[waiting[-1].source], source) and _has_room(waiting)):
            yield waiting
            waiting = []
        if small:
            waiting += split(number, source)
        else:
            yield from ([each] for each in split(number, source))
    if waiting:
        yield waiting


def _goes_with(first: Source, second: Source) -> bool:
    """Whether calls of both may be in one batch, which is of one format."""
    return first.look.formats[:1] == second.look.formats[:1]


def _has_room(waiting: Sequence[Split]) -> bool:
    return len(waiting) < MOST_TOGETHER and sum(each.end - each.start for each in waiting) < SPLIT_BYTES


def split(number: int, source: Source) -> Iterator[Split]:
    """Yield the pieces of the source in order."""
    look = source.look
    if look.container == "empty":
        return
    if look.container != "lines" or look.own or look.in_order:
        yield Split(number, 0, source.size)
    elif look.packing is None:
        for start in range(0, source.size, SPLIT_BYTES):
            yield Split(number, start, min(start + SPLIT_BYTES, source.size))
    else:
        yield from _unpacked(number, source.path)


def _unpacked(number: int, path: Path) -> Iterator[Split]:
    try:
        with compression.opened(path) as stream:
            yield from _pieces(number, stream)
    except OSError as problem:  # it was there when it was looked at
        yield Split(number, 0, 0, b"", f"cannot be read: {problem.strerror or problem}")


def _pieces(number: int, stream: BinaryIO) -> Iterator[Split]:
    """Whole lines at a time; offsets count plain bytes."""
    start, rest, damage, skipping = 0, b"", None, False
    while damage is None:
        block, damage = _read(stream, SPLIT_BYTES)
        if not block and damage is None:
            break
        if skipping:
            dropped, newline, block = block.partition(b"\n")
            start, skipping = start + len(dropped) + len(newline), not newline
        whole, newline, tail = block.rpartition(b"\n")
        payload, rest = (rest + whole + newline, tail) if newline else (b"", rest + block)
        if damage:
            payload, rest = payload + rest, b""
        if payload or damage:
            yield Split(number, start, start + len(payload), payload, damage)
            start += len(payload)
        if len(rest) > LONGEST_LINE:  # so much of it shows the reader that it is too long
            yield Split(number, start, start + LONGEST_LINE, rest[:LONGEST_LINE])
            start, rest, skipping = start + len(rest), b"", True
    if rest:
        yield Split(number, start, start + len(rest), rest)


def _read(stream: BinaryIO, size: int) -> tuple[bytes, str | None]:
    """Up to `size` bytes, and why there are no more, where the file is damaged."""
    found: list[bytes] = []
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
