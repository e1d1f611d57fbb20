"""Where rows become columns: calls go in one by one, a table of the `calls` schema comes out, and no text with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import astuple
from numpy.typing import NDArray

from costsim import tokens
from costsim.ingest.prompts import FlatPrompts, Prompts, system_text
from costsim.schema import PARTIAL, SCHEMA, TOKEN_COLUMNS, Call, answer_of, text_of
from costsim.tasks import COMPLEXITIES
from costsim.tasks.batches import BatchClassifier, Shapes, Texts

MOST_TOKENS = 10**11
"""More in one call is no count but a mistake of the log."""
INVALID = "invalid"
"""The tokens basis of a call whose counts are negative or absurd: they are unknown, and it is said."""

_COUNTS = (*TOKEN_COLUMNS, "max_output_tokens", "web_searches", "file_searches", "map_searches", "attempt")


class Columns:
    """Calls of one batch on their way into a table."""

    def __init__(
        self, source: str, file: str, classifier: BatchClassifier, key: tuple[int, int], *, estimates: bool = False
    ) -> None:
        """Calls of one source and file; `estimates`: output tokens that were never finally logged, from the text."""
        self._estimates = estimates
        self._source, self._file, self._key = source, file, key
        self._classifier = classifier
        self._texts = Texts()
        self._rows: list[tuple[Any, ...]] = []
        self._lines: list[int] = []
        self._prompts = Prompts()

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, call: Call, line: int) -> None:
        """Take in a call that stands on a line of the file; its text is read here for the last time."""
        if call.prefixes:
            self._prompts.add_told(call.prefixes)
            system_key, user = 0, ""
        else:
            system_key, user = self._prompts.add(call.messages, call.tool_definitions)
        if not self._classifier.knows(system_key):
            self._classifier.learn(system_key, system_text(call.messages))
        if self._estimates and call.tokens_basis == PARTIAL:
            _estimate_output(call)
        if (call.billed or call.status == "ok") and (call.input_tokens is None or call.output_tokens is None):
            _count_text(call)
        self._classifier.add(self._texts, system_key, user, call.answer, call.route, call.tags, call.operation)
        call.messages = call.answer = call.prefixes = None
        self._rows.append(astuple(call))
        self._lines.append(line)

    def table(self) -> pa.Table:
        """Return the calls as a table of `SCHEMA`."""
        values: dict[str, Any] = dict(zip(Call.__struct_fields__, zip(*self._rows, strict=True), strict=True))
        count = len(self._rows)
        values["source"], values["source_file"] = [self._source] * count, [self._file] * count
        values["source_line"] = self._lines
        values["tags"] = _as_json(values["tags"])
        values.update(_counts(values))
        prompts = FlatPrompts(self._prompts)
        values.update(prompts.columns(values["input_tokens"], self._key))
        values.update(self._tasks(values, prompts))
        return pa.table([_array(values[field.name], field.type) for field in SCHEMA], schema=SCHEMA)

    def _tasks(self, values: Mapping[str, Any], prompts: FlatPrompts) -> dict[str, pa.Array]:
        """What the calls were for, by their texts and shapes."""
        shapes = Shapes(
            turns=prompts.said(),
            has_tools=_flags(values["has_tools"]),
            called_tools=_flags(values["answer_has_tool_calls"]) | prompts.ends_with_tool(),
            wants_json=_flags(values["wants_json"]),
            max_output_tokens=pc.fill_null(values["max_output_tokens"], -1).to_numpy(zero_copy_only=False),
            input_tokens=pc.fill_null(values["input_tokens"], -1).to_numpy(zero_copy_only=False),
            output_tokens=pc.fill_null(values["output_tokens"], -1).to_numpy(zero_copy_only=False),
        )
        found = self._classifier.guess(self._texts, shapes)
        return {
            "task": pa.DictionaryArray.from_arrays(pa.array(found.task, pa.int32()), list(self._classifier.tasks)),
            "task_confidence": pa.array(found.confidence, pa.float32()),
            "complexity": pa.DictionaryArray.from_arrays(pa.array(found.complexity, pa.int32()), list(COMPLEXITIES)),
            "complexity_score": pa.array(found.score, pa.float32()),
        }


def _flags(values: Sequence[bool | None]) -> NDArray[np.bool_]:
    return np.array(values, dtype=bool)  # None is False here: what is not said to be so


def _counts(values: Mapping[str, Sequence[int | None]]) -> dict[str, Any]:
    """The counts as arrays; where one is negative or absurd it is null, and its call's tokens basis says so."""
    found: dict[str, Any] = {}
    bad: set[int] = set()
    for name in _COUNTS:
        kind = SCHEMA.field(name).type
        try:
            array = pa.array(values[name], kind)
        except (pa.ArrowInvalid, OverflowError):  # beyond what the column can hold
            array = None
        if array is None or _strays(array):
            wrong = {at for at, count in enumerate(values[name]) if count is not None and not 0 <= count <= MOST_TOKENS}
            array = pa.array([None if at in wrong else count for at, count in enumerate(values[name])], kind)
            bad |= wrong
        found[name] = array
    if bad:
        found["tokens_basis"] = [INVALID if at in bad else basis for at, basis in enumerate(values["tokens_basis"])]
    return found


def _strays(counts: pa.Array) -> bool:
    """Whether a count is below zero or beyond `MOST_TOKENS`."""
    span = pc.min_max(counts).as_py()
    return span["min"] is not None and (span["min"] < 0 or span["max"] > MOST_TOKENS)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if values[0] is None and values.count(None) == len(values):  # what a log never says: most of the table
        return pa.nulls(len(values), kind)
    try:
        if pa.types.is_dictionary(kind):
            return pa.array(values, pa.string()).dictionary_encode()
        return pa.array(values, kind)
    except UnicodeEncodeError:  # half a character, as JSON can have it and UTF-8 cannot
        whole = [text if text is None else text.encode("utf-8", "replace").decode() for text in values]
        return _array(whole, kind)


def _as_json(tags: Sequence[dict[str, str] | None]) -> list[str | None]:
    """Tags as JSON text; formats that know a set of tags already hand over the same object again."""
    encode = msgspec.json.Encoder(order="sorted").encode
    known: dict[int, str | None] = {id(None): None}
    for each in tags:
        if id(each) not in known:
            known[id(each)] = _encoded(encode, each) if each else None
    return [known[id(each)] for each in tags]


def _encoded(encode: Callable[[dict[str, str]], bytes], tags: dict[str, str]) -> str:
    try:
        return encode(tags).decode()
    except UnicodeEncodeError:
        whole = {
            name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
            for name, value in tags.items()
        }
        return encode(whole).decode()


def _estimate_output(call: Call) -> None:
    """Put what the answer's text comes to in the place of output tokens that were never finally logged."""
    logged, call.output_tokens = call.output_tokens or 0, None
    if call.answer is None:
        call.output_tokens = logged
        return
    counted, _ = _count(call, [answer_of(call) or ""], 0)
    call.output_tokens, call.tokens_basis = max(logged, counted), tokens.ESTIMATED


def _count_text(call: Call) -> None:
    """Fill in the counts that the log leaves out, from the text, where it has any."""
    bases = set()
    if call.input_tokens is None and call.messages is not None:
        is_chat = call.operation == "chat"  # nothing is put around a text that is completed or embedded
        texts = [text_of(message) for message in call.messages]
        call.input_tokens, basis = _count(call, texts, tokens.PER_MESSAGE if is_chat else 0)
        call.input_tokens += tokens.PER_REQUEST if is_chat else 0
        bases.add(basis)
    if call.output_tokens is None and (answer := answer_of(call)) is not None:
        call.output_tokens, basis = _count(call, [answer], 0)
        bases.add(basis)
    if bases:
        call.tokens_basis = tokens.ESTIMATED if tokens.ESTIMATED in bases else tokens.COUNTED


def _count(call: Call, texts: Sequence[str], extra: int) -> tuple[int, str]:
    total, bases = 0, {tokens.COUNTED}
    for text in texts:
        count, basis = tokens.count(text, call.model)
        total += count + extra
        bases.add(basis)
    return total, tokens.ESTIMATED if tokens.ESTIMATED in bases else tokens.COUNTED
