"""The columns of the `calls` table, how they are read, and those of a file of calls."""

from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from costsim.schema.rows import Call

Number = TypeVar("Number", bound=np.number)

GENERIC = "generic"
"""The `source` of calls that came from a table of no named format."""

DATED_FROM = 631_152_000 * 1_000_000
"""1990 in microseconds since 1970. An earlier `started_at` counts from a start that the log does not tell: it says how
far calls are apart, and is no date.
"""
_WORD = pa.dictionary(pa.int32(), pa.string())
_COUNT = pa.int64()

SCHEMA = pa.schema(
    [
        ("call_id", pa.string()),
        ("source", _WORD),
        ("source_file", _WORD),
        ("source_line", _COUNT),
        ("started_at", pa.timestamp("us", "UTC")),
        ("duration_ms", pa.float64()),
        ("time_to_first_token_ms", pa.float64()),
        ("provider", _WORD),
        ("model", _WORD),
        ("requested_model", _WORD),
        ("operation", _WORD),
        ("service_tier", _WORD),
        ("region", _WORD),
        ("input_tokens", _COUNT),
        ("cache_read_tokens", _COUNT),
        ("cache_write_tokens", _COUNT),
        ("cache_write_1h_tokens", _COUNT),
        ("output_tokens", _COUNT),
        ("reasoning_tokens", _COUNT),
        ("audio_input_tokens", _COUNT),
        ("audio_output_tokens", _COUNT),
        ("image_input_tokens", _COUNT),
        ("image_output_tokens", _COUNT),
        ("web_searches", _COUNT),
        ("file_searches", _COUNT),
        ("map_searches", _COUNT),
        ("fees", _WORD),
        ("tokens_basis", _WORD),
        ("status", _WORD),
        ("billed", pa.bool_()),
        ("finish_reason", _WORD),
        ("answer_check", _WORD),
        ("error_type", _WORD),
        ("retry_of", pa.string()),
        ("attempt", pa.int32()),
        ("fallback_of", _WORD),
        ("conversation_id", pa.string()),
        ("trace_id", pa.string()),
        ("parent_id", pa.string()),
        ("route", _WORD),
        ("user", _WORD),
        ("tags", _WORD),
        ("quality", pa.float64()),
        ("task", _WORD),
        ("task_confidence", pa.float32()),
        ("complexity", _WORD),
        ("complexity_score", pa.float32()),
        ("prompt_hash", pa.uint64()),
        ("prefix_hashes", pa.list_(pa.uint64())),
        ("prefix_tokens", pa.list_(pa.int64())),
        ("system_tokens", _COUNT),
        ("history_tokens", _COUNT),
        ("user_tokens", _COUNT),
        ("tool_tokens", _COUNT),
        ("max_output_tokens", _COUNT),
        ("temperature", pa.float32()),
        ("wants_json", pa.bool_()),
        ("has_tools", pa.bool_()),
        ("modalities", _WORD),
        ("turns", pa.int32()),
        ("streamed", pa.bool_()),
        ("reported_cost", _COUNT),
    ]
)
"""The columns of the `calls` table, in order: `tags` and `fees` are JSON objects as text, money is integers of 10^-12
USD.
"""

TOKEN_COLUMNS = tuple(name for name in SCHEMA.names if name in Call.__struct_fields__ and name.endswith("_tokens"))
"""The token counts that a log states, as far as it does."""


def in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array; what is one already is not copied, as `combine_chunks` does."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def whole_numbers(calls: pa.Table, name: str, null: int = -1) -> NDArray[np.int64]:
    """Return a column of counts or times as int64, `null` where the log does not say."""
    column = calls.column(name)
    if column.null_count == len(column):  # as of most columns, which few logs fill
        return np.full(len(column), null, np.int64)
    array = in_one_piece(column)
    if pa.types.is_timestamp(array.type):
        array = array.view(pa.int64())
    filled = pc.fill_null(array, null) if array.null_count else array
    numbers: NDArray[np.int64] = filled.to_numpy().astype(np.int64, copy=False)
    return numbers


def stated_numbers(calls: pa.Table, name: str) -> NDArray[np.int64] | None:
    """Return a column of counts like `whole_numbers`, or None where the log says nothing in it at all."""
    column = calls.column(name)
    return None if column.null_count == len(column) else whole_numbers(calls, name)


def dates(calls: pa.Table, undated: int = -1) -> NDArray[np.int64]:
    """Return when calls were made, in UTC microseconds; `undated` where the log does not tell the day."""
    at = whole_numbers(calls, "started_at", undated)
    return at if at.min(initial=DATED_FROM) >= DATED_FROM else np.where(at < DATED_FROM, undated, at)


def flags(calls: pa.Table, name: str) -> NDArray[np.bool_]:
    """Return a column of yes and no; no where the log does not say."""
    column = calls.column(name)
    if column.null_count == len(column):
        return np.zeros(len(column), np.bool_)
    return _yes_and_no(pc.fill_null(in_one_piece(column), False))


def known(calls: pa.Table, name: str) -> NDArray[np.bool_]:
    """Return for which calls the log says something in a column."""
    column = calls.column(name)
    if column.null_count in {0, len(column)}:
        return np.full(len(column), column.null_count == 0)
    return _yes_and_no(in_one_piece(column).is_valid())


def _yes_and_no(array: pa.BooleanArray) -> NDArray[np.bool_]:
    """An array without nulls, in a tenth of the time of its `to_numpy`."""
    bits = np.frombuffer(array.buffers()[1], np.uint8)
    return np.unpackbits(bits, count=array.offset + len(array), bitorder="little")[array.offset :].view(np.bool_)


def words(calls: pa.Table, name: str) -> tuple[NDArray[np.int64], list[str | None]]:
    """Return a column of words as codes, and the word of each code; the last is None, for where the log is silent."""
    column = calls.column(name)
    if column.null_count == len(column):  # as of most columns, which few logs fill
        return _zeros(len(column)), [None]
    column = in_one_piece(column)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    labels: list[str | None] = [*column.dictionary.to_pylist(), None]
    if len(labels) == 2 and not column.null_count:
        return _zeros(len(column)), labels
    indices = pc.fill_null(column.indices, len(labels) - 1) if column.null_count else column.indices
    codes: NDArray[np.int64] = indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, labels


def is_one_word(codes: NDArray[np.int64]) -> bool:
    """Return whether codes that `words` returned are all the same, as is known of most without a look at them."""
    return codes is _zeros(len(codes))


@lru_cache(4)
def _zeros(size: int) -> NDArray[np.int64]:
    """One array for all columns of a batch that hold one word, not to be written into."""
    found = np.zeros(size, np.int64)
    found.flags.writeable = False
    return found


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Return each of these values once, in order: `np.unique`, which loads masked arrays only to find none.

    To sort takes less than a table of so many numbers besides.
    """
    ordered = np.sort(values)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def usd(amount: int) -> Decimal:
    """Return an amount in 10^-12 USD as the exact decimal of USD."""
    return Decimal(amount).scaleb(-12)


_AMOUNT = pa.decimal128(20, 12)

FILE_SCHEMA = pa.schema(
    [
        *[each.with_type(pa.string()) if pa.types.is_dictionary(each.type) else each for each in SCHEMA][:-1],
        pa.field("reported_cost", _AMOUNT),
        pa.field("cost_usd", _AMOUNT),
        pa.field("cost_basis", pa.string()),
    ]
)
"""The columns of a file of calls: those of `SCHEMA`, plain, with money as exact decimals of USD, and the cost."""


def among(values: NDArray[Number], known: NDArray[Number]) -> NDArray[np.bool_]:
    """Return which values are among known ones, which are in order: `np.isin`, without sorting them once more."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = known.take(np.searchsorted(known, values), mode="clip") == values
    return found


def as_arrow(values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return numbers, or yes and no, as an Arrow array that shares their memory; null where not known.

    So does `pa.array`, once it has loaded masked arrays to see that this is none.
    """
    valid = None if known is None else _bits(known)
    held = _bits(values) if values.dtype == np.bool_ else pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [valid, held])


def _bits(flags: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def decimals(amounts: NDArray[np.int64], known: NDArray[np.bool_]) -> pa.Array:
    """Return amounts in 10^-12 USD as exact decimals of USD; null where not known."""
    halves = np.stack([amounts, amounts >> 63], axis=1)  # a decimal128 is its unscaled value in two's complement
    return pa.Array.from_buffers(_AMOUNT, len(amounts), [_bits(known), pa.py_buffer(np.ascontiguousarray(halves))])


def amounts(column: pa.ChunkedArray) -> pa.Array:
    """Return exact decimals of USD as integers of 10^-12 USD; the inverse of `decimals`."""
    array = column.cast(_AMOUNT).combine_chunks()
    halves = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, 2)[array.offset : array.offset + len(array), 0]
    return as_arrow(halves, _yes_and_no(array.is_valid()))
