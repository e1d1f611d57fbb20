"""Where rows become columns: calls go in one by one, a table of the `calls` schema comes out, and no text with it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from costsim import tokens
from costsim.ingest import hashing
from costsim.ingest.prompts import NO_PROMPT, Prompt, digest
from costsim.schema import SCHEMA, TOKEN_COLUMNS, Call
from costsim.tasks import Classifier, Guess, Shape

MOST_TOKENS = 10**11
"""More in one call is no count but a mistake of the log."""
INVALID = "invalid"
"""The tokens basis of a call whose counts are negative or absurd: they are unknown, and it is said."""

_COUNTS = (*TOKEN_COLUMNS, "max_output_tokens", "web_searches", "attempt")
_PARTS = ("system_tokens", "history_tokens", "user_tokens", "tool_tokens")
_USER = 2
USUAL_CHARACTERS = 4
"""Characters of a token of ordinary text."""
_FEWEST_CHARACTERS = 1
"""Fewer characters than this for each token are not all the text."""


class Columns:
    """Calls of one batch on their way into a table."""

    def __init__(self, source: str, file: str, classifier: Classifier, key: tuple[int, int]) -> None:
        self._source, self._file, self._key = source, file, key
        self._guess = classifier.guess
        self._rows: list[tuple[Any, ...]] = []
        self._lines: list[int] = []
        self._prompts: list[Prompt] = []
        self._guesses: list[Guess] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, call: Call, line: int) -> None:
        """Take in a call that stands on a line of the file; its text is read here for the last time."""
        messages = call.messages
        prompt, system, user = digest(messages, call.tool_definitions) if messages else NO_PROMPT
        if call.billed and (call.input_tokens is None or call.output_tokens is None):
            _count_text(call)
        shape = Shape(
            prompt.turns, bool(call.has_tools), call.answer_has_tool_calls, bool(call.wants_json),
            call.max_output_tokens, call.input_tokens, call.output_tokens, prompt.characters,
        )  # fmt: skip
        guess = self._guess(system, user, shape, call.route, call.tags, call.answer, call.operation)
        call.messages = call.answer = None
        self._rows.append(msgspec.structs.astuple(call))
        self._lines.append(line)
        self._prompts.append(prompt)
        self._guesses.append(guess)

    def table(self) -> pa.Table:
        """Return the calls as a table of `SCHEMA`."""
        values: dict[str, Any] = dict(zip(Call.__struct_fields__, zip(*self._rows, strict=True), strict=True))
        count = len(self._rows)
        values["source"], values["source_file"] = [self._source] * count, [self._file] * count
        values["source_line"] = self._lines
        values["tags"] = _as_json(values["tags"])
        guesses = zip(*map(msgspec.structs.astuple, self._guesses), strict=True)
        values["task"], values["task_confidence"], values["complexity"], values["complexity_score"] = guesses
        values["turns"] = [prompt.turns if prompt.hashes else None for prompt in self._prompts]
        values.update(_counts(values))
        values.update(_prompt_columns(self._prompts, values["input_tokens"], self._key))
        return pa.table([_array(values[field.name], field.type) for field in SCHEMA], schema=SCHEMA)


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


def _prompt_columns(prompts: Sequence[Prompt], input_tokens: pa.Array, key: tuple[int, int]) -> dict[str, pa.Array]:
    """Hashes of the prompt and of each prefix that ends with a message, and where the input tokens come from.

    Tokens of a part are its characters' share of the call's tokens. Where the log holds too little text to make that many
    (documents cut off by the logger, images), parts are as long as their text, and the last user message has the rest.
    """
    lengths = np.array([len(prompt.hashes) for prompt in prompts], np.int64)
    ends = np.cumsum(lengths)
    flat = hashing.siphash(np.array([each for prompt in prompts for each in prompt.hashes], np.uint64), key)
    marks = np.array([each for prompt in prompts for each in prompt.marks], np.int64)
    total = pc.fill_null(input_tokens, 0).to_numpy(zero_copy_only=False)
    characters = np.maximum(np.array([prompt.characters for prompt in prompts], np.int64), 1)
    full = np.where(total * _FEWEST_CHARACTERS > characters, total * USUAL_CHARACTERS, characters)
    per_prefix = marks * np.repeat(total, lengths) // np.repeat(full, lengths)
    has_text = lengths > 0
    last = np.zeros(len(prompts), np.uint64)
    last[has_text] = flat[ends[has_text] - 1]
    per_prefix[ends[has_text] - 1] = total[has_text]
    known = has_text & pc.is_valid(input_tokens).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], ends]).astype(np.int32))
    return {
        "prompt_hash": pa.array(last, mask=~has_text),
        "prefix_hashes": pa.ListArray.from_arrays(offsets, pa.array(flat)),
        "prefix_tokens": pa.ListArray.from_arrays(offsets, pa.array(per_prefix)),
        **_parts(prompts, total, full, known),
    }


def _parts(
    prompts: Sequence[Prompt], total: NDArray[np.int64], full: NDArray[np.int64], known: NDArray[np.bool_]
) -> dict[str, pa.Array]:
    """The input tokens by where they come from; the parts add up to the total exactly."""
    by_kind = np.array([prompt.by_kind for prompt in prompts], np.int64).reshape(len(prompts), len(_PARTS))
    by_kind[:, _USER] += full - by_kind.sum(axis=1)
    until = np.cumsum(by_kind, axis=1) * total[:, None] // full[:, None]
    parts = np.diff(until, axis=1, prepend=0)
    return {name: pa.array(parts[:, column], mask=~known) for column, name in enumerate(_PARTS)}


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def _as_json(tags: Sequence[dict[str, str] | None]) -> list[str | None]:
    """Tags as JSON text; formats that know a set of tags already hand over the same object again."""
    encode = msgspec.json.Encoder(order="sorted").encode
    known: dict[int, str | None] = {id(None): None}
    for each in tags:
        if id(each) not in known:
            known[id(each)] = encode(each).decode() if each else None
    return [known[id(each)] for each in tags]


def _count_text(call: Call) -> None:
    """Fill in the counts that the log leaves out, from the text, where it has any."""
    bases = set()
    if call.input_tokens is None and call.messages is not None:
        call.input_tokens, basis = _count(call, [text for _, text in call.messages], tokens.PER_MESSAGE)
        call.input_tokens += tokens.PER_REQUEST
        bases.add(basis)
    if call.output_tokens is None and call.answer is not None:
        call.output_tokens, basis = _count(call, [call.answer], 0)
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
