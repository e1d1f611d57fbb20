"""One set of typed rows for logs that spell the same names in two ways: `usage_metadata` and `usageMetadata`."""

import functools
import operator
import types
import typing
from collections.abc import Collection
from typing import Any, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


def in_camel_case(kind: type[S], keep: Collection[str] = ()) -> type[S]:
    """Return a struct like `kind`, and like the structs inside it, whose fields are spelled in camel case.

    The fields named in `keep` stay as they are: those that are not the API's.
    """
    return _twin(kind, keep, {})


def _twin(kind: type[S], keep: Collection[str], known: dict[Any, Any]) -> type[S]:
    if kind in known:
        return typing.cast("type[S]", known[kind])
    hints = typing.get_type_hints(kind)
    fields: list[tuple[str, Any, Any]] = []
    for each in msgspec.structs.fields(kind):
        as_it_is = each.name in keep or each.encode_name != each.name
        name = each.encode_name if as_it_is else _camel(each.name)
        fields.append(
            (each.name, _inside(hints[each.name], keep, known), msgspec.field(default=each.default, name=name))
        )
    known[kind] = msgspec.defstruct(kind.__name__, fields, bases=(kind,), gc=False)
    return typing.cast("type[S]", known[kind])


def _inside(hint: Any, keep: Collection[str], known: dict[Any, Any]) -> Any:
    """A field's type with the structs in it replaced by their twins."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _twin(hint, keep, known)
    arguments = tuple(_inside(each, keep, known) for each in typing.get_args(hint))
    if isinstance(hint, types.UnionType):
        return functools.reduce(operator.or_, arguments)
    origin = typing.get_origin(hint)
    return origin[arguments] if origin is not None else hint


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)
