"""The user's own map from routes, tags and operations to tasks, which wins over guessing."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from costsim.decode import config_error_at, parse_yaml
from costsim.errors import ConfigError, nearest
from costsim.tasks.labels import TASKS


class TaskMap(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Names that state a task; a name may be a glob (`nightly-*`), and an exact name wins over every glob."""

    routes: dict[str, str] = {}
    tags: dict[str, dict[str, str]] = {}
    operations: dict[str, str] = {}

    def task_of(self, route: str | None, tags: Mapping[str, str] | None, operation: str) -> str | None:
        """Return the task that the map states: by route, else by tag, else by operation, else None."""
        if route is not None and (task := _find(self.routes, route)):
            return task
        for tag, values in self.tags.items():
            value = tags.get(tag) if tags else None
            if value is not None and (task := _find(values, value)):
                return task
        return _find(self.operations, operation)


def _find(patterns: Mapping[str, str], name: str) -> str | None:
    """Return what an exact name, else the first matching glob in the order of the file, stands for."""
    if name in patterns:
        return patterns[name]
    return next((task for pattern, task in patterns.items() if fnmatchcase(name, pattern)), None)


def read_map(path: Path) -> TaskMap:
    """Return the user's map; a ConfigError names the file, the line and the nearest task."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"cannot be read: {problem}", where=str(path)) from problem
    task_map = parse_yaml(text, TaskMap, name=str(path))
    for where, task in _stated(task_map):
        if task not in TASKS:
            raise config_error_at(text, str(path), where, f"unknown task '{task}'", nearest(task, TASKS))
    return task_map


def _stated(task_map: TaskMap) -> Iterator[tuple[str, str]]:
    """Every task of a map with its path in the file."""
    for section, names in (("routes", task_map.routes), ("operations", task_map.operations)):
        for name, task in names.items():
            yield f"$.{section}.{name}", task
    for tag, values in task_map.tags.items():
        for value, task in values.items():
            yield f"$.tags.{tag}.{value}", task
