"""What a file is, told by its first bytes: its packing, its container, and the log formats of its first records."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from costsim import formats
from costsim.errors import LogError, UsageError, nearest
from costsim.formats import generic
from costsim.formats.generic import Mapping
from costsim.ingest import compression, documents, own_tables, parquet

_START = 1 << 18
_LONGEST_FIRST_LINE = 1 << 28
_RECORDS = 25
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Look:
    """What the beginning of a file tells."""

    packing: str | None
    """gz, zst, bz2, xz, or None where it is plain."""
    container: str
    """lines (JSON Lines), documents (JSON over several lines), csv, parquet or empty."""
    own: bool = False
    """Whether `costsim ingest` wrote it."""
    formats: tuple[str, ...] = ()
    """Names of the formats that its first records are of, the most frequent first."""
    mapping: Mapping | None = None
    chosen: bool = False
    """Whether the user named the format, so that no other is asked."""
    delimiter: str = ","


def look_at(path: Path, name: str, log_format: str | None = None, mapping: Mapping | None = None) -> Look:
    """Return what the file is; LogError where it is no log that is known, or two formats claim it."""
    if log_format is not None and log_format not in formats.FORMATS:
        raise UsageError(f"unknown log format '{log_format}'", where="--log-format", hint=nearest(log_format, formats.FORMATS))
    packing, start = _start(path)
    container, delimiter = _container(start, name)
    if container == "empty":
        return Look(packing, container)
    if mapping is not None or log_format is not None:
        return Look(packing, container, False, (log_format or generic.NAME,), mapping, True, delimiter)
    records = list(_records(path, start, container, delimiter))
    if records and container != "documents" and own_tables.recognises(records[0]):
        return Look(packing, container, True, (generic.NAME,))
    claims: Counter[str] = Counter()
    for record in records:
        if (claimed := formats.detect(record, name)) is not None:
            claims[claimed.NAME] += 1
    if not claims:
        hint = "see `costsim formats`; for your own columns: `costsim formats --init-map FILE`"
        raise LogError("no known log format", where=name, hint=hint)
    return Look(packing, container, False, tuple(each for each, _ in claims.most_common()), None, False, delimiter)


def sample(path: Path, name: str, most: int = _RECORDS) -> list[dict[str, Any]]:
    """Return the first records of a file, decoded without types, whatever its format."""
    _, start = _start(path)
    container, delimiter = _container(start, name)
    return list(_records(path, start, container, delimiter))[:most]


def _start(path: Path) -> tuple[str | None, bytes]:
    """The packing, and the first plain bytes: at least one whole line, where the file has one."""
    with path.open("rb") as raw:
        packing = compression.packing(raw.peek(8)[:8])
        stream = compression.unpacked(raw, packing)
        start = b""
        try:
            start = stream.read(_START)
            if b"\n" not in start:
                start += stream.readline(_LONGEST_FIRST_LINE)
        except compression.DAMAGE as problem:
            if isinstance(problem, PermissionError):
                raise
    return packing, start.removeprefix(_BOM)


def _container(start: bytes, name: str) -> tuple[str, str]:
    """The container, and the delimiter where it is CSV."""
    text = start.lstrip()
    if start.startswith(b"PAR1"):
        return "parquet", ""
    if not text:
        return "empty", ""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise LogError("is UTF-16", where=name, hint="convert it: iconv -f UTF-16 -t UTF-8")
    if b"\0" in start[:4096]:
        raise LogError("is a binary file, not a log", where=name, hint="see `costsim formats`")
    if text[:1] in b"{[":
        return ("lines" if _some_line_is_json(start) else "documents"), ""
    delimiter = _delimiter(text)
    if delimiter is not None:
        return "csv", delimiter
    return "lines", ""


def _some_line_is_json(start: bytes) -> bool:
    """Whether one of the first lines is a JSON object by itself, and no mere wrapper around a list of records."""
    for line in start.split(b"\n")[:_RECORDS]:
        record = _object(line.strip())
        if record is not None:
            return not documents.is_wrapper(record)
    return False


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _delimiter(text: bytes) -> str | None:
    header = text.split(b"\n", 1)[0].decode("utf-8", "replace")
    delimiter, count = max(((each, header.count(each)) for each in ",;\t|"), key=lambda pair: pair[1])
    return delimiter if count else None


def _records(path: Path, start: bytes, container: str, delimiter: str) -> Iterator[dict[str, Any]]:
    if container == "parquet":
        yield from parquet.first(path, _RECORDS)
    elif container == "csv":
        lines = start.decode("utf-8", "replace").splitlines(keepends=True)
        for row, _ in zip(csv.DictReader(lines, delimiter=delimiter), range(_RECORDS), strict=False):
            yield {key: value for key, value in row.items() if key is not None}
    elif container == "documents":
        yield from documents.first(path, _RECORDS)
    else:
        yield from (record for line in start.split(b"\n") if (record := _object(line.strip())) is not None)
