"""Signals in many texts by one search: texts are laid end to end, each begins with a mark that no pattern spans."""

import struct
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, compress
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.schema import among
from costsim.tasks.facts import SHORTEST, SYMBOL_BYTES
from costsim.tasks.reading import (
    AT_END,
    AT_START,
    CHOICE,
    CLAUSE_ENDS,
    COMMAND,
    EDGE,
    IN_THE_MIDDLE,
    LEADS,
    MARK,
    QUESTION_WITHIN,
    WORD,
    Reader,
    in_a_short_question,
    normalise,
)  # fmt: skip

Ints = NDArray[np.int64]

_SPACE, _NEWLINE, _ZERO, _COLON, _QUESTION_MARK, _FIRST_OPTION, _DOT, _BRACE = b" \n0:?a.)"
_WORD = np.zeros(256, dtype=bool)
_WORD[list(WORD)] = True
_SYMBOL = np.zeros(256, dtype=bool)
_SYMBOL[list(SYMBOL_BYTES)] = True
_TELLING = bytes(byte in MARK.encode() + b"\n0?" + SYMBOL_BYTES for byte in range(256))
_WINDOW = 8
"""Bytes before a command in which the word is looked for that leads to it; as a number, they are compared at once."""
_LEADS = np.sort(np.frombuffer(b"".join(word.rjust(_WINDOW, b"\0") for word in LEADS), np.uint64))
_CLAUSE_ENDS = np.zeros(256, dtype=bool)
_CLAUSE_ENDS[list(CLAUSE_ENDS)] = True


class Scan(msgspec.Struct):
    """What was found: `text`, `signal` and `place` have a row for each signal of each text; the rest, for each text."""

    text: Ints
    signal: Ints
    place: Ints
    silent: NDArray[np.bool_]
    """No signal was found."""
    lengths: Ints
    """Bytes as read."""
    numbers: Ints
    """Words that begin with a digit."""
    last_bytes: NDArray[np.uint8]
    """The last byte that is no space."""
    lines: Ints
    symbols: Ints
    """SYMBOL_BYTES of each text."""
    request_above: NDArray[np.bool_]
    """A line ends with a colon."""
    question_above: NDArray[np.bool_]
    """A line ends with a question mark."""
    asked_to: Ints
    """Where the asking ends: a question mark, options; the length where nothing tells."""
    last_line: Ints
    """Bytes of the last line."""


def scan(reader: Reader, written: Sequence[str]) -> Scan:
    """Return the signals of excerpts, as `Reader.read` finds them one by one."""
    plain = np.fromiter(map(str.isascii, written), bool, len(written))
    order = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)])
    ascii_only = normalise(
        "".join(compress(written, plain))
    )  # apart: as one text, all of it is encoded letter by letter
    raw = ascii_only + normalise("".join(compress(written, ~plain)))
    buffer = np.frombuffer(raw, np.uint8)
    telling = np.flatnonzero(np.frombuffer(raw.translate(_TELLING), bool))
    byte, before = buffer[telling], buffer[telling - 1]
    starts = telling[byte == ord(MARK)]
    ends = np.append(starts[1:], len(buffer))
    is_line, is_mark = byte == _NEWLINE, byte == _QUESTION_MARK
    text, signal, place = _signals(reader, raw, reader.hits(raw, len(ascii_only)), starts, ends, telling[is_mark])
    silent = np.ones(len(written), dtype=bool)
    silent[order[text]] = False
    line, ended = telling[is_line], before[is_line]
    columns = (
        ends - starts,
        _per_text(telling[(byte == _ZERO) & (before == _SPACE)], starts),
        _last(buffer, ends),
        _per_text(line, starts),
        _per_text(telling[_SYMBOL[byte]], starts),
        _per_text(line[ended == _COLON], starts),
        _per_text(line[ended == _QUESTION_MARK], starts),
        _asking_ends(buffer, telling[is_mark], line, starts, ends),
        ends - line[np.searchsorted(line, ends) - 1],
    )
    lengths, numbers, last, lines, symbols, above, asked, asked_to, last_line = (
        _in_order(column, order) for column in columns
    )
    return Scan(
        order[text], signal, place, silent, lengths, numbers, last.astype(np.uint8), lines, symbols,
        above > 0, asked > 0, asked_to, last_line,
    )  # fmt: skip


def _in_order(values: NDArray[Any], order: Ints) -> Ints:
    """Values of texts that were laid out in this order, in the order in which they were given."""
    found = np.zeros(len(order), np.int64)
    found[order] = values
    return found


def _signals(
    reader: Reader, raw: bytes, found: list[tuple[int, int, int]], starts: Ints, ends: Ints, marks: Ints
) -> tuple[Ints, Ints, Ints]:
    """(text, signal, place) of each signal of each text, once, at the place that counts most."""
    tables = _tables(reader)
    row, start, end = _columns_of(found)
    buffer = np.frombuffer(raw, np.uint8)
    good = ~(tables.whole[row] & _WORD[buffer[np.minimum(end, len(raw) - 1)]])
    good &= _stand_right(tables.manner[row], raw, start, end, marks)
    row, start, end = row[good], start[good], end[good]
    text = np.searchsorted(starts, start, side="right") - 1
    place = np.where(start - starts[text] < EDGE, AT_START, np.where(end > ends[text] - EDGE, AT_END, IN_THE_MIDDLE))
    signals, places = len(tables.whole), IN_THE_MIDDLE + 1
    key = np.sort((text * signals + tables.signal[row]) * places + place)
    key = key[np.diff(key // places, prepend=-1) != 0]
    return key // places // signals, key // places % signals, key % places


def _stand_right(manner: Ints, raw: bytes, start: Ints, end: Ints, marks: Ints) -> NDArray[np.bool_]:
    """`stands_right` for many hits; `marks` are the places of question marks."""
    buffer = np.frombuffer(raw, np.uint8)
    good: NDArray[np.bool_] = ((manner != COMMAND) & (manner != CHOICE)) | (
        (manner == COMMAND) & _CLAUSE_ENDS[buffer[start - 1]]
    )
    unclear = np.flatnonzero((manner == COMMAND) & ~good)
    good[unclear] = _follow_a_lead(buffer, start[unclear])
    choices = np.flatnonzero(manner == CHOICE)
    mark = np.append(marks, len(raw) + QUESTION_WITHIN)[np.searchsorted(marks, end[choices])]
    for hit in choices[mark < end[choices] + QUESTION_WITHIN].tolist():
        good[hit] = in_a_short_question(raw, int(end[hit]))
    return good


def _follow_a_lead(buffer: NDArray[np.uint8], start: Ints) -> NDArray[np.bool_]:
    """Whether the word before each of these places is one of LEADS."""
    before = buffer[np.maximum(start[:, None] + np.arange(-_WINDOW, 0), 0)]
    earlier = np.logical_or.accumulate(before[:, ::-1] == _SPACE, axis=1)[:, ::-1]
    before[earlier] = 0
    found: NDArray[np.bool_] = among(before.view(np.uint64)[:, 0], _LEADS)
    return found


def _columns_of(hits: list[tuple[int, int, int]]) -> Ints:
    """(pattern, start, end) of hits as three columns."""
    packed = struct.pack(f"{3 * len(hits)}q", *chain.from_iterable(hits))  # in less time than numpy takes them in
    return np.frombuffer(packed, np.int64).reshape(-1, 3).T.copy()


def _per_text(places: Ints, starts: Ints) -> Ints:
    """How many of these places are in each text."""
    counts: Ints = np.diff(np.searchsorted(places, starts), append=len(places))
    return counts


def _asking_ends(buffer: NDArray[np.uint8], marks: Ints, line: Ints, starts: Ints, ends: Ints) -> Ints:
    """How far into each text its asking ends, as `asked_size` looks for it; its length where nothing tells."""
    asked = marks[(buffer[marks + 1] == _SPACE) | (buffer[marks + 1] == _NEWLINE)] + 1
    sign = buffer[np.minimum(line + 3, len(buffer) - 1)]  # the others are there, as a text ends with two spaces
    options = (buffer[line + 2] == _FIRST_OPTION) & ((sign == _DOT) | (sign == _BRACE))
    places = np.sort(np.concatenate([asked, line[options]]))
    at = np.append(places, ends[-1])[np.searchsorted(places, starts + SHORTEST)]
    found: Ints = np.minimum(at, ends) - starts
    return found


def _last(buffer: NDArray[np.uint8], ends: Ints) -> NDArray[np.uint8]:
    """The last byte of each text that is neither a space nor a line's end."""
    at = ends - 1
    while len(blank := np.flatnonzero((buffer[at] == _SPACE) | (buffer[at] == _NEWLINE))):
        at[blank] -= 1  # ends at the mark with which every text begins
    return buffer[at]


class _Tables(msgspec.Struct):
    """`Reader.rows` as columns."""

    signal: Ints
    whole: NDArray[np.bool_]
    manner: Ints


@lru_cache(maxsize=4)
def _tables(reader: Reader) -> _Tables:
    signal, whole, manner = zip(*reader.rows, strict=True)
    return _Tables(np.array(signal, np.int64), np.array(whole, dtype=bool), np.array(manner, np.int64))
