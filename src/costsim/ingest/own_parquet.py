"""A Parquet file that `costsim ingest` wrote, replayed as it stands: batches of columns straight from its row groups.

Its calls have no copies, their tasks are those that they adopted when they were written, and what ties each to earlier
ones stands beside it, so that nothing need be looked at of all calls together. A file without the mark of this version,
or that other hands have written with these columns, is read like any log.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from costsim.formats.generic import NAME
from costsim.ingest import links
from costsim.ingest.own_tables import as_column
from costsim.ingest.store import VERSION, Manifest, SourceCounts, StoredBatch
from costsim.schema import FILE_SCHEMA, SCHEMA

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_MARK, _VERSION = b"costsim.calls", b"1"
"""What says that a file is whole and settled; a number for each meaning of its columns."""
_LINKS = [pa.field(name, pa.int32()) for name in links.NAMES]
WRITTEN = pa.schema([*FILE_SCHEMA, *_LINKS], metadata={_MARK: _VERSION})
"""The columns of a Parquet file of calls: those of every file of calls, and what ties them together."""

_COLUMNS = [*SCHEMA, *_LINKS]
_SUFFIX = ".parquet"
_KEPT_OPEN = 4


class OwnParquet:
    """The calls of one file; to its users what a `Store` is, with a row group for a batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        groups = _opened(path).metadata
        rows = [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]
        self.manifest = Manifest(
            VERSION,
            sources=[SourceCounts(str(path), NAME, lines=sum(rows), calls=sum(rows))],
            batches=[StoredBatch(str(path), count, 0) for count in rows],
        )

    def __enter__(self) -> "OwnParquet":
        return self

    def __exit__(self, *_: object) -> None:
        _opened.cache_clear()

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the calls row group by row group; only the named columns, or all of `SCHEMA`."""
        for number in range(len(self.manifest.batches)):
            yield self.part(number, number + 1, columns)

    def part(self, first: int, end: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the calls of row groups [first, end): the named columns, or all of `SCHEMA`; null what it lacks."""
        file, groups = _opened(self._path), range(first, end)
        wanted = [each for each in _COLUMNS if each.name in (SCHEMA.names if columns is None else columns)]
        there = set().union(*(_stated(file, number) for number in groups))
        table = file.read_row_groups(
            list(groups), [each.name for each in wanted if each.name in there], use_threads=False
        )
        rows = sum(self.manifest.batches[number].rows for number in groups)
        return pa.table([as_column(table, each, rows) for each in wanted], schema=pa.schema(wanted))


def opened(logs: Sequence[str]) -> OwnParquet | None:
    """Return the file that these logs are; None where they are anything else.

    Two files may hold the same calls, which only reading them as logs finds out.
    """
    if len(logs) != 1 or Path(logs[0]).suffix.lower() != _SUFFIX or not Path(logs[0]).is_file():
        return None
    try:
        schema = _opened(Path(logs[0])).schema_arrow
    except (OSError, pa.ArrowException):
        return None  # whoever reads it as a log says what is wrong with it
    return OwnParquet(Path(logs[0])) if (schema.metadata or {}).get(_MARK) == _VERSION else None


def _stated(file: "ParquetFile[Any]", number: int) -> set[str]:
    """The columns of a row group that say anything, as far as its statistics tell; reading nulls takes time too."""
    group = file.metadata.row_group(number)
    found = set()
    for place in range(group.num_columns):
        column = group.column(place)
        told = column.statistics if column.is_stats_set else None
        if told is None or not told.has_null_count or told.null_count < group.num_rows:
            found.add(column.path_in_schema.split(".")[0])
    return found


@lru_cache(_KEPT_OPEN)
def _opened(path: Path) -> "ParquetFile[Any]":
    from pyarrow.parquet import ParquetFile  # slow to load

    words = [each.name for each in SCHEMA if pa.types.is_dictionary(each.type)]
    return ParquetFile(path, memory_map=True, read_dictionary=words)
