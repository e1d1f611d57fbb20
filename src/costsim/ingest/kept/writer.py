"""The store of a run while it is being written: batches of calls, what ties them together, and its taking its place."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim.errors import LogError, is_full
from costsim.ingest.kept.store import FOLDER, LAST, MANIFEST, Manifest, Store, StoredBatch, links_of, votes_of
from costsim.ingest.ties import chains, duplicates, links, votes
from costsim.ingest.ties.keys import keys_of
from costsim.ingest.ties.parts import Load
from costsim.schema import SCHEMA
from costsim.tasks import UNKNOWN

_MOST_RIVALS = 20
_LAID_OUT = 1 << 18
"""Numbers that are written at once where all are the same."""
_RUN = "run-"
_KEYS, _BALLOTS = ".keys", ".ballots"
"""Bare numbers, row by row: to map a file, or to read what it says of itself, takes longer than to read a row of it."""
_LEFT_OVER_SECONDS = 86_400
"""What a run that was killed has left is removed a day later: nothing else runs for so long."""


KINDS = (len(links.KINDS), *links.KINDS)
"""What `Writer.tie` ties calls by: votes, which take longest and so come first, and each kind of links."""


class Writer:
    """A store while it is being written; `close` makes it the last run, leaving without it leaves nothing."""

    def __init__(self, home: Path | None) -> None:
        """Write under `home/.costsim`, or, where nothing shall be kept or nothing can be, in a temporary folder.

        OSError where a disk is full.
        """
        self._home = home / FOLDER if home is not None and _is_ours_to_write(home / FOLDER) else None
        with _named(self._home or Path(tempfile.gettempdir())):
            self.folder = Path(tempfile.mkdtemp(prefix=_RUN, dir=self._home))

    def write(self, split: int, part: int, table: pa.Table, answers: NDArray[np.int64]) -> str:
        """Write one batch of a split, and beside it its keys, and its ballots with the marks of the answers.

        Return the file's name.
        """
        name = f"calls-{self._run}-{split}-{part}.arrow"
        with _named(self._home or self.folder):
            self._write(name, table)
            keys_of(table).tofile(self._beside(name, _KEYS))
            votes.ballots_of(table, answers).tofile(self._beside(name, _BALLOTS))
        return name

    def _write(self, name: str, table: pa.Table) -> None:
        with pa.OSFile(str(self.folder / name), "wb") as file, pa.ipc.new_file(file, SCHEMA) as out:
            out.write_table(table)

    @property
    def _run(self) -> str:
        return self.folder.name.removeprefix(_RUN)

    def without_copies(self, manifest: Manifest) -> Manifest:
        """Find the copies among all calls written so far, and the conversations that chains of answers are.

        Return the manifest with the copies; what else ties calls together is left to `tie`.
        """
        batches, rows = manifest.batches, [batch.rows for batch in manifest.batches]
        for number, places in duplicates.dropped(self._loader(batches, _KEYS, whole=True), rows):
            batches[number].drop(places)
        with _named(self._home or self.folder):
            self._name_chains(batches)
            if calls := sum(rows):
                self._lay_out(links_of(self._run), (len(links.NAMES), calls), np.int32, links.NONE)
                self._lay_out(votes_of(self._run), (2, calls), np.int16, votes.NONE)
        return manifest

    def _lay_out(self, name: str, shape: tuple[int, int], kind: type[np.signedinteger[Any]], nothing: int) -> None:
        """Write an array of nothing, a piece at a time: of one that is mapped, all that was written stays in memory."""
        header = {"descr": np.lib.format.dtype_to_descr(np.dtype(kind)), "fortran_order": False, "shape": shape}
        left = shape[0] * shape[1]
        piece = np.full(min(left, _LAID_OUT), nothing, kind)
        with (self.folder / name).open("wb") as out:
            np.lib.format.write_array_header_1_0(out, header)
            while left > 0:
                piece[:left].tofile(out)
                left -= len(piece)

    def tie(self, manifest: Manifest, kind: int) -> None:
        """Write one of the `KINDS` of ties of all calls, each into a part of the files that no other one touches."""
        batches = manifest.batches
        starts = np.cumsum([0, *(batch.rows for batch in batches)])
        if not starts[-1]:
            return
        if kind in links.KINDS:
            found = np.load(self.folder / links_of(self._run), mmap_mode="r+")
            links.find(kind, self._loader(batches, _KEYS), len(batches), found, starts)
        else:
            found = np.load(self.folder / votes_of(self._run), mmap_mode="r+")
            load = self._loader(batches, _BALLOTS)
            votes.find(load, len(batches), manifest.tasks, UNKNOWN, found, starts)
        found.flush()

    def _loader(self, batches: Sequence[StoredBatch], kind: str, *, whole: bool = False) -> Load:
        """What reads a row of a batch's keys or ballots; unless `whole`, a copy has none: nothing is tied to it."""

        def load(number: int, row: int) -> NDArray[np.int64]:
            batch = batches[number]
            offset = row * batch.rows * np.dtype(np.int64).itemsize
            found = np.fromfile(self._beside(batch.file, kind), np.int64, batch.rows, offset=offset)
            if batch.copies and not whole:
                found[~batch.kept()] = 0
            return found

        return load

    def _name_chains(self, batches: Sequence[StoredBatch]) -> None:
        """Write the conversations that chains of answers are into the batches."""
        for number, places, firsts in chains.conversations(self._loader(batches, _KEYS), len(batches)):
            name = batches[number].file
            with pa.memory_map(str(self.folder / name)) as file:
                table = pa.ipc.open_file(file).read_all()
            column = table.column("conversation_id").to_pylist()
            for place, first in zip(places.tolist(), firsts.view(np.uint64).tolist(), strict=True):
                column[place] = f"{first:016x}"
            at = table.column_names.index("conversation_id")
            table = table.set_column(at, SCHEMA.field(at), pa.array(column, SCHEMA.field(at).type))
            (self.folder / name).unlink()  # the old one may still be mapped
            self._write(name, table)
            keys_of(table).tofile(self._beside(name, _KEYS))

    def _beside(self, name: str, kind: str) -> Path:
        return self.folder / f"{name}{kind}"

    def close(self, manifest: Manifest) -> Store:
        """Write the manifest, take the place of the last run, and return the store."""
        for kind in (_KEYS, _BALLOTS):
            for leftover in self.folder.glob(f"*{kind}"):
                leftover.unlink()
        manifest.run = self._run
        with _named(self._home or self.folder):
            (self.folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
        if self._home is not None:
            self.folder = _in_place_of(self._home / LAST, self.folder)
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


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Say of a system that refuses to write, mostly because the disk is full, what it says and where.

    Arrow says it at length, and numpy says only how much it could not write.
    """
    try:
        yield
    except OSError as problem:
        number = problem.errno or errno.ENOSPC
        raise OSError(number, os.strerror(number), str(folder)) from problem


def _is_ours_to_write(folder: Path) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            _write_ignore(ignore)
        _remove_left_over(folder)
    except OSError as problem:
        if is_full(problem):
            raise
        return False
    return os.access(folder, os.W_OK)


def _write_ignore(path: Path) -> None:
    """Write what keeps the calls out of the user's repository: all of it, or no file, for it is written but once."""
    try:
        with _named(path.parent):
            path.write_text("*\n", encoding="utf-8")
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _remove_left_over(folder: Path) -> None:
    for run in folder.glob(f"{_RUN}*"):
        if time.time() - run.stat().st_mtime > _LEFT_OVER_SECONDS:
            shutil.rmtree(run, ignore_errors=True)
