"""The calls of the last run in `.costsim/`, without any text: Arrow files of batches, and a manifest that lists them.

A run writes into a folder of its own and takes the old one's place in one step at its end, so that an interrupted run
leaves the last one whole. Everything after ingestion reads calls from here, so memory never grows with the log.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim.errors import ReplacedError
from costsim.ingest.ties import buckets, links
from costsim.ingest.ties.adopted import Votes, adopt
from costsim.schema import SCHEMA, as_arrow, in_one_piece
from costsim.tasks import TASKS

FOLDER = ".costsim"
VERSION = 6
"""Of the files in the folder; a store of another version is as good as none."""
MANIFEST = "manifest.json"
LAST = "last"


class SourceCounts(msgspec.Struct):
    """What became of the lines of one source."""

    name: str
    format: str
    lines: int = 0
    calls: int = 0
    rejected: int = 0
    not_calls: int = 0
    damage: str | None = None
    other_formats: list[str] = msgspec.field(default_factory=list)
    """In which calls of it were found, besides the one that most of its first records are of."""


class StoredBatch(msgspec.Struct):
    """One file of calls."""

    file: str
    rows: int
    first_line: int
    """Lines of the source before this batch's split."""
    copies: int = 0
    """How many of its calls are copies of calls kept elsewhere."""
    dropped: bytes = b""
    """Which: a bit for each call; nothing where there are none. A log may hold as many copies as calls."""

    def drop(self, places: NDArray[np.int64]) -> None:
        """Leave out the calls at these places, too."""
        kept = self.kept()
        kept[places] = False
        self.copies = self.rows - int(np.count_nonzero(kept))
        self.dropped = np.packbits(~kept).tobytes() if self.copies else b""

    def kept(self) -> NDArray[np.bool_]:
        """Return of each call whether it is no copy."""
        if not self.copies:
            return np.ones(self.rows, dtype=bool)
        bits = np.unpackbits(np.frombuffer(self.dropped, np.uint8), count=self.rows)
        return np.equal(bits, 0, dtype=np.bool_)


class Manifest(msgspec.Struct):
    """What a store holds, and how it came about."""

    version: int
    sources: list[SourceCounts] = []
    batches: list[StoredBatch] = []
    rejects: list[tuple[str, str]] = []
    """(where, reason) of lines that could not be read, the first of each source."""
    skipped: list[str] = []
    unfetched: list[str] = []
    """Token encodings that were wanted and could not be had."""
    tasks: list[str] = msgspec.field(default_factory=lambda: list(TASKS))
    """Every task that a guess may have named."""
    unkept: str = ""
    """Which folder had no space for the calls, which are gone when the run ends."""
    run: str = ""
    """In the names of the run's files, so that those of another run are never taken for them."""
    fingerprint: str = ""
    """What was read, and how; a run over the same need not read again."""

    @property
    def calls(self) -> int:
        """Calls without copies."""
        return sum(batch.rows - batch.copies for batch in self.batches)

    @property
    def duplicates(self) -> int:
        """Copies of calls, which are counted once."""
        return sum(batch.copies for batch in self.batches)


class Store:
    """Batches of calls on the disk, as often as they are asked for; leaving it removes one that is not to be kept."""

    bucket_columns: Sequence[str] = buckets.COLUMNS

    def __init__(self, folder: Path, manifest: Manifest, *, kept: bool = True) -> None:
        self.folder, self.manifest, self._kept = folder, manifest, kept

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the calls batch by batch, without copies, in the order of the logs; only the named columns, or all."""
        for number in range(len(self.manifest.batches)):
            yield self.batch(number, columns)

    def batch(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return one batch of the calls, without copies: the named columns (`links.NAMES` too), or all of `SCHEMA`."""
        return self.part(number, number + 1, columns)

    def part(self, first: int, end: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the calls of the batches [first, end) as one table: what `batch` gives for each, in less time."""
        table = _as_one([self._stored(number, columns) for number in range(first, end)])
        rows = slice(self._starts[first], self._starts[end])
        if "source_line" in table.column_names:
            table = self._in_source(table, self.manifest.batches[first:end])
        if {"task", "task_confidence"} & {*table.column_names}:
            table = adopt(table, self._votes[:, rows], self.manifest.tasks)
        for name in columns or ():
            if name in links.NAMES:
                found = np.array(self._links[links.NAMES.index(name), rows])
                table = table.append_column(name, as_arrow(found))
        kept = np.concatenate([batch.kept() for batch in self.manifest.batches[first:end]])
        return table if kept.all() else table.filter(as_arrow(kept))

    def _stored(self, number: int, columns: Sequence[str] | None) -> pa.Table:
        """What is in the file of a batch."""
        stored = self.manifest.batches[number]
        plain = [name for name in columns or () if name not in links.NAMES]
        fields = None if columns is None else sorted(SCHEMA.get_field_index(name) for name in plain)
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        with _still_there(), pa.memory_map(str(self.folder / stored.file)) as file:
            return pa.ipc.open_file(file, options=options).read_all()

    def _in_source(self, table: pa.Table, stored: Sequence[StoredBatch]) -> pa.Table:
        """The calls of some batches with the lines that they have in their source."""
        before = np.repeat([batch.first_line for batch in stored], [batch.rows for batch in stored])
        lines = in_one_piece(table.column("source_line"))
        column = as_arrow(lines.fill_null(0).to_numpy() + before, lines.is_valid().to_numpy(False))
        return table.set_column(table.column_names.index("source_line"), "source_line", column)

    @cached_property
    def _links(self) -> NDArray[np.int32]:
        with _still_there():
            found: NDArray[np.int32] = np.load(self.folder / links_of(self.manifest.run), mmap_mode="r")
        return found

    @cached_property
    def _votes(self) -> Votes:
        with _still_there():
            found: Votes = np.load(self.folder / votes_of(self.manifest.run), mmap_mode="r")
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(batch.rows for batch in self.manifest.batches)]


@contextmanager
def _still_there() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as problem:
        what = "the calls kept here were replaced by another run"
        raise ReplacedError(what, hint="run the command again") from problem


def links_of(run: str) -> str:
    """Return the file of a run's links."""
    return f"links-{run}.npy"


def votes_of(run: str) -> str:
    """Return the file of a run's votes."""
    return f"votes-{run}.npy"


def _as_one(tables: list[pa.Table]) -> pa.Table:
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def last(home: Path) -> Store | None:
    """Return the store of the last run in this folder, or None where there is none that this version understands."""
    folder = home / FOLDER / LAST
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    whole = all((folder / batch.file).is_file() for batch in manifest.batches)
    return Store(folder, manifest) if whole and manifest.version == VERSION else None


def fingerprint(parts: Any) -> str:
    """Return a text that differs whenever any of the parts does, and tells nothing of them."""
    return hashlib.blake2b(msgspec.json.encode(parts, order="deterministic"), digest_size=16).hexdigest()
