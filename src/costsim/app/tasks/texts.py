"""Texts to classify, one to a line: JSON Lines, CSV with a header, or plain text; what is wrong with a line is told."""

import csv
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from costsim.errors import LogError, nearest
from costsim.formats.shared.chat_text import Conversation, conversation
from costsim.ingest.containers import compression
from costsim.schema import Call, text_of

STDIN = "-"
TEXT_FIELDS = ("prompt", "text", "input", "messages", "question", "instruction", "message", "query", "content", "user")
"""Where the text stands where nobody says: the first of these that a line has."""
SYSTEM_FIELDS = ("system", "system_prompt")
ID_FIELDS = ("id", "call_id")
_LONGEST_CELL = 1 << 30
_JSON_LINES = {".jsonl", ".ndjson"}
_TABLES = {".csv", ".tsv"}
_SEPARATORS = ",;\t"
_NO_TEXT = frozenset(range(9)) | frozenset(range(14, 27))
"""Bytes that stand in no text, whatever its encoding: UTF-16 has them too, and cannot be read here."""
_LOOKED_AT = 4096
_WANTED = "a text a line is wanted: JSON Lines, CSV or plain text"


class Fields(msgspec.Struct, frozen=True):
    """Under which names a line has what; None: under one of the usual names."""

    text: str | None = None
    system: str | None = None
    label: str | None = None


class Item(msgspec.Struct):
    """One line: its text, or why it has none."""

    where: str
    id: str | int
    system: str = ""
    user: str = ""
    turns: int = 1
    label: str | None = None
    problem: str | None = None


def items(name: str, fields: Fields) -> Iterator[Item]:
    """Yield an item for each line (in CSV: each row) of a file, or of standard input where it is named '-'."""
    shown = "standard input" if name == STDIN else name
    with _opened(name, shown) as stream:
        lines = iter(stream)
        first = next(lines, b"").removeprefix(b"\xef\xbb\xbf")
        rest = chain([first], lines) if first else iter(())
        yield from _items(name, shown, first, rest, fields)


@contextmanager
def _opened(name: str, shown: str) -> Iterator[BinaryIO]:
    """The plain bytes of a file; LogError where it cannot be read, or is damaged further on."""
    if name == STDIN:
        yield sys.stdin.buffer
        return
    try:
        with compression.opened(Path(name)) as stream:
            yield stream
    except FileNotFoundError as problem:
        raise LogError("no such file", where=shown) from problem
    except IsADirectoryError as problem:
        raise LogError("is a folder", where=shown, hint="name a file of texts") from problem
    except PermissionError as problem:
        raise LogError("not permitted", where=shown, hint="check who may read it") from problem
    except compression.DAMAGE as problem:
        raise LogError(f"is damaged: {str(problem).splitlines()[0]}", where=shown) from problem


def _items(name: str, shown: str, first: bytes, lines: Iterator[bytes], fields: Fields) -> Iterator[Item]:
    if first.startswith(b"PAR1") or first.rstrip() == b"[":
        what = "is Parquet" if first.startswith(b"PAR1") else "is one JSON array"
        raise LogError(what, where=shown, hint=_WANTED)
    if not _NO_TEXT.isdisjoint(first[:_LOOKED_AT]):
        raise LogError("is no text", where=shown, hint=f"{_WANTED}, as UTF-8")
    if first.lstrip().startswith(b"{") or _JSON_LINES & {*Path(name).suffixes}:
        for number, line in enumerate(lines, 1):
            yield _of_json(line, f"{shown}:{number}", number, fields)
    elif separator := _separator(name, first, fields):
        yield from _of_csv(lines, shown, separator, fields)
    else:
        for number, line in enumerate(lines, 1):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            problem = None if text.strip() else "empty"
            yield Item(f"{shown}:{number}", number, user=text, problem=problem)


def _separator(name: str, first: bytes, fields: Fields) -> str | None:
    """What stands between the cells, where the first line is the header of a table; None for plain text."""
    header = first.decode("utf-8", "replace").rstrip("\r\n")
    separator = max(_SEPARATORS, key=header.count)
    names = next(csv.reader([header], delimiter=separator), [])
    if _TABLES & {*Path(name).suffixes}:
        return separator
    named = [fields.text] if fields.text else TEXT_FIELDS
    return separator if (len(names) > 1 or fields.text) and any(each in names for each in named) else None


def _of_csv(lines: Iterator[bytes], shown: str, separator: str, fields: Fields) -> Iterator[Item]:
    csv.field_size_limit(_LONGEST_CELL)
    decoded = (line.decode("utf-8", "replace").replace("\0", "") for line in lines)
    rows = csv.DictReader(decoded, delimiter=separator)
    for number, row in enumerate(rows, 1):
        row.pop(None, None)  # cells beyond the header
        yield _of_row(row, f"{shown}:{rows.line_num}", number, fields)


def _of_json(line: bytes, where: str, number: int, fields: Fields) -> Item:
    if not line.strip():
        return Item(where, number, problem="empty")
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Item(where, number, problem="is no JSON")
    if not isinstance(row, dict):
        return Item(where, number, problem="is no JSON object")
    return _of_row(row, where, number, fields)


def _of_row(row: Mapping[str, Any], where: str, number: int, fields: Fields) -> Item:
    found = next((row[name] for name in ID_FIELDS if isinstance(row.get(name), str | int) and row[name] != ""), number)
    item = Item(where, found)
    name = fields.text or next((each for each in TEXT_FIELDS if row.get(each)), None)
    empty = next((each for each in TEXT_FIELDS if row.get(each) == ""), None)
    if name is None and empty:
        item.problem = f"'{empty}' is empty"
        return item
    if name is None or row.get(name) is None:
        hint = nearest(name or TEXT_FIELDS[0], row)
        item.problem = f"has no field '{name}' ({hint})" if name else f"has no text ({hint}; name its field)"
        return item
    if not _take_text(item, row[name]):
        item.problem = f"'{name}' is no text"
        return item
    systems = [fields.system] if fields.system else SYSTEM_FIELDS
    system = next((row[each] for each in systems if isinstance(row.get(each), str)), "")
    item.system = f"{system}\n{item.system}" if system and item.system else system or item.system
    label = row.get(fields.label) if fields.label else None
    item.label = label if isinstance(label, str) and label else None
    return item


def _take_text(item: Item, value: object) -> bool:
    """Enter a text, or the messages of a conversation; False where it is neither."""
    if isinstance(value, str):
        item.user = value
        return True
    try:
        messages = conversation(msgspec.convert(value, Conversation, strict=False), Call())
    except msgspec.ValidationError:
        return False
    if not messages:
        return False
    item.system = "\n".join(text_of(message) for message in messages if message[0] == "system")
    item.user = next((text_of(message) for message in reversed(messages) if message[0] == "user"), "")
    item.turns = sum(role in ("user", "assistant") for role, _ in messages)
    return True
