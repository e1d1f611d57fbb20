"""The user's own word, which wins over guessing: names that state a task, types of his own, and how sure is sure."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec

from costsim.decode import config_error_at, parse_yaml
from costsim.errors import ConfigError, nearest, refusal
from costsim.tasks.labels import TASKS
from costsim.tasks.model import OwnType

MOST_POINTS = 20
"""For the words of one type: more than any shipped signal, and little enough for the sums."""

_TYPE_NAME = re.compile(r"[a-z][a-z0-9_]*")


class TaskMap(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Names that state a task; a name may be a glob (`nightly-*`), and an exact name wins over every glob."""

    routes: dict[str, str] = {}
    tags: dict[str, dict[str, str]] = {}
    systems: dict[str, str] = {}
    """Words of a system prompt, in any case and on any lines, with * for anything between them."""
    operations: dict[str, str] = {}
    types: dict[str, OwnType] = {}
    unknown_below: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    """The confidence below which a guess is `unknown`."""

    def task_of(
        self, route: str | None, tags: Mapping[str, str] | None, operation: str, of_system: str | None = None
    ) -> str | None:
        """Return the task that the map states: by route, else by tag, else by system prompt, else by operation."""
        if route is not None and (task := _find(self.routes, route)):
            return task
        for tag, values in self.tags.items():
            value = tags.get(tag) if tags else None
            if value is not None and (task := _find(values, value)):
                return task
        return of_system or _find(self.operations, operation)

    def task_of_system(self, system: str) -> str | None:
        """Return the task of the first pattern, in the order of the file, that occurs in a system prompt."""
        if not self.systems or not system:
            return None
        return next((task for pattern, task in self.systems.items() if _search(pattern).search(system)), None)


def _find(patterns: Mapping[str, str], name: str) -> str | None:
    """Return what an exact name, else the first matching glob in the order of the file, stands for."""
    if name in patterns:
        return patterns[name]
    return next((task for pattern, task in patterns.items() if fnmatchcase(name, pattern)), None)


@lru_cache(maxsize=1024)
def _search(pattern: str) -> re.Pattern[str]:
    """A search for the words of a pattern, whatever blanks are between them."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in pattern.split("*")]
    return re.compile(".*?".join(parts), re.IGNORECASE | re.DOTALL)


def read_map(path: Path) -> TaskMap:
    """Return the user's map; a ConfigError names the file, the line and the nearest task."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"cannot be read: {refusal(problem)}", where=str(path)) from problem
    task_map = parse_yaml(text, TaskMap, name=str(path))
    for name, kind in task_map.types.items():
        _check_type(text, path, name, kind)
    known = (*TASKS, *task_map.types)
    for where, task in _stated(task_map):
        if task not in known:
            raise config_error_at(text, str(path), where, f"unknown task '{task}'", nearest(task, known))
    return task_map


def _check_type(text: str, path: Path, name: str, kind: OwnType) -> None:
    where = f"$.types.{name}"
    if name in TASKS:
        raise config_error_at(text, str(path), where, f"'{name}' is a task already", "give yours another name")
    if not _TYPE_NAME.fullmatch(name):
        hint = "small letters, digits and _, a letter first"
        raise config_error_at(text, str(path), where, f"'{name}' is no name for a task type", hint)
    if kind.like not in TASKS:
        raise config_error_at(
            text, str(path), f"{where}.like", f"unknown task '{kind.like}'", nearest(kind.like, TASKS)
        )

    if not 0 < kind.weight <= MOST_POINTS:
        hint = f"points above 0, at most {MOST_POINTS}; a shipped command has 5"
        raise config_error_at(text, str(path), f"{where}.weight", f"{kind.weight:g} is no weight", hint)
    for words, _, _ in kind.signal(name).entries(0):
        if not any(letter.isalnum() for letter in words):
            raise config_error_at(
                text, str(path), where, f"'{words}' has no letter to look for", "words, | between them"
            )


def _stated(task_map: TaskMap) -> Iterator[tuple[str, str]]:
    """Every task of a map with its path in the file."""
    sections = {"routes": task_map.routes, "systems": task_map.systems, "operations": task_map.operations}
    for section, names in sections.items():
        for name, task in names.items():
            yield f"$.{section}.{name}", task
    for tag, values in task_map.tags.items():
        for value, task in values.items():
            yield f"$.tags.{tag}.{value}", task
