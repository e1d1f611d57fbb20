"""Parquet files as records: each row as one JSON object, the way every format reads them."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import ArrowException

from costsim.errors import LogError
from costsim.ingest.containers.compression import Damaged

_ROWS = 10_000


def first(path: Path, name: str, most: int) -> Iterator[dict[str, Any]]:
    """Yield the first rows, as they would be after a journey through JSON; LogError where the file is damaged."""
    try:
        for record in islice(records(path), most):
            yield msgspec.json.decode(record)
    except Damaged as problem:
        raise LogError(f"is {problem}", where=name) from problem


def columns(path: Path) -> list[str]:
    """Return the names of the columns; nothing where the file is no Parquet."""
    import pyarrow.parquet as pq  # slow to load, and most logs are made of lines

    try:
        with pq.ParquetFile(path) as file:
            return list(file.schema_arrow.names)
    except (ArrowException, OSError):
        return []


def records(path: Path) -> Iterator[bytes]:
    """Yield each row as JSON; Damaged after the last that can be read, where the file is damaged."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS):
                yield from (msgspec.json.encode(row, enc_hook=str) for row in _to_microseconds(batch).to_pylist())
    except PermissionError:
        raise
    except (ArrowException, OSError, ValueError) as problem:  # pyarrow calls some damage an OSError
        raise Damaged(f"damaged: {(str(problem).splitlines() or [type(problem).__name__])[0]}") from problem


def _to_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times in nanoseconds have no place in Python, nor in `calls`."""
    fields = [field.with_type(_coarser(field.type)) for field in batch.schema]
    columns = [column.cast(field.type, safe=False) for column, field in zip(batch.columns, fields, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _coarser(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", kind.tz)
    return pa.duration("us") if pa.types.is_duration(kind) and kind.unit == "ns" else kind
