"""Records that are written in pieces: what was begun is kept by its id, and what comes later is added to it."""

from typing import Any

import msgspec

from costsim.formats.shared.attributes import decoded

Fields = dict[str, msgspec.Raw]
"""The fields of an object, not decoded."""
_fields = msgspec.json.Decoder(Fields).decode

_MOST_BEGUN = 1 << 24
"""Bytes of what was begun that are remembered; of more the oldest is forgotten."""


class Begun:
    """What was begun and may be added to."""

    def __init__(self) -> None:
        self._records: dict[str, bytes] = {}
        self._size = 0

    def get(self, name: str) -> bytes | None:
        """Return what was begun under a name; None where nothing was, or too long ago."""
        return self._records.get(name)

    def told(self, name: str) -> Fields:
        """Return the fields of what was begun under a name; none where nothing was."""
        return _fields(begun) if (begun := self._records.get(name)) is not None else {}

    def add(self, name: str, piece: Fields) -> Fields:
        """Return what is known under a name with what a piece states in its place; null states nothing."""
        stated = {field: value for field, value in piece.items() if bytes(memoryview(value)[:4]) != b"null"}
        whole = {**self.told(name), **stated}
        self.keep(name, msgspec.json.encode(whole))
        return whole

    def keep(self, name: str, record: bytes) -> None:
        """Remember what is known so far under a name."""
        self._size += len(record) - len(self._records.pop(name, b""))
        self._records[name] = record
        while self._size > _MOST_BEGUN:
            self._size -= len(self._records.pop(next(iter(self._records))))


def fields_of(raw: msgspec.Raw | bytes) -> Fields:
    """Return the fields of a JSON object; none where it is no object."""
    try:
        return _fields(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def word_in(fields: Fields, name: str) -> str | None:
    """Return a field that is a text or a number, as a text; None where it is neither, or empty."""
    value = decoded(fields[name]) if name in fields else None
    return str(value) if isinstance(value, str | int) and value != "" else None


def joined(earlier: Any, later: Any) -> Any:
    """Return what two pieces say together: objects are joined name by name, of anything else the later one holds."""
    if not isinstance(earlier, dict) or not isinstance(later, dict):
        return later
    return {**earlier, **{name: joined(earlier.get(name), value) for name, value in later.items()}}
