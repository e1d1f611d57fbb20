"""Logs to a store of calls: find the sources, read their splits on an engine, leave out copies, keep the rest."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from costsim.engines import ENGINES, local
from costsim.formats.generic import Mapping
from costsim.ingest import hashing, splits, store
from costsim.ingest.reading import Outcome, Reader
from costsim.ingest.sources import Found, find
from costsim.ingest.splits import Split
from costsim.ingest.store import Manifest, SourceCounts, Store, StoredBatch, Writer
from costsim.tasks import Classifier

SMALL = 4 << 20
"""Below this many bytes, one process is done before a second one would have started."""


@dataclass(frozen=True)
class Options:
    """How to read logs."""

    log_format: str | None = None
    mapping: Mapping | None = None
    workers: int | None = None
    """Processes; None for all cores, or one where the logs are small."""
    engine: str = "local"


@dataclass
class Written:
    """What a worker did with a split: the outcome with its tables on the disk instead of in hand."""

    outcome: Outcome
    files: list[tuple[str, int]]


def collect(
    logs: Sequence[str],
    home: Path | None,
    classifier: Classifier,
    options: Options,
    made_of: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Store:
    """Return a store with the calls of the logs; kept as the last run of the folder `home`, unless that is None.

    `made_of` tells what else the calls depend on; a last run over the same files, unchanged, is returned as it is.
    `progress` is told the bytes read so far, and of how many.
    """
    with tempfile.TemporaryDirectory(prefix="costsim-") as spool:
        found = find(logs, Path(spool), options.log_format, options.mapping)
        print_of_this = _fingerprint(found, options, made_of)
        known = store.last(home) if home is not None else None
        if known is not None and known.manifest.fingerprint == print_of_this:
            return known
        writer = Writer(home)
        try:
            return _read(found, writer, Reader(found.sources, classifier, hashing.key_from_environment()), options,
                         print_of_this, progress)  # fmt: skip
        except BaseException:
            writer.abandon()
            raise


def _fingerprint(found: Found, options: Options, made_of: str) -> str:
    files = [(str(each.path.resolve()), each.size, each.modified_ns) for each in found.sources]
    return store.fingerprint([files, options.log_format, options.mapping, made_of, hashing.key_from_environment()])


def _read(
    found: Found, writer: Writer, reader: Reader, options: Options, fingerprint: str, progress: Callable[[int, int], None]
) -> Store:
    manifest = Manifest(store.VERSION, skipped=found.skipped, fingerprint=fingerprint)
    manifest.sources = [SourceCounts(each.name, each.look.formats[0] if each.look.formats else "") for each in found.sources]
    workers = options.workers or (local.cores() if found.size > SMALL else 1)
    work = enumerate(_splits(found))
    first_lines = [0] * len(found.sources)
    done = 0
    for written in ENGINES[options.engine].map(partial(_read_and_write, reader, writer), work, workers):
        done += written.outcome.bytes_read
        _enter(manifest, written, first_lines)
        progress(done, max(found.size, done))
    writer.link(manifest)
    return writer.close(manifest)


def _splits(found: Found) -> Iterator[Split]:
    for number, source in enumerate(found.sources):
        yield from splits.split(number, source)


def _read_and_write(reader: Reader, writer: Writer, item: tuple[int, Split]) -> Written:
    number, split = item
    outcome = reader.read(split)
    files = []
    for part, batch in enumerate(outcome.batches):
        files.append((writer.write(number * 1000 + part, batch), batch.num_rows))
    outcome.batches = []
    return Written(outcome, files)


def _enter(manifest: Manifest, written: Written, first_lines: list[int]) -> None:
    """Add one split's counts to the manifest; splits come in the order of the logs."""
    outcome = written.outcome
    counts, source = outcome.counts, manifest.sources[outcome.source]
    first = first_lines[outcome.source]
    for name in ("lines", "calls", "rejected", "not_calls"):
        setattr(source, name, getattr(source, name) + getattr(counts, name))
    source.damage = outcome.damage or source.damage
    manifest.rejects += [(f"{source.name}:{first + reject.line}", reject.reason) for reject in outcome.rejects]
    manifest.batches += [StoredBatch(file, rows, first) for file, rows in written.files]
    first_lines[outcome.source] += outcome.physical_lines
