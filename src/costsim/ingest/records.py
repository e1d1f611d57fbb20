"""Splits of sources as records: each as the JSON of one object, whatever container held it, with its place."""

import io
import sys
from collections.abc import Iterator
from itertools import accumulate, count
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
from msgspec.structs import replace

from costsim.ingest.containers import archives, compression, databases, documents, event_streams, parquet, tables
from costsim.ingest.sources.found import Source
from costsim.ingest.sources.splits import Split

LONGEST_LINE = 1 << 28
_BLOCK = 1 << 21
_BOM = b"\xef\xbb\xbf"


class Account(Protocol):
    """Where a container tells of lines that are no records."""

    physical_lines: int
    """Lines that the split holds, as an editor counts them."""

    def reject(self, line: int, reason: str) -> None:
        """Count a line that cannot be read."""


def records(source: Source, split: Split, account: Account) -> Iterator[tuple[bytes, int, int]]:
    """Yield each record of the split as JSON, with its line within the split and its position in the source."""
    container = source.look.container
    if container == "lines":
        for block in blocks(source, split, account):
            yield from zip(block.lines, count(block.number), block.starts, strict=False)
    elif container == "csv":
        with compression.opened(source.path) as stream:
            yield from tables.records(stream, source.look.delimiter, account)
    elif container == "documents":
        with compression.opened(source.path) as stream:
            for number, (record, line) in enumerate(documents.records(stream)):
                yield msgspec.json.encode(record), line, number
    elif container == "events":
        with compression.opened(source.path) as stream:
            for number, (text, line) in enumerate(event_streams.records(stream)):
                yield text, line, number
    elif container == "sqlite":
        rows = databases.records(source.path, source.look.formats)
        yield from ((record, number + 1, number) for number, record in enumerate(rows))
    elif container in archives.CONTAINERS:
        inside = archives.records(source.path, container, account.reject)
        yield from ((record, line, number) for number, (record, line) in enumerate(inside))
    else:
        yield from ((record, number + 1, number) for number, record in enumerate(parquet.records(source.path)))


def _lines_of(path: Path, split: Split) -> BinaryIO:
    """A stream that stands at the first line that begins within the split."""
    if split.payload is not None:
        return io.BytesIO(split.payload)
    if split.start == 0:
        return compression.opened(path)
    stream = path.open("rb", buffering=1 << 16)
    stream.seek(split.start - 1)
    while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        continue
    return stream


class Block(msgspec.Struct):
    """Lines that follow one another."""

    lines: list[bytes]
    number: int
    """Of the first line within its split, counted from 1."""
    starts: list[int]
    """Where each line begins in the source, and where the last one ends."""


def blocks(source: Source, split: Split, account: Account) -> Iterator[Block]:
    """Yield the lines of a split of a source that is made of lines, many at a time; they begin before its end."""
    if source.look.packing is not None and split.payload is None:  # in one piece: its end is not known before
        split = replace(split, end=sys.maxsize)
    with _lines_of(source.path, split) as stream:
        yield from _blocks(stream, split, account)


def _blocks(stream: BinaryIO, split: Split, account: Account) -> Iterator[Block]:
    position = stream.tell() if split.start and split.payload is None else split.start
    number = 1
    for lines in _lines_by_block(stream, split.end - position):
        if isinstance(lines, int):
            account.reject(number, f"longer than {LONGEST_LINE >> 20} MB")
            position, number = position + lines, number + 1
            continue
        starts = list(accumulate(map(len, lines), initial=position))
        if position == 0:
            lines[0] = lines[0].removeprefix(_BOM)
        yield Block(lines, number, starts)
        position, number = starts[-1], number + len(lines)
    account.physical_lines = number - 1


def _lines_by_block(stream: BinaryIO, most: int) -> Iterator[list[bytes] | int]:
    """The lines that begin within so many bytes, in lists; of one that is too long to keep, only its length.

    `readline` of a file, and `split`, look at each byte in a loop of their own: a tenth of the time of reading a log. A
    BytesIO finds the ends of lines by memchr.
    """
    begun: list[bytes] = []
    size = 0
    while block := stream.read(min(_BLOCK, most)) if most > 0 else stream.readline(_BLOCK) if size else b"":
        most -= len(block)
        first, *others = io.BytesIO(block).readlines()
        size += len(first)
        begun = [*begun, first] if size <= LONGEST_LINE else []  # what is not kept shall not fill the memory either
        if not first.endswith(b"\n"):
            continue
        last = others.pop() if others and not others[-1].endswith(b"\n") else b""
        if size <= LONGEST_LINE:
            others.insert(0, b"".join(begun))
        else:
            yield size
        if others:
            yield others
        begun, size = [last], len(last)
    if size:
        yield [b"".join(begun)] if size <= LONGEST_LINE else size
