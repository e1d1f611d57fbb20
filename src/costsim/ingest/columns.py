"""Where rows become columns: calls go in one by one, a table of the `calls` schema comes out, and no text with it."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, repeat
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from costsim.ingest import answers, counted
from costsim.ingest.prompts import Attached, FlatPrompts, Prompts, digest, system_text
from costsim.ingest.ties import short_answers
from costsim.schema import (
    DEFAULTS,
    NOT_ALL,
    PARTIAL,
    SCHEMA,
    TOKEN_COLUMNS,
    Call,
    ManyCalls,
    as_arrow,
    side_by_side,
    with_others,
)  # fmt: skip
from costsim.tasks import COMPLEXITIES
from costsim.tasks.batches import BatchClassifier, Texts
from costsim.tasks.fact_columns import Shapes

MOST_TOKENS = 10**11
"""More in one call is no count but a mistake of the log."""
INVALID = "invalid"
"""The tokens basis of a call whose counts are negative or absurd: they are unknown, and it is said."""

_COUNTS = (*TOKEN_COLUMNS, "max_output_tokens", "web_searches", "file_searches", "map_searches", "attempt")


_AT_ONCE = 1_000
"""Calls that come one by one are taken in so many at once; until then their text is kept."""


_MOST_PIECES = 1_000_000
"""Messages, or prefixes, of all prompts of a batch; a call of an agent's trace has up to 64."""


class Columns:
    """Calls of one batch on their way into a table."""

    def __init__(
        self, source: str, classifier: BatchClassifier, key: tuple[int, int], *, estimates: bool = False
    ) -> None:
        """Calls of one format; `estimates`: output tokens that were never finally logged are made up from the text."""
        self._estimates = estimates
        self._source, self._key = source, key
        self._files: dict[str, int] = {}
        """Files in order, and the place of the first call of each."""
        self._classifier = classifier
        self._texts = Texts()
        self._parts: list[ManyCalls] = []
        self._prompts: list[Prompts] = []
        self._answers: list[NDArray[np.int64]] = []
        self._lines: list[int] = []
        self._waiting: list[Call] = []
        self._out_of_order = False
        self._pieces = 0

    @property
    def is_full(self) -> bool:
        """Whether so much is known of prompts that more would fill the memory."""
        return self._pieces >= _MOST_PIECES

    def __len__(self) -> int:
        return len(self._lines)

    def begin(self, file: str) -> None:
        """Calls that are added from now on stand in this file."""
        self._files[file] = len(self._lines)

    def add(self, call: Call, line: int) -> None:
        """Take in a call that stands on a line of the file."""
        if self._estimates and call.tokens_basis == PARTIAL:
            counted.estimate_output(call)
        if (call.billed or call.status == "ok") and (call.input_tokens is None or call.output_tokens is None):
            counted.count_text(call)
        self._waiting.append(call)
        self._lines.append(line)
        if len(self._waiting) >= _AT_ONCE:
            self._take_waiting()

    def add_many(self, calls: ManyCalls, lines: Sequence[int]) -> None:
        """Take in calls that stand on these lines of the file, and in their places those that came one by one."""
        if self._waiting:
            calls, lines = self._with_waiting(calls, lines)
        self._take(calls)
        self._lines += lines
        self._out_of_order = True

    def _with_waiting(self, calls: ManyCalls, lines: Sequence[int]) -> tuple[ManyCalls, list[int]]:
        """Calls on these lines with those that wait among them: a few taken in alone cost as much as hundreds."""
        first = len(self._lines) - len(self._waiting)
        here = max(next(reversed(self._files.values())), first)
        before, among = self._lines[first:here], self._lines[here:]  # in files before this one, and in this one
        places = [0] * len(before) + [bisect_left(lines, line) for line in among]
        calls = with_others(calls, side_by_side(self._waiting), places)
        del self._lines[first:]
        self._waiting = []
        return calls, before + sorted([*among, *lines])

    def _take_waiting(self) -> None:
        if self._waiting:
            self._take(side_by_side(self._waiting))
            self._waiting = []

    def _take(self, calls: ManyCalls) -> None:
        """Take in calls; their text is read here for the last time."""
        prompts, said = digest(calls)
        for key in set(said.system_keys):
            if not self._classifier.knows(key):
                self._classifier.learn(key, system_text(calls, said.system_keys.index(key)))
        self._classifier.add(
            self._texts, said.system_keys, said.users,
            *(calls.column(name) for name in ("answer", "route", "tags", "operation")),
        )  # fmt: skip
        if (said_tasks := calls.fields.pop("task", None)) is not None:
            self._classifier.state(self._texts, said_tasks)
        answers.check(calls)
        self._answers.append(short_answers.marks_of(calls.column("answer")))
        for name in ("answer", "prefixes"):
            calls.fields.pop(name, None)
        calls.texts = []
        self._prompts.append(prompts)
        self._pieces += len(prompts.hashes)
        self._parts.append(calls)

    def table(self) -> tuple[pa.Table, NDArray[np.int64]]:
        """Return the calls as a table of `SCHEMA`, in the order of their lines, and the marks of their answers."""
        self._take_waiting()
        values = self._values()
        prompts = FlatPrompts(self._prompts)
        attached = _attached(values, len(self))
        told = values["turns"]
        values.update(prompts.columns(values["input_tokens"], self._key, attached))
        if told is not None:
            values["turns"] = pc.coalesce(values["turns"], pa.array(told, SCHEMA.field("turns").type))
        values.update(self._tasks(values, prompts))
        count = len(self._lines)
        columns = [_array(values[field.name], field.type, count) for field in SCHEMA]
        table, answers = pa.table(columns, schema=SCHEMA), np.concatenate(self._answers)
        if not self._out_of_order:
            return table, answers
        order = np.lexsort((np.array(self._lines), self._file_of()))
        if np.array_equal(order, np.arange(len(order))):  # as a rule
            return table, answers
        return table.take(as_arrow(order)), answers[order]

    def _file_of(self) -> NDArray[np.int32]:
        """Which of the files each call stands in."""
        starts = [*self._files.values(), len(self._lines)]
        return np.repeat(np.arange(len(self._files), dtype=np.int32), np.diff(starts))

    def _values(self) -> dict[str, Any]:
        """What the log says of each call, by the names of the columns; what is the same for all is one value."""
        stated = {name for part in self._parts for name in part.fields}
        files = [_whole(file) for file in self._files]
        names = files[0] if len(files) == 1 else pa.DictionaryArray.from_arrays(self._file_of(), files)
        values = DEFAULTS | {"source": self._source, "source_file": names, "source_line": self._lines}
        for name in stated:
            values[name] = list(chain.from_iterable(part.column(name) for part in self._parts))
        for name in {"tags", "fees"} & stated:
            values[name] = _as_json(values[name])
        values.update(_counts(values, len(self._lines)))
        return values

    def _tasks(self, values: Mapping[str, Any], prompts: FlatPrompts) -> dict[str, pa.Array]:
        """What the calls were for, by their texts and shapes."""
        shapes = Shapes(
            turns=prompts.said(),
            has_tools=_flags(values["has_tools"], len(self)),
            called_tools=_flags(values["answer_has_tool_calls"], len(self)) | prompts.ends_with_tool(),
            wants_json=_flags(values["wants_json"], len(self)),
            max_output_tokens=pc.fill_null(values["max_output_tokens"], -1).to_numpy(zero_copy_only=False),
            input_tokens=pc.fill_null(values["input_tokens"], -1).to_numpy(zero_copy_only=False),
            output_tokens=pc.fill_null(values["output_tokens"], -1).to_numpy(zero_copy_only=False),
        )
        found = self._classifier.guess(self._texts, shapes)
        return {
            "task": pa.DictionaryArray.from_arrays(as_arrow(found.task.astype(np.int32)), list(self._classifier.tasks)),
            "task_confidence": as_arrow(found.confidence.astype(np.float32)),
            "complexity": pa.DictionaryArray.from_arrays(
                as_arrow(found.complexity.astype(np.int32)), list(COMPLEXITIES)
            ),
            "complexity_score": as_arrow(found.score.astype(np.float32)),
        }


def _flags(values: Sequence[bool | str | None] | None, calls: int) -> NDArray[np.bool_]:
    """Yes and no as an array; None is no here: what is not said to be so, or not said at all."""
    return np.fromiter(map(bool, values), bool, calls) if values else np.zeros(calls, dtype=bool)


def _attached(values: Mapping[str, Any], calls: int) -> Attached:
    """What each request carries besides text, by `modalities` and `attached` of the calls."""
    hashes, partly = np.zeros(calls, np.uint64), np.zeros(calls, np.bool_)
    kinds, told = values["modalities"], values["attached"]
    if kinds is None and told is None:
        return Attached(hashes, partly)
    for place, (kind, known) in enumerate(zip(kinds or repeat(None, calls), told or repeat(None), strict=False)):
        if known == NOT_ALL or (kind and known is None):
            call_id = values["call_id"][place].encode("utf-8", "surrogatepass")
            hashes[place], partly[place] = xxh3_64_intdigest(call_id), True
        elif known is not None:
            hashes[place] = known
    return Attached(hashes, partly)


def _counts(values: Mapping[str, Any], calls: int) -> dict[str, Any]:
    """The counts as arrays; where one is negative or absurd it is null, and its call's tokens basis says so."""
    found: dict[str, Any] = {}
    bad: set[int] = set()
    for name in _COUNTS:
        kind, stated = SCHEMA.field(name).type, values[name]
        if stated is None:
            found[name] = pa.nulls(calls, kind)
            continue
        try:
            array = pa.array(stated, kind)
        except (pa.ArrowInvalid, OverflowError):  # beyond what the column can hold
            array = None
        if array is None or _strays(array):
            wrong = {at for at, count in enumerate(stated) if count is not None and not 0 <= count <= MOST_TOKENS}
            array = pa.array([None if at in wrong else count for at, count in enumerate(stated)], kind)
            bad |= wrong
        found[name] = array
    if bad:
        bases = values["tokens_basis"] or [None] * calls
        found["tokens_basis"] = [INVALID if at in bad else basis for at, basis in enumerate(bases)]
    return found


def _strays(counts: pa.Array) -> bool:
    """Whether a count is below zero or beyond `MOST_TOKENS`."""
    span = pc.min_max(counts).as_py()
    return span["min"] is not None and (span["min"] < 0 or span["max"] > MOST_TOKENS)


def _array(values: Any, kind: pa.DataType, calls: int) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if not isinstance(values, list):
        return _constant(values, kind, calls)
    if values[0] is None and values.count(None) == calls:  # what a log never says
        return pa.nulls(calls, kind)
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # half a character, as JSON can have it and UTF-8 cannot
        return pa.array([text if text is None else _whole(text) for text in values], kind)


def _constant(value: Any, kind: pa.DataType, calls: int) -> pa.Array:
    if value is None:
        return pa.nulls(calls, kind)
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(as_arrow(np.zeros(calls, np.int32)), pa.array([_whole(value)]))
    return pa.repeat(pa.scalar(value, kind), calls)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _as_json(tags: Sequence[Mapping[str, Any] | None]) -> list[str | None]:
    """Tags or fees as JSON text; formats that know a set of tags already hand over the same object again."""
    encode = msgspec.json.Encoder(order="sorted").encode
    ids = list(map(id, tags))
    once = dict(zip(ids, tags, strict=True))
    known = {number: _encoded(encode, each) if each else None for number, each in once.items()}
    return list(map(known.__getitem__, ids))


def _encoded(encode: Callable[[Mapping[str, Any]], bytes], tags: Mapping[str, Any]) -> str:
    try:
        return encode(tags).decode()
    except UnicodeEncodeError:
        return encode({_whole(name): _whole(value) for name, value in tags.items()}).decode()
