"""CSV files as records, row by row; a quote that is never closed costs its own line and no other."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO, Protocol

import msgspec

from costsim.ingest.containers.broken_lines import ONLY_NULS

_LONGEST = 1 << 25
"""Characters of one row; a quote that is open for longer was never closed."""
_QUOTE = '"'
_FIRST_ROWS = 100
"""By which it is told how a table writes numbers."""
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_POINT = re.compile(r"[+-]?\d+\.\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+")


class Account(Protocol):
    """Where a table tells of lines that are no records."""

    def reject(self, line: int, reason: str) -> None:
        """Count a line that cannot be read."""


class _Unclosed(Exception):  # noqa: N818  it says what the row is
    """A row that does not end."""


def records(stream: BinaryIO, delimiter: str, account: Account) -> Iterator[tuple[bytes, int, int]]:
    """Yield the rows as JSON objects, matched to the header by name, with their last line and their number."""
    with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="") as text:
        rows = _Rows(text, delimiter)
        header = [name.replace("\0", "").strip() for name in rows.header(account)]
        read = rows.after(header, account)
        first = list(islice(read, _FIRST_ROWS))
        mend = _without_points if delimiter == ";" and _points_are_thousands(first) else _as_it_is
        for number, (cells, line) in enumerate(chain(first, read), 1):
            row = mend(cells)
            yield msgspec.json.encode(dict(zip(header, row, strict=True))) if row else b"", line, number


def _points_are_thousands(rows: Iterable[tuple[list[str], int]]) -> bool:
    """Whether a table is of a country that writes 1.234,5: decimal commas stand in it, and no decimal points."""
    cells = [cell.strip() for row, _ in rows for cell in row]
    if not any(_COMMA.fullmatch(cell) for cell in cells):
        return False
    return not any(_POINT.fullmatch(cell) and not _GROUPED.fullmatch(cell) for cell in cells)


def _without_points(row: list[str]) -> list[str]:
    return [cell.replace(".", "") if _GROUPED.fullmatch(cell.strip()) else cell for cell in row]


def _as_it_is(row: list[str]) -> list[str]:
    return row


def _is_nuls(row: list[str]) -> bool:
    return set("".join(row)) == {"\0"}


class _Rows:
    """Rows of a text whose lines can be gone back to."""

    def __init__(self, text: Iterable[str], delimiter: str) -> None:
        self._text, self._delimiter = iter(text), delimiter
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._size = 0
        self._line = 0
        self._reader = csv.reader(self._lines(), delimiter=delimiter)

    def header(self, account: Account) -> list[str]:
        """The first row, but for such as a crash leaves."""
        try:
            while _is_nuls(row := next(self._reader, [])):
                account.reject(self._line, ONLY_NULS)
            return row
        except (csv.Error, _Unclosed):
            return []
        finally:
            self._taken = []

    def after(self, header: list[str], account: Account) -> Iterator[tuple[list[str], int]]:
        """Each further row that fits the header, with the line that it ends on; empty ones too."""
        while True:
            self._taken, self._size = [], 0
            try:
                row = next(self._reader, None)
            except (csv.Error, _Unclosed) as problem:
                self._go_back(account, str(problem) or "a quote is never closed")
                continue
            if row is None:
                return
            if len(self._taken) > 1 and not self._is_whole(row, header):
                self._go_back(account, "a quote is never closed")
            elif row and len(row) != len(header):
                other = f"has {len(row)} fields, the header has {len(header)}"
                account.reject(self._line, ONLY_NULS if _is_nuls(row) else other)
            else:
                yield row, self._line

    def _lines(self) -> Iterator[str]:
        while (line := self._again.popleft() if self._again else next(self._text, None)) is not None:
            self._line += 1
            self._taken.append(line)
            self._size += len(line)
            if self._size > _LONGEST:
                raise _Unclosed
            yield line

    def _is_whole(self, row: list[str], header: list[str]) -> bool:
        """Whether a row of several lines is what its writer meant: by the letter, and with every quote closed."""
        if len(row) != len(header) or sum(line.count(_QUOTE) for line in self._taken) % 2:
            return False
        try:
            return list(csv.reader(self._taken, delimiter=self._delimiter, strict=True)) == [row]
        except csv.Error:
            return False

    def _go_back(self, account: Account, reason: str) -> None:
        """Reject the first line of what was taken, and read the others again."""
        self._line -= len(self._taken) - 1
        account.reject(self._line, reason)
        self._again.extendleft(reversed(self._taken[1:]))
        self._reader = csv.reader(self._lines(), delimiter=self._delimiter)
