"""From a column's name, or a dotted path into JSON, to a function that takes its value out of any row of a table."""

from collections.abc import Callable
from functools import partial
from typing import Any

from costsim.formats.shared import cells
from costsim.formats.tables.mapping import Column, squeezed

Getter = Callable[[dict[str, Any]], Any]


def name_in(row: dict[str, Any], column: str) -> str | None:
    """Return the name in the row that `column` means: itself, or one that differs in case and punctuation only."""
    if column in row:
        return column
    return {squeezed(name): name for name in reversed(row)}.get(squeezed(column))


def getter(row: dict[str, Any], column: str) -> Getter | None:
    """Return what gets a column from rows like this one; None where such rows do not have it."""
    name = name_in(row, column)
    if name is not None:
        return lambda row: row.get(name)
    return partial(_walk, column) if "." in column else None


def text_getter(row: dict[str, Any], column: Column | None) -> Getter | None:
    """Return the same for a column of texts, which may be one that the mapping states."""
    if column is None:
        return None
    if column.column is None:
        return lambda _row: column.value
    return getter(row, column.column)


def _walk(path: str, value: Any) -> Any:
    """What stands at a dotted path, the longest names first, for a name may hold dots itself; through JSON in
    cells too.
    """
    value = cells.opened(value)
    if not isinstance(value, dict):
        return None
    if path in value:
        return value[path]
    at = path.rfind(".")
    while at > 0:
        if path[:at] in value and (found := _walk(path[at + 1 :], value[path[:at]])) is not None:
            return found
        at = path.rfind(".", 0, at)
    return None
