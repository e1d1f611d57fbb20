"""Records that are written in pieces: what was begun is kept by its id, and what comes later is added to it."""

from functools import cache
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import astuple, fields

Fields = dict[str, msgspec.Raw]
"""The fields of an object, not decoded."""
_fields = msgspec.json.Decoder(Fields).decode

_MOST_BEGUN, _MOST_ENDED = 1 << 24, 1 << 20
"""Bytes of what was begun that are remembered, and of what has ended since; of more the oldest is forgotten."""
_BESIDE = 1 << 10
"""Bytes of what was begun that are no texts, about."""

_NULL = len(b"null")

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


class Begun(Generic[T]):
    """What was begun and may be added to; for a while even after it has ended."""

    def __init__(self, most: int = _MOST_BEGUN) -> None:
        """Up to so many bytes of what has not ended are remembered."""
        self._open, self._ended = _Shelf[T](most), _Shelf[T](_MOST_ENDED)

    def get(self, name: str) -> T | None:
        """Return what was begun under a name; None where nothing was, or too long ago."""
        found = self._open.pieces.get(name) or self._ended.pieces.get(name)
        return None if found is None else found[0]

    def unfinished(self) -> list[T]:
        """Return what was begun and has not ended, the oldest first."""
        return [piece for piece, _ in self._open.pieces.values()]

    def keep(self, name: str, piece: T, size: int, *, ended: bool = False) -> None:
        """Remember what is known so far under a name, and takes about so many bytes."""
        self.forget(name)
        (self._ended if ended else self._open).put(name, piece, size + _BESIDE)

    def forget(self, name: str) -> None:
        """Forget what was begun under a name: nothing will be added to it."""
        self._open.take(name)
        self._ended.take(name)


class _Shelf(Generic[T]):
    """Pieces by name, the oldest first, up to so many bytes."""

    def __init__(self, most: int) -> None:
        self.pieces: dict[str, tuple[T, int]] = {}
        self._size, self._most = 0, most

    def put(self, name: str, piece: T, size: int) -> None:
        """Add a piece, and take away as many of the oldest as there is no room for."""
        self.pieces[name] = piece, size
        self._size += size
        while self._size > self._most:
            self.take(next(iter(self.pieces)))

    def take(self, name: str) -> None:
        """Take away a piece, where it is there."""
        if (found := self.pieces.pop(name, None)) is not None:
            self._size -= found[1]


def joined_rows(earlier: S, later: S) -> S:
    """Return the earlier row of two of a kind with what the later one states in its place; null states nothing."""
    for name, value in zip(later.__struct_fields__, astuple(later), strict=True):
        if value is not None and (value.__class__ is not msgspec.Raw or states(value)):
            setattr(earlier, name, value)
    return earlier


def states(raw: msgspec.Raw) -> bool:
    """Return whether a field is there, and is not null."""
    text = memoryview(raw)
    return len(text) > _NULL or bytes(text) not in (b"", b"null")


def on_its_own(row: msgspec.Struct) -> int:
    """Copy the texts of a row, with which the whole record would be kept; return how many bytes they take."""
    size = 0
    for name in _undecoded(type(row)):
        text: msgspec.Raw = getattr(row, name)
        if found := len(memoryview(text)):
            setattr(row, name, text.copy())
            size += found
    return size


@cache
def _undecoded(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a struct that are left undecoded."""
    return tuple(field.name for field in fields(kind) if field.type is msgspec.Raw)


def fields_of(raw: msgspec.Raw | bytes) -> Fields:
    """Return the fields of a JSON object; none where it is no object."""
    try:
        return _fields(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def joined(earlier: bytes, later: bytes) -> bytes:
    """Return what two pieces say together: objects are joined name by name, of anything else the later one holds."""
    if earlier[:1] != b"{" or later[:1] != b"{":
        return later
    known = fields_of(earlier)
    for name, value in fields_of(later).items():
        known[name] = msgspec.Raw(joined(bytes(known[name]), bytes(value))) if name in known else value
    return msgspec.json.encode(known)
