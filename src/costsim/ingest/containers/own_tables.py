"""Files of calls that `costsim ingest` wrote: read back column by column, as they are, whatever their suffix."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from typing import BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.json

from costsim.schema import FILE_SCHEMA, SCHEMA, amounts, in_one_piece

_ROWS = 100_000
_LINES = 20_000
_TELLING = {"call_id", "source_line", "tokens_basis", "prompt_hash", "system_tokens", "cost_basis"}
_KINDS = {field.name: field.type for field in FILE_SCHEMA}


def recognises(names: Iterable[str]) -> bool:
    """Whether a file with these columns is one of ours."""
    return set(names) >= _TELLING


def tables(stream: BinaryIO, container: str) -> Iterator[pa.Table]:
    """Yield the calls of a file batch by batch, a column that it lacks as null; `container`: lines, csv or parquet."""
    readers = {"parquet": _parquet, "csv": _csv, "lines": _lines}
    for table in readers[container](stream):
        yield _as_calls(table)


def _parquet(stream: BinaryIO) -> Iterator[pa.Table]:
    import pyarrow.parquet as pq  # slow to load, and most logs are made of lines

    for batch in pq.ParquetFile(stream).iter_batches(_ROWS):
        yield pa.Table.from_batches([batch])


def _csv(stream: BinaryIO) -> Iterator[pa.Table]:
    kinds = {name: pa.string() if pa.types.is_list(kind) else kind for name, kind in _KINDS.items()}
    options = pa.csv.ConvertOptions(column_types=kinds, strings_can_be_null=True, quoted_strings_can_be_null=False)
    for batch in pa.csv.open_csv(stream, convert_options=options):
        yield pa.Table.from_batches([batch])


def _lines(stream: BinaryIO) -> Iterator[pa.Table]:
    options = pa.json.ParseOptions(explicit_schema=FILE_SCHEMA)
    while lines := b"".join(islice(stream, _LINES)):
        yield pa.json.read_json(BytesIO(lines), parse_options=options)


def _as_calls(table: pa.Table) -> pa.Table:
    return pa.table([as_column(table, field, table.num_rows) for field in SCHEMA], schema=SCHEMA)


def as_column(table: pa.Table, field: pa.Field, rows: int) -> pa.Array:
    """Return one column of a file as `SCHEMA` has it; nulls where the file lacks it."""
    if field.name not in table.column_names:
        return pa.nulls(rows, field.type)
    if field.name == "reported_cost":
        return amounts(table.column(field.name))
    return _as(in_one_piece(table.column(field.name).unify_dictionaries()), field.type)


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    if pa.types.is_dictionary(kind):
        return column.cast(pa.string()).dictionary_encode()
    if pa.types.is_list(kind) and pa.types.is_string(column.type):  # a list in CSV is JSON text
        return pa.array([None if each is None else msgspec.json.decode(each) for each in column.to_pylist()], kind)
    return column.cast(kind)
