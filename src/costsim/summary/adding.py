"""Sums by key, as lists of Python integers that add up in any order."""

from operator import add
from typing import TypeVar

Key = TypeVar("Key")


def add_all(sums: dict[Key, list[int]], more: dict[Key, list[int]]) -> None:
    """Add the sums of every key of `more`."""
    for key, row in more.items():
        add_to(sums, key, row)


def add_to(sums: dict[Key, list[int]], key: Key, more: list[int]) -> None:
    """Add to the sums of a key, which may be new."""
    known = sums.get(key)
    sums[key] = list(more) if known is None else list(map(add, known, more))
