"""JSON that does not keep to one object a line: pretty-printed, an array, or a wrapper around a list of records."""

import codecs
import io
import json
from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from costsim import formats
from costsim.ingest.containers import compression
from costsim.ingest.containers.json_window import BLOCK, Broken, values

_AT_ONCE = 1 << 25
"""Bytes of a file that are looked at together: most documents are one record, and that is told fast."""

_ODD = ("NaN", "Infinity", "\\ud", "\\uD")


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
_AROUND = b" \t\r\n,\0"
_LIST, _OBJECT = b"[{"
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
    start = stream.read(BLOCK)
    if len(start) == BLOCK and not _begins_with_a_line(start):
        start += stream.read(_AT_ONCE - BLOCK)
    if len(start) < _AT_ONCE and _is_one_record(start):  # as a rule
        yield msgspec.Raw(start), 1
        return
    window = io.BytesIO(start.removeprefix(codecs.BOM_UTF8))
    del start  # it is large, and read only once
    rest, number, inside = yield from _by_line(stream, window)
    for value, text, line in values(stream, rest, number, inside=inside):
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
        more = b"" if ended else stream.read(BLOCK)
        ended, lines = not more, io.BytesIO(rest + more)
    return rest, number, inside


def _records_of(text: bytes, *, listed: bool) -> list[msgspec.Raw] | None:
    """The records of a line that is one value, in a list or not; None where it is none, or has to be mended."""
    try:
        values = _raws(text) if not listed and text.startswith(b"[") else [_raw(text)]
        return [record for value in values for record in _opened(value)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _opened(value: msgspec.Raw) -> list[msgspec.Raw]:
    """What a value holds, where it is a list or a mere wrapper of one; else itself."""
    first = memoryview(value)[0]
    if first == _LIST:
        return _raws(value)
    if first == _OBJECT and not _KNOWN.isdisjoint(_fields(value)):
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
