"""Signals in many texts by one search: texts are laid end to end, each begins with a mark that no pattern spans."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costsim.tasks.facts import SYMBOL_BYTES
from costsim.tasks.reading import (
    AT_END,
    AT_START,
    CHOICE,
    CLAUSE_ENDS,
    COMMAND,
    EDGE,
    IN_THE_MIDDLE,
    MARK,
    WORD,
    Reader,
    normalise,
    stands_right,
)  # fmt: skip

Ints = NDArray[np.int64]

_SPACE, _NEWLINE, _ZERO, _COLON = b" \n0:"
_WORD = np.zeros(256, dtype=bool)
_WORD[list(WORD)] = True
_SYMBOL = np.zeros(256, dtype=bool)
_SYMBOL[list(SYMBOL_BYTES)] = True
_CLAUSE_ENDS = np.zeros(256, dtype=bool)
_CLAUSE_ENDS[list(CLAUSE_ENDS)] = True


@dataclass
class Scan:
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


def scan(reader: Reader, written: Sequence[str]) -> Scan:
    """Return the signals of excerpts, as `Reader.read` finds them one by one."""
    plain = np.fromiter(map(str.isascii, written), bool, len(written))
    order = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)])
    ascii_only = normalise(
        "".join(compress(written, plain))
    )  # apart: as one text, all of it is encoded letter by letter
    raw = ascii_only + normalise("".join(compress(written, ~plain)))
    buffer = np.frombuffer(raw, np.uint8)
    starts = np.flatnonzero(buffer == ord(MARK))
    ends = np.append(starts[1:], len(buffer))
    found = reader.hits(raw, len(ascii_only))
    hits = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3)
    text, signal, place = _signals(reader, raw, hits, starts, ends)
    silent = np.ones(len(written), dtype=bool)
    silent[order[text]] = False
    is_line = buffer == _NEWLINE
    columns = (
        ends - starts,
        _per_text((buffer[1:] == _ZERO) & (buffer[:-1] == _SPACE), starts),
        _last(buffer, ends),
        _per_text(is_line, starts),
        _per_text(_SYMBOL[buffer], starts),
        _per_text(is_line[1:] & (buffer[:-1] == _COLON), starts),
    )
    lengths, numbers, last, lines, symbols, above = (_in_order(column, order) for column in columns)
    ends_with = last.astype(np.uint8)
    return Scan(order[text], signal, place, silent, lengths, numbers, ends_with, lines, symbols, above > 0)


def _in_order(values: NDArray[Any], order: Ints) -> Ints:
    """Values of texts that were laid out in this order, in the order in which they were given."""
    found = np.zeros(len(order), np.int64)
    found[order] = values
    return found


def _signals(reader: Reader, raw: bytes, hits: Ints, starts: Ints, ends: Ints) -> tuple[Ints, Ints, Ints]:
    """(text, signal, place) of each signal of each text, once, at the place that counts most."""
    tables = _tables(reader)
    row, start, end = hits[:, 0], hits[:, 1], hits[:, 2]
    buffer = np.frombuffer(raw, np.uint8)
    good = ~(tables.whole[row] & _WORD[buffer[np.minimum(end, len(raw) - 1)]])
    manner = tables.manner[row]
    unclear = good & ((manner == CHOICE) | ((manner == COMMAND) & ~_CLAUSE_ENDS[buffer[start - 1]]))
    for hit in np.flatnonzero(unclear).tolist():
        good[hit] = stands_right(int(manner[hit]), raw, int(start[hit]), int(end[hit]))
    row, start, end = row[good], start[good], end[good]
    text = np.searchsorted(starts, start, side="right") - 1
    start, end, size = start - starts[text], end - starts[text], (ends - starts)[text]
    place = np.where(start < EDGE, AT_START, np.where(end > size - EDGE, AT_END, IN_THE_MIDDLE))
    both = text * (int(tables.signal.max()) + 1) + tables.signal[row]
    order = np.lexsort((place, both))
    first = order[np.diff(both[order], prepend=-1) != 0]
    return text[first], tables.signal[row][first], place[first]


def _per_text(here: NDArray[np.bool_], starts: Ints) -> Ints:
    """How many bytes of each text are marked."""
    return np.bincount(np.searchsorted(starts, np.flatnonzero(here), side="right") - 1, minlength=len(starts))


def _last(buffer: NDArray[np.uint8], ends: Ints) -> NDArray[np.uint8]:
    """The last byte of each text that is neither a space nor a line's end."""
    at = ends - 1
    while len(blank := np.flatnonzero((buffer[at] == _SPACE) | (buffer[at] == _NEWLINE))):
        at[blank] -= 1  # ends at the mark with which every text begins
    return buffer[at]


@dataclass
class _Tables:
    """`Reader.rows` as columns."""

    signal: Ints
    whole: NDArray[np.bool_]
    manner: Ints


@lru_cache(maxsize=4)
def _tables(reader: Reader) -> _Tables:
    signal, whole, manner = zip(*reader.rows, strict=True)
    return _Tables(np.array(signal, np.int64), np.array(whole, dtype=bool), np.array(manner, np.int64))
