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

from costsim.ingest.containers.own_tables import as_column
from costsim.ingest.kept.store import VERSION, Manifest, SourceCounts, StoredBatch
from costsim.ingest.ties import buckets, links
from costsim.schema import FILE_SCHEMA, GENERIC, SCHEMA

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile, ParquetWriter

_MARK, _VERSION = b"costsim.calls", b"1"
"""What says that a file is whole and settled; a number for each meaning of its columns."""
_LINKS = [pa.field(name, pa.int32()) for name in (*links.NAMES, buckets.NAME)]
WRITTEN = pa.schema([*FILE_SCHEMA, *_LINKS], metadata={_MARK: _VERSION})
"""The columns of a Parquet file of calls: those of every file of calls, what ties them together, and their bucket."""

_COLUMNS = [*SCHEMA, *_LINKS]
_RISING = ("started_at", "source_line")
_MEASURES = {"duration_ms", "time_to_first_token_ms", "task_confidence", "complexity_score"}
_DIFFERENT = {*_RISING, *_MEASURES, *links.NAMES, "call_id", "prompt_hash", "prefix_hashes", "prefix_tokens"}
"""Columns of values that hardly ever come again, or are mostly none: a list of all of them would only take longer."""
_TEXTS = {*_DIFFERENT, "conversation_id", "trace_id", "parent_id", "retry_of", "tags", "fees"} - {*_RISING, *_MEASURES}
_COMPARED = {
    each.name
    for each in _COLUMNS
    if pa.types.is_dictionary(each.type) or pa.types.is_boolean(each.type) or pa.types.is_integer(each.type)
} - {"reported_cost"}
"""Columns whose statistics are what stands in them; an amount is stored in another way."""
_WORD = SCHEMA.field("model").type
_REPEATED = ("conversation_id", "trace_id")
"""Columns of texts of which many calls have the same; they come with codes, for which each text is read once."""
_WELL_PACKED, _QUICK = "zstd", "snappy"
"""Texts and hashes that hardly ever come again are half of a file, and few runs read them, and of what is mostly none
hardly anything is left; every other column is short already, and to unpack it must not take longer than to read it.
"""
_SUFFIX = ".parquet"
_KEPT_OPEN = 4


def writer(path: Path) -> "ParquetWriter":
    """Return a writer of a file of calls, whose columns are quick to read."""
    from pyarrow.parquet import ParquetWriter

    repeated = [name for name in WRITTEN.names if name not in _DIFFERENT]
    rising = dict.fromkeys(_RISING, "DELTA_BINARY_PACKED")
    packed = {name: _WELL_PACKED if name in _TEXTS else _QUICK for name in WRITTEN.names}
    return ParquetWriter(path, WRITTEN, compression=packed, use_dictionary=repeated, column_encoding=rising)


class OwnParquet:
    """The calls of one file; to its users what a `Store` is, with a row group for a batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        schema = _opened(path).metadata.schema
        self._places = {schema.column(place).path.partition(".")[0]: place for place in range(len(schema))}
        self._known: dict[tuple[int, str], tuple[Any] | None] = {}
        has_buckets = buckets.NAME in self._places
        self.bucket_columns: Sequence[str] = (buckets.NAME,) if has_buckets else buckets.COLUMNS
        """Columns that tell the bucket of a call; files of earlier versions hold none."""
        groups = _opened(path).metadata
        rows = [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]
        self.manifest = Manifest(
            VERSION,
            sources=[SourceCounts(str(path), GENERIC, lines=sum(rows), calls=sum(rows))],
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
        same = {each.name: found for each in wanted if (found := self._same(groups, each.name)) is not None}
        names = [each.name for each in wanted if each.name not in same]
        table = file.read_row_groups(list(groups), names, use_threads=False)
        rows = sum(self.manifest.batches[number].rows for number in groups)
        kinds = [each.with_type(_WORD) if each.name in _REPEATED and each.name in names else each for each in wanted]
        columns = [
            as_column(table, each, rows) if each.name in names else _repeated(rows, each.type, *same[each.name])
            for each in kinds
        ]
        return pa.table(columns, schema=pa.schema(kinds))

    def _same(self, groups: range, name: str) -> tuple[Any] | None:
        """What stands in all rows of a column, as far as its statistics tell: that need not be read."""
        found = {self._in_group(number, name) for number in groups}
        return found.pop() if len(found) == 1 else None

    def _in_group(self, number: int, name: str) -> tuple[Any] | None:
        if (number, name) not in self._known:
            place = self._places.get(name)
            self._known[number, name] = (None,) if place is None else self._one_value(number, name, place)
        return self._known[number, name]

    def _one_value(self, number: int, name: str, place: int) -> tuple[Any] | None:
        group = _opened(self._path).metadata.row_group(number)
        column = group.column(place)
        told = column.statistics if column.is_stats_set else None
        if told is None or not told.has_null_count:
            return None
        if told.null_count == group.num_rows:
            return (None,)
        alike = name in _COMPARED and not told.null_count and told.has_min_max and told.min == told.max
        return (told.min,) if alike else None


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


@lru_cache
def _repeated(rows: int, kind: pa.DataType, value: Any) -> pa.Array:
    """One value in every row; all columns of it share its memory."""
    if value is None or not pa.types.is_dictionary(kind):
        return pa.nulls(rows, kind) if value is None else pa.repeat(pa.scalar(value, kind), rows)
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([value]))


@lru_cache(_KEPT_OPEN)
def _opened(path: Path) -> "ParquetFile[Any]":
    from pyarrow.parquet import ParquetFile  # slow to load

    names = ParquetFile(path, memory_map=True).schema_arrow.names
    words = {each.name for each in SCHEMA if pa.types.is_dictionary(each.type)} | {*_REPEATED}
    encoded = [name for name in names if name in words]
    return ParquetFile(path, memory_map=True, pre_buffer=False, read_dictionary=encoded)
