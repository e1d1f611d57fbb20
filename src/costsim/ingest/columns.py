"""Where rows become columns: calls go in one by one, a table of the `calls` schema comes out, and no text with it."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from costsim import tokens
from costsim.ingest import hashing
from costsim.ingest.prompts import Prompt, digest
from costsim.schema import SCHEMA, TOKEN_COLUMNS, Call
from costsim.tasks import Classifier, Guess, Shape

MOST_TOKENS = 10**11
"""More in one call is no count but a mistake of the log."""
INVALID = "invalid"
"""The tokens basis of a call whose counts are negative or absurd: they are unknown, and it is said."""

_FROM_CALL = tuple(name for name in SCHEMA.names if name in Call.__struct_fields__ and name not in ("tags", "prefix"))
_PARTS = ("system_tokens", "history_tokens", "user_tokens", "tool_tokens")


class Columns:
    """Calls of one batch on their way into a table."""

    def __init__(self, source: str, file: str, classifier: Classifier, key: tuple[int, int]) -> None:
        self._source, self._file, self._classifier, self._key = source, file, classifier, key
        self._calls: list[Call] = []
        self._lines: list[int] = []
        self._prompts: list[Prompt] = []
        self._guesses: list[Guess] = []

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Call, line: int) -> None:
        """Take in a call that stands on a line of the file; its text is read here for the last time."""
        prompt = digest(call)
        if call.billed and (call.input_tokens is None or call.output_tokens is None):
            _count_text(call)
        shape = Shape(
            prompt.turns, bool(call.has_tools), call.answer_has_tool_calls, bool(call.wants_json),
            call.max_output_tokens, call.input_tokens, call.output_tokens, prompt.characters,
        )  # fmt: skip
        self._guesses.append(
            self._classifier.guess(
                prompt.system, prompt.user, shape, call.route, call.tags, call.answer, operation=call.operation
            )
        )
        prompt.system = prompt.user = ""
        call.messages = call.answer = None
        self._calls.append(call)
        self._lines.append(line)
        self._prompts.append(prompt)

    def table(self) -> pa.Table:
        """Return the calls as a table of `SCHEMA`."""
        arrays: dict[str, Any] = {name: list(map(attrgetter(name), self._calls)) for name in _FROM_CALL}
        bad = _take_out_absurd(arrays)
        arrays["source"] = [self._source] * len(self._calls)
        arrays["source_file"] = [self._file] * len(self._calls)
        arrays["source_line"] = self._lines
        arrays["tags"] = [_tags(call.tags) for call in self._calls]
        for position in bad:
            arrays["tokens_basis"][position] = INVALID
        for name in ("task", "complexity"):
            arrays[name] = list(map(attrgetter(name), self._guesses))
        arrays["task_confidence"] = [guess.confidence for guess in self._guesses]
        arrays["complexity_score"] = [guess.score for guess in self._guesses]
        arrays["turns"] = [prompt.turns if prompt.characters else None for prompt in self._prompts]
        arrays.update(self._prompt_columns(arrays["input_tokens"]))
        return pa.table([_array(arrays[field.name], field.type) for field in SCHEMA], schema=SCHEMA)

    def _prompt_columns(self, input_tokens: Sequence[int | None]) -> dict[str, pa.Array]:
        """Hashes of the prompt and of each prefix that ends with a message, and where the input tokens come from."""
        prompts = self._prompts
        lengths = np.fromiter((len(prompt.hashes) for prompt in prompts), np.int64, len(prompts))
        ends = np.cumsum(lengths)
        flat = np.fromiter((each for prompt in prompts for each in prompt.hashes), np.uint64, int(lengths.sum()))
        flat = hashing.siphash(flat, self._key)
        marks = np.fromiter((each for prompt in prompts for each in prompt.marks), np.int64, len(flat))
        tokens_in = np.fromiter((-1 if count is None else count for count in input_tokens), np.int64, len(prompts))
        known = tokens_in >= 0
        characters = np.fromiter((prompt.characters for prompt in prompts), np.int64, len(prompts))
        per_prefix = marks * np.repeat(np.maximum(tokens_in, 0), lengths) // np.maximum(np.repeat(characters, lengths), 1)
        offsets = pa.array(np.concatenate([[0], ends]).astype(np.int32))
        has_text = lengths > 0
        last = np.zeros(len(prompts), np.uint64)
        last[has_text] = flat[ends[has_text] - 1]
        found: dict[str, pa.Array] = {
            "prompt_hash": pa.array(last, mask=~has_text),
            "prefix_hashes": pa.ListArray.from_arrays(offsets, pa.array(flat)),
            "prefix_tokens": pa.ListArray.from_arrays(offsets, pa.array(per_prefix)),
        }
        found.update(_parts(prompts, tokens_in, characters, known & (characters > 0)))
        return found


def _parts(prompts: Sequence[Prompt], total: Any, characters: Any, known: Any) -> dict[str, pa.Array]:
    """The input tokens by where they come from, in proportion to characters; the parts add up to the total exactly."""
    by_kind = np.array([prompt.by_kind for prompt in prompts], np.int64).reshape(len(prompts), len(_PARTS))
    until = np.cumsum(by_kind, axis=1) * np.maximum(total, 0)[:, None] // np.maximum(characters, 1)[:, None]
    parts = np.diff(until, axis=1, prepend=0)
    return {name: pa.array(parts[:, column], mask=~known) for column, name in enumerate(_PARTS)}


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def _take_out_absurd(arrays: dict[str, list[int | None]]) -> set[int]:
    """Replace counts that cannot be true by None; return the positions of their calls."""
    bad: set[int] = set()
    for name in (*TOKEN_COLUMNS, "max_output_tokens", "web_searches", "attempt"):
        values = arrays[name]
        for position, count in enumerate(values):
            if count is not None and not 0 <= count <= MOST_TOKENS:
                values[position] = None
                bad.add(position)
    return bad


def _tags(tags: dict[str, str] | None) -> str | None:
    return msgspec.json.encode(tags, order="sorted").decode() if tags else None


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
