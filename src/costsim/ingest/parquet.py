"""Parquet files as records: each row as one JSON object, the way every format reads them."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from pyarrow import ArrowException

from costsim.errors import LogError

_ROWS = 10_000


def first(path: Path, most: int) -> Iterator[dict[str, Any]]:
    """Yield the first rows, as they would be after a journey through JSON."""
    for record in islice(records(path), most):
        yield msgspec.json.decode(record)


def records(path: Path) -> Iterator[bytes]:
    """Yield each row as JSON; LogError where the file is no Parquet after all."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS):
                yield from (msgspec.json.encode(row) for row in batch.to_pylist())
    except ArrowException as problem:
        raise LogError(f"is damaged: {str(problem).splitlines()[0]}", where=str(path)) from problem
