"""Texts from a log made fit to be shown: on one line, harmless to a terminal or a spreadsheet, ASCII if need be."""

import unicodedata
from functools import partial
from typing import Any, TypeVar

import msgspec

from costsim.summary.report import Group

Thing = TypeVar("Thing")

_TYPOGRAPHY = str.maketrans("·—–−…→×█▉▊▋▌▍▎▏‘’“”", "|---~>x#####   ''\"\"")
"""Every mark that reports draw, as ASCII of the same width."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell."""


def legible(thing: Thing, *, unicode: bool) -> Thing:
    """Return a report with every text in it legible; amounts and counts stay as they are."""
    found: Any = thing
    again = partial(legible, unicode=unicode)
    match found:
        case str():
            found = clean(found) if unicode else ascii_only(clean(found))
        case list():
            found = [again(each) for each in found]
        case dict():
            found = {again(key): again(value) for key, value in found.items()}
        case Group():
            found = msgspec.structs.replace(found, key=again(found.key))
        case msgspec.Struct():
            found = msgspec.structs.replace(
                found, **{name: again(getattr(found, name)) for name in found.__struct_fields__}
            )
    return found  # type: ignore[no-any-return]


def clean(text: str) -> str:
    """Return a text on one line, with escapes for what does not print: colours, bells, reversed writing."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _visible(each) for each in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode()


def ascii_only(text: str) -> str:
    """Return a text in ASCII: marks of reports keep their width, other characters become their escapes."""
    return text if text.isascii() else text.translate(_TYPOGRAPHY).encode("ascii", "backslashreplace").decode()


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text
