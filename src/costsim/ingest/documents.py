"""JSON that does not keep to one object a line: pretty-printed, an array, or a wrapper around a list of records."""

import codecs
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from costsim.ingest import compression

_BLOCK = 1 << 20
_BETWEEN = " \t\r\n,"
_TAIL = 16
"""Characters at the end of what was read in which a word or number may be cut: 'tru', '-12'."""
_LARGEST = 1 << 29
"""Characters of one object: beyond that it is one object a file, and no log."""


class Broken(Exception):  # noqa: N818  it says what the document is
    """The rest of a document that is no JSON; `line` is where it begins."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(reason)


def first(path: Path, most: int) -> Iterator[dict[str, Any]]:
    """Yield the first records of a file; nothing more where it breaks off."""
    try:
        with compression.opened(path) as stream:
            yield from (record for record, _ in islice(records(stream), most))
    except (Broken, *compression.DAMAGE):
        return


def is_wrapper(value: dict[str, Any]) -> bool:
    """Whether an object only wraps a list of records: {"data": [{...}, ...], "has_more": false}."""
    return _wrapped(value) is not None


def _wrapped(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    lists = [inner for inner in value.values() if isinstance(inner, list) and inner and isinstance(inner[0], dict)]
    others = [inner for inner in value.values() if isinstance(inner, dict)]
    known = {"data", "logs", "records", "rows", "items", "results", "calls", "requests", "traces"}
    return lists[0] if len(lists) == 1 and not others and known & set(value) else None


def records(stream: BinaryIO) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each record with the line on which it begins; raises Broken at the first place that is no JSON."""
    for value, line in _values(stream):
        if isinstance(value, list):
            yield from ((item, line) for item in value if isinstance(item, dict))
        elif isinstance(value, dict):
            inner = _wrapped(value)
            yield from ((item, line) for item in inner) if inner else ((value, line),)


def _values(stream: BinaryIO) -> Iterator[tuple[Any, int]]:
    """Each top-level value; of an array at the top, each item, so that memory does not grow with the array."""
    text = _Text(stream)
    if text.peek() == "[":
        text.skip(1)
    while (start := text.peek()) and start != "]":
        yield text.value()


class _Text:
    """A window on a stream of JSON text, moved forward value by value."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._json = json.JSONDecoder()
        self._text, self._at, self._line = "", 0, 1

    def peek(self) -> str:
        """The next character that is no white space or comma; '' at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BETWEEN:
                self._line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_BLOCK):
                return ""

    def skip(self, count: int) -> None:
        self._at += count

    def value(self) -> tuple[Any, int]:
        """The value that begins here, and its line."""
        block = _BLOCK
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as problem:
                if self._is_hopeless(problem) or not self._more(block):
                    raise Broken(self._line, _reason(problem)) from problem
                block *= 2  # so that a value of any length is decoded a logarithmic number of times
                continue
            line, self._line = self._line, self._line + self._text.count("\n", self._at, end)
            self._at = end
            return value, line

    def _is_hopeless(self, problem: Exception) -> bool:
        """Whether no further text can mend it: the fault is no mere end of what was read so far."""
        if not isinstance(problem, json.JSONDecodeError) or len(self._text) > _LARGEST:
            return True
        return problem.pos < len(self._text) - _TAIL and not problem.msg.startswith("Unterminated string")

    def _more(self, block: int) -> bool:
        read = self._stream.read(block)
        if not read:
            return False
        self._text, self._at = self._text[self._at :] + self._decoder.decode(read), 0
        return True


def _reason(problem: Exception) -> str:
    return "nested too deeply" if isinstance(problem, RecursionError) else f"the JSON breaks off here: {problem}"
