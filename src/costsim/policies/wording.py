"""Kinds and values of a policy file in words: what is expected in a place, what stands there, what may be meant."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from costsim.errors import nearest
from costsim.policies.kinds import is_number
from costsim.policies.mistakes import Place

_PLAIN: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Decimal: "an amount in USD, such as 0.05",
}
_EXAMPLES = {
    "tiers": "such as {cheap: {models: [gpt-5.4-mini]}}",
    "when": "such as {task: {is: chat}}",
}
_FEW_KEYS = 4
_LONGEST = 60


def is_list(kind: Any) -> bool:
    """Return whether values of a kind are lists in the file."""
    return get_origin(kind) in (list, tuple)


def alternatives(kind: Any) -> Iterator[Any]:
    """Yield the kinds of a union, without what restricts them further."""
    if get_origin(kind) is Annotated:
        yield from alternatives(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for part in get_args(kind):
            yield from alternatives(part)
    elif kind is not type(None):
        yield kind


def name_of(path: Place) -> str:
    """Return what a place is called: its key, or which item of a list it is."""
    if not path:
        return "the file"
    last = path[-1]
    return f"item {last + 1} of {name_of(path[:-1])}" if isinstance(last, int) else str(last)


def described(kind: Any) -> str:
    """Return in words what a value of this kind is."""
    return _or([*_described(kind)])


def _described(kind: Any) -> Iterator[str]:
    if get_origin(kind) in (Union, UnionType):
        for part in get_args(kind):
            yield from _described(part)
    elif get_origin(kind) is Literal:
        yield from (f"'{word}'" if isinstance(word, str) else str(word) for word in get_args(kind))
    elif kind is not type(None):
        yield _of_one(kind)


def _of_one(kind: Any) -> str:
    inner, *metas = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    if is_list(inner):
        least = next((meta.min_length for meta in metas if meta.min_length is not None), None)
        return f"a list of {'' if least is None else f'at least {least} '}{_items(get_args(inner)[0], least)}"
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return f"a mapping {_with_keys(inner)}"
    return _PLAIN.get(inner, "a mapping") + "".join(map(_restricted, metas))


def _items(kind: Any, least: int | None) -> str:
    """What the items of a list are called, of which there are so many at least."""
    if get_origin(kind) is Literal:
        return described(kind)
    plural = "" if least == 1 else "s"
    return f"name{plural}" if kind is str else f"mapping{plural} {_with_keys(kind)}"


def _with_keys(kind: type[msgspec.Struct]) -> str:
    keys = [field.encode_name for field in msgspec.structs.fields(kind)]
    return f"with {', '.join(keys[:_FEW_KEYS])}{', ...' if len(keys) > _FEW_KEYS else ''}"


def _restricted(meta: msgspec.Meta) -> str:
    if meta.le is not None:
        return f" from {meta.ge} to {meta.le}" if meta.ge is not None else f" above {meta.gt} and up to {meta.le}"
    return f" of at least {meta.ge}" if meta.ge is not None else f" above {meta.gt}"


def _or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def shown(value: Any) -> str:
    """Return a value as a person would call it; '' where it is too long to repeat."""
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    text = f"'{value}'" if isinstance(value, str) else written(value)
    return text if len(text) <= _LONGEST else ""


def written(value: Any) -> str:
    """Return a value as one line of YAML, as far as people would write it so."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(each)}" for key, each in value.items()) + "}"
    return "null" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def meant(value: Any, kind: Any) -> str:
    """Return a hint at what may be meant by a value that is not of this kind; '' where nothing suggests itself."""
    parts = list(alternatives(kind))
    if isinstance(value, str) and (near := nearest(value, _words(parts))).startswith("did"):
        return near
    if is_number(value) and str not in parts:
        return f"did you mean {value}, without quotes?"
    if str in parts:
        return "put it in quotes" if isinstance(value, int | float | date) else ""
    if isinstance(value, dict) and any(map(is_list, parts)):
        return "each item of a list begins with '- '"
    fitting = [text for text in map(written, _wrapped(value, parts)) if len(text) <= _LONGEST]
    return f"write {' or '.join(fitting[:2])}" if fitting else ""


def example(path: Place) -> str:
    """Return what may stand in a place that holds names of one's own; '' elsewhere."""
    return _EXAMPLES.get(str(path[-1]), "") if path else ""


def _words(parts: Sequence[Any]) -> list[str]:
    return [word for part in parts if get_origin(part) is Literal for word in get_args(part) if isinstance(word, str)]


def _wrapped(value: Any, parts: Sequence[Any]) -> Iterator[Any]:
    """The value as the only item of a list, or under one key of a mapping, where that is what is expected."""
    if value in (None, "", [], {}):
        return
    for part in parts:
        if is_list(part) and _fits([value], part):
            yield [value]
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            keys = [field.encode_name for field in msgspec.structs.fields(part)]
            yield from ({key: each} for each in (value, [value]) for key in keys if _fits({key: each}, part))


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True
