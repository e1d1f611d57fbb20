"""Plain text in columns: words to the left, numbers on their decimal points; ASCII marks only."""

from collections.abc import Sequence

from costsim.reports.names import cells

NOTHING = "-"
"""What a cell shows where there is nothing to show."""

_CENTS = 2
_GAP = "  "


def on_point(numbers: Sequence[str | None]) -> list[str]:
    """Return exact decimals of equal width, two places at least, their points one below the other."""
    parts = [_parts(number) for number in numbers]
    before = max((len(whole) for whole, _ in parts), default=0)
    after = max((len(rest) for _, rest in parts), default=0)
    return [f"{whole:>{before}}{rest:<{after}}" for whole, rest in parts]


def same_places(numbers: Sequence[str]) -> list[str]:
    """Return exact decimals with as many places as the longest of them, so that a sum can be followed."""
    places = max([_CENTS, *(len(number.partition(".")[2]) for number in numbers)])
    written = [f"{whole}.{rest:0<{places}}" for whole, _, rest in (number.partition(".") for number in numbers)]
    width = max(map(len, written), default=0)
    return [f"{number:>{width}}" for number in written]


def columns(rows: Sequence[Sequence[str]], indent: str = "", right: Sequence[int] = ()) -> list[str]:
    """Return rows of cells as lines; the columns in `right` end at one place, the others begin at one."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return [(indent + _GAP.join(_padded(row, widths, right))).rstrip() for row in rows]


def _padded(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> list[str]:
    spaces = [" " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)]
    return [
        space + cell if place in right else cell + space
        for place, (cell, space) in enumerate(zip(row, spaces, strict=True))
    ]


def _parts(number: str | None) -> tuple[str, str]:
    """The digits before the point, and the point with those behind it."""
    if number is None:
        return NOTHING, ""
    whole, _, rest = number.partition(".")
    return whole, f".{rest:0<{_CENTS}}"
