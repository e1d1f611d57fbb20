"""Groups of a report as tables of text, for any output that has columns; the same column is as wide in all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costsim.reports import numbers
from costsim.reports.names import dimension, label
from costsim.summary.report import Group, Report

UNKNOWN = "unknown"
NOTHING = "—"
"""In a cell: not known, or nothing to divide by."""


@dataclass(frozen=True)
class Column:
    """One column of every table."""

    header: str
    rank: int
    """Where there is no room for all columns, those of the highest rank go first."""


@dataclass(frozen=True)
class Row:
    """One group: its key, and a cell for each column."""

    key: tuple[str, ...]
    cells: tuple[str, ...]
    size: float
    """The share of the total cost that a bar would show."""


@dataclass(frozen=True)
class Table:
    """One grouping, its first rows, and a line about those that are not shown."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    rest: str
    said: str
    """Instead of a table, where the log says nothing about this dimension."""

    @property
    def title(self) -> str:
        """The heading."""
        return "By " + " and ".join(self.names)

    @property
    def largest(self) -> int | None:
        """The row with the largest share, where there is one to find."""
        sizes = [row.size for row in self.rows]
        return sizes.index(max(sizes)) if sizes and max(sizes) > 0 else None


@dataclass(frozen=True)
class Tables:
    """All groupings of a report with their columns."""

    columns: tuple[Column, ...]
    tables: tuple[Table, ...]


_Cells = Callable[[Sequence[Group]], list[str]]


@dataclass(frozen=True)
class _Kind:
    header: str
    rank: int
    cells: _Cells
    wanted: Callable[[Group], bool] = lambda _: True
    """The column is drawn when this holds for one group at least."""


def tables(report: Report, top: int) -> Tables:
    """Return the tables of all groupings, `top` rows each."""
    shown = {name: groups[:top] for name, groups in report.groups.items()}
    every = [group for groups in shown.values() for group in groups]
    kinds = [kind for kind in _KINDS if any(kind.wanted(group) for group in every)]
    lines = list(zip(*(kind.cells(every) for kind in kinds), strict=True))
    found = []
    for name, groups in shown.items():
        rows, lines = lines[: len(groups)], lines[len(groups) :]
        found.append(_table(name, groups, rows, report.groups[name]))
    return Tables(tuple(Column(kind.header, kind.rank) for kind in kinds), tuple(found))


def _table(
    name: str, groups: Sequence[Group], lines: Sequence[tuple[str, ...]], every: Sequence[Group]
) -> Table:
    names = tuple(name.split(","))
    rows = [
        Row(_key(group, names), cells, group.share or 0.0) for group, cells in zip(groups, lines, strict=True)
    ]  # fmt: skip
    silent = bool(rows) and len(every) == 1 and not any(_parts(every[0]))
    heading = tuple(dimension(each) for each in names)
    said = f"The log names no {' and no '.join(heading)}." if silent else ""
    return Table(heading, tuple(rows), _rest(every, len(groups)), said)


def _parts(group: Group) -> Sequence[str | None]:
    return group.key if isinstance(group.key, list) else [group.key]


def _key(group: Group, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(label(part, name) for part, name in zip(_parts(group), names, strict=True))


def _rest(every: Sequence[Group], shown: int) -> str:
    left = every[shown:]
    if not left:
        return ""
    known = [Decimal(group.cost_usd) for group in left if group.priced]
    together = f", together {numbers.money(sum(known, Decimal(0)))}" if known else ""
    return f"{len(left):,} more{together}; --top {len(every)} shows all"


def unpriced(group: Group) -> bool:
    """Whether nothing is known of what the group cost."""
    return group.calls > 0 and group.priced == 0


def _costs(groups: Sequence[Group]) -> list[str]:
    return _amounts([None if unpriced(group) else group.cost_usd for group in groups], UNKNOWN)


def _amounts(texts: Sequence[str | None], missing: str) -> list[str]:
    amounts = [None if text is None else Decimal(text) for text in texts]
    digits = numbers.places(amount for amount in amounts if amount is not None)
    return [missing if amount is None else numbers.money(amount, digits) for amount in amounts]


def _shares(groups: Sequence[Group]) -> list[str]:
    return [
        NOTHING if group.share is None or unpriced(group) else numbers.percent(group.share, aligned=True)
        for group in groups
    ]  # fmt: skip


def _tokens(groups: Sequence[Group]) -> list[str]:
    """In and out per call, lined up on the stroke between them."""
    sides = [
        (numbers.mean(group.input_tokens, group.calls), numbers.mean(group.output_tokens, group.calls))
        for group in groups
    ]
    wide = max(len(out) for _, out in sides)
    return [
        f"{inside} / {out:>{wide}}"
        if group.input_tokens or group.output_tokens
        else f"{NOTHING} / {NOTHING:>{wide}}"
        for group, (inside, out) in zip(groups, sides, strict=True)
    ]


def _cached(groups: Sequence[Group]) -> list[str]:
    return [
        numbers.percent(group.cache_read_tokens / group.input_tokens, aligned=True)
        if group.input_tokens
        else NOTHING
        for group in groups
    ]


_KINDS = (
    _Kind("cost", 0, _costs),
    _Kind("share", 2, _shares),
    _Kind("calls", 1, lambda groups: [numbers.count(group.calls) for group in groups]),
    _Kind(
        "no price",
        3,
        lambda groups: [numbers.count(group.calls - group.priced) for group in groups],
        lambda group: group.priced < group.calls,
    ),
    _Kind(
        "per 1,000", 4, lambda groups: _amounts([group.cost_per_1000_calls_usd for group in groups], NOTHING)
    ),
    _Kind("in / out tokens", 5, _tokens, lambda group: group.input_tokens + group.output_tokens > 0),
    _Kind("cached", 8, _cached, lambda group: group.cache_read_tokens > 0),
    _Kind(
        "errors",
        7,
        lambda groups: [numbers.count(group.errors) for group in groups],
        lambda group: group.errors > 0,
    ),
)
BAR_RANK = 6
"""Before a bar gives way, the columns above this rank have."""
