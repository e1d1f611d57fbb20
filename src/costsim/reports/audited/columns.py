"""Tables of groups within a width: all with the same columns, so that they can be read as one."""

import msgspec

from costsim.reports.audited.groups import BAR_RANK, Row, Table, Tables
from costsim.reports.layout import BAR, DIM, PLAIN, STRONG, Line, bar, padded, wrapped
from costsim.reports.names import cells, shortened

_GAP, _NARROW_GAP = 3, 2
_NARROW = 90
_NAME = 16
"""No column may leave less for the names; those that are only nice to have may not cut them at all."""
_BETWEEN_KEYS = 2
_LEAST_BAR, _MOST_BAR = 10, 20


class Fit(msgspec.Struct, frozen=True):
    """How wide everything is; what has no room is not there."""

    name: int
    columns: tuple[tuple[int, int], ...]
    """(place, width) of each column that has room."""
    bar: int
    """0: no bars."""
    gap: int


def fit(tables: Tables, width: int) -> Fit:
    """Return the widths of names, columns and bars; where there is no room, the highest ranks give way."""
    gap = _NARROW_GAP if width < _NARROW else _GAP
    natural = max((_natural(table) for table in tables.tables), default=0)
    wanted = [(column.rank, place, _width(tables, place)) for place, column in enumerate(tables.columns)]
    if any(_is_compared(table) for table in tables.tables):
        wanted.append((BAR_RANK, -1, _LEAST_BAR))
    taken: dict[int, int] = {}
    left = width
    for rank, place, size in sorted(wanted):
        if taken and left - gap - size < min(natural, _reserved(rank, width)):
            break
        taken[place] = size
        left -= gap + size
    name = max(min(natural, left), 1)
    bars = min(taken.pop(-1) + left - name, _MOST_BAR) if -1 in taken else 0
    return Fit(name, tuple(sorted(taken.items())), bars, gap)


def _reserved(rank: int, width: int) -> int:
    """The columns that names keep, where they need them, before a column of this rank gets any."""
    return max(_NAME, width // 4) if rank < BAR_RANK else width // 2


def _natural(table: Table) -> int:
    return max(cells(table.title), sum(_key_widths(table)) + _BETWEEN_KEYS * (len(table.names) - 1))


def _key_widths(table: Table) -> list[int]:
    return [max(map(cells, parts)) for parts in zip(*(row.key for row in table.rows), strict=True)]


def _width(tables: Tables, place: int) -> int:
    found = [cells(row.cells[place]) for table in tables.tables for row in table.rows]
    return max([*found, cells(tables.columns[place].header)])


def _is_compared(table: Table) -> bool:
    """A bar compares: it says nothing of a single row, and nothing where no cost is known."""
    return len(table.rows) > 1 and table.largest is not None


def drawn(table: Table, tables: Tables, fitted: Fit) -> list[Line]:
    """Return one table: heading, rows, and how many more there are."""
    if table.said:
        return [[(table.title, STRONG), (f"  {table.said}", DIM)]]
    header = "".join(" " * fitted.gap + f"{tables.columns[place].header:>{size}}" for place, size in fitted.columns)
    lines: list[Line] = [[(padded(table.title, fitted.name), STRONG), (header, DIM)]]
    for place, (row, name) in enumerate(zip(table.rows, _names(table, fitted.name), strict=True)):
        lines.append([*_row(row, name, fitted, place == table.largest), *_bar(row, table, fitted)])
    if table.rest:
        lines += wrapped(table.rest, fitted.name + cells(header), DIM)
    return lines


def _row(row: Row, name: str, fitted: Fit, largest: bool) -> Line:
    """The largest amount and its name are what the eye should find first."""
    (first, size), *others = [(row.cells[place], size + fitted.gap) for place, size in fitted.columns]
    strong = STRONG if largest else PLAIN
    rest = "".join(_right(cell, size) for cell, size in others)
    return [(padded(name, fitted.name), strong), (_right(first, size), strong), (rest, PLAIN)]


def _right(text: str, width: int) -> str:
    return " " * (width - cells(text)) + text


def _bar(row: Row, table: Table, fitted: Fit) -> Line:
    if not fitted.bar or table.largest is None or not _is_compared(table):
        return []
    return [(" " * fitted.gap + bar(row.size / table.rows[table.largest].size, fitted.bar), BAR)]


def _names(table: Table, width: int) -> list[str]:
    """The keys of each row, one column for each dimension; the widest column is cut first."""
    sizes = _key_widths(table)
    room = max(width - _BETWEEN_KEYS * (len(sizes) - 1), len(sizes))
    while sum(sizes) > room:
        sizes[sizes.index(max(sizes))] -= 1
    keys = zip(*(row.key for row in table.rows), strict=True)
    parts = [[padded(name, size) for name in shortened(column, size)] for column, size in zip(keys, sizes, strict=True)]
    return [(" " * _BETWEEN_KEYS).join(row) for row in zip(*parts, strict=True)]
