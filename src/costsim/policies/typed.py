"""Plain YAML values to typed structs, with everything that does not fit: not only the first misfit, as in a decoder."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from costsim.errors import nearest
from costsim.policies.kinds import is_number
from costsim.policies.mistakes import Mistake, Place

_PLAIN: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Decimal: "an amount",
}
_LONGEST = 40


def typed(plain: Any, kind: Any, path: Place = ()) -> tuple[Any, list[Mistake]]:
    """Return the value as a `kind`, and what does not fit; in a value with misfits, None stands in their places."""
    try:
        return msgspec.convert(plain, kind), []
    except msgspec.ValidationError:
        pass
    mistakes: list[Mistake] = []
    value = None
    for part in _alternatives(kind):
        if isinstance(plain, dict) and (read := _mapping_reader(part)):
            value = read(plain, part, path, mistakes)
        elif isinstance(plain, list) and get_origin(part) is list:
            value = [_inner(each, get_args(part)[0], (*path, n), mistakes) for n, each in enumerate(plain)]
    return value, mistakes or [_misfit(plain, kind, path)]


def _inner(plain: Any, kind: Any, path: Place, mistakes: list[Mistake]) -> Any:
    value, more = typed(plain, kind, path)
    mistakes += more
    return value


def _mapping_reader(kind: Any) -> Callable[[dict[Any, Any], Any, Place, list[Mistake]], Any] | None:
    if get_origin(kind) is dict:
        return _mapping
    return _struct if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def _mapping(plain: dict[Any, Any], kind: Any, path: Place, mistakes: list[Mistake]) -> dict[str, Any]:
    _, inner = get_args(kind)
    mistakes += [Mistake((*path, key), f"expected text, not {key!r}", "put it in quotes") for key in _no_words(plain)]
    return {key: _inner(each, inner, (*path, key), mistakes) for key, each in plain.items() if isinstance(key, str)}


def _struct(plain: dict[Any, Any], kind: Any, path: Place, mistakes: list[Mistake]) -> Any:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    hints = {key: nearest(str(key), fields) for key in plain if key not in fields}
    mistakes += [Mistake((*path, key), f"unknown key '{key}'", hint) for key, hint in hints.items()]
    values: dict[str, Any] = {}
    for key, field in fields.items():
        if key in plain:
            values[field.name] = _inner(plain[key], field.type, (*path, key), mistakes)
        elif field.required:
            values[field.name] = None
            if not any(f"'{key}'" in hint for hint in hints.values()):  # else it is only misspelled
                mistakes.append(Mistake(path, f"{_name(path)} has no '{key}'", f"it is {described(field.type)}"))
    return kind(**values)


def _no_words(plain: dict[Any, Any]) -> Iterator[Any]:
    return (key for key in plain if not isinstance(key, str))


def _misfit(plain: Any, kind: Any, path: Place) -> Mistake:
    shown = "nothing" if plain is None else repr(plain)
    hint = nearest(plain, words) if isinstance(plain, str) and (words := list(_words(kind))) else ""
    if is_number(plain) and not any(part is str for part in _alternatives(kind)):
        hint = f"did you mean {plain}, without quotes?"
    what = f"expected {described(kind)}" + (f", not {shown}" if len(shown) <= _LONGEST else "")
    return Mistake(path, f"{_name(path)}: {what}", hint if hint.startswith("did") else "")


def _name(path: Place) -> str:
    """What a place is called: its key, and the item where it is one of a list."""
    if not path:
        return "the file"
    last = path[-1]
    return f"{_name(path[:-1])}[{last}]" if isinstance(last, int) else str(last)


def _alternatives(kind: Any) -> Iterator[Any]:
    """The kinds of a union, without what restricts them further."""
    if get_origin(kind) is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for part in get_args(kind):
            yield from _alternatives(part)
    elif kind is not type(None):
        yield kind


def _words(kind: Any) -> Iterator[str]:
    for part in _alternatives(kind):
        if get_origin(part) is Literal:
            yield from (word for word in get_args(part) if isinstance(word, str))


def described(kind: Any) -> str:
    """Return in words what a value of this kind is."""
    if get_origin(kind) is Annotated:
        inner, *metas = get_args(kind)
        return described(inner) + "".join(_restricted(meta) for meta in metas)
    if get_origin(kind) in (Union, UnionType):
        return ", or ".join(described(part) for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Literal:
        return " or ".join(f"'{word}'" if isinstance(word, str) else str(word) for word in get_args(kind))
    if get_origin(kind) in (list, tuple):
        items = described(get_args(kind)[0])
        return f"a list ({items})" if items.startswith("'") else "a list"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"a mapping with {', '.join(field.encode_name for field in msgspec.structs.fields(kind))}"
    return _PLAIN.get(kind, "a mapping")


def _restricted(meta: msgspec.Meta) -> str:
    if meta.min_length is not None:
        return f" of at least {meta.min_length}"
    if meta.le is not None:
        return f" from {meta.ge} to {meta.le}"
    if meta.ge is not None:
        return f" of at least {meta.ge}"
    return f" above {meta.gt}"
