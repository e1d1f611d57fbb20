"""Plain YAML values to typed structs, with everything that does not fit: not only the first misfit, as in a decoder."""

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

import msgspec

from costsim.errors import nearest
from costsim.policies.mistakes import Mistake, Place
from costsim.policies.wording import alternatives, described, example, is_list, meant, name_of, shown


def typed(plain: Any, kind: Any, path: Place = ()) -> tuple[Any, list[Mistake]]:
    """Return the value as a `kind`, and what does not fit; in a value with misfits, None stands in their places."""
    try:
        return msgspec.convert(plain, kind), []
    except msgspec.ValidationError:
        pass
    mistakes: list[Mistake] = []
    value = None
    for part in alternatives(kind):
        if isinstance(plain, dict) and (read := _mapping_reader(part)):
            value = read(plain, part, path, mistakes)
        elif isinstance(plain, list) and is_list(part):
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
                mistakes.append(Mistake(path, f"{name_of(path)} has no '{key}'", f"it is {described(field.type)}"))
    return kind(**values)


def _no_words(plain: dict[Any, Any]) -> Iterator[Any]:
    return (key for key in plain if not isinstance(key, str))


def _misfit(plain: Any, kind: Any, path: Place) -> Mistake:
    what = f"{name_of(path)}: expected {described(kind)}"
    return Mistake(path, f"{what}, not {told}" if (told := shown(plain)) else what, meant(plain, kind) or example(path))
