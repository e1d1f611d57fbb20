"""Logs to a store of calls: find the sources, read their splits on an engine, leave out copies, keep the rest."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from costsim import tokens
from costsim.engines import ENGINES, local
from costsim.engines.interrupts import held_back
from costsim.errors import is_full
from costsim.formats.tables.generic import Mapping, check_columns
from costsim.ingest import hashing
from costsim.ingest.kept import again, store
from costsim.ingest.kept import writer as store_writer
from costsim.ingest.kept.store import Manifest, SourceCounts, Store, StoredBatch
from costsim.ingest.kept.writer import Writer
from costsim.ingest.reading import MOST_REJECTS_SHOWN, Outcome, Reader
from costsim.ingest.sources import sniffing, splits
from costsim.ingest.sources.found import Found, find
from costsim.ingest.sources.splits import Split
from costsim.tasks import Classifier

SMALL = 4 << 20
"""Below this many bytes, one process is done before a second one would have started."""


class Options(msgspec.Struct, frozen=True):
    """How to read logs."""

    log_format: str | None = None
    mapping: Mapping | None = None
    mapping_file: Path | None = None
    """Where the mapping stands, for errors in it to be shown there."""
    workers: int | None = None
    """Processes; None for all cores, or one where the logs are small."""
    engine: str = "local"
    places: tuple[str, ...] = ()
    """Files and folders that no one named, where logs may be."""
    estimate_unfinished: bool = False
    """Whether output tokens that were never finally logged are estimated from the answer's text."""

    @property
    def how(self) -> list[object]:
        """What the calls depend on, of all this."""
        return [self.log_format, self.mapping, self.estimate_unfinished]


class _Written(msgspec.Struct):
    """What a worker did with splits that it read together: the outcomes, with the tables on the disk."""

    outcomes: list[Outcome]
    files: list[tuple[str, int]]
    unfetched: tuple[str, ...]
    """Token encodings that this worker wanted and could not have."""


def collect(
    logs: Sequence[str],
    home: Path | None,
    classifier: Classifier,
    options: Options,
    made_of: str = "",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Store:
    """Return a store with the calls of the logs; kept as the last run of the folder `home`, unless that is None.

    `made_of` tells what else the calls depend on; a last run over the same files, unchanged, is returned as it is.
    `progress` is told the bytes read so far, and of how many. Where the disk of the folder is full, the logs are read
    once more and the calls are not kept (`Manifest.unkept`).
    """
    with tempfile.TemporaryDirectory(prefix="costsim-") as spool:
        found = find(logs, Path(spool), options.log_format, options.mapping, options.places)
        _check_mapping(found, options)
        fingerprint = again.fingerprint(found.looked_at, options.how, made_of)
        known = store.last(home) if home is not None else None
        if known is not None and known.manifest.fingerprint == fingerprint:
            return known
        reader = Reader(
            found.sources, classifier, hashing.key_from_environment(), estimates=options.estimate_unfinished
        )
        try:
            return _written(found, home, reader, options, fingerprint, progress)
        except OSError as problem:
            if home is None or not is_full(problem):
                raise
            made = _written(found, None, reader, options, fingerprint, progress)
            made.manifest.unkept = f"{problem.filename}: {problem.strerror}"
            return made


def _written(
    found: Found,
    home: Path | None,
    reader: Reader,
    options: Options,
    fingerprint: str,
    progress: Callable[[int, int], None],
) -> Store:
    """What is read, written: all of it, or nothing is left."""
    writer = None
    try:
        with held_back():  # or its folder would be there, and nobody would know of it
            writer = Writer(home)
        manifest = _read(found, writer, reader, options, progress)
        manifest.fingerprint = fingerprint
        manifest = _linked(found, writer, manifest, options)
        return writer.close(manifest)
    except BaseException:
        if writer is not None:
            writer.abandon()
        raise


def _check_mapping(found: Found, options: Options) -> None:
    """Raise a ConfigError where the mapping names a column that no table has; of JSON no one knows what is to come."""
    if options.mapping is None or options.mapping_file is None:
        return
    headers = [sniffing.header(each.path, each.name, each.look) for each in found.sources]
    if all(headers):
        columns = list(dict.fromkeys(name for header in headers for name in header))
        check_columns(options.mapping, options.mapping_file, columns)


def _read(
    found: Found, writer: Writer, reader: Reader, options: Options, progress: Callable[[int, int], None]
) -> Manifest:
    manifest = Manifest(store.VERSION, skipped=found.skipped, tasks=list(reader.tasks))
    manifest.sources = [SourceCounts(each.name, "".join(each.look.formats[:1])) for each in found.sources]
    workers = _workers(found, options)
    work = enumerate(splits.together(found.sources))
    first_lines = [0] * len(found.sources)
    done, total = 0, found.size
    with closing(ENGINES[options.engine].map(partial(_read_and_write, reader, writer), work, workers)) as results:
        for written in results:
            done += sum(outcome.bytes_read for outcome in written.outcomes)
            _enter(manifest, written, first_lines)
            progress(done, max(total, done))
    return manifest


def _linked(found: Found, writer: Writer, manifest: Manifest, options: Options) -> Manifest:
    """The manifest with its copies, and all ties written; in workers, so that their memory is given back at once."""
    engine, workers = ENGINES[options.engine], _workers(found, options)
    with closing(engine.map(writer.without_copies, [manifest], workers)) as results:
        manifest = next(iter(results))
    with closing(engine.map(partial(writer.tie, manifest), store_writer.KINDS, workers)) as results:
        for _ in results:
            continue
    return manifest


def _workers(found: Found, options: Options) -> int:
    return options.workers or local.worth(found.size, SMALL)


def _read_and_write(reader: Reader, writer: Writer, item: tuple[int, list[Split]]) -> _Written:
    number, together = item
    files: list[tuple[str, int]] = []

    def keep(batch: pa.Table, answers: NDArray[np.int64]) -> None:
        files.append((writer.write(number, len(files), batch, answers), batch.num_rows))

    return _Written(reader.read(together, keep), files, tokens.missed())


def _enter(manifest: Manifest, written: _Written, first_lines: list[int]) -> None:
    """Add the counts of splits to the manifest; they come in the order of the logs."""
    first = first_lines[written.outcomes[0].source]  # 0, where several sources were read together
    manifest.batches += [StoredBatch(file, rows, first) for file, rows in written.files]
    manifest.unfetched = sorted({*manifest.unfetched, *written.unfetched})
    for outcome in written.outcomes:
        _enter_outcome(manifest, outcome, first_lines)


def _enter_outcome(manifest: Manifest, outcome: Outcome, first_lines: list[int]) -> None:
    counts, source = outcome.counts, manifest.sources[outcome.source]
    first, room = first_lines[outcome.source], MOST_REJECTS_SHOWN - source.rejected
    for name in ("lines", "calls", "rejected", "not_calls"):
        setattr(source, name, getattr(source, name) + getattr(counts, name))
    source.damage = outcome.damage or source.damage
    source.other_formats = sorted({*source.other_formats, *outcome.other_formats})
    shown = outcome.rejects[: max(room, 0)]
    manifest.rejects += [(f"{source.name}:{first + reject.line}", reject.reason) for reject in shown]
    first_lines[outcome.source] += outcome.physical_lines
