"""Lines of styled text within a width: wrapping, columns, bars; no library, no colours, only the names of styles."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from costsim.reports.groups import BAR_RANK, Row, Table, Tables
from costsim.reports.names import cells, shortened

Span = tuple[str, str]
"""Text and the name of its style."""
Line = list[Span]

PLAIN, STRONG, DIM, SAVING, MISSING, BAR = "plain", "strong", "dim", "saving", "missing", "bar"

_WORDS = re.compile(r" (?!%)")
"""Where a line may break: not between a number and its per cent sign."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_GAP = 3
_NARROW_GAP = 2
_NARROW = 90
_LEAST_NAME = 16
_LEAST_BAR, _MOST_BAR = 8, 20


def wrapped(
    text: str, width: int, style: str = PLAIN, indent: str = "", hanging: str | None = None
) -> list[Line]:
    """Return a text in lines of at most `width`, the first indented by `indent`, the others by `hanging`."""
    rest = indent if hanging is None else hanging
    return [[(line, style)] for line in _filled(_WORDS.split(text), " ", width, indent, rest)]


def joined(parts: Sequence[str], separator: str, width: int) -> list[str]:
    """Return short parts in lines of at most `width`, broken only between them unless one alone is too long."""
    lines: list[str] = []
    for part in parts:
        if lines and cells(lines[-1] + separator + part) <= width:
            lines[-1] += separator + part
        else:
            lines += _filled(_WORDS.split(part), " ", width, "", "  ")
    return lines


def _filled(words: Sequence[str], space: str, width: int, indent: str, hanging: str) -> list[str]:
    lines, line = [], indent
    for word in words:
        empty = line in (indent, hanging)
        if cells(line) + (0 if empty else 1) + cells(word) <= width:
            line += word if empty else space + word
            continue
        if not empty:
            lines.append(line)
            line = hanging
        *full, word = _pieces(word, max(width - cells(line), 1))
        lines += [hanging + piece if place or lines else line + piece for place, piece in enumerate(full)]
        line = (hanging if full else line) + word
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    """A word that is too long for any line, in parts; a wide character counts as two columns."""
    pieces = [""]
    for character in word:
        if cells(pieces[-1] + character) > width and pieces[-1]:
            pieces.append("")
        pieces[-1] += character
    return pieces


def bar(size: float, width: int) -> str:
    """Return a bar of `size` (0 to 1) of the width, to an eighth of a column; something for all that is above zero."""
    eighths = round(size * width * 8)
    eighths = max(eighths, 1) if size > 0 else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


@dataclass(frozen=True)
class Fit:
    """How wide each part of the tables is: the name, the columns that have room (by place), the bar."""

    name: int
    columns: tuple[tuple[int, int], ...]
    bar: int
    gap: int


def fit(tables: Tables, width: int) -> Fit:
    """Return the widths with which all tables have the same columns, leaving out columns from the highest rank on."""
    gap = _NARROW_GAP if width < _NARROW else _GAP
    natural = max((_natural(table) for table in tables.tables), default=0)
    wide = [max(cells(cell) for cell in column) for column in _columns(tables)]
    order = sorted(range(len(wide)), key=lambda place: tables.columns[place].rank)
    room = width - min(natural, max(_LEAST_NAME, width // 4))
    bars = _bars_help(tables)
    chosen, bar_taken = [], 0
    for place in order:
        if bars and not bar_taken and tables.columns[place].rank > BAR_RANK and room >= gap + _LEAST_BAR:
            bar_taken = gap + _LEAST_BAR
            room -= bar_taken
        if room < gap + wide[place]:
            break
        room -= gap + wide[place]
        chosen.append(place)
    columns = tuple((place, wide[place]) for place in sorted(chosen))
    taken = sum(gap + size for _, size in columns)
    name = min(natural, width - taken - bar_taken)
    left = width - taken - name - gap
    return Fit(name, columns, min(left, _MOST_BAR) if bars and left >= _LEAST_BAR else 0, gap)


def _natural(table: Table) -> int:
    return max(cells(table.title), sum(_key_widths(table)) + 2 * (len(table.names) - 1))


def _key_widths(table: Table) -> list[int]:
    keys = [row.key for row in table.rows] or [tuple("" for _ in table.names)]
    return [max(map(cells, parts)) for parts in zip(*keys, strict=True)]


def _columns(tables: Tables) -> list[list[str]]:
    rows = [row.cells for table in tables.tables for row in table.rows]
    return [[column.header, *(row[place] for row in rows)] for place, column in enumerate(tables.columns)]


def _bars_help(tables: Tables) -> bool:
    """A bar compares: it says nothing of a single row, and nothing where no cost is known."""
    return any(_is_compared(table) for table in tables.tables)


def _is_compared(table: Table) -> bool:
    return len(table.rows) > 1 and table.largest is not None


def drawn(table: Table, tables: Tables, fitted: Fit) -> list[Line]:
    """Return one table: heading, rows, and how many more there are."""
    if table.said:
        return [[(table.title, STRONG), ("  " + table.said, DIM)]]
    headers = "".join(
        " " * fitted.gap + f"{tables.columns[place].header:>{size}}" for place, size in fitted.columns
    )
    lines: list[Line] = [[(_padded(table.title, fitted.name), STRONG), (headers, DIM)]]
    names = _names(table, fitted.name)
    for place, (row, name) in enumerate(zip(table.rows, names, strict=True)):
        lines.append(_row(row, name, fitted, place == table.largest, table))
    if table.rest:
        lines += wrapped(table.rest, fitted.name + cells(headers), DIM)
    return lines


def _row(row: Row, name: str, fitted: Fit, largest: bool, table: Table) -> Line:
    line: Line = [(_padded(name, fitted.name), STRONG if largest else PLAIN)]
    for place, size in fitted.columns:
        cell = row.cells[place]
        style = STRONG if largest and place == 0 else PLAIN
        line.append((" " * (fitted.gap + size - cells(cell)) + cell, style))
    if fitted.bar and table.largest is not None and _is_compared(table):
        line.append((" " * fitted.gap + bar(row.size / table.rows[table.largest].size, fitted.bar), BAR))
    return line


def _names(table: Table, width: int) -> list[str]:
    """The keys in one column each, the widest cut first where they do not fit."""
    sizes = _key_widths(table)
    room = width - 2 * (len(sizes) - 1)
    while sum(sizes) > max(room, len(sizes)):
        sizes[sizes.index(max(sizes))] -= 1
    parts = [
        shortened(column, size)
        for column, size in zip(zip(*(r.key for r in table.rows), strict=True), sizes, strict=True)
    ]
    rows = zip(*parts, strict=True)
    return ["  ".join(_padded(part, size) for part, size in zip(row, sizes, strict=True)) for row in rows]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))
