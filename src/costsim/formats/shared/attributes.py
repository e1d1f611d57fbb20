"""Attributes of spans, whatever their encoding: each name with the JSON of its value, decoded when it is asked for."""

from functools import lru_cache
from typing import Any

import msgspec

from costsim.formats.shared.cells import opened
from costsim.formats.shared.envelope import flat_tags
from costsim.formats.shared.numbers import real, whole

Json = msgspec.Raw | bytes
Fields = tuple[tuple[str, tuple[str, ...]], ...]
"""Fields, each with the names of the attributes that may hold it, best first."""
INDEXED = (
    "llm.input_messages.", "llm.output_messages.", "gen_ai.prompt.", "gen_ai.completion.", "llm.tools.",
    "llm.request.functions.",
)  # fmt: skip
"""Beginnings of names that a number follows: one attribute for each field of each message or tool."""
TAGS = ("traceloop.association.properties.", "ai.telemetry.metadata.", "langfuse.trace.metadata.")
"""Beginnings of names that the user's own names follow."""
_NULL = (b"null", b"")
_MOST_NESTED = 8
_NO_ROWS: dict[int, dict[str, Json]] = {}


class Attributes:
    """The attributes of one span."""

    __slots__ = ("_apart", "_there", "values")

    def __init__(self, values: dict[str, Json]) -> None:
        self.values = values
        self._there = _shape(tuple(values))
        self._apart: dict[str, dict[int, dict[str, Json]]] | None = None

    @property
    def apart(self) -> dict[str, dict[int, dict[str, Json]]]:
        """Those whose names begin like one of `INDEXED` or `TAGS`: by this, by the number after it, and by the rest.

        Of tags the number is 0.
        """
        if self._apart is None:
            self._apart = {}
            for name, (start, number, rest) in self._there.places:
                self._apart.setdefault(start, {}).setdefault(number, {})[rest] = self.values[name]
        return self._apart

    def json(self, *names: str) -> bytes | None:
        """Return the JSON of the first of the attributes that is there."""
        for name in self._there[names]:
            if (found := bytes(self.values[name])) not in _NULL:
                return found
        return None

    def plain(self, *names: str) -> Any:
        """Return the value of the first of the attributes that is there."""
        found = self.json(*names)
        return None if found is None else decoded(found)

    def text(self, *names: str) -> str | None:
        """Return the first of the attributes that is a text or a number, as text; None where all are empty."""
        for name in self._there[names]:
            found = decoded(self.values[name])
            if word := found if found.__class__ is str else word_of(found):
                return word
        return None

    def count(self, *names: str) -> int | None:
        """Return the first of the attributes that is a number, as a count."""
        for name in self._there[names]:
            if (found := whole(decoded(self.values[name]))) is not None:
                return found
        return None

    def number(self, *names: str) -> float | None:
        """Return the first of the attributes that is a number."""
        for name in self._there[names]:
            if (found := real(decoded(self.values[name]))) is not None:
                return found
        return None

    def opened(self, *names: str) -> Any:
        """Return the JSON object or list that stands in an attribute, as itself or as a text of it."""
        if not self._there[names]:  # as a rule
            return None
        found = self.plain(*names)
        if isinstance(found, str):
            return decoded(found) if found[:1] in ("{", "[") else None
        return found if isinstance(found, dict | list) else None

    def below(self, prefix: str) -> dict[str, Any]:
        """Return the attributes under a prefix by the rest of their names."""
        return {name: decoded(value) for name, value in self.apart.get(prefix, _NO_ROWS).get(0, {}).items()}

    def rows(self, prefix: str) -> list[dict[str, Json]]:
        """Return the numbered attributes under a prefix of `INDEXED` as one dict a number, in order."""
        rows = self.apart.get(prefix, _NO_ROWS)
        return [rows[number] for number in sorted(rows)]

    def has_any(self, names: tuple[str, ...]) -> bool:
        """Return whether one of the attributes is there at all."""
        return bool(self._there[names])

    def present(self, asked: Fields) -> Fields:
        """Return the fields of which one of the attributes is there, each with those that are."""
        return self._there.fields(asked)


class _Shape(dict[tuple[str, ...], tuple[str, ...]]):
    """What was found out about spans of the same attributes: of names that were asked for, those that are there."""

    def __init__(self, own: tuple[str, ...]) -> None:
        self._own = frozenset(own)
        self.places = tuple((name, place) for name in own if (place := _place(name)) is not None)
        self._fields: dict[int, Fields] = {}

    def __missing__(self, names: tuple[str, ...]) -> tuple[str, ...]:
        found = self[names] = tuple(name for name in names if name in self._own)
        return found

    def fields(self, asked: Fields) -> Fields:
        """Those of the fields that have one of their names here; what is asked for are constants."""
        found = self._fields.get(id(asked))
        if found is None:
            every = ((field, self[names]) for field, names in asked)
            found = self._fields[id(asked)] = tuple((field, there) for field, there in every if there)
        return found


_shape = lru_cache(maxsize=1024)(_Shape)


@lru_cache(maxsize=4096)
def _place(name: str) -> tuple[str, int, str] | None:
    """The beginning of `INDEXED` or `TAGS` that a name has, the number after it, and the rest: names are few."""
    start = next((each for each in (*INDEXED, *TAGS) if name.startswith(each)), None)
    if start is None:
        return None
    if start in TAGS:
        return start, 0, name[len(start) :]
    number, _, rest = name[len(start) :].partition(".")
    return (start, int(number), rest.removeprefix("message.")) if number.isdecimal() and rest else None


def value_of(raw: Json) -> Any:
    """Return a value that was left undecoded until now, opened where it is JSON in a text; None where there is none."""
    found = decoded(bytes(raw)) if len(memoryview(raw)) else None
    return opened(found) if isinstance(found, str) else found


def decoded(raw: Json | str) -> Any:
    """Return the value of JSON; None where it is none."""
    try:
        return msgspec.json.decode(raw)
    except UnicodeError:
        text = raw if isinstance(raw, str) else bytes(raw).decode("utf-8", "replace")
        return decoded(text.encode("utf-8", "replace"))
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
