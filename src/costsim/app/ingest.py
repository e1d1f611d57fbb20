"""Logs -> one table of calls in a file: Parquet, CSV or JSON Lines."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv

from costsim import prices
from costsim.app import warnings
from costsim.app.asked import day_of, mode_of
from costsim.app.completeness import insist_on_all
from costsim.app.reading import Progress, Reading, calls_of
from costsim.errors import EvidenceError, UsageError, nearest
from costsim.ingest.kept import own_parquet
from costsim.ingest.kept.own_parquet import WRITTEN
from costsim.ingest.kept.store import Manifest, Store
from costsim.ingest.ties import links
from costsim.ingest.ties.buckets import buckets_of
from costsim.outputs import whole
from costsim.policies.as_logged import AsOf
from costsim.prices import PriceTable
from costsim.replay import BASES, CostMode, history
from costsim.schema import FILE_SCHEMA, SCHEMA, as_arrow, decimals

_Write = Callable[[Path, Iterator[pa.Table]], None]
_ROWS_OF_GROUP = 50_000
"""Calls of a row group, at least: quick to read, and no more memory than a few batches take."""


class Ingested(msgspec.Struct, frozen=True):
    """The file of calls that was written, and what of the logs is in it."""

    manifest: Manifest
    out: Path
    unpriced: int
    warnings: Sequence[str] = ()

    def coverage(self) -> str:
        """Return the coverage in one line."""
        sources = self.manifest.sources
        lines, rejected = sum(each.lines for each in sources), sum(each.rejected for each in sources)
        no_calls = sum(each.not_calls for each in sources)
        return (
            f"{self.manifest.calls:,} calls in {lines:,} lines ({self.manifest.duplicates:,} duplicates, "
            f"{rejected:,} rejected, {no_calls:,} no calls; {self.unpriced:,} calls without a price) -> {self.out}"
        )

    def insist(self, strict: bool) -> None:
        """Raise EvidenceError where nothing was found, or, if strict, less than everything."""
        if not self.manifest.calls:
            raise EvidenceError("no calls in the logs", where=str(self.out))
        if strict:
            sources = self.manifest.sources
            rejected, damaged = sum(each.rejected for each in sources), sum(each.damage is not None for each in sources)
            insist_on_all(rejected=rejected, unpriced=self.unpriced, damaged=damaged)


def ingest(
    logs: Sequence[str],
    reading: Reading,
    out: Path,
    price_files: Sequence[Path] = (),
    as_of: str = "logged",
    cost_mode: str = "auto",
    progress: Progress = lambda _done, _total: None,
) -> Ingested:
    """Write the calls of the logs to a file, batch by batch; the file appears when it is whole."""
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise UsageError(f"unknown suffix '{out.suffix}'", where=str(out), hint=nearest(out.suffix, _WRITERS))
    day, mode = day_of(as_of), mode_of(cost_mode)
    table = prices.load(tuple(price_files))
    with calls_of(logs, reading, progress) as store:
        unpriced = _write(store, out, write, partial(_with_cost, table=table, day=day, mode=mode))
    return Ingested(store.manifest, out, unpriced, warnings.of(store.manifest))


def _write(store: Store, out: Path, write: _Write, priced: Callable[[pa.Table], pa.Table]) -> int:
    """Write the calls with their costs to a file that appears when it is whole; return how many have no cost."""
    unpriced = 0

    def rows() -> Iterator[pa.Table]:
        nonlocal unpriced
        for calls in store.batches([*SCHEMA.names, *links.NAMES]):
            table = priced(calls)
            unpriced += table.column("cost_usd").null_count
            yield table

    with whole(out) as place:
        write(place, rows())
    return unpriced


def _with_cost(calls: pa.Table, table: PriceTable, day: AsOf, mode: CostMode) -> pa.Table:
    replay = history(calls, table, day, mode)
    plain = [
        calls.column(field.name).cast(FILE_SCHEMA.field(field.name).type)
        for field in SCHEMA
        if field.name != "reported_cost"
    ]
    reported, cost = decimals(replay.reported, replay.reported >= 0), decimals(replay.cost, replay.known)
    basis = pa.array(np.array(BASES)[replay.basis])
    tied = [calls.column(name) for name in links.NAMES]
    bucket = as_arrow(buckets_of(calls).astype(np.int32))
    return pa.table([*plain, reported, cost, basis, *tied, bucket], schema=WRITTEN)


def _parquet(path: Path, batches: Iterator[pa.Table]) -> None:
    """With what ties calls together, so that `simulate` replays it as it stands."""
    with own_parquet.writer(path) as file:
        for together in _in_groups(batches):
            file.write_table(together, row_group_size=max(together.num_rows, 1))


def _in_groups(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Batches together, as many calls as are quick to read in one go; the store's own are of some thousands."""
    waiting: list[pa.Table] = []
    for batch in batches:
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= _ROWS_OF_GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _csv(path: Path, batches: Iterator[pa.Table]) -> None:
    """Lists as JSON texts, as CSV has none of its own."""
    schema = pa.schema([f.with_type(pa.string()) if pa.types.is_list(f.type) else f for f in FILE_SCHEMA])
    with pc_csv.CSVWriter(path, schema) as file:
        for batch in batches:
            columns = [
                _as_text(batch.column(f.name)) if pa.types.is_list(f.type) else batch.column(f.name)
                for f in FILE_SCHEMA
            ]
            file.write_table(pa.table(columns, schema=schema))


def _as_text(lists: pa.ChunkedArray) -> pa.Array:
    return pa.array(
        [None if each is None else msgspec.json.encode(each).decode() for each in lists.to_pylist()], pa.string()
    )


def _jsonl(path: Path, batches: Iterator[pa.Table]) -> None:
    """Money as decimal strings, times as RFC 3339."""
    encoder = msgspec.json.Encoder(decimal_format="string")
    with path.open("wb") as file:
        for batch in batches:
            file.writelines(encoder.encode(row) + b"\n" for row in batch.select(FILE_SCHEMA.names).to_pylist())


_WRITERS: dict[str, _Write] = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}
