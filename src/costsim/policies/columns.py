"""The columns of a batch of calls as numpy arrays, made when they are first asked for."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from costsim.schema import DATED_FROM, as_arrow, flags, is_one_word, known, whole_numbers, words

Ints = NDArray[np.int64]
Reals = NDArray[np.floating]
Bools = NDArray[np.bool_]
Codes = tuple[Ints, list[str | None]]
"""The code of each call's value, and the value of each code; None is 'the log does not say'."""

TAGS = "tags."

_FEW_CODES = 8
"""Up to so many codes for each call, a table of all codes is faster than sorting."""
_MANY = 1 << 16
"""More numbers than this are made fewer before they are multiplied."""
_EARLY = 1 << 13
_BITS = 53
"""Of the hash of a call's id: as many as a float holds exactly."""


def renumbered(codes: Ints, most: int) -> tuple[Ints, Ints]:
    """Return the codes (from 0 to below `most`) that occur, in order, and the place of each code among them."""
    if most > _FEW_CODES * len(codes):
        distinct, which = np.unique(codes, return_inverse=True)
        return distinct, which.reshape(-1)
    occurs = np.bincount(codes, minlength=most) > 0
    place = np.cumsum(occurs) - 1
    return np.flatnonzero(occurs), place.take(codes)  # which is several times as fast as place[codes]


def one_of_each(which: Ints, count: int) -> Ints:
    """Return a place of each number below `count`, all of which occur.

    Most numbers are seen early: to look for the others alone is quicker than to write down every place.
    """
    found = np.full(count, -1)
    early = which[:_EARLY]
    found[early] = np.arange(len(early))
    missing = found < 0
    if missing.any():
        later = np.flatnonzero(missing.take(which[_EARLY:])) + _EARLY
        found[which[later]] = later
    return found


class Columns(msgspec.Struct):
    """A batch of calls, column by column."""

    calls: pa.Table
    _numbers: dict[str, Ints] = msgspec.field(default_factory=dict)
    _words: dict[str, Codes] = msgspec.field(default_factory=dict)
    _different: dict[Sequence[str], tuple[Ints, Ints]] = msgspec.field(default_factory=dict)
    _place: Reals | None = None
    _tests: dict[str, Bools] = msgspec.field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.calls.num_rows)

    def number(self, name: str) -> Ints:
        """Return a column of counts or times; -1 where the log does not say."""
        if name not in self._numbers:
            self._numbers[name] = whole_numbers(self.calls, name)
        return self._numbers[name]

    def real(self, name: str) -> Reals:
        """Return a column of fractions, as precise as it is kept; NaN where the log does not say."""
        found: Reals = self.calls.column(name).to_numpy()
        return found

    def word(self, name: str) -> Codes:
        """Return a column of words, or the tag `tags.NAME`, as codes and labels."""
        if name not in self._words:
            tag = name.removeprefix(TAGS)
            self._words[name] = words(self.calls, name) if tag == name else self._tag(tag)
        return self._words[name]

    def varies(self, name: str) -> bool:
        """Return whether a column of words may hold more than one, or none beside it."""
        codes, labels = self.word(name)
        if len(labels) != 2 or is_one_word(codes):
            return len(labels) > 2
        return bool((codes != codes[:1]).any())

    def different(self, *names: str) -> tuple[Ints, Ints]:
        """Return a number for each call, the same where its words in these columns are, and a call for each number."""
        if names not in self._different:
            self._different[names] = self._numbered(names)
        return self._different[names]

    def _numbered(self, names: Sequence[str]) -> tuple[Ints, Ints]:
        which, most = np.zeros(len(self), np.int64), 1
        for codes, labels in (self.word(name) for name in names if self.varies(name)):
            which *= len(labels)
            which += codes
            most *= len(labels)
            if most > _MANY:
                distinct, which = renumbered(which, most)
                most = len(distinct)
        distinct, which = renumbered(which, most)
        return which, one_of_each(which, len(distinct))

    def place(self) -> Reals:
        """Return a number in [0, 1) for each call, by its id alone: the same in every run, policy and machine."""
        if self._place is None:
            ids = pc.fill_null(self.calls.column("call_id"), "").to_numpy()
            hashes = np.fromiter(map(xxh3_64_intdigest, map(str.encode, ids)), np.uint64, len(ids))
            self._place = (hashes >> np.uint64(64 - _BITS)) / 2.0**_BITS
        return self._place

    def flag(self, name: str) -> Bools:
        """Return a column of yes and no; no where the log does not say."""
        return flags(self.calls, name)

    def stated(self, name: str) -> Bools:
        """Return for which calls the log says something in a column."""
        return known(self.calls, name)

    def undated(self) -> Bools:
        """Return which calls have no time."""
        return self.once("undated", lambda columns: columns.number("started_at") < DATED_FROM)

    def once(self, name: str, test: Callable[["Columns"], Bools]) -> Bools:
        """Return what a test says of each call; it is made once, whoever asks for it by this name."""
        if name not in self._tests:
            self._tests[name] = test(self)
        return self._tests[name]

    def among(self, name: str, wanted: set[str | None]) -> Bools:
        """Return whether each call's word in a column is one of those wanted."""
        return self.of_word(name, lambda label: label in wanted)

    def of_word(self, name: str, test: Callable[[str | None], bool]) -> Bools:
        """Return what a test says of each call's word in a column; it is asked once of each different word."""
        codes, labels = self.word(name)
        answers = np.array([test(label) for label in labels], np.bool_)
        if answers.all() or not answers.any():
            return np.full(len(codes), answers[0])
        return answers.take(codes)

    def part(self, rows: Ints) -> "Columns":
        """Return some of the calls."""
        return Columns(
            self.calls.take(as_arrow(rows)),
            {name: column[rows] for name, column in self._numbers.items()},
            {name: (codes[rows], labels) for name, (codes, labels) in self._words.items()},
            _place=None if self._place is None else self._place[rows],
        )

    def with_words(self, name: str, codes: Codes) -> "Columns":
        """Return the batch with other words in one column."""
        return Columns(self.calls, self._numbers, {**self._words, name: codes})

    def _tag(self, name: str) -> Codes:
        of_call, texts = self.word("tags")
        values = [msgspec.json.decode(text, type=dict[str, str]).get(name) if text else None for text in texts]
        distinct = {value: code for code, value in enumerate(dict.fromkeys(values))}
        return np.array([distinct[value] for value in values], np.int64)[of_call], list(distinct)
