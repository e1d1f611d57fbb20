"""What a request looks like from outside: the facts of signals.yaml, found by lengths and counts."""

import re

from costsim.tasks.labels import Shape
from costsim.tasks.reading import FIRST

FACTS = (
    "asks_at_end",
    "blank_at_end",
    "many_numbers",
    "lots_of_numbers",
    "some_numbers",
    "numbers_asked",
    "lines",
    "request_above",
    "question_above",
    "symbols",
    "code_fence",
    "brief",
    "long",
    "very_long",
    "foreign",
    "silent",
    "no_system",
    "system_decides",
    "offers_tools",
    "calls_tools",
    "wants_json",
    "conversation",
    "tiny_answer",
    "long_answer",
    "condenses",
    "same_size",
    "expands",
    "json_answer",
    "code_answer",
    "list_answer",
    "tools_unused",
)
"""The names that signals.yaml gives points to; a fact is known by its place in this tuple."""

(
    ASKS_AT_END,
    BLANK_AT_END,
    MANY_NUMBERS,
    LOTS_OF_NUMBERS,
    SOME_NUMBERS,
    NUMBERS_ASKED,
    LINES,
    REQUEST_ABOVE,
    QUESTION_ABOVE,
    SYMBOLS,
    CODE_FENCE,
    BRIEF,
    LONG,
    VERY_LONG,
    FOREIGN,
    SILENT,
    NO_SYSTEM,
    SYSTEM_DECIDES,
    OFFERS_TOOLS,
    CALLS_TOOLS,
    WANTS_JSON,
    CONVERSATION,
    TINY_ANSWER,
    LONG_ANSWER,
    CONDENSES,
    SAME_SIZE,
    EXPANDS,
    JSON_ANSWER,
    CODE_ANSWER,
    LIST_ANSWER,
    TOOLS_UNUSED,
) = range(len(FACTS))

BRIEF_CHARS, LONG_CHARS, VERY_LONG_CHARS = 60, 800, 3000
MOST_LINES = 4
"""More lines than this are material, or a form."""
SYMBOL_BYTES = b";={}<>[]|\\^"
FEWEST_SYMBOLS, BYTES_A_SYMBOL = 5, 30
"""From so many symbols on, in so few bytes for each, a text is written for machines."""
_QUESTION_MARK, _COLON = b"?:"
_SPACE = frozenset(b" \n")

_ASKING_ENDS = re.compile(rb"(?<=\?)[ \n]|\n(?= a[.)])")
SHORTEST = 16
"""Bytes in which no asking ends, so that "Really? Then ..." goes on."""
LAST_LINE = 140
"""Bytes at the end within which the last line must begin that is looked at alone."""

CONVERSATION_TURNS = 5

ANSWER_START = 400
"""Characters of an answer that are looked at."""

BULLETS = ("- ", "* ", "• ", "1. ", "1) ")

LABEL_TOKENS, WORK_TOKENS = 8, 400
"""Tokens of an answer that can only be a label, and of one that is a piece of work."""


def facts_of_text(size: int, written: str, read: bytes) -> list[int]:
    """Return the facts of a message of `size` characters, from its excerpt as `written` and as `read`."""
    facts = [BRIEF] if size <= BRIEF_CHARS else [LONG] if size > LONG_CHARS else []
    if size > VERY_LONG_CHARS:
        facts.append(VERY_LONG)
    end = read[-3]
    if end in _SPACE:
        end = read.rstrip()[-1]
    if end == _QUESTION_MARK:
        facts.append(ASKS_AT_END)
    elif end == _COLON:
        facts.append(BLANK_AT_END)
    if numbers := read.count(b" 0"):
        dense = numbers > 2 and len(read) < 60 * numbers
        facts.append(MANY_NUMBERS if dense else SOME_NUMBERS)
        if dense and numbers > 6:
            facts.append(LOTS_OF_NUMBERS)
        if numbers > 1 and end == _QUESTION_MARK:
            facts.append(NUMBERS_ASKED)
    return facts + _facts_of_form(written, read)


def _facts_of_form(written: str, read: bytes) -> list[int]:
    """How a message is laid out, and in which signs."""
    facts = [LINES] if read.count(b"\n") > MOST_LINES else []
    if b":\n" in read:
        facts.append(REQUEST_ABOVE)
    if b"?\n" in read:
        facts.append(QUESTION_ABOVE)
    symbols = len(read) - len(read.translate(None, SYMBOL_BYTES))
    if symbols >= FEWEST_SYMBOLS and len(read) < BYTES_A_SYMBOL * symbols:
        facts.append(SYMBOLS)
    if "`" in written and "```" in written:
        facts.append(CODE_FENCE)
    if len(read) > 1.25 * len(written) + 20:
        facts.append(FOREIGN)
    return facts


def asked_size(size: int, read: bytes) -> int:
    """Return how many characters of a message of `size` are the asking, and no material, options or answers.

    It ends with a question mark or before options; a question in the last line of a long message is all the asking
    that there is.
    """
    found = _ASKING_ENDS.search(read, SHORTEST)
    if found and found.start() < FIRST:
        return found.start()
    if size > FIRST and read.rstrip()[-1] == _QUESTION_MARK:
        line = read.rfind(b"\n", max(len(read) - LAST_LINE, 0))
        return len(read) - line if line > 0 else size
    return size - (len(read) - found.start()) if found else size


def facts_of_shape(shape: Shape, answer: str | None) -> list[int]:
    """Return the facts of a request's and its answer's shape."""
    facts = [CONVERSATION] if shape.turns >= CONVERSATION_TURNS else []
    if shape.has_tools:
        facts.append(OFFERS_TOOLS)
    if shape.called_tools:
        facts.append(CALLS_TOOLS)
    elif shape.has_tools and (shape.output_tokens or 0) > 0:
        facts.append(TOOLS_UNUSED)
    if shape.wants_json:
        facts.append(WANTS_JSON)
    out, limit = shape.output_tokens, shape.max_output_tokens
    if (out or limit or LABEL_TOKENS + 1) <= LABEL_TOKENS or (limit or LABEL_TOKENS + 1) <= LABEL_TOKENS:
        facts.append(TINY_ANSWER)
    elif out:
        facts += _facts_of_sizes(out, shape.input_tokens or 0)
    if answer:
        facts += facts_of_answer(answer)
    return facts


def _facts_of_sizes(out: int, into: int) -> list[int]:
    """How long the answer is, alone and against the request."""
    facts = [LONG_ANSWER] if out >= WORK_TOKENS else []
    if into > 300 and 30 < out <= into / 10:
        facts.append(CONDENSES)
    elif into > 100 and 0.7 < out / into < 1.4:
        facts.append(SAME_SIZE)
    elif 20 < into <= out / 3:
        facts.append(EXPANDS)
    return facts


def facts_of_answer(answer: str) -> list[int]:
    """Return whether the answer is JSON, has code in it or is a list; only its beginning is looked at."""
    start = answer[:ANSWER_START].lstrip()
    if start[:1] in ("{", "[") or start.startswith("```json"):
        return [JSON_ANSWER]
    if "```" in start:
        return [CODE_ANSWER]
    return [LIST_ANSWER] if start.startswith(BULLETS) else []
