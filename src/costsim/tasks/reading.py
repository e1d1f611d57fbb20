"""Reads a text the way the signals are written: its ends only, in lower case, and every signal in one pass.

A pasted document's middle says nothing about the task, so of a long text only the first and the last words
are read. All signals are searched at once by an Aho-Corasick automaton over bytes, and Python sees only the
few hits. Measured on the same 400-byte texts and 2,900 patterns: 3.6 microseconds, in a hurry; hyperscan with
its callbacks takes 5.7.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import ahocorasick_rs

FIRST, LAST = 220, 180
"""Characters read at the start and at the end of a user's message."""

SYSTEM_FIRST, SYSTEM_LAST = 700, 500
"""The same of a system prompt: read once per distinct prompt, so more of it."""

EDGE = 110
"""Bytes from either end within which a signal counts in full; further in it may be part of the material."""

AT_START, AT_END, IN_THE_MIDDLE = 0, 1, 2

MARK = "\2"
"""Begins every text that is read, so that words can be asked to stand first."""

ANYWHERE, COMMAND, ASK, FIRST_WORDS, CHOICE = range(5)
"""Where words may stand: anywhere; where a clause, a sentence or the text begins; shortly before a question mark."""


def _alphabet() -> tuple[bytes, bytes]:
    """What becomes of each byte (lower case, digits to 0), and which bytes are left out."""
    table = bytearray(range(256))
    for letter in range(ord("A"), ord("Z") + 1):
        table[letter] = letter + 32
    for digit in b"123456789":
        table[digit] = ord("0")
    for blank in b"\t\r\v\f":
        table[blank] = ord(" ")
    return bytes(table), b"\"'`*#([-_$"


TABLE, LEFT_OUT = _alphabet()
WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0")
_STARTS = {
    ANYWHERE: (" ",),
    COMMAND: (" ",),
    ASK: ("\n ", ". ", "? ", "! ", ": ", "  "),
    FIRST_WORDS: (f"{MARK}\n ",),
    CHOICE: (" ",),
}
"""What stands before the words; two spaces are what a hyphen leaves. A COMMAND is looked at more closely."""

_APART = bytes(byte if byte > 127 or chr(byte).isalnum() or chr(byte) == MARK else ord(" ") for byte in range(256))

_SHORT = 3
"""Whole words of so few bytes begin many others, so that they are looked for with what may stand after them."""
_AFTER_WORDS = tuple(bytes([byte]) for byte in b" \n,.;:?!)/=")

CLAUSE_ENDS = frozenset(b"\n.?!: ;,)")
LEADS = frozenset(b"please you me and then now must should kindly pls lets help just also first to or by".split())
QUESTION_WITHIN = 32
"""Bytes within which the question ends that a CHOICE stands in."""
_SPACE_OR_LINE = b" \n"
_BREAKS = (b"\n", b". ", b"! ")
_UNSPACED = 0x0E00
"""From Thai on, most scripts write without spaces or glue particles on: no word start is asked for."""


def excerpt(text: str, first: int, last: int) -> str:
    """Return the first and the last characters of a text, with a mark before and spaces after."""
    if len(text) > first + last:
        text = f"{text[:first].lstrip()}\n{text[-last:]}"
    return f"{MARK}\n{text.lstrip().replace(MARK, ' ')}  "


def ends(written: str) -> str:
    """Return what is read word by word of an excerpt: its first and last EDGE characters, as an excerpt."""
    return excerpt(written[len(MARK) + 1 : -2], EDGE, EDGE)


def normalise(text: str) -> bytes:
    """Return an excerpt as the signals are written, with a space before each word."""
    return text.replace("\u2019", "'").encode("utf-8", "replace").translate(TABLE, LEFT_OUT).replace(b"\n", b"\n ")


def apart(texts: bytes) -> bytes:
    """Return normalised texts with nothing but spaces between their words."""
    return texts.translate(_APART)


def words_of(texts: bytes) -> list[list[bytes]]:
    """Return the words of each of some normalised texts that are laid end to end."""
    return [text.split() for text in apart(texts).split(MARK.encode())[1:]]


_AUTOMATA = ("_find_ascii", "_find_other")


class Reader:
    """Finds signals in texts; built once from every signal's words."""

    def __init__(self, entries: Iterable[tuple[str, int, int]]) -> None:
        """`entries` are (words, the signal's number, where they must stand)."""
        forms = [form for entry in entries for form in _forms(*entry)]
        forms.sort(key=lambda form: not form[0].isascii())
        self.rows = [form[1:] for form in forms]
        """Of each pattern: its signal, whether a word must end with it, COMMAND or CHOICE where it must stand right."""
        self._ascii_rows = sum(form[0].isascii() for form in forms)
        self._patterns = [form[0] for form in forms]
        self.hurries = False
        self._search_by(ahocorasick_rs.Implementation.ContiguousNFA)

    def __getstate__(self) -> dict[str, Any]:
        """Return all but the automata, which cannot be handed to another process and are soon made there."""
        return {name: value for name, value in vars(self).items() if name not in _AUTOMATA}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        kinds = ahocorasick_rs.Implementation
        self._search_by(kinds.DFA if self.hurries else kinds.ContiguousNFA)

    def hurry(self) -> None:
        """Search faster from now on, in two thirds of the time, for a tenth of a second and 40 MB once."""
        if not self.hurries:
            self.hurries = True
            self._search_by(ahocorasick_rs.Implementation.DFA)

    def _search_by(self, kind: ahocorasick_rs.Implementation) -> None:
        self._find_ascii = _search(self._patterns[: self._ascii_rows], kind)
        self._find_other = _search(self._patterns[self._ascii_rows :], kind)

    def read(self, text: bytes) -> dict[int, int]:
        """Return the signals in a normalised text, each AT_START, AT_END or IN_THE_MIDDLE."""
        found: dict[int, int] = {}
        rows, tail = self.rows, len(text) - EDGE
        for pattern, start, end in self.hits(text, len(text) if text.isascii() else 0):
            signal, whole, manner = rows[pattern]
            if (whole and text[end] in WORD) or (manner and not stands_right(manner, text, start, end)):
                continue
            if start < EDGE:
                found[signal] = AT_START
            elif signal not in found:
                found[signal] = AT_END if end > tail else IN_THE_MIDDLE
            elif end > tail and found[signal] == IN_THE_MIDDLE:
                found[signal] = AT_END
        return found

    def hits(self, text: bytes, plain: int) -> list[tuple[int, int, int]]:
        """Return every (row, start, end) of a pattern in the text, whose first `plain` bytes are ASCII.

        Two automata: one over all scripts has so many kinds of bytes that it does not fit the processor's
        cache, and English text was read half as fast.
        """
        hits = self._find_ascii(text, overlapping=True)
        if plain < len(text):
            first = self._ascii_rows
            others = self._find_other(text[plain:], overlapping=True)
            hits += [(first + row, plain + start, plain + end) for row, start, end in others]
        return hits


def _search(
    patterns: Sequence[bytes], kind: ahocorasick_rs.Implementation
) -> Callable[..., list[tuple[int, int, int]]]:
    """The search for all of these patterns at once: text -> (the pattern's place, start, end) of each hit."""
    return ahocorasick_rs.BytesAhoCorasick(patterns, implementation=kind).find_matches_as_indexes


def stands_right(manner: int, text: bytes, start: int, end: int) -> bool:
    """Whether words of a COMMAND or CHOICE at these places of a text stand where they must."""
    return opens_a_clause(text, start) if manner == COMMAND else in_a_short_question(text, end)


def in_a_short_question(text: bytes, end: int) -> bool:
    """Whether a question mark follows soon, in the same sentence, as in "billing or tech?"."""
    mark = text.find(b"?", end, end + QUESTION_WITHIN)
    if mark < 0 or text[mark + 1] not in _SPACE_OR_LINE:
        return False
    return not any(one in text[end:mark] for one in _BREAKS)


def opens_a_clause(text: bytes, start: int) -> bool:
    """Whether a clause begins at the space at `start`: after punctuation, or after a word that leads in."""
    if text[start - 1] in CLAUSE_ENDS:
        return True
    return text[max(start - 8, 0) : start].rpartition(b" ")[2] in LEADS


def _forms(entry: str, signal: int, manner: int) -> Iterator[tuple[bytes, int, bool, int]]:
    """The byte patterns of one entry: (pattern, signal, whole words only?, COMMAND, CHOICE or 0)."""
    words = entry.rstrip("*")
    free_start = not words[0].isalnum() or ord(words[0]) >= _UNSPACED
    for spelling in {words} if words[0].isascii() else {words, words[0].upper() + words[1:]}:
        plain = spelling.encode().translate(TABLE, LEFT_OUT)
        whole = words == entry and plain[-1] in WORD
        ends = (b" ",) if manner == CHOICE else _AFTER_WORDS if whole and len(plain) <= _SHORT else (b"",)
        starts = ("",) if free_start and manner == ANYWHERE else _STARTS[manner]
        for start, end in product(starts, ends):
            yield start.encode() + plain + end, signal, whole and not end, manner if manner in (COMMAND, CHOICE) else 0
