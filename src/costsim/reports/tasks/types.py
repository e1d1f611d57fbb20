"""The task types with what they mean and examples: what `costsim tasks list` prints."""

from collections.abc import Callable, Sequence

import msgspec

from costsim.reports.layout import wrapped
from costsim.reports.legible import clean

WIDTH = 110
_GAP = 2


class TaskType(msgspec.Struct, frozen=True):
    """One task type; `own` is true of those in the user's file."""

    task: str
    means: str
    examples: tuple[str, ...] = ()
    own: bool = False


def as_table(types: Sequence[TaskType]) -> str:
    """Return each type with its meaning, and its examples below."""
    width = max(len(one.task) for one in types) + _GAP
    return "\n".join(line for one in types for line in _lines(one, width)) + "\n"


def as_json(types: Sequence[TaskType]) -> str:
    """Return the types as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(list(types)), indent=2).decode() + "\n"


SHAPES: dict[str, Callable[[Sequence[TaskType]], str]] = {"table": as_table, "json": as_json}
"""What `costsim tasks list --format` names."""


def _lines(one: TaskType, width: int) -> list[str]:
    indent = " " * width
    means = clean(one.means) + (" (yours)" if one.own else "")
    lines = wrapped(means, WIDTH, indent=f"{one.task:<{width}}", hanging=indent)
    for example in one.examples:
        lines += wrapped(clean(example), WIDTH, indent=f"{indent}- ", hanging=f"{indent}  ")
    return ["".join(span for span, _ in line).rstrip() for line in lines]
