"""Attributes of spans, whatever their encoding: each name with the JSON of its value, decoded when it is asked for."""

from collections.abc import Iterable
from typing import Any

import msgspec

from costsim.formats.cells import opened
from costsim.formats.envelope import flat_tags
from costsim.formats.numbers import real, whole

Json = msgspec.Raw | bytes
INDEXED = (
    "llm.input_messages.", "llm.output_messages.", "gen_ai.prompt.", "gen_ai.completion.", "llm.tools.",
    "llm.request.functions.",
)  # fmt: skip
"""Beginnings of names that a number follows: one attribute for each field of each message or tool."""
TAGS = ("traceloop.association.properties.", "ai.telemetry.metadata.", "langfuse.trace.metadata.")
"""Beginnings of names that the user's own names follow."""
_APART = (*INDEXED, *TAGS)
_NULL = (b"null", b"")
_MOST_NESTED = 8


class Attributes:
    """The attributes of one span; `apart` are those whose names begin like a name of `INDEXED` or `TAGS`."""

    __slots__ = ("apart", "values")

    def __init__(self, values: dict[str, Json]) -> None:
        self.values = values
        self.apart = [name for name in values if name.startswith(_APART)]

    def json(self, *names: str) -> bytes | None:
        """Return the JSON of the first of the attributes that is there."""
        values = self.values
        for name in names:
            if name in values and (found := bytes(values[name])) not in _NULL:
                return found
        return None

    def plain(self, *names: str) -> Any:
        """Return the value of the first of the attributes that is there."""
        found = self.json(*names)
        return None if found is None else decoded(found)

    def text(self, *names: str) -> str | None:
        """Return the first of the attributes that is a text or a number, as text; None where all are empty."""
        values = self.values
        for name in names:
            if name in values and (found := word_of(decoded(bytes(values[name])))):
                return found
        return None

    def count(self, *names: str) -> int | None:
        """Return the first of the attributes that is a number, as a count."""
        values = self.values
        for name in names:
            if name in values and (found := whole(decoded(bytes(values[name])))) is not None:
                return found
        return None

    def number(self, *names: str) -> float | None:
        """Return the first of the attributes that is a number."""
        values = self.values
        for name in names:
            if name in values and (found := real(decoded(bytes(values[name])))) is not None:
                return found
        return None

    def opened(self, *names: str) -> Any:
        """Return the JSON object or list that stands in an attribute, as itself or as a text of it."""
        found = self.plain(*names)
        if isinstance(found, str):
            return decoded(found.encode("utf-8", "replace")) if found[:1] in ("{", "[") else None
        return found if isinstance(found, dict | list) else None

    def below(self, prefix: str) -> dict[str, Any]:
        """Return the attributes under a prefix by the rest of their names."""
        size = len(prefix)
        values = self.values
        return {name[size:]: decoded(bytes(values[name])) for name in self.apart if name.startswith(prefix)}

    def rows(self, prefix: str) -> list[dict[str, Json]]:
        """Return the numbered attributes under a prefix of `INDEXED` as one dict a number, in order."""
        size = len(prefix)
        rows: dict[int, dict[str, Json]] = {}
        for name in self.apart:
            if name.startswith(prefix):
                number, _, rest = name[size:].partition(".")
                if number.isdecimal() and rest:
                    rows.setdefault(int(number), {})[rest.removeprefix("message.")] = self.values[name]
        return [rows[number] for number in sorted(rows)]

    def has_any(self, names: Iterable[str]) -> bool:
        """Return whether one of the attributes is there at all."""
        return not self.values.keys().isdisjoint(names)


def value_of(raw: msgspec.Raw) -> Any:
    """Return a value that was left undecoded until now, opened where it is JSON in a text; None where there is none."""
    found = decoded(bytes(raw)) if len(memoryview(raw)) else None
    return opened(found) if isinstance(found, str) else found


def decoded(raw: bytes) -> Any:
    """Return the value of JSON; None where it is none."""
    try:
        return msgspec.json.decode(raw)
    except UnicodeDecodeError:
        return decoded(raw.decode("utf-8", "replace").encode())
    except (msgspec.DecodeError, RecursionError):
        return None


def word_of(value: Any) -> str | None:
    """Return a value as a word: of a list its first item; None where it says nothing."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool | int | float):
        return str(value)
    return None


def flattened(values: dict[str, Any]) -> dict[str, Json]:
    """Return nested attributes by dotted names: {"llm": {"token_count": {"prompt": 3}}} as llm.token_count.prompt.

    Lists of objects get the number of the item as a part of the name, lists of anything else stay lists. What is nested
    is there as a whole too, for messages may be text in one log and JSON in another.
    """
    found: dict[str, Json] = {}
    _flatten("", values, found, 0)
    return found


def _flatten(prefix: str, values: dict[Any, Any], found: dict[str, Json], depth: int) -> None:
    for name, value in values.items():
        path = f"{prefix}{name}"
        if value is not None and ("." in path or not isinstance(value, dict)):
            found.setdefault(path, encoded(value))
        objects = isinstance(value, list) and value and isinstance(value[0], dict)
        inner = dict(enumerate(value)) if objects else value
        if isinstance(inner, dict) and depth < _MOST_NESTED:
            _flatten(f"{path}.", inner, found, depth + 1)


def encoded(value: Any) -> bytes:
    """Return the JSON of a value."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError):
        return msgspec.json.encode(repr(value).encode("utf-8", "replace").decode())


def tags_of(*parts: Any) -> dict[str, str]:
    """Return tags of any shape as one flat dict of texts, later ones over earlier ones."""
    tags: dict[str, str] = {}
    for part in parts:
        tags.update(flat_tags(part))
    return tags
