"""What requests and answers look like from outside, for many calls at once: `facts` in columns."""

import re
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.tasks import facts
from costsim.tasks.reading import FIRST
from costsim.tasks.scanning import Scan

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_ANSWER, _JSON, _CODE, _LIST = range(4)
_KINDS = {facts.JSON_ANSWER: _JSON, facts.CODE_ANSWER: _CODE, facts.LIST_ANSWER: _LIST}


class Shapes(msgspec.Struct):
    """The shapes of many calls, a column each; -1 is 'the log does not say'.

    Names are those of `Shape`.
    """

    turns: Ints
    has_tools: Bools
    called_tools: Bools
    wants_json: Bools
    max_output_tokens: Ints
    input_tokens: Ints
    output_tokens: Ints


def kind_of(answer: str | bytes) -> int:
    """Return whether the answer is JSON, has code in it or is a list: `facts_of_answer` as one number.

    Of an answer that is still JSON, so many bytes of it are looked at as characters of a text, and not decoded.
    """
    if isinstance(answer, bytes):
        start = answer[1] if len(answer) > 1 else 0
        if start not in _TELLING_STARTS and _BACKTICK not in answer[: facts.ANSWER_START]:  # as a rule
            return NO_ANSWER
        if start == _BRACE or answer.startswith(b"```json", 1):
            return _JSON
        answer = _BLANK_START.sub(b"", answer[1:-1][: facts.ANSWER_START]).decode("utf-8", "replace")
        if not answer:
            return NO_ANSWER
    if answer[0] not in _TELLING and not answer[0].isspace() and "`" not in answer[: facts.ANSWER_START]:
        return NO_ANSWER
    found = facts.facts_of_answer(answer)
    return _KINDS[found[0]] if found else NO_ANSWER


_TELLING = "{[-*•1"
_TELLING_STARTS = frozenset((*b" \\", *(letter.encode()[0] for letter in _TELLING)))
_BACKTICK, _BRACE = b"`{"
_BLANK_START = re.compile(rb"^(?: |\\[nrt])+")


def facts_of_shapes(shapes: Shapes, answers: Ints) -> Bools:
    """Return `facts_of_shape` for every call: [calls, facts]."""
    shown = np.zeros((len(answers), len(facts.FACTS)), dtype=bool)
    out, into, limit = shapes.output_tokens, np.maximum(shapes.input_tokens, 0), shapes.max_output_tokens
    nothing = facts.LABEL_TOKENS + 1
    allowed = np.where(limit > 0, limit, nothing)
    tiny = (np.where(out > 0, out, allowed) <= facts.LABEL_TOKENS) | (allowed <= facts.LABEL_TOKENS)
    sized = ~tiny & (out > 0)
    condenses = sized & (into > 300) & (out > 30) & (out <= into / 10)
    ratio = out / np.maximum(into, 1)
    same = sized & ~condenses & (into > 100) & (ratio > 0.7) & (ratio < 1.4)
    shown[:, facts.CONVERSATION] = shapes.turns >= facts.CONVERSATION_TURNS
    shown[:, facts.OFFERS_TOOLS] = shapes.has_tools
    shown[:, facts.CALLS_TOOLS] = shapes.called_tools
    shown[:, facts.TOOLS_UNUSED] = shapes.has_tools & ~shapes.called_tools & (out > 0)
    shown[:, facts.WANTS_JSON] = shapes.wants_json
    shown[:, facts.TINY_ANSWER] = tiny
    shown[:, facts.LONG_ANSWER] = sized & (out >= facts.WORK_TOKENS)
    shown[:, facts.CONDENSES] = condenses
    shown[:, facts.SAME_SIZE] = same
    shown[:, facts.EXPANDS] = sized & ~condenses & ~same & (into > 20) & (into <= out / 3)
    shown[:, facts.JSON_ANSWER] = answers == _JSON
    shown[:, facts.CODE_ANSWER] = answers == _CODE
    shown[:, facts.LIST_ANSWER] = answers == _LIST
    return shown


def asked_sizes(sizes: Ints, read: Scan) -> Ints:
    """Return `asked_size` for every text."""
    to, found = read.asked_to, read.asked_to < read.lengths
    rest = np.where(found, sizes - (read.lengths - to), sizes)
    last = (sizes > FIRST) & (read.last_bytes == ord("?"))
    rest = np.where(last, np.where(read.last_line <= facts.LAST_LINE, read.last_line, sizes), rest)
    return np.where(found & (to < FIRST), to, rest)


def facts_of_texts(sizes: Ints, written: Sequence[str], read: Scan) -> Bools:
    """Return `facts_of_text` for every text, and whether no signal was found in it: [texts, facts]."""
    shown = np.zeros((len(written), len(facts.FACTS)), dtype=bool)
    numbers, dense = read.numbers, (read.numbers > 2) & (read.lengths < 60 * read.numbers)
    lengths = np.fromiter(map(len, written), np.int64, len(written))
    shown[:, facts.BRIEF] = sizes <= facts.BRIEF_CHARS
    shown[:, facts.LONG] = sizes > facts.LONG_CHARS
    shown[:, facts.VERY_LONG] = sizes > facts.VERY_LONG_CHARS
    shown[:, facts.ASKS_AT_END] = read.last_bytes == ord("?")
    shown[:, facts.BLANK_AT_END] = read.last_bytes == ord(":")
    shown[:, facts.MANY_NUMBERS] = dense
    shown[:, facts.SOME_NUMBERS] = (numbers > 0) & ~dense
    shown[:, facts.LOTS_OF_NUMBERS] = dense & (numbers > 6)
    shown[:, facts.NUMBERS_ASKED] = (numbers > 1) & shown[:, facts.ASKS_AT_END]
    shown[:, facts.LINES] = read.lines > facts.MOST_LINES
    shown[:, facts.REQUEST_ABOVE] = read.request_above
    shown[:, facts.QUESTION_ABOVE] = read.question_above
    many = read.symbols >= facts.FEWEST_SYMBOLS
    shown[:, facts.SYMBOLS] = many & (read.lengths < facts.BYTES_A_SYMBOL * read.symbols)
    shown[:, facts.CODE_FENCE] = ["`" in text and "```" in text for text in written]
    shown[:, facts.FOREIGN] = read.lengths > 1.25 * lengths + 20
    shown[:, facts.SILENT] = read.silent
    return shown
