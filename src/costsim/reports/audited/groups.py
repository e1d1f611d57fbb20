"""Groups of a report as tables of text, for any output that has columns; alike in all of them."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from costsim.reports import numbers
from costsim.reports.names import dimension, label
from costsim.summary.report import Group, Report

UNKNOWN = "unknown"
NOTHING = "—"
"""In a cell: not known, or nothing to divide by."""


class Column(msgspec.Struct, frozen=True):
    """One column of every table."""

    header: str
    rank: int
    """Where there is no room for all columns, those of the highest rank go first."""


class Row(msgspec.Struct, frozen=True):
    """One group: its key, and a cell for each column."""

    key: tuple[str, ...]
    cells: tuple[str, ...]
    size: float
    """The share of the total cost that a bar would show."""


class Table(msgspec.Struct, frozen=True):
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


class Tables(msgspec.Struct, frozen=True):
    """All groupings of a report with their columns."""

    columns: tuple[Column, ...]
    tables: tuple[Table, ...]


_Cells = Callable[[Sequence[Group]], list[str]]


class _Kind(msgspec.Struct, frozen=True):
    header: str
    rank: int
    cells: _Cells
    wanted: Callable[[Group], bool] = lambda _: True
    """The column is drawn when this holds for one group at least."""


def tables(report: Report, top: int) -> Tables:
    """Return the tables of all groupings, `top` rows each."""
    shown = {name: groups[-top:] if _in_time(name) else groups[:top] for name, groups in report.groups.items()}
    every = [group for groups in shown.values() for group in groups]
    kinds = [kind for kind in _KINDS if any(kind.wanted(group) for group in every)]
    lines = list(zip(*(kind.cells(every) for kind in kinds), strict=True))
    found = []
    for name, groups in shown.items():
        rows, lines = lines[: len(groups)], lines[len(groups) :]
        found.append(_table(name, groups, rows, report.groups[name]))
    return Tables(tuple(Column(kind.header, kind.rank) for kind in kinds), tuple(found))


def _table(name: str, shown: Sequence[Group], cells: Sequence[tuple[str, ...]], every: Sequence[Group]) -> Table:
    names = tuple(name.split(","))
    rows = tuple(Row(_key(group, names), line, group.share or 0.0) for group, line in zip(shown, cells, strict=True))
    heading = tuple(dimension(each) for each in names)
    silent = len(every) == 1 and not any(_parts(every[0]))
    said = f"The log names no {' and no '.join(heading)}." if silent else ""
    left = every[: -len(shown)] if _in_time(name) else every[len(shown) :]
    return Table(heading, rows, _rest(left, len(every), "before" if _in_time(name) else "more"), said)


def _in_time(name: str) -> bool:
    """Whether groups stand in the order of time, so that the last ones are shown, and not the largest."""
    return name.split(",")[0] == "day"


def _parts(group: Group) -> Sequence[str | None]:
    return group.key if isinstance(group.key, list) else [group.key]


def _key(group: Group, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(label(part, name) for part, name in zip(_parts(group), names, strict=True))


def _rest(left: Sequence[Group], every: int, which: str) -> str:
    if not left:
        return ""
    known = [Decimal(group.cost_usd) for group in left if group.priced]
    together = f", together {numbers.money(sum(known, Decimal(0)))}" if known else ""
    return f"{len(left):,} {which}{together}; --top {every} shows all"


def _is_unknown(group: Group) -> bool:
    return group.calls > 0 and group.priced == 0


def _costs(groups: Sequence[Group]) -> list[str]:
    return _amounts([None if _is_unknown(group) else group.cost_usd for group in groups], UNKNOWN)


def _amounts(texts: Sequence[str | None], missing: str) -> list[str]:
    amounts = [None if text is None else Decimal(text) for text in texts]
    digits = numbers.places(amount for amount in amounts if amount is not None)
    return [missing if amount is None else numbers.money(amount, digits) for amount in amounts]


def _shares(groups: Sequence[Group]) -> list[str]:
    return [
        NOTHING if group.share is None or _is_unknown(group) else numbers.percent(group.share, aligned=True)
        for group in groups
    ]  # fmt: skip


def _tokens(groups: Sequence[Group]) -> list[str]:
    """In and out per call, lined up on the stroke between them."""
    ins = [numbers.mean(group.input_tokens, group.calls) for group in groups]
    outs = [numbers.mean(group.output_tokens, group.calls) for group in groups]
    wide = max(map(len, outs))
    return [
        f"{tokens_in} / {tokens_out:>{wide}}" if _used_tokens(group) else NOTHING
        for group, tokens_in, tokens_out in zip(groups, ins, outs, strict=True)
    ]


def _used_tokens(group: Group) -> bool:
    return group.input_tokens + group.output_tokens > 0


def _cached(groups: Sequence[Group]) -> list[str]:
    return [
        numbers.percent(group.cache_read_tokens / group.input_tokens, aligned=True) if group.input_tokens else NOTHING
        for group in groups
    ]


def _counts(count: Callable[[Group], int]) -> _Cells:
    return lambda groups: [numbers.count(count(group)) for group in groups]


def _per_1000(groups: Sequence[Group]) -> list[str]:
    return _amounts([group.cost_per_1000_calls_usd for group in groups], NOTHING)


def _is_partly_priced(group: Group) -> bool:
    return 0 < group.priced < group.calls


_KINDS = (
    _Kind("cost", 0, _costs),
    _Kind("share", 2, _shares),
    _Kind("calls", 1, _counts(lambda group: group.calls)),
    _Kind("no price", 3, _counts(lambda group: group.calls - group.priced), _is_partly_priced),
    _Kind("per 1,000", 4, _per_1000),
    _Kind("in / out tokens", 5, _tokens, _used_tokens),
    _Kind("errors", 7, _counts(lambda group: group.errors), lambda group: group.errors > 0),
    _Kind("cached", 8, _cached, lambda group: group.cache_read_tokens > 0),
)
BAR_RANK = 6
"""A bar gives way before the columns below this rank, and after those above it."""
