"""Which of 1,024 buckets a call is counted in: those of one conversation in the same one.

The spread of buckets is the error of a sum. A file of calls may hold them, so that no conversation need be read.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from costsim.schema import in_one_piece, whole_numbers

BUCKETS = 1024
NAME = "bucket"
"""The column, int32, of calls that are put into buckets already."""
COLUMNS = ("conversation_id", "trace_id", "started_at", "call_id", "source_line")
"""Columns of `calls` that tell the bucket of others."""

_MADE_UP = "^[0-9a-f]{16}$"
"""Ids that were made of a file's name and a place in it, where the log has none; those of spans, which have traces."""
_STEP = np.uint64(0x9E3779B97F4A7C15)


def buckets_of(calls: pa.Table) -> NDArray[np.int64]:
    """Return the bucket of each call: by its conversation or trace, else its time, id, or place in the log."""
    if NAME in calls.column_names and not calls.column(NAME).null_count:
        return whole_numbers(calls, NAME)
    at = whole_numbers(calls, "started_at")
    undated = at < 0
    mixed = _mixed(np.where(undated, whole_numbers(calls, "source_line"), at) if undated.any() else at)
    if undated.any():
        _take_ids(mixed, np.flatnonzero(undated), calls.column("call_id"))
    for name in ("trace_id", "conversation_id"):
        mixed = _by_text(calls.column(name), mixed)
    return (mixed % np.uint64(BUCKETS)).astype(np.int64)


def _take_ids(mixed: NDArray[np.uint64], rows: NDArray[np.intp], column: pa.ChunkedArray) -> None:
    """Put hashes of the log's own ids into these rows: a place changes with where a file is cut, and they do not."""
    ids = in_one_piece(column).take(pa.array(rows))
    own = pc.invert(pc.fill_null(pc.match_substring_regex(ids, _MADE_UP), True)).to_numpy(zero_copy_only=False)
    mixed[rows[own]] = _hashes(ids.filter(pa.array(own)))


def _by_text(column: pa.ChunkedArray, otherwise: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of each text of a column, of each different one once where it comes with codes; else what stands there."""
    if column.null_count == len(column):
        return otherwise
    texts = in_one_piece(column)
    if isinstance(texts, pa.DictionaryArray):
        hashes = _hashes(texts.dictionary).take(
            pc.fill_null(texts.indices, 0).to_numpy(zero_copy_only=False).astype(np.intp)
        )
    else:
        hashes = _hashes(pc.fill_null(texts, ""))
    return hashes if not column.null_count else np.where(column.is_valid().to_numpy(), hashes, otherwise)


def _hashes(texts: pa.Array) -> NDArray[np.uint64]:
    return np.fromiter(map(xxh3_64_intdigest, texts.cast(pa.binary()).to_pylist()), np.uint64, len(texts))


def _mixed(numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Numbers whose low digits are as good as random (the finaliser of splitmix64)."""
    mixed = numbers.astype(np.uint64) * _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
