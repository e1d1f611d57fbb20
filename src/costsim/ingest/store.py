"""The calls of the last run in `.costsim/`, without any text: Arrow files of batches, and a manifest that lists them.

A run writes into a folder of its own and takes the old one's place in one step at its end, so that an interrupted run
leaves the last one whole. Everything after ingestion reads calls from here, so memory never grows with the log.
"""

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from costsim.errors import LogError
from costsim.ingest import chains, duplicates, links, votes
from costsim.ingest.keys import Keys, keys_of, with_conversations
from costsim.schema import SCHEMA
from costsim.tasks import TASKS, UNKNOWN

FOLDER = ".costsim"
VERSION = 4
"""Of the files in the folder; a store of another version is as good as none."""
_MANIFEST = "manifest.json"
_LAST = "last"
_MOST_RIVALS = 20
_RUN = "run-"
_LEFT_OVER_SECONDS = 86_400
"""What a run that was killed has left is removed a day later: nothing else runs for so long."""
_KEYS, _BALLOTS = ".keys.npy", ".ballots.npy"


class SourceCounts(msgspec.Struct):
    """What became of the lines of one source."""

    name: str
    format: str
    lines: int = 0
    calls: int = 0
    rejected: int = 0
    not_calls: int = 0
    damage: str | None = None


class StoredBatch(msgspec.Struct):
    """One file of calls."""

    file: str
    rows: int
    first_line: int
    """Lines of the source before this batch's split."""
    dropped: list[int] = []
    """Positions of the calls that are copies of calls kept elsewhere."""


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
    run: str = ""
    """In the names of the run's files, so that those of another run are never taken for them."""
    fingerprint: str = ""
    """What was read, and how; a run over the same need not read again."""

    @property
    def calls(self) -> int:
        """Calls without copies."""
        return sum(batch.rows - len(batch.dropped) for batch in self.batches)

    @property
    def duplicates(self) -> int:
        """Copies of calls, which are counted once."""
        return sum(len(batch.dropped) for batch in self.batches)


class Store:
    """Batches of calls on the disk, as often as they are asked for; leaving it removes one that is not to be kept."""

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
        if {"task", "task_confidence"} & {*table.column_names}:
            table = votes.applied(table, self._votes[:, rows], self.manifest.tasks)
        for name in columns or ():
            if name in links.NAMES:
                found = np.array(self._links[links.NAMES.index(name), rows])
                table = table.append_column(name, pa.array(found))
        kept = np.concatenate([_kept(batch) for batch in self.manifest.batches[first:end]])
        return table if kept.all() else table.filter(pa.array(kept))

    def _stored(self, number: int, columns: Sequence[str] | None) -> pa.Table:
        """What is in the file of a batch."""
        stored = self.manifest.batches[number]
        plain = [name for name in columns or () if name not in links.NAMES]
        fields = None if columns is None else sorted(SCHEMA.get_field_index(name) for name in plain)
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        with _still_there(), pa.memory_map(str(self.folder / stored.file)) as file:
            table = pa.ipc.open_file(file, options=options).read_all()
        if "source_line" not in table.column_names:
            return table
        at = table.column_names.index("source_line")
        return table.set_column(at, "source_line", pc.add(table.column(at), stored.first_line))

    @cached_property
    def _links(self) -> NDArray[np.int32]:
        with _still_there():
            found: NDArray[np.int32] = np.load(self.folder / _links_of(self.manifest.run), mmap_mode="r")
        return found

    @cached_property
    def _votes(self) -> votes.Votes:
        with _still_there():
            found: votes.Votes = np.load(self.folder / _votes_of(self.manifest.run), mmap_mode="r")
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(batch.rows for batch in self.manifest.batches)]


@contextmanager
def _still_there() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as problem:
        raise LogError("the calls kept here were replaced by another run", hint="run the command again") from problem


def _links_of(run: str) -> str:
    return f"links-{run}.npy"


def _votes_of(run: str) -> str:
    return f"votes-{run}.npy"


def _as_one(tables: list[pa.Table]) -> pa.Table:
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _kept(batch: StoredBatch) -> NDArray[np.bool_]:
    kept = np.ones(batch.rows, dtype=bool)
    kept[batch.dropped] = False
    return kept


class Writer:
    """A store while it is being written; `close` makes it the last run, leaving without it leaves nothing."""

    def __init__(self, home: Path | None) -> None:
        """Write under `home/.costsim`, or, where nothing shall be kept or nothing can be, in a temporary folder."""
        self._home = home / FOLDER if home is not None and _is_ours_to_write(home / FOLDER) else None
        self.folder = Path(tempfile.mkdtemp(prefix=_RUN, dir=self._home))

    def write(self, split: int, part: int, table: pa.Table) -> str:
        """Write one batch of a split, and its keys and ballots beside it; return the file's name."""
        name = f"calls-{self._run}-{split}-{part}.arrow"
        self._write(name, table)
        np.save(self._beside(name, _KEYS), keys_of(table))
        np.save(self._beside(name, _BALLOTS), votes.ballots_of(table))
        return name

    def _write(self, name: str, table: pa.Table) -> None:
        with pa.OSFile(str(self.folder / name), "wb") as file, pa.ipc.new_file(file, SCHEMA) as out:
            out.write_table(table)

    @property
    def _run(self) -> str:
        return self.folder.name.removeprefix(_RUN)

    def link(self, manifest: Manifest) -> Manifest:
        """Find the copies and the links among all calls written so far; return the manifest with the copies."""
        batches, rows = manifest.batches, [batch.rows for batch in manifest.batches]
        copies = duplicates.dropped(lambda number: self._load(batches[number], _KEYS), len(batches), sum(rows))
        for number, places in copies.items():
            batches[number].dropped = places.tolist()
        self._name_chains(batches)
        starts = np.cumsum([0, *rows])
        if starts[-1]:
            shape = len(links.NAMES), int(starts[-1])
            found = np.lib.format.open_memmap(self.folder / _links_of(self._run), "w+", np.int32, shape)
            links.find(lambda number: self._load(batches[number], _KEYS), len(batches), int(starts[-1]), found, starts)
            found.flush()
            adopted = np.lib.format.open_memmap(self.folder / _votes_of(self._run), "w+", np.int16, (2, shape[1]))
            votes.find(
                lambda number: self._load(batches[number], _BALLOTS),
                len(batches),
                manifest.tasks,
                UNKNOWN,
                adopted,
                starts,
            )
            adopted.flush()
        return manifest

    def _load(self, batch: StoredBatch, kind: str) -> Keys:
        """The keys or ballots of a batch; a copy has none, so that nothing is tied to it."""
        found: Keys = np.load(self._beside(batch.file, kind))
        found[:, batch.dropped] = 0
        return found

    def _name_chains(self, batches: Sequence[StoredBatch]) -> None:
        """Write the conversations that chains of answers are into the batches."""
        for number, places, firsts in chains.conversations(lambda each: self._load(batches[each], _KEYS), len(batches)):
            name = batches[number].file
            with pa.memory_map(str(self.folder / name)) as file:
                table = pa.ipc.open_file(file).read_all()
            column = table.column("conversation_id").to_pylist()
            for place, first in zip(places.tolist(), firsts.view(np.uint64).tolist(), strict=True):
                column[place] = f"{first:016x}"
            at = table.column_names.index("conversation_id")
            table = table.set_column(at, SCHEMA.field(at), pa.array(column, SCHEMA.field(at).type))
            keys = with_conversations(np.load(self._beside(name, _KEYS)), table.column(at))
            (self.folder / name).unlink()  # the old one may still be mapped
            self._write(name, table)
            np.save(self._beside(name, _KEYS), keys)

    def _beside(self, name: str, kind: str) -> Path:
        return self.folder / f"{name}{kind}"

    def close(self, manifest: Manifest) -> Store:
        """Write the manifest, take the place of the last run, and return the store."""
        for kind in (_KEYS, _BALLOTS):
            for leftover in self.folder.glob(f"*{kind}"):
                leftover.unlink()
        manifest.run = self._run
        (self.folder / _MANIFEST).write_bytes(msgspec.json.encode(manifest))
        if self._home is not None:
            self.folder = _in_place_of(self._home / _LAST, self.folder)
        return Store(self.folder, manifest, kept=self._home is not None)

    def abandon(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _in_place_of(final: Path, folder: Path) -> Path:
    """Move the folder to where the last run is, which may be another run's at the same moment; return where it is."""
    for number in range(_MOST_RIVALS):
        old = folder.with_name(f"{folder.name}-old{number}")
        with suppress(FileNotFoundError):
            final.rename(old)
        try:
            folder.rename(final)
        except OSError as problem:
            if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return final
        finally:
            shutil.rmtree(old, ignore_errors=True)
    raise LogError("other runs keep writing here", where=str(final.parent))


def last(home: Path) -> Store | None:
    """Return the store of the last run in this folder, or None where there is none that this version understands."""
    folder = home / FOLDER / _LAST
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    whole = all((folder / batch.file).is_file() for batch in manifest.batches)
    return Store(folder, manifest) if whole and manifest.version == VERSION else None


def _is_ours_to_write(folder: Path) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        _remove_left_over(folder)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _remove_left_over(folder: Path) -> None:
    for run in folder.glob(f"{_RUN}*"):
        if time.time() - run.stat().st_mtime > _LEFT_OVER_SECONDS:
            shutil.rmtree(run, ignore_errors=True)


def fingerprint(parts: Any) -> str:
    """Return a text that differs whenever any of the parts does, and tells nothing of them."""
    return hashlib.blake2b(msgspec.json.encode(parts, order="deterministic"), digest_size=16).hexdigest()
