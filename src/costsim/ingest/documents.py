"""JSON that does not keep to one object a line: pretty-printed, an array, or a wrapper around a list of records."""

import codecs
import io
import json
import re
from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from costsim import formats
from costsim.ingest import compression

_BLOCK = 1 << 20
_BETWEEN = " \t\r\n,"
_AT_ONCE = 1 << 25
"""Bytes of a file that are looked at together: most documents are one record, and that is told fast."""
_TAIL = 16
"""Characters at the end of what was read in which a word or number may be cut: 'tru', '-12'."""
_LARGEST = 1 << 28
"""Characters of one object: beyond that it is one object a file, and no log."""
_MOST_SHOWN = 1 << 16
"""Characters of what is broken that are handed on, for the reason to be told."""

_ODD = ("NaN", "Infinity", "\\ud", "\\uD")


class Broken(Exception):  # noqa: N818  it says what the document is
    """The rest of a document that is no JSON; `line` is where it begins."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(reason)


def first(path: Path, most: int) -> Iterator[dict[str, Any]]:
    """Yield the first records of a file; nothing more where it breaks off."""
    try:
        with compression.opened(path) as stream:
            for record, _ in islice(records(stream), most):
                value = _plain(record)
                if isinstance(value, dict):
                    yield value
    except (Broken, *compression.DAMAGE):
        return


def fault(path: Path) -> str | None:
    """Return where and why a file is no JSON; None where it is."""
    try:
        with compression.opened(path) as stream:
            for _ in records(stream):
                pass
    except Broken as problem:
        return problem.reason
    except compression.DAMAGE as problem:
        return str(problem)
    return None


def _plain(record: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def mended(text: str) -> bytes | None:
    """Return as JSON what only Python or JavaScript take for it: NaN becomes null, half a surrogate pair '?'.

    None where they do not either.
    """
    try:
        value = json.loads(text, parse_constant=lambda _: None)
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


_ABOUT_THE_LIST = frozenset({"meta", "cursors", "pagination", "paging", "page", "links", "_links"})
"""What APIs write beside a list: which part of it this is."""


_KNOWN = frozenset({
    "data", "logs", "records", "rows", "items", "results", "calls", "requests", "traces", "runs", "events", "objects",
})  # fmt: skip
"""Names under which lists of records stand."""
_AROUND = b" \t\r\n,"
_raws, _raw = msgspec.json.Decoder(list[msgspec.Raw]).decode, msgspec.json.Decoder(msgspec.Raw).decode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def is_wrapper(value: dict[str, Any]) -> bool:
    """Whether an object only wraps a list of records: {"data": [{...}, ...], "has_more": false}."""
    return _wrapped(value) is not None


def _wrapped(value: dict[str, Any]) -> list[Any] | None:
    lists = [inner for inner in value.values() if isinstance(inner, list) and inner and isinstance(inner[0], dict)]
    others = [inner for name, inner in value.items() if isinstance(inner, dict) and name not in _ABOUT_THE_LIST]
    if len(lists) != 1 or others or _KNOWN.isdisjoint(value) or formats.claimants(value):
        return None  # what a format takes as a whole is no mere wrapper
    return lists[0]


def records(stream: BinaryIO) -> Iterator[tuple[msgspec.Raw, int]]:
    """Yield each record as JSON with the line on which it begins; raises Broken where the rest is no JSON.

    What is no JSON in the middle is handed on too, as one record that cannot be decoded, so that it is counted; reading
    goes on at the next line that begins an object as far to the right as this one began.
    """
    start = stream.read(_BLOCK)
    if len(start) == _BLOCK and not _begins_with_a_line(start):
        start += stream.read(_AT_ONCE - _BLOCK)
    if len(start) < _AT_ONCE and _is_one_record(start):  # as a rule
        yield msgspec.Raw(start), 1
        return
    window = io.BytesIO(start.removeprefix(codecs.BOM_UTF8))
    del start  # it is large, and read only once
    rest, number, inside = yield from _by_line(stream, window)
    for value, text, line in _values(stream, rest, number, inside=inside):
        inner = value if isinstance(value, list) else _wrapped(value) if isinstance(value, dict) else None
        if inner is not None:
            yield from ((msgspec.Raw(_encoded(item)), line) for item in inner)
        else:
            odd = value is not None and any(mark in text for mark in _ODD)
            yield msgspec.Raw((mended(text) if odd else None) or text.encode("utf-8", "replace")), line


def _begins_with_a_line(start: bytes) -> bool:
    """Whether the first line is a value by itself, or opens the list of them."""
    text = start.removeprefix(codecs.BOM_UTF8).partition(b"\n")[0].strip(_AROUND)
    return text == b"[" or (len(text) < len(start) and bool(_records_of(text, listed=False)))


def _by_line(stream: BinaryIO, lines: io.BytesIO) -> Generator[tuple[msgspec.Raw, int], None, tuple[bytes, int, bool]]:
    """Yield records of whole lines, as long as each line is a value, or begins or ends the list around them: quickly.

    `lines` is what was read already. Returns what comes next and was read, its line, and whether it is inside a list.
    """
    number, inside, ended, rest = 1, False, False, b""
    while not ended or rest:
        rest = b""
        for line in lines:
            if not ended and not line.endswith(b"\n"):
                rest = line
                break
            text = line.strip(_AROUND)
            if text == (b"]" if inside else b"["):
                inside = not inside
            elif text:
                found = _records_of(text, listed=inside)
                if found is None:
                    return line + lines.read(), number, inside
                for record in found:
                    yield record, number
            number += line.endswith(b"\n")
        if len(rest) >= _AT_ONCE:
            break
        more = b"" if ended else stream.read(_BLOCK)
        ended, lines = not more, io.BytesIO(rest + more)
    return rest, number, inside


def _records_of(text: bytes, *, listed: bool) -> list[msgspec.Raw] | None:
    """The records of a line that is one value, in a list or not; None where it is none, or has to be mended."""
    try:
        values = _raws(text) if not listed and text.startswith(b"[") else [_raw(text)]
        if b"\\ud" in text or b"\\uD" in text:
            return None
        return [record for value in values for record in _opened(value)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _opened(value: msgspec.Raw) -> list[msgspec.Raw]:
    """What a value holds, where it is a list or a mere wrapper of one; else itself."""
    first = bytes(memoryview(value)[:1])
    if first == b"[":
        return _raws(value)
    if first == b"{" and not _KNOWN.isdisjoint(_fields(value)):
        wrapped = _wrapped(msgspec.json.decode(value))
        return [value] if wrapped is None else [msgspec.Raw(_encoded(item)) for item in wrapped]
    return [value]


def _is_one_record(content: bytes) -> bool:
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(value, dict) and not is_wrapper(value)


def _encoded(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError):  # half a surrogate pair, a number beyond 64 bits
        return mended(json.dumps(value)) or b"{"
    except RecursionError:
        return b"{"


def _values(stream: BinaryIO, begun: bytes, line: int, *, inside: bool) -> Iterator[tuple[Any, str, int]]:
    """Each top-level value, its text and its line; of a list each item, so that memory does not grow with it.

    `begun` is what was read from the stream already, from the beginning of a line on; `inside`: it is in a list.
    """
    text = _Text(stream, begun, line)
    while start := text.peek():
        if (start == "]") if inside else (start == "["):
            inside = not inside
            text.skip(1)
        else:
            yield text.value()
    if inside:
        raise Broken(text.line, "the list is cut off")


class _Text:
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
        """The next character that is no white space or comma; '' at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BETWEEN:
                self._pass(self._text[self._at])
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_BLOCK):
                return ""

    def _pass(self, character: str) -> None:
        if character == "\n":
            self.line += 1
            self._indent = ""
        elif self._indent is not None:
            self._indent = self._indent + character if character in " \t" else None
        self._at += 1

    def skip(self, count: int) -> None:
        self._at += count
        self._indent = None

    def value(self) -> tuple[Any, str, int]:
        """The value that begins here, its text, and its line."""
        block = _BLOCK
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
            if not self._more(_BLOCK):
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
