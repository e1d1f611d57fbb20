"""One split of a source to one batch of calls, every line of it accounted for."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from xxhash import xxh3_64_hexdigest

from costsim.ingest.batch_inputs import BatchInputs
from costsim.ingest.columns import Columns
from costsim.ingest.containers import broken_lines, compression, documents, own_tables
from costsim.ingest.containers.json_window import Broken
from costsim.ingest.readers import Readers
from costsim.ingest.records import Block, blocks, records
from costsim.ingest.sources.found import Source
from costsim.ingest.sources.splits import SPLIT_BYTES, Split
from costsim.schema import Call
from costsim.tasks import Classifier
from costsim.tasks.batches import BatchClassifier

BATCH_CALLS = 10_000
"""Calls of one table: so many hide what a table costs, and more of short rows would take memory that long ones do not.
"""
MANY_BYTES = 256 << 20
"""So much of logs holds many texts, which workers read by what was made ready once for all of them."""
MOST_REJECTS_SHOWN = 1_000

HandOver = Callable[[pa.Table, NDArray[np.int64]], None]
"""Takes the calls of a batch, and of each the mark of its answer (`short_answers`)."""


class Reject(msgspec.Struct):
    """A line that could not be read."""

    line: int
    """Counted from 1 within its split; the split's first line is added when all splits are known."""
    reason: str


class Counts(msgspec.Struct):
    """What became of the lines of a split; lines == calls + rejected + not_calls, as no copies are known yet."""

    lines: int = 0
    calls: int = 0
    rejected: int = 0
    not_calls: int = 0


class Outcome(msgspec.Struct):
    """What reading one split came to."""

    source: int
    bytes_read: int
    counts: Counts = msgspec.field(default_factory=Counts)
    physical_lines: int = 0
    rejects: list[Reject] = msgspec.field(default_factory=list)
    damage: str | None = None
    other_formats: list[str] = msgspec.field(default_factory=list)
    """In which calls of it were found, besides the source's own."""


class Reader:
    """Reads splits of sources; made once and shared with every process.

    `estimates`: whether output tokens that were never finally logged are estimated from the answer's text.
    """

    def __init__(
        self, sources: Sequence[Source], classifier: Classifier, key: tuple[int, int], *, estimates: bool = False
    ) -> None:
        self._estimates = estimates
        many = sum(source.size for source in sources if not source.look.own) >= MANY_BYTES
        self._sources, self._classifier, self._key = sources, BatchClassifier(classifier, many=many), key
        self._inputs = BatchInputs(sources)
        self.tasks = classifier.tasks
        """Every task that a guess may name."""

    def read(self, splits: Sequence[Split], hand_over: HandOver) -> list[Outcome]:
        """Hand over the calls of splits of one format, batch by batch, and return what else there is to say of each.

        A broken line is a reject, never an exception.
        """
        source = self._sources[splits[0].source]
        if source.look.own:
            return [_own(source, Outcome(split.source, split.end - split.start), hand_over) for split in splits]
        with _without_collector():
            new = partial(Columns, source.look.formats[0], self._classifier, self._key, estimates=self._estimates)
            batch = _Batch(new, hand_over)
            outcomes = [self._read(split, batch) for split in splits]
            batch.finish()
        return outcomes

    def _read(self, split: Split, batch: "_Batch") -> Outcome:
        source = self._sources[split.source]
        outcome = Outcome(split.source, split.end - split.start, damage=split.damage)
        batch.begin(source.name)
        work = _Work(source, outcome, batch, self._inputs)
        try:
            if source.look.container == "lines" and work.read_lines is not None:
                for block in blocks(source, split, work):
                    work.take_block(block)
            else:
                work.take_all(records(source, split, work))
        except Broken as problem:
            work.reject(problem.line, problem.reason)
        except compression.DAMAGE as problem:
            outcome.damage = broken_lines.first_line(problem)
        work.take_rest(split)
        outcome.physical_lines = work.physical_lines
        outcome.other_formats = work.other_formats
        return outcome


class _Batch:
    """Calls that are to be one table, which may stand in several files."""

    def __init__(self, new_columns: Callable[[], Columns], hand_over: HandOver) -> None:
        self._new_columns, self._hand_over = new_columns, hand_over
        self.columns, self._file = new_columns(), ""

    def begin(self, file: str) -> None:
        """Calls that are added from now on stand in this file."""
        self._file = file
        self.columns.begin(file)

    def finish(self) -> None:
        """Hand over what was taken in so far as a table."""
        if len(self.columns):
            self._hand_over(*self.columns.table())
            self.columns = self._new_columns()
            self.columns.begin(self._file)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Calls hold no cycles, and there are many: looking for cycles among them takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Work:
    """The state of reading one split."""

    def __init__(self, source: Source, outcome: Outcome, batch: _Batch, inputs: BatchInputs) -> None:
        self.source, self.outcome, self._batch = source, outcome, batch
        self.physical_lines = 0
        self._full_at = BATCH_CALLS
        self._readers = Readers(source, inputs)
        self.read_lines = self._readers.lines

    @property
    def other_formats(self) -> list[str]:
        """The formats besides the source's own in which calls were found."""
        return sorted(self._readers.found)

    def take_all(self, records: Iterable[tuple[bytes, int, int]]) -> None:
        """Account for every record."""
        size = 0
        for record, line, position in records:
            self._take(record, line, position)
            size += len(memoryview(record))
            if self.outcome.counts.calls >= self._full_at or size >= SPLIT_BYTES or self._batch.columns.is_full:
                self._finish_batch()
                size = 0

    def take_block(self, block: Block) -> None:
        """Account for lines that follow one another, those of the usual shape at once."""
        assert self.read_lines is not None
        calls, places = self.read_lines(block.lines)
        self.outcome.counts.lines += calls.count
        self.outcome.counts.calls += calls.count
        if len(places) < len(block.lines):
            others = sorted(set(range(len(block.lines))).difference(places))
            for place in others:
                self._take(block.lines[place], block.number + place, block.starts[place])
        if places:
            self._batch.columns.add_many(calls, [block.number + place for place in places])
        if self.outcome.counts.calls >= self._full_at:
            self._finish_batch()

    def take_rest(self, split: Split) -> None:
        """Account for calls that had not ended when the split did: their lines were held to be no calls."""
        calls = self._readers.rest()
        counts, line = self.outcome.counts, self.physical_lines or self.outcome.counts.lines
        taken_back = min(len(calls), counts.not_calls)
        counts.lines, counts.not_calls = counts.lines - taken_back, counts.not_calls - taken_back
        if calls:
            self._keep(calls, line, ~split.end)  # where no line begins

    def reject(self, line: int, reason: str) -> None:
        """Count a line that cannot be read, and remember where it stands."""
        self.outcome.counts.lines += 1
        self.outcome.counts.rejected += 1
        if len(self.outcome.rejects) < MOST_REJECTS_SHOWN:
            self.outcome.rejects.append(Reject(line, reason))

    def _finish_batch(self) -> None:
        self._full_at = self.outcome.counts.calls + BATCH_CALLS
        self._batch.finish()

    def _take(self, record: bytes, line: int, position: int) -> None:
        """Account for a record: the usual case goes straight through."""
        try:
            calls = self._readers.read(record)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            self._take_broken(record, line, position, problem)
            return
        if len(calls) == 1 and calls[0].call_id is not None:  # as a rule
            self.outcome.counts.lines += 1
            self.outcome.counts.calls += 1
            self._batch.columns.add(calls[0], line)
        else:
            self._keep(calls, line, position)

    def _keep(self, calls: list[Call], line: int, position: int) -> None:
        counts = self.outcome.counts
        if not calls:
            counts.lines += 1
            counts.not_calls += 1
            return
        counts.lines += len(calls)
        counts.calls += len(calls)
        for number, call in enumerate(calls):
            if call.call_id is None:
                place = f"{self.source.name}\0{position}\0{number}"
                call.call_id = xxh3_64_hexdigest(place.encode("utf-8", "surrogatepass"))
            self._batch.columns.add(call, line)

    def _take_broken(self, record: bytes, line: int, position: int, problem: Exception) -> None:
        """A line that is no JSON object: empty, or several objects that a writer ran together, or a reject."""
        if not record or record.isspace():
            self._keep([], line, position)
        elif isinstance(problem, RecursionError):
            self.reject(line, "nested too deeply")
        elif b"\0" in record:
            self._take_between_nuls(record, line, position)
        elif len(pieces := broken_lines.pieces(record)) > 1:
            for number, piece in enumerate(pieces):
                self._take(piece, line, position + number)
        elif (inner := broken_lines.after_prefix(record)) is not None:
            self._take(inner, line, position)
        elif (mended := documents.mended(record.decode("utf-8", "replace"))) not in (None, record):
            self._take(mended, line, position)
        else:
            self.reject(line, broken_lines.reason(record, problem))

    def _take_between_nuls(self, record: bytes, line: int, position: int) -> None:
        whole, fault = broken_lines.between_nuls(record)
        for number, piece in enumerate(whole):
            self._take(piece, line, position + number)
        if fault is not None:
            self.reject(line, fault)


def _own(source: Source, outcome: Outcome, hand_over: HandOver) -> Outcome:
    """A file of calls needs no reading of records: every row is a call."""
    try:
        with compression.opened(source.path) as stream:
            for table in own_tables.tables(stream, source.look.container):
                hand_over(table, np.zeros(table.num_rows, np.int64))
                outcome.counts.lines += table.num_rows
                outcome.counts.calls += table.num_rows
    except (pa.ArrowException, *compression.DAMAGE) as problem:
        outcome.damage = broken_lines.first_line(problem)
    return outcome
