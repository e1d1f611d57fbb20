"""A guess at what a table's columns mean, by their names alone: the same names always give the same guess."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from costsim.decode import read_yaml
from costsim.formats.shared import cells
from costsim.formats.tables.mapping import Column, Duration, Input, Mapping, Money, Output, Time, squeezed

_KINDS: dict[str, type[Column]] = {"started_at": Time, "input_tokens": Input, "output_tokens": Output}
_UNITED: dict[str, type[Column]] = {
    "duration_ms": Duration,
    "time_to_first_token_ms": Duration,
    "reported_cost": Money,
}
_OWN_MARK = "tokensbasis"
"""The column that only a table written by costsim has: there, names mean exactly what they mean in `calls`.
"""
_DEEPEST = 4
_DEEPEST_OF_ALL = 6


class _Aliases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    containers: list[str]
    names: dict[str, list[str]]
    tags: list[str]
    units: dict[str, dict[str, list[str]]]
    unit_unknown: dict[str, list[str]]


class Names(msgspec.Struct, frozen=True):
    """The columns of a record by their squeezed names: those at its top, and those inside known containers
    too.
    """

    top: dict[str, str]
    nested: dict[str, str]

    def find(self, alias: str) -> str | None:
        """Return the column that `alias` names; a name of one word is not looked for inside containers."""
        name = squeezed(alias)
        found = self.top.get(name)
        return self.nested.get(name) if found is None and ("_" in alias or "." in alias) else found


def guess(record: dict[str, Any], *, everywhere: bool = False) -> Mapping:
    """Return the mapping that the names in `record` suggest; a column of `calls` that none suggests is null
    in it.

    `everywhere`: names inside any object count, not only those where usage is usually put.
    """
    names = names_in(record)
    if everywhere:
        names = Names(top={**_leaves(record), **names.top}, nested={**_leaves(record), **names.nested})
    found: dict[str, Any] = {}
    for column, aliases in _aliases().names.items():
        found[column] = _plain(column, names, [column, *aliases]) or _united(column, names)
    tags = [
        name
        for alias in _aliases().tags
        if (name := names.top.get(squeezed(alias)) or names.nested.get(squeezed(alias)))
    ]
    found["tags"] = {name.rpartition(".")[2]: name for name in tags}
    _without_doubles(found)
    if _OWN_MARK in names.top:
        _as_costsim_wrote_it(found, names)
    return Mapping(**found)


def stands_for(name: str) -> str | None:
    """Return the column of `calls` that a column of this name stands for, `tags` too; None where that is not known."""
    known, wanted = _aliases(), squeezed(name)
    united = [(column, names) for column, units in known.units.items() for names in units.values()]
    for column, names in (*known.names.items(), *united, *known.unit_unknown.items(), ("tags", known.tags)):
        if wanted in map(squeezed, (column, *names)):
            return column
    return None


def unit_unknown(record: dict[str, Any]) -> dict[str, str]:
    """Return the columns that look like durations but do not say their unit, by the column of `calls` they
    may be.
    """
    names = names_in(record)
    found: dict[str, str] = {}
    for column, aliases in _aliases().unit_unknown.items():
        for alias in aliases:
            if (name := names.top.get(squeezed(alias))) is not None:
                found.setdefault(column, name)
    return found


def _leaves(record: dict[str, Any], path: str = "", depth: int = 1) -> dict[str, str]:
    """Every value inside an object of the record, by the squeezed end of its path; what stands higher up wins."""
    found: dict[str, str] = {}
    deeper: list[dict[str, str]] = []
    for name, value in record.items():
        inner = cells.opened(value)
        if isinstance(inner, dict):
            deeper.append(_leaves(inner, f"{path}{name}.", depth + 1) if depth < _DEEPEST_OF_ALL else {})
        elif path:
            for spelling in (name, f"{path.rpartition('.')[0].rpartition('.')[2]}.{name}", f"{path}{name}"):
                found.setdefault(squeezed(spelling), f"{path}{name}")
    for each in deeper:
        found = {**each, **found}
    return found


def leaves(record: dict[str, Any]) -> dict[str, Any]:
    """Return every value of a record that is no object by its dotted path."""
    paths = dict.fromkeys(_leaves(record).values())
    top = {name: value for name, value in record.items() if not isinstance(cells.opened(value), dict)}
    return {**top, **{path: value_at(record, path) for path in paths}}


def value_at(record: Any, path: str) -> Any:
    """Return what stands at a dotted path; None where nothing does."""
    for name in path.split("."):
        record = cells.opened(record)
        record = record.get(name) if isinstance(record, dict) else None
    return record


def names_in(record: dict[str, Any]) -> Names:
    """Return the column names of a record, down into the containers that usage is usually put into."""
    top = {squeezed(name): name for name in reversed(record) if squeezed(name)}
    nested: dict[str, str] = {}
    _collect(record, "", 1, nested)
    return Names(top=top, nested=nested)


def signature(record: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a guess at `record` depends on: its names, and the names inside its containers."""
    return _signature(record, 1)


def _signature(record: dict[str, Any], depth: int) -> tuple[Any, ...]:
    parts: list[Any] = list(record)
    for name, value in record.items():
        if (value.__class__ is dict or (value.__class__ is str and value[:1] == "{")) and is_container(name):
            inner = cells.opened(value)
            if isinstance(inner, dict) and depth < _DEEPEST:
                parts.append((name, _signature(inner, depth + 1)))
    return tuple(parts)


def is_container(name: str) -> bool:
    """Return whether a nested object of this name may hold columns; not every object does: an answer may be
    JSON too.
    """
    return squeezed(name) in _containers()


def _collect(record: dict[str, Any], path: str, depth: int, found: dict[str, str]) -> None:
    for name, value in record.items():
        if not is_container(name) or depth >= _DEEPEST:
            continue
        inner = cells.opened(value)
        if isinstance(inner, dict):
            for leaf in inner:
                for spelling in (leaf, f"{name}.{leaf}", f"{path}{name}.{leaf}"):
                    found.setdefault(squeezed(spelling), f"{path}{name}.{leaf}")
            _collect(inner, f"{path}{name}.", depth + 1, found)


def _plain(column: str, names: Names, aliases: list[str]) -> Column | None:
    for alias in aliases:
        if (name := names.find(alias)) is not None:
            return _KINDS.get(column, _UNITED.get(column, Column))(column=name)
    return None


def _united(column: str, names: Names) -> Column | None:
    for unit, aliases in _aliases().units.get(column, {}).items():
        for alias in aliases:
            if (name := names.find(alias)) is not None:
                return _UNITED[column](column=name, unit=unit)  # type: ignore[call-arg]
    return None


def _without_doubles(found: dict[str, Any]) -> None:
    """Leave out what would say one column twice: a requested model that is the served one, a tag that is the
    user.
    """
    apart = ("requested_model", "task")  # a task of another name is a tag
    used = {source.column for name, source in found.items() if isinstance(source, Column) and name not in apart}
    if found["call_id"] is not None and found["call_id"].column.endswith(".id"):
        found["call_id"] = None  # the id of something that belongs to the call: of a customer, say
    if found["requested_model"] is not None and found["requested_model"].column in used:
        found["requested_model"] = None
    found["tags"] = {tag: name for tag, name in found["tags"].items() if name not in used} or None


def _as_costsim_wrote_it(found: dict[str, Any], names: Names) -> None:
    """In costsim's own table counts include their parts, and `cost` is costsim's: the log's own claim is
    `reported_cost`.
    """
    if (tokens := found["input_tokens"]) is not None:
        found["input_tokens"] = Input(column=tokens.column, includes_cached=True)
    if (tokens := found["output_tokens"]) is not None:
        found["output_tokens"] = Output(column=tokens.column, includes_reasoning=True)
    exact, dollars = names.top.get("reportedcost"), names.top.get("reportedcostusd")
    found["reported_cost"] = (
        Money(column=exact, unit="trillionths") if exact else Money(column=dollars) if dollars else None
    )
    found["tags"] = {tag: name for tag, name in (found["tags"] or {}).items() if tag != "task"} or None


@cache
def _aliases() -> _Aliases:
    return read_yaml(Path(__file__).with_name("column_names.yaml"), _Aliases)


@cache
def _containers() -> frozenset[str]:
    return frozenset(squeezed(name) for name in _aliases().containers)
