"""Which of many known names a record has: it is the record that is looked through, and not the names."""

from typing import Any


def in_order(*names: str) -> dict[str, int]:
    """Return names with their places."""
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def names_in(record: dict[str, Any], names: dict[str, int]) -> list[str]:
    """Return those of the names that a record has, in the order of the names; records have few, and names are many."""
    found = [name for name in record if name in names]
    if len(found) > 1:
        found.sort(key=names.__getitem__)
    return found
