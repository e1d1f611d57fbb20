"""A mapping as YAML: as a user writes it, and as `costsim formats --init-map` writes it for a user to correct."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from costsim.decode import read_yaml
from costsim.errors import nearest
from costsim.formats.shared.times import microseconds
from costsim.formats.tables.guessing import guess, leaves, stands_for, unit_unknown, value_at
from costsim.formats.tables.mapping import Column, Mapping, columns_used, source, squeezed, tag_columns

_HEAD = """\
# How costsim reads this table: costsim audit LOG --map THIS_FILE
# Each line is `costsim's column: column of the file`; a dotted path reaches into JSON.
# A constant is `{value: gpt-4o}`. What is left out is guessed by name; `null` says that the file does not
# have it.
# More to say, where it is needed:
#   started_at: {column: time, timezone: Europe/Berlin, format: "%d.%m.%Y %H:%M"}
#   started_at: {column: offset, unit: ms, origin: "2026-01-31T00:00:00Z"}
#   duration_ms: {column: latency, unit: s}
#   input_tokens: {column: input, includes_cached: false}    # true where cached tokens are part of them
#   output_tokens: {column: output, includes_reasoning: true}
#   reported_cost: {column: cost, unit: cents}
"""
_WANTED = ("model", "started_at", "input_tokens", "output_tokens", "provider", "route", "user")
_EXAMPLES = {"model": "{value: gpt-4o}", "provider": "{value: openai}"}
_MOST_SHOWN = 40
_FEW, _SHORT = 20, 40
"""Values that a column of groups has at most in the first records, and how long they are."""
_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."
_WORDS_OF_YAML = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}

_MAYBE = cast(type[Mapping | None], Mapping | None)
"""A file of comments alone is a mapping that says nothing."""


def read_mapping(path: Path) -> Mapping:
    """Return the mapping in a YAML file; a ConfigError names the line at fault, and the column that is meant."""
    return read_yaml(path, _MAYBE, _meant) or Mapping()


def _meant(key: str) -> str:
    """A hint at the column of `calls` that tables call so, or that is called nearly so."""
    column = stands_for(key)
    if column == "tags":
        return f"write tags: [{quoted(key)}], or tags: {{{quoted(key)}: COLUMN}}"
    if column is not None:
        return f"did you mean '{column}'?"
    near = nearest(key, Mapping.__struct_fields__)
    return (
        near if near.startswith("did") else f"such as {', '.join(_WANTED)}; `costsim formats --init-map LOG` writes one"
    )


def mapping_yaml(record: dict[str, Any], more: Sequence[dict[str, Any]] = ()) -> str:
    """Return the guess at a record as YAML that `read_mapping` reads, with the columns that nothing uses
    named in it; those of them that have few short values, in it and in the records after it, as tags.
    """
    mapping = guess(record, everywhere=True)
    few = _few_valued(record, more, mapping)
    mapping = msgspec.structs.replace(mapping, tags={**tag_columns(mapping.tags), **few})
    lines = [_HEAD]
    for name in _ordered(mapping):
        found = source(mapping, name)
        if isinstance(found, Column):
            lines.append(f"{name}: {_written(found)}")
    tags = tag_columns(mapping.tags)
    if few:
        shown = ", ".join(map(quoted, few))
        lines.append(f"# Tags: policies route by tags.NAME, `--by tag:NAME` groups. With few values here: {shown}")
    if tags:
        lines.append("tags: {" + ", ".join(f"{quoted(tag)}: {quoted(name)}" for tag, name in tags.items()) + "}")
    lines += _missing(mapping) + _undated(record, mapping) + _unsure(record) + _unused(record, mapping)
    return "\n".join(lines) + "\n"


def _few_valued(record: dict[str, Any], more: Sequence[dict[str, Any]], mapping: Mapping) -> dict[str, str]:
    """Columns that nothing uses and whose values are few, short, and come again: by the name of their tag."""
    unused = [path for path in _left(record, mapping) if path not in unit_unknown(record).values()]
    taken = tag_columns(mapping.tags)
    found: dict[str, str] = {}
    for path in unused:
        values = [each[path] if path in each else value_at(each, path) for each in (record, *more)]
        stated = [str(value) for value in values if value is not None and value != ""]
        if any(isinstance(value, float | list | dict) for value in values) or len(set(stated)) == len(stated):
            continue
        tag = path.rpartition(".")[2]
        if len(set(stated)) <= _FEW and max(map(len, stated)) <= _SHORT and tag not in taken:
            found.setdefault(tag, path)
    return found


def _left(record: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    """The values of a record that nothing uses, by their paths."""
    used = {squeezed(name) for name in columns_used(mapping).values()}
    return {path: value for path, value in leaves(record).items() if squeezed(path) not in used}


def quoted(name: str) -> str:
    """Return a column name as YAML means it, in quotes where it would otherwise mean something else."""
    if name and name[0].isalpha() and set(name) <= set(_PLAIN) and name.lower() not in _WORDS_OF_YAML:
        return name
    return '"' + "".join(_escaped(letter) for letter in name) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"


def _ordered(mapping: Mapping) -> list[str]:
    rest = [name for name in mapping.__struct_fields__ if name not in _WANTED and name != "tags"]
    return [*_WANTED, *rest]


def _written(column: Column) -> str:
    more = {name: getattr(column, name) for name in column.__struct_fields__ if name not in ("column", "value")}
    said = {name: value for name, value in more.items() if value is not None and (name, value) not in _DEFAULTS}
    name = quoted(column.column or "")
    if not said:
        return name
    options = ", ".join(
        f"{key}: {str(value).lower() if isinstance(value, bool) else value}" for key, value in said.items()
    )
    return f"{{column: {name}, {options}}}"


_DEFAULTS = {("unit", "ms"), ("unit", "usd")}


def _missing(mapping: Mapping) -> list[str]:
    absent = [name for name in _WANTED if not isinstance(source(mapping, name), Column)]
    return [f"# {name}: {_EXAMPLES.get(name, '...')}        # no column by a name that means this" for name in absent]


def _undated(record: dict[str, Any], mapping: Mapping) -> list[str]:
    """What to say where the times of the table would be passed over."""
    found = source(mapping, "started_at")
    column = found.column or "" if isinstance(found, Column) else ""
    value = record[column] if column in record else value_at(record, column)
    if value in (None, "") or microseconds(value) is not None:
        return []
    return [f"# started_at: {_short(value)} is no time that is understood; say its format, or its unit and origin"]


def _unsure(record: dict[str, Any]) -> list[str]:
    found = unit_unknown(record)
    return [f"# {name}: {{column: {quoted(column)}, unit: s}}        # s or ms?" for name, column in found.items()]


def _unused(record: dict[str, Any], mapping: Mapping) -> list[str]:
    """The values that nothing uses, each with what stands there in the first record, for whoever maps them."""
    left = _left(record, mapping)
    if not left:
        return []
    return ["# Columns that nothing uses, and what the first record has there:", *map(_shown, left.items())]


def _shown(column: tuple[str, Any]) -> str:
    name, value = column
    return f"#   {quoted(name)}: {_short(value)}"


def _short(value: Any) -> str:
    """A value on one line, cut where it is long."""
    text = " ".join(str(value).split())
    return f"{text[:_MOST_SHOWN]}{'...' if len(text) > _MOST_SHOWN else ''}"
