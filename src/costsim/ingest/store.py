"""The calls of the last run in `.costsim/`, without any text: Arrow files of batches, and a manifest that lists them.

A run writes into a folder of its own and takes the old one's place in one step at its end, so that an interrupted run
leaves the last one whole. Everything after ingestion reads calls from here, so memory never grows with the log.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from costsim.ingest import duplicates, links
from costsim.ingest.keys import Keys, keys_of
from costsim.schema import SCHEMA

FOLDER = ".costsim"
VERSION = 1
"""Of the files in the folder; a store of another version is as good as none."""
_MANIFEST = "manifest.json"
_LINKS = "links.npy"
_KEYS = ".keys.npy"
_COMPRESSION = pa.ipc.IpcWriteOptions(compression="lz4")


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
    """Batches of calls on the disk, as often as they are asked for."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the calls batch by batch, without copies, in the order of the logs; only the named columns, or all."""
        for number in range(len(self.manifest.batches)):
            yield self.batch(number, columns)

    def batch(self, number: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return one batch of the calls, without copies: the named columns (also of `links.NAMES`), or all of `SCHEMA`."""
        stored = self.manifest.batches[number]
        fields = None if columns is None else sorted(SCHEMA.get_field_index(name) for name in columns if name not in links.NAMES)
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        with pa.memory_map(str(self.folder / stored.file)) as file:
            table = pa.ipc.open_file(file, options=options).read_all()
        if "source_line" in table.column_names:
            at = table.column_names.index("source_line")
            lines = pc.add(table.column(at), stored.first_line)
            table = table.set_column(at, "source_line", lines)
        for name in columns or ():
            if name in links.NAMES:
                table = table.append_column(name, pa.array(self._linked(number, name)))
        return table.filter(_kept(stored)) if stored.dropped else table

    def _linked(self, number: int, name: str) -> NDArray[np.int32]:
        start = self._starts[number]
        found = self._links[links.NAMES.index(name), start : start + self.manifest.batches[number].rows]
        return np.array(found)

    @cached_property
    def _links(self) -> NDArray[np.int32]:
        found: NDArray[np.int32] = np.load(self.folder / _LINKS, mmap_mode="r")
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(batch.rows for batch in self.manifest.batches)]


def _kept(batch: StoredBatch) -> pa.Array:
    kept = np.ones(batch.rows, dtype=bool)
    kept[batch.dropped] = False
    return pa.array(kept)


class Writer:
    """A store while it is being written; `close` makes it the last run, leaving without it leaves nothing."""

    def __init__(self, home: Path | None) -> None:
        """Write under `home/.costsim`, or, where nothing shall be kept or nothing can be, in a temporary folder."""
        self._home = home if home is not None and _is_ours_to_write(home) else None
        self.keeps = self._home is not None
        parent = self._home / FOLDER if self._home is not None else None
        self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))

    def write(self, number: int, table: pa.Table) -> str:
        """Write one batch, and its keys beside it; return the file's name."""
        name = f"calls-{number:06d}.arrow"
        with pa.OSFile(str(self.folder / name), "wb") as file, pa.ipc.new_file(file, SCHEMA, options=_COMPRESSION) as out:
            out.write_table(table)
        np.save(self._keys_of(name), keys_of(table))
        return name

    def link(self, manifest: Manifest) -> None:
        """Find the copies and the links among all calls written so far."""
        batches, rows = manifest.batches, [batch.rows for batch in manifest.batches]
        copies = duplicates.dropped(lambda number: self._keys(batches[number]), len(batches), sum(rows))
        for number, places in copies.items():
            batches[number].dropped = places.tolist()
        starts = np.cumsum([0, *rows])
        if starts[-1]:
            found = np.lib.format.open_memmap(self.folder / _LINKS, "w+", np.int32, (len(links.NAMES), int(starts[-1])))
            links.find(lambda number: self._keys(batches[number]), len(batches), int(starts[-1]), found, starts)
            found.flush()

    def _keys(self, batch: StoredBatch) -> Keys:
        """The keys of a batch; a copy has none, so that nothing is tied to it."""
        keys: Keys = np.load(self._keys_of(batch.file))
        keys[:, batch.dropped] = 0
        return keys

    def _keys_of(self, name: str) -> Path:
        return self.folder / f"{name}{_KEYS}"

    def close(self, manifest: Manifest) -> Store:
        """Write the manifest, take the place of the last run, and return the store."""
        for leftover in self.folder.glob(f"*{_KEYS}"):
            leftover.unlink()
        (self.folder / _MANIFEST).write_bytes(msgspec.json.encode(manifest))
        if self._home is not None:
            final, old = self._home / FOLDER / "last", self.folder.with_name(f"{self.folder.name}-old")
            with suppress(FileNotFoundError):
                final.rename(old)
            self.folder.rename(final)
            self.folder = final
            shutil.rmtree(old, ignore_errors=True)
        return Store(self.folder, manifest)

    def abandon(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def last(home: Path) -> Store | None:
    """Return the store of the last run in this folder, or None where there is none that this version understands."""
    folder = home / FOLDER / "last"
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None
    return Store(folder, manifest) if manifest.version == VERSION else None


def _is_ours_to_write(home: Path) -> bool:
    folder = home / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def remove(store: Store) -> None:
    """Remove a store that was not to be kept."""
    shutil.rmtree(store.folder, ignore_errors=True)


def fingerprint(parts: Any) -> str:
    """Return a text that differs whenever any of the parts does."""
    return msgspec.json.encode(parts, order="deterministic").decode()
