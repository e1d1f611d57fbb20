"""Records that are written in pieces: what was begun is kept by its id, and what comes later is added to it."""

from typing import Any

from costsim.formats.shared.attributes import decoded, encoded

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

    def told(self, name: str) -> dict[str, Any]:
        """Return what was begun under a name, decoded; an empty object where nothing was."""
        found = decoded(begun) if (begun := self._records.get(name)) is not None else None
        return found if isinstance(found, dict) else {}

    def add(self, name: str, piece: dict[str, Any]) -> dict[str, Any]:
        """Return what is known under a name with what a piece states in its place; null states nothing."""
        whole = {**self.told(name), **{field: value for field, value in piece.items() if value is not None}}
        self.keep(name, encoded(whole))
        return whole

    def keep(self, name: str, record: bytes) -> None:
        """Remember what is known so far under a name."""
        self._size += len(record) - len(self._records.pop(name, b""))
        self._records[name] = record
        while self._size > _MOST_BEGUN:
            self._size -= len(self._records.pop(next(iter(self._records))))


def joined(earlier: Any, later: Any) -> Any:
    """Return what two pieces say together: objects are joined name by name, of anything else the later one holds."""
    if not isinstance(earlier, dict) or not isinstance(later, dict):
        return later
    return {**earlier, **{name: joined(earlier.get(name), value) for name, value in later.items()}}
