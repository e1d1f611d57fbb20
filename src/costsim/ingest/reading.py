"""One split of a source to one batch of calls, every line of it accounted for."""

import csv
import gc
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from xxhash import xxh3_64_hexdigest

from costsim import formats
from costsim.formats import generic
from costsim.ingest import compression, documents, own_tables, parquet
from costsim.ingest.columns import Columns
from costsim.ingest.sources import Source
from costsim.ingest.splits import Split
from costsim.schema import Call
from costsim.tasks import Classifier

BATCH_CALLS = 100_000
MOST_REJECTS_SHOWN = 1_000
LONGEST_LINE = 1 << 28

Read = Callable[[bytes], list[Call]]


@dataclass
class Reject:
    """A line that could not be read."""

    line: int
    """Counted from 1 within its split; the split's first line is added when all splits are known."""
    reason: str


@dataclass
class Counts:
    """What became of the lines of a split; `lines == calls + rejected + not_calls` here, before duplicates are known."""

    lines: int = 0
    calls: int = 0
    rejected: int = 0
    not_calls: int = 0


@dataclass
class Outcome:
    """What reading one split came to."""

    source: int
    bytes_read: int
    counts: Counts = field(default_factory=Counts)
    physical_lines: int = 0
    rejects: list[Reject] = field(default_factory=list)
    batches: list[pa.Table] = field(default_factory=list)
    damage: str | None = None


class Reader:
    """Reads splits of sources; made once and shared with every process."""

    def __init__(self, sources: Sequence[Source], classifier: Classifier, key: tuple[int, int]) -> None:
        self._sources, self._classifier, self._key = sources, classifier, key

    def read(self, split: Split) -> Outcome:
        """Return the calls of one split; a broken line is a reject, never an exception."""
        with _without_collector():
            return self._read(split)

    def _read(self, split: Split) -> Outcome:
        source = self._sources[split.source]
        outcome = Outcome(split.source, split.end - split.start, damage=split.damage)
        if source.look.own:
            return _own(source, outcome)
        work = _Work(source, self._new_columns(source), outcome, lambda: self._new_columns(source))
        try:
            for record, line, position in _records(source, split, work):
                work.take(record, line, position)
        except documents.Broken as problem:
            work.reject(problem.line, problem.reason)
        except compression.DAMAGE as problem:
            outcome.damage = str(problem) or type(problem).__name__
        work.finish_batch()
        return outcome

    def _new_columns(self, source: Source) -> Columns:
        return Columns(source.look.formats[0], source.name, self._classifier, self._key)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Calls hold no cycles, and there are hundreds of thousands: looking for cycles among them takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Work:
    """The state of reading one split."""

    def __init__(self, source: Source, columns: Columns, outcome: Outcome, new_columns: Callable[[], Columns]) -> None:
        self.source, self.columns, self.outcome = source, columns, outcome
        self._new_columns = new_columns
        self._read = _reader(source)
        self._several = len(source.look.formats) > 1

    def take(self, record: bytes, line: int, position: int) -> None:
        """Account for one record of the source."""
        counts = self.outcome.counts
        if not record or record.isspace():
            counts.lines += 1
            counts.not_calls += 1
            return
        try:
            calls = self._calls(record)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            self._take_pieces(record, line, position, str(problem))
            return
        except RecursionError:
            self.reject(line, "nested too deeply")
            return
        self._keep(calls, line, position)

    def reject(self, line: int, reason: str) -> None:
        """Count a line that cannot be read, and remember where it stands."""
        self.outcome.counts.lines += 1
        self.outcome.counts.rejected += 1
        if len(self.outcome.rejects) < MOST_REJECTS_SHOWN:
            self.outcome.rejects.append(Reject(line, reason))

    def finish_batch(self) -> None:
        """Turn what was taken in so far into a batch."""
        if len(self.columns):
            self.outcome.batches.append(self.columns.table())
            self.columns = self._new_columns()

    def _calls(self, record: bytes) -> list[Call]:
        if not self._several and (calls := self._read(record)):
            return calls
        return self._read_as_claimed(record)

    def _read_as_claimed(self, record: bytes) -> list[Call]:
        """Ask each format: the file holds several, or this record is no call of the file's own."""
        plain = msgspec.json.decode(record)
        if not isinstance(plain, dict):
            return []
        claimed = formats.detect(plain, self.source.name)
        return claimed.read(record) if claimed is not None else []

    def _take_pieces(self, record: bytes, line: int, position: int, reason: str) -> None:
        """A line that is no JSON may be several objects that a writer ran together; else it is a reject."""
        pieces = _pieces(record)
        if len(pieces) < 2:
            self.reject(line, _plain_reason(reason, record))
            return
        for number, piece in enumerate(pieces):
            self.take(piece, line, position + number)

    def _keep(self, calls: list[Call], line: int, position: int) -> None:
        counts = self.outcome.counts
        counts.lines += max(1, len(calls))
        if not calls:
            counts.not_calls += 1
            return
        counts.calls += len(calls)
        for number, call in enumerate(calls):
            if call.call_id is None:
                call.call_id = xxh3_64_hexdigest(f"{self.source.name}\0{position}\0{number}".encode())
            self.columns.add(call, line)
        if len(self.columns) >= BATCH_CALLS:
            self.finish_batch()


def _own(source: Source, outcome: Outcome) -> Outcome:
    """A file of calls needs no reading of records: every row is a call."""
    try:
        with compression.opened(source.path) as stream:
            for table in own_tables.tables(stream, source.look.container):
                outcome.batches.append(table)
                outcome.counts.lines += table.num_rows
                outcome.counts.calls += table.num_rows
    except (pa.ArrowException, *compression.DAMAGE) as problem:
        outcome.damage = str(problem).splitlines()[0]
    return outcome


def _reader(source: Source) -> Read:
    look = source.look
    if look.mapping is not None:
        return generic.reader(look.mapping)
    return formats.FORMATS[look.formats[0]].read


def _records(source: Source, split: Split, work: _Work) -> Iterator[tuple[bytes, int, int]]:
    """Each record of the split as JSON, its line within the split, and its position in the source."""
    container = source.look.container
    if container == "lines":
        with _lines_of(source.path, split) as stream:
            yield from _lines(stream, split, work)
    elif container == "csv":
        with compression.opened(source.path) as stream:
            yield from _rows(stream, source.look.delimiter, work)
    elif container == "documents":
        with compression.opened(source.path) as stream:
            for number, (record, line) in enumerate(documents.records(stream)):
                yield msgspec.json.encode(record), line, number
    else:
        yield from ((record, number + 1, number) for number, record in enumerate(parquet.records(source.path)))


def _lines_of(path: Path, split: Split) -> BinaryIO:
    """A stream that stands at the first line that begins within the split."""
    if split.payload is not None:
        return io.BytesIO(split.payload)
    stream = path.open("rb", buffering=1 << 20)
    if split.start:
        stream.seek(split.start - 1)
        while not stream.readline(LONGEST_LINE).endswith(b"\n") and stream.tell() < split.end:
            continue
    return stream


def _lines(stream: BinaryIO, split: Split, work: _Work) -> Iterator[tuple[bytes, int, int]]:
    """Lines that begin before the split's end, whole."""
    base = split.start if split.payload is not None else 0
    position, number = base + stream.tell(), 0
    for line in iter(partial(stream.readline, LONGEST_LINE), b""):
        if position >= split.end:
            break
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            work.reject(number, f"longer than {LONGEST_LINE >> 20} MB")
            position += len(line) + _skip_line(stream)
            continue
        start = position
        position += len(line)
        yield line.strip() if start else line.removeprefix(b"\xef\xbb\xbf").strip(), number, start
    work.outcome.physical_lines = number


def _skip_line(stream: BinaryIO) -> int:
    skipped = 0
    while part := stream.readline(LONGEST_LINE):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def _rows(stream: BinaryIO, delimiter: str, work: _Work) -> Iterator[tuple[bytes, int, int]]:
    """The rows of a CSV file as JSON objects, matched to the header by name."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    rows = csv.reader(text, delimiter=delimiter)
    header = [name.strip() for name in next(rows, [])]
    number = 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error as problem:
            work.reject(rows.line_num, str(problem))
            continue
        if row is None:
            break
        number += 1
        if row and len(row) != len(header):
            work.reject(rows.line_num, f"has {len(row)} fields, the header has {len(header)}")
            continue
        yield msgspec.json.encode(dict(zip(header, row, strict=True))) if row else b"", rows.line_num, number


def _pieces(record: bytes) -> list[bytes]:
    """The JSON objects that a line is made of; nothing where a part of it is no JSON."""
    decoder, text, at = JSONDecoder(), record.decode("utf-8", "replace"), 0
    found: list[bytes] = []
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (JSONDecodeError, RecursionError):
            return []
        if not isinstance(value, dict):
            return []
        found.append(text[at:end].encode())
        at = end + len(text[end:]) - len(text[end:].lstrip(" \t,"))
    return found


def _plain_reason(reason: str, record: bytes) -> str:
    """msgspec's reason in words for whoever wrote the log."""
    if reason == "Input data was truncated":
        return "cut off in the middle"
    start: Any = record[:1]
    if start not in (b"{", b"["):
        return "is no JSON"
    return reason.removeprefix("JSON is malformed: ")
