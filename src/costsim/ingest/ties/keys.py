"""What is looked at of all calls together: a few numbers of each, written beside its batch by whoever read it.

Copies and links need calls of different batches side by side; they see these numbers only, some of the calls at a time
(`parts`).
"""

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from costsim.schema import GENERIC, PARTIAL, request_hashes, whole_numbers, words

Keys = NDArray[np.int64]
"""[len(NAMES), calls]: one row for each name; 0 in a row of hashes is 'has none'."""

NAMES = (
    "id", "around", "counted", "rank", "at", "failed", "model", "input_tokens", "prompt", "prefix", "conversation",
    "work", "previous", "summed", "request", "twin", "named",
)  # fmt: skip
(ID, AROUND, COUNTED, RANK, AT, FAILED, MODEL, INPUT, PROMPT, PREFIX, CONVERSATION, WORK, PREVIOUS, SUMMED, REQUEST,
 TWIN, NAMED) = range(len(NAMES))  # fmt: skip

_DATE = re.compile(r"-(\d{8}|\d{4}-\d\d-\d\d)$")
_SPAN = ":[0-9a-f]{16}$"
_STEP = np.int64(0x9E3779B97F4A7C1)
_COMPLETE, _SUM, _HAS_TEXT, _OUTPUT, _LAST = 1 << 62, 1 << 61, 1 << 60, 1 << 20, (1 << 20) - 1


def keys_of(calls: pa.Table) -> Keys:
    """Return the keys of a batch of calls."""
    keys = np.zeros((len(NAMES), calls.num_rows), np.int64)
    keys[ID] = _hashes(_identities(calls))
    nests, chains, keeps_last, sums_up, told_twice = _manners(calls)
    if nests:
        around = _of_texts(calls.column("parent_id"))
        keys[AROUND] = np.where(around != keys[ID], around, 0)
    is_sum = np.zeros(calls.num_rows, np.bool_)
    if sums_up:
        session, within = _of_texts(calls.column("trace_id")), _of_texts(calls.column("parent_id"))
        of_session = (within != 0) & (within == session)
        is_sum = of_session | ((within != 0) & (within == keys[ID]))
        session = np.where(session != 0, session ^ _STEP, 0)  # a session is no call, even if one has its id
        keys[SUMMED], keys[AROUND] = np.where(of_session, session, 0), np.where(is_sum, 0, session)
    keys[COUNTED] = _by_word(calls, "tokens_basis", lambda label: int(label == "logged"))
    keys[RANK] = _ranks(calls, is_sum, keeps_last=keeps_last)
    keys[AT] = whole_numbers(calls, "started_at")
    keys[FAILED] = _by_word(calls, "status", lambda label: int(label == "error"))
    keys[MODEL] = _asked_model(calls)
    keys[INPUT] = whole_numbers(calls, "input_tokens", 0)
    keys[PROMPT] = pc.fill_null(calls.column("prompt_hash"), 0).to_numpy().view(np.int64)
    keys[REQUEST] = request_hashes(calls).view(np.int64)
    keys[PREFIX] = np.where(_opens_with_text(calls), first_prefix(calls), 0)
    keys[CONVERSATION] = _of_texts(calls.column("conversation_id"))
    if chains:
        keys[PREVIOUS] = _of_texts(calls.column("parent_id"))
    trace = _of_texts(calls.column("trace_id"))
    if told_twice:
        keys[TWIN], keys[NAMED] = _twins(calls, trace), ~_is_of_span(calls)
    keys[WORK] = np.where(trace != 0, trace, keys[PROMPT])
    return keys


def _manners(calls: pa.Table) -> tuple[bool, ...]:
    """Whether the format of the calls nests them, chains them, keeps the last copy, sums them up, tells them twice."""
    from costsim.formats import FORMATS  # not to be loaded by those who only ask again
    from costsim.formats.contract import Chained, KeepsLast, Nests, SumsUp, ToldTwice

    found = FORMATS.get(calls.column("source")[0].as_py()) if calls.num_rows else None
    return tuple(isinstance(found, each) for each in (Nests, Chained, KeepsLast, SumsUp, ToldTwice))


def _twins(calls: pa.Table, trace: NDArray[np.int64]) -> NDArray[np.int64]:
    """What two tellings of one call have in common: trace, model but for its date, and counts; 0 where these lack."""
    asked, answered = whole_numbers(calls, "input_tokens", 0), whole_numbers(calls, "output_tokens", 0)
    models = _by_word(calls, "model", lambda label: hash_of(_DATE.sub("", label)) if label else 0)
    found = ((trace * _STEP ^ models) * _STEP ^ asked) * _STEP ^ answered
    return np.where((trace != 0) & (models != 0) & (asked > 0) & (answered > 0), found | 1, 0)


def _is_of_span(calls: pa.Table) -> NDArray[np.bool_]:
    """Whether the id of a call is that of its span, as the answer's is not known."""
    found: NDArray[np.bool_] = pc.match_substring_regex(calls["call_id"], _SPAN).to_numpy(zero_copy_only=False)
    return found.astype(np.bool_)


def first_prefix(calls: pa.Table) -> NDArray[np.int64]:
    """Return a hash of each call's tools and first message; 0 where there is none."""
    return _first(calls.column("prefix_hashes")).view(np.int64)


def _opens_with_text(calls: pa.Table) -> NDArray[np.bool_]:
    """Whether all of a call's first message is text: what is attached, of which nothing is known, is no system's."""
    plain: NDArray[np.bool_] = calls.column("modalities").is_null().to_numpy()
    return plain | (whole_numbers(calls, "system_tokens", 0) > 0)


def _identities(calls: pa.Table) -> pa.ChunkedArray | pa.Array:
    """What each call is known by: its id, and where that is a mere number of a table, the table too."""
    ids = calls.column("call_id")
    if calls.num_rows and calls.column("source")[0].as_py() == GENERIC:
        both = zip(ids.to_pylist(), calls.column("source_file").to_pylist(), strict=True)
        return pa.array([f"{file}\0{each}" if each.isdecimal() else each for each, file in both], pa.string())
    return ids


def _ranks(calls: pa.Table, is_sum: NDArray[np.bool_], *, keeps_last: bool) -> NDArray[np.int64]:
    """How complete each call is, counts first and then text: of two copies the one of the higher rank is kept.

    Counts of a call are better than the sum of a session that has the id of this call.

    Of equal ones, the one that knows its output tokens to be unfinished: it has seen more of the answer. Then, where
    the format says so, the last of the file.
    """
    complete = pc.and_(pc.is_valid(calls["input_tokens"]), pc.is_valid(calls["output_tokens"]))
    has_text = pc.greater(pc.fill_null(pc.list_value_length(calls["prefix_hashes"]), 0), 0)
    ranks = np.where(complete.to_numpy(), np.where(is_sum, _SUM, _COMPLETE), 0)
    ranks += np.where(has_text.to_numpy(), _HAS_TEXT, 0)
    unfinished = _by_word(calls, "tokens_basis", lambda label: int(label == PARTIAL))
    ranks += (2 * whole_numbers(calls, "output_tokens", 0) + unfinished) * _OUTPUT
    if keeps_last:
        ranks += np.minimum(whole_numbers(calls, "source_line", 0), _LAST)
    return ranks


def _asked_model(calls: pa.Table) -> NDArray[np.int64]:
    """The model that was asked for: a refused request names no other, and an answer's may be a dated version of it."""
    asked = _by_word(calls, "requested_model", lambda label: hash_of(label) if label else 0)
    return np.where(asked != 0, asked, _by_word(calls, "model", lambda label: hash_of(label) if label else 0))


def hash_of(text: str) -> int:
    """Return a hash that fits in int64 and is never 0."""
    return int(np.uint64(xxh3_64_intdigest(text.encode("utf-8", "replace")) | 1).view(np.int64))


def _hashes(texts: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    """Hashes of texts, never 0."""
    encoded = texts.cast(pa.binary()).to_pylist()  # bytes as objects of numpy: Arrow looks for pandas each time
    hashes = np.fromiter(map(xxh3_64_intdigest, encoded), np.uint64, len(encoded)) | np.uint64(1)
    return hashes.view(np.int64)


def _of_texts(column: pa.ChunkedArray) -> NDArray[np.int64]:
    if column.null_count == len(column):
        return np.zeros(len(column), np.int64)
    texts = column.combine_chunks().dictionary_encode()
    found = np.append(_hashes(texts.dictionary), 0)
    codes: NDArray[np.int64] = pc.fill_null(texts.indices, len(found) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(found[codes])


def _by_word(calls: pa.Table, name: str, value: Callable[[str | None], int]) -> NDArray[np.int64]:
    codes, labels = words(calls, name)
    return np.array([value(label) for label in labels], np.int64)[codes]


def _first(column: pa.ChunkedArray) -> NDArray[np.uint64]:
    """The first item of each list; 0 for an empty one."""
    lists = column.combine_chunks()
    offsets, values = lists.offsets.to_numpy(), lists.values.to_numpy()
    found = np.zeros(len(lists), np.uint64)
    filled = offsets[1:] > offsets[:-1]
    found[filled] = values[offsets[:-1][filled]]
    return found
