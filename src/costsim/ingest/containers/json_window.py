"""JSON values out of a stream of text, one after the other, whatever stands around them and wherever they break."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

BLOCK = 1 << 20
"""Bytes read at a time."""
_BETWEEN = " \t\r\n,\0"
_NULS = re.compile("\0+")
_TAIL = 16
"""Characters at the end of what was read in which a word or number may be cut: 'tru', '-12'."""
_LARGEST = 1 << 28
"""Characters of one object: beyond that it is one object a file, and no log."""
_MOST_SHOWN = 1 << 16
"""Characters of what is broken that are handed on, for the reason to be told."""


class Broken(Exception):  # noqa: N818  it says what the document is
    """The rest of a document that is no JSON; `line` is where it begins."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(reason)


def values(stream: BinaryIO, begun: bytes, line: int, *, inside: bool) -> Iterator[tuple[Any, str, int]]:
    """Yield each top-level value, its text and its line; of a list each item, so that memory does not grow with it.

    `begun` is what was read from the stream already, from the beginning of a line on; `inside`: it is in a list. What
    is broken is None with its text; Broken is raised where nothing more can be read.
    """
    text = Window(stream, begun, line)
    while start := text.peek():
        if (start == "]") if inside else (start == "["):
            inside = not inside
            text.skip(1)
        else:
            yield text.value()
    if inside:
        raise Broken(text.line, "the list is cut off")


class Window:
    """A window on a stream of JSON text, moved forward value by value."""

    def __init__(self, stream: BinaryIO, start: bytes, line: int) -> None:
        self._stream, self._start = stream, start
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._json = json.JSONDecoder()
        self._text, self._at = "", 0
        self._indent: str | None = ""
        """White space before the record on its line; None where something else stands there too."""
        self.line = line

    def peek(self) -> str:
        """Return the next character that is no white space or comma; '' at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BETWEEN:
                self._pass(self._text[self._at])
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(BLOCK):
                return ""

    def _pass(self, character: str) -> None:
        if character == "\0" and (nuls := _NULS.match(self._text, self._at)):  # there may be millions of them
            self._at = nuls.end()
            return
        if character == "\n":
            self.line += 1
            self._indent = ""
        elif self._indent is not None:
            self._indent = self._indent + character if character in " \t" else None
        self._at += 1

    def skip(self, count: int) -> None:
        """Pass over so many characters."""
        self._at += count
        self._indent = None

    def value(self) -> tuple[Any, str, int]:
        """Return the value that begins here, its text, and its line."""
        block = BLOCK
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as problem:
                if self._is_hopeless(problem) or not self._more(block):
                    return None, *self._broken(problem)
                block *= 2  # so that a value of any length is decoded a logarithmic number of times
                continue
            return value, *self._passed(end)

    def _passed(self, end: int) -> tuple[str, int]:
        """What stands up to `end`, and its line; the window moves on."""
        text, line = self._text[self._at : end], self.line
        self._at, self.line, self._indent = end, line + text.count("\n"), None
        return text, line

    def _broken(self, problem: Exception) -> tuple[str, int]:
        """What is no JSON, and its line; the window moves on to where the next record begins."""
        at = problem.pos if isinstance(problem, json.JSONDecodeError) else self._at
        broken = Broken(self.line, _reason(problem, self.line + self._text.count("\n", self._at, at)))
        if self._indent is None:
            raise broken
        indent, shown = self._indent, "{" if isinstance(problem, RecursionError) else ""
        next_record = re.compile(rf"\n{indent}(?=\{{)")
        while True:
            found = next_record.search(self._text, self._at + 1)
            text, _ = self._passed(found.end() if found else len(self._text))
            shown = shown or text[:_MOST_SHOWN]
            if found:
                self._indent = indent
                return shown, broken.line
            if not self._more(BLOCK):
                raise broken

    def _is_hopeless(self, problem: Exception) -> bool:
        """Whether no further text can mend it: the fault is no mere end of what was read so far."""
        if not isinstance(problem, json.JSONDecodeError) or len(self._text) > _LARGEST:
            return True
        return problem.pos < len(self._text) - _TAIL and not problem.msg.startswith("Unterminated string")

    def _more(self, block: int) -> bool:
        read, self._start = self._start or self._stream.read(block), b""
        if not read:
            return False
        self._text, self._at = self._text[self._at :] + self._decoder.decode(read), 0
        return True


def _reason(problem: Exception, line: int) -> str:
    if not isinstance(problem, json.JSONDecodeError):
        return "nested too deeply"
    return f"the JSON breaks off in line {line} ({problem.msg.lower().removesuffix(' at').rstrip(':')})"
