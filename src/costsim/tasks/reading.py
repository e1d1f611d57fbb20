"""Reads a text the way the signals are written: its ends only, in lower case, and every signal in one pass.

A pasted document's middle says nothing about the task, so of a long text only the first and the last words are read.
All signals are searched at once by an Aho-Corasick automaton over bytes; Python sees only the few hits.
"""

from collections.abc import Iterator, Mapping, Sequence

import ahocorasick_rs

FIRST, LAST = 300, 250
"""Characters read at the start and at the end of a user's message."""

SYSTEM_FIRST, SYSTEM_LAST = 700, 500
"""The same of a system prompt: read once per distinct prompt, so more of it."""

EDGE = 170
"""Bytes from either end within which a signal counts in full; between them it counts as part of the material."""

WHOLE, PART, OPENING = 0, 1, 2
"""How a pattern may stand in the text: as whole words, as a beginning of words, or (added to these) opening a clause."""


def _alphabet() -> tuple[bytes, bytes]:
    """What becomes of each byte (lower case, digits to 0), and which bytes are left out."""
    table = bytearray(range(256))
    for letter in range(ord("A"), ord("Z") + 1):
        table[letter] = letter + 32
    for digit in b"123456789":
        table[digit] = ord("0")
    table[ord("\t")] = table[ord("\r")] = ord(" ")
    return bytes(table), b"\"'`*#([-_"


TABLE, LEFT_OUT = _alphabet()
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0")
_CLAUSE_ENDS = frozenset(b"\n.?!:;,) ")
_LEADS = frozenset(
    b"please you me and then now must should kindly pls lets help just also first to or by".split()
)
_UNSPACED = 0x0E00
"""From Thai on, scripts mostly write without spaces (or, Hangul, glue particles on): no word start is asked for."""


def normalise(text: str) -> bytes:
    """Return `text` as the signals are written, with a space or a line start before each word."""
    plain = text.encode("utf-8", "replace").translate(TABLE, LEFT_OUT)
    return b"\n " + plain.replace(b"\n", b"\n ") + b"  "


def ends_of(text: str, first: int, last: int) -> str:
    """Return the first and the last characters of a text that is longer than both together."""
    return text if len(text) <= first + last else text[:first] + "\n" + text[-last:]


class Reader:
    """Finds signals in texts; built once from every signal's patterns."""

    def __init__(self, opens: Mapping[int, Sequence[str]], says: Mapping[int, Sequence[str]]) -> None:
        entries = [(text, number, OPENING) for number, texts in opens.items() for text in texts]
        entries += [(text, number, WHOLE) for number, texts in says.items() for text in texts]
        table = [form for entry in entries for form in _forms(*entry)]
        self._signal = [number for _, number, _ in table]
        self._manner = [manner for _, _, manner in table]
        self._length = [len(pattern) for pattern, _, _ in table]
        self._find = ahocorasick_rs.BytesAhoCorasick(
            [pattern for pattern, _, _ in table], implementation=ahocorasick_rs.Implementation.DFA
        ).find_matches_as_indexes

    def read(self, text: bytes) -> dict[int, bool]:
        """Return the signals in a normalised text; True for one that stands near the start or the end."""
        found: dict[int, bool] = {}
        signal, manner, tail = self._signal, self._manner, len(text) - EDGE
        for pattern, start, end in self._find(text, overlapping=True):
            how = manner[pattern]
            if not how & PART and text[end] in _WORD:
                continue
            if how & OPENING and not _opens_a_clause(text, start):
                continue
            if start < EDGE or end > tail:
                found[signal[pattern]] = True
            else:
                found.setdefault(signal[pattern], False)
        return found


def _opens_a_clause(text: bytes, start: int) -> bool:
    """Whether a clause begins at the space at `start`: after punctuation, a line's start, or a word that leads in."""
    if text[start - 1] in _CLAUSE_ENDS:
        return True
    return text[max(start - 8, 0) : start].rpartition(b" ")[2] in _LEADS


def _forms(entry: str, number: int, manner: int) -> Iterator[tuple[bytes, int, int]]:
    """The byte patterns of one entry of the data file, each with its signal's number and its manner."""
    word = entry.rstrip("*")
    spaced = "" if ord(word[0]) >= _UNSPACED else " "
    for spelling in {word} if word[0].isascii() else {word, word[0].upper() + word[1:]}:
        pattern = (spaced + spelling).encode().translate(TABLE, LEFT_OUT)
        free_end = word != entry or pattern[-1] not in _WORD
        yield pattern, number, manner | (PART if free_end else WHOLE)
