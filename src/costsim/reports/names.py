"""Names from a log as people see them: what a missing one is called, short enough, and never two alike."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

_DIMENSIONS = {
    "requested_model": "requested model",
    "tier": "service tier",
}


def dimension(name: str) -> str:
    """Return what a dimension is called in a heading: 'tag:team' is the tag team."""
    kind, _, value = name.partition(":")
    return f"tag {value}" if value else _DIMENSIONS.get(kind, kind)


def label(value: str | None, name: str) -> str:
    """Return a key of a group; '(no route)' where the log has none."""
    if value is not None:
        return value or "(empty)"
    return "(no time)" if name == "day" else f"(no {dimension(name).removeprefix('tag ')})"


def cells(text: str) -> int:
    """Return the columns that a text takes in a terminal."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shortened(names: Sequence[str], width: int) -> list[str]:
    """Return each name in at most `width` columns, cut in the middle, and different ones still different."""
    cuts = {name: _cut(name, width, (width - 1) // 2) for name in names}
    alike = [name for name, cut in cuts.items() if Counter(cuts.values())[cut] > 1]
    if alike:
        cuts |= _told_apart(alike, width, set(cuts.values()))
    return [cuts[name] for name in names]


def _told_apart(names: list[str], width: int, taken: set[str]) -> dict[str, str]:
    """Cut elsewhere until all differ; where they differ only in what is left out, number them."""
    for head in _heads(width):
        cuts = [_cut(name, width, head) for name in names]
        if len({*cuts}) == len(names) and not taken.intersection(cuts):
            return dict(zip(names, cuts, strict=True))
    numbers = [f"#{place}" for place in range(1, len(names) + 1)]
    return {
        name: _start(name, width - 1 - len(number)) + "…" + number for name, number in zip(names, numbers, strict=True)
    }


def _heads(width: int) -> Iterator[int]:
    """Lengths of what stays of the beginning, those near the middle first."""
    middle = (width - 1) // 2
    return iter(sorted(range(width), key=lambda head: abs(head - middle)))


def _cut(name: str, width: int, head: int) -> str:
    if cells(name) <= width:
        return name
    return f"{_start(name, head)}…{_start(name[::-1], width - 1 - head)[::-1]}"


def _start(text: str, width: int) -> str:
    """As many characters from the beginning as fit."""
    taken = 0
    for place, character in enumerate(text):
        taken += _cells_of(character)
        if taken > width:
            return text[:place]
    return text
