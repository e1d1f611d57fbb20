"""What a file is, told by its first bytes: its packing, its container, and the log formats of its first records."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from costsim import formats
from costsim.errors import LogError
from costsim.formats.contract import as_batch, as_session, nests
from costsim.formats.tables import generic
from costsim.formats.tables.generic import Mapping
from costsim.formats.wrapped import events
from costsim.ingest.containers import (
    archives,
    broken_lines,
    compression,
    databases,
    documents,
    event_streams,
    own_tables,
    parquet,
)

_START = 1 << 18
_LONGEST_FIRST_LINE = 1 << 28
_RECORDS = 25
_BOM = b"\xef\xbb\xbf"
_MOST_NULS = 1 << 28
"""NULs at the beginning of a file: whoever empties a log of which the writer keeps its place makes as many."""
_NULS = re.compile(rb"\0+")
_ODD = bytes({*range(1, 32), 127} - set(b"\t\n\r\f\x1b"))
"""Control characters that text has not."""
_OF_TEXT = 0.9
"""The share of characters in a log: what a crash leaves may be no text either."""
_OF_TABLES = ("lines", "csv", "parquet")
"""Containers in which `costsim ingest` writes."""
_LONGEST_CELL = 1 << 28

csv.field_size_limit(_LONGEST_CELL)  # a prompt in a cell is longer than csv's own limit of 128 kB


class Look(msgspec.Struct, frozen=True):
    """What the beginning of a file tells."""

    packing: str | None
    """gz, zst, bz2, xz, or None where it is plain."""
    container: str
    """lines (JSON Lines), documents (JSON over several lines), events (a recorded stream), csv, parquet, tar, zip,
    sqlite or empty.
    """
    own: bool = False
    """Whether `costsim ingest` wrote it."""
    formats: tuple[str, ...] = ()
    """Names of the formats that its first records are of, the most frequent first."""
    mapping: Mapping | None = None
    chosen: bool = False
    """Whether the user named the format, so that no other is asked."""
    delimiter: str = ","
    in_pieces: bool = False
    """Whether a record may be one event of a stream, and the calls are what several of them come to."""

    @property
    def in_order(self) -> bool:
        """Whether the file must be read from its first record to its last by one reader."""
        return self.in_pieces or self._is_of_sessions

    @property
    def _is_of_sessions(self) -> bool:
        return any(as_session(formats.FORMATS[name]) for name in self.formats)

    @property
    def is_of_one_format(self) -> bool:
        """Whether what is no call in its own format is none in any other either."""
        if self.chosen or self._is_of_sessions or self.container in (*archives.CONTAINERS, "sqlite"):
            return True
        known = [formats.FORMATS[name] for name in self.formats]
        return any(as_batch(each) is not None or nests(each) for each in known)


def look_at(path: Path, name: str, log_format: str | None = None, mapping: Mapping | None = None) -> Look:
    """Return what the file is; LogError where it is no log that is known, or two formats claim it."""
    packing, start = _start(path, name)
    container, delimiter = _container(packing, start, name)
    if container == "empty":
        return Look(packing, container)
    if not start.strip():
        return Look(packing, "lines", formats=(generic.NAME,))
    if mapping is not None or log_format is not None:
        chosen = (log_format or generic.NAME,)
        return Look(packing, container, formats=chosen, mapping=mapping, chosen=True, delimiter=delimiter)
    if container == "sqlite":
        return Look(packing, container, formats=_of_database(path, name))
    records = list(_records(path, name, start, container, delimiter))
    if records and container in _OF_TABLES and own_tables.recognises(records[0]):
        return Look(packing, container, own=True, formats=(generic.NAME,))
    claims: Counter[str] = Counter()
    for record in records:
        if (claimed := formats.detect(record, name)) is not None:
            claims[claimed.NAME] += 1
    if not claims:
        if container == "documents" and not records and (fault := documents.fault(path)):
            raise LogError(fault, where=name)
        if what := next(filter(None, map(formats.no_calls, records)), None):
            raise LogError(what, where=name, hint="export what was asked call by call: traces, or a gateway's log")
        hint = "see `costsim formats`; for your own columns: `costsim formats --init-map FILE`"
        raise LogError("no known log format", where=name, hint=hint)
    if any(as_session(formats.FORMATS[each]) for each in claims):
        claims.pop(generic.NAME, None)  # a new kind of row in a session that states tokens once more
    names = tuple(each for each, _ in claims.most_common())
    in_pieces = any(map(events.is_piece, records))
    return Look(packing, container, formats=names, delimiter=delimiter, in_pieces=in_pieces)


def _of_database(path: Path, name: str) -> tuple[str, ...]:
    try:
        if found := databases.formats_in(path):
            return found
        known = ", ".join(databases.tables(path)[:8])
    except compression.Damaged as problem:
        raise LogError(f"is {problem}", where=name) from problem
    raise LogError(f"is a database without a known table (it has {known or 'none'})", where=name)


def header(path: Path, name: str, look: Look) -> list[str]:
    """Return the column names of a table; nothing where the file is no table."""
    if look.container == "parquet":
        return parquet.columns(path)
    if look.container != "csv":
        return []
    _, start = _start(path, name)
    return list(next(_rows(_written(start), look.delimiter), {}))


class FirstRecords(msgspec.Struct, frozen=True):
    """The first records of a file, decoded without types, whatever its format, and what holds them."""

    packing: str | None
    container: str
    records: list[dict[str, Any]]


def first_records(path: Path, name: str, most: int = _RECORDS) -> FirstRecords:
    """Return the first records of a file; LogError where it is no file of records."""
    packing, start = _start(path, name)
    container, delimiter = _container(packing, start, name)
    return FirstRecords(packing, container, list(_records(path, name, start, container, delimiter, most))[:most])


def _start(path: Path, name: str) -> tuple[str | None, bytes]:
    """The packing, and the first plain bytes after any NULs: at least one whole line, where the file has one."""
    with path.open("rb") as raw:
        packing = compression.packing(raw.peek(8)[:8])
        stream = compression.unpacked(raw, packing)
        start = b""
        try:
            start = _after_nuls(stream)
            if b"\n" not in start.lstrip() and (b"\0" not in start or _is_text(start)):  # an archive has no lines
                start += stream.readline(_LONGEST_FIRST_LINE)
        except compression.Damaged as problem:
            if not start:
                raise LogError(f"is {problem}", where=name, hint="nothing in it can be read") from problem
    return packing, start.removeprefix(_BOM)


def _after_nuls(stream: BinaryIO) -> bytes:
    """The first bytes that are no NULs, and what follows them; a NUL where there is nothing else."""
    nuls = b""
    for _ in range(_MOST_NULS // _START):
        block = stream.read(_START)
        if (start := block.lstrip(b"\0")) or not block:
            return start or nuls
        nuls = b"\0"
    return nuls


def _container(packing: str | None, start: bytes, name: str) -> tuple[str, str]:
    """The container, and the delimiter where it is CSV."""
    if start.startswith(b"PAR1"):
        if packing is not None:
            raise LogError("is a packed Parquet file", where=name, hint="unpack it first; Parquet is packed in itself")
        return "parquet", ""
    if not start:
        return "empty", ""
    if _is_utf_16(start):
        raise LogError("is UTF-16", where=name, hint="convert it: iconv -f UTF-16 -t UTF-8")
    if (archive := archives.container(start)) is not None:
        return archive, ""
    if start.startswith(databases.MAGIC):
        if packing is not None:
            raise LogError("is a packed database", where=name, hint="unpack it first")
        return "sqlite", ""
    if b"\0" in start and not _is_text(start):
        raise LogError("is a binary file, not a log", where=name, hint="see `costsim formats`")
    start = _written(start)
    text = start.lstrip()
    if event_streams.begins(text):
        return "events", ""
    if _lines_are_json(start):
        return "lines", ""
    if text[:1] in (b"{", b"["):
        return "documents", ""
    delimiter = _delimiter(text)
    return ("csv", delimiter) if delimiter is not None else ("lines", "")


def _is_utf_16(start: bytes) -> bool:
    """Whether there is its mark, or every second byte of the beginning is zero."""
    first = start[: min(len(start), 64) // 2 * 2]
    halves = first[::2], first[1::2]
    return start[:2] in (b"\xff\xfe", b"\xfe\xff") or any(half and not half.strip(b"\0") for half in halves)


def _is_text(start: bytes) -> bool:
    """Whether what stands between NULs is a log's: a crash leaves them in one, or a file that was made long before."""
    written = start.replace(b"\0", b"")
    read = written.translate(None, _ODD).decode("utf-8", "ignore")
    return bool(written) and len(read.encode()) >= _OF_TEXT * len(written)


def _written(start: bytes) -> bytes:
    """What stands between NULs, each on lines of its own."""
    return _NULS.sub(b"\n", start) if b"\0" in start else start


def _lines_are_json(start: bytes) -> bool:
    """Whether lines are records by themselves: not those of a list, one a line with a comma, and no mere wrappers.

    One line is enough, for others may be broken or no JSON; inner objects of a longer text stand further to the right.
    """
    lines = [line.rstrip() for line in start.split(b"\n") if line.startswith(b"{") and b"}" in line]
    if not lines and start.lstrip()[:1] not in (b"{", b"[", b'"'):
        return any(broken_lines.after_prefix(line) for line in start.split(b"\n"))
    records = [record for line in lines if (record := _object(line))]
    listed = sum(line.endswith(b"},") for line in lines)
    return len(records) > listed and not documents.is_wrapper(records[0])


def _object(line: bytes) -> dict[str, Any] | None:
    text = (broken_lines.after_prefix(line) or line).decode("utf-8", "replace")
    try:
        record = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        record = msgspec.json.decode(documents.mended(text) or b"null")
    return record if isinstance(record, dict) else None


def _delimiter(text: bytes) -> str | None:
    header = text.split(b"\n", 1)[0].decode("utf-8", "replace")
    delimiter, count = max(((each, header.count(each)) for each in ",;\t|"), key=lambda pair: pair[1])
    return delimiter if count else None


def _records(
    path: Path, name: str, start: bytes, container: str, delimiter: str, most: int = _RECORDS
) -> Iterator[dict[str, Any]]:
    if container == "parquet":
        yield from parquet.first(path, name, most)
    elif container == "csv":
        yield from islice(_rows(_written(start), delimiter), most)
    elif container == "documents":
        yield from documents.first(path, most)
    elif container == "events":
        with compression.opened(path) as stream:
            yield from (msgspec.json.decode(record) for record, _ in islice(event_streams.records(stream), most))
    elif container == "sqlite":
        yield from map(msgspec.json.decode, islice(databases.records(path, databases.formats_in(path)), most))
    elif container in archives.CONTAINERS:
        yield from archives.first(path, container, most)
    else:
        yield from (record for line in _written(start).split(b"\n") if (record := _object(line.strip())) is not None)


def _rows(start: bytes, delimiter: str) -> Iterator[dict[str, Any]]:
    """The rows at the beginning of a CSV file; of a header alone, one row of empty cells."""
    rows = csv.reader(io.StringIO(start.decode("utf-8", "replace"), newline=""), delimiter=delimiter)
    with suppress(csv.Error):
        header = [name.strip() for name in next(rows, [])]
        yield dict(zip(header, next(rows, [""] * len(header)), strict=False))
        for row in rows:
            yield dict(zip(header, row, strict=False))
