"""A check on a terminal: the verdict, what changed, why, and what it rests on."""

from collections.abc import Iterator

from costsim.reports.checked import words
from costsim.reports.contract import View
from costsim.reports.layout import DIM, MISSING, PLAIN, SAVING, STRONG, Line, padded, wrapped
from costsim.reports.legible import legible
from costsim.reports.names import cells, shortened
from costsim.reports.painting import painted
from costsim.summary.gate.report import CheckReport
from costsim.summary.gate.report import Line as CheckLine

_LEAST_WIDTH = 40
_MOST_PROSE = 120
_NAME = 32
_GAP = "   "
_STYLES = {"pass": SAVING, "warn": MISSING, "fail": MISSING, "no evidence": MISSING}


def render(report: CheckReport, view: View) -> str:
    """Return the report in lines that are no wider than the view."""
    report, width = legible(report, unicode=view.unicode), max(view.width, _LEAST_WIDTH)
    prose = min(width, _MOST_PROSE)
    sections = [
        wrapped(words.headline(report), prose, _STYLES[report.verdict], hanging="  "),
        [line for text in words.also_missing(report) for line in wrapped(text, prose, MISSING, hanging="  ")],
        *_tables(report, view, width),
        list(_parts(report)),
        [line for text in words.budgets(report) for line in wrapped(text, prose, PLAIN, hanging="  ")],
        [line for text in words.routes_moved(report) for line in wrapped(text, prose, PLAIN, hanging="  ")],
        [line for text in words.rests_on(report) for line in wrapped(text, prose, DIM, hanging="  ")],
    ]
    return painted([line for section in sections if section for line in (*section, [])][:-1], view)


def _tables(report: CheckReport, view: View, width: int) -> Iterator[list[Line]]:
    """Routes, then tasks, the total last."""
    for scope, title in (("route", "Route"), ("task", "Task"), ("total", "")):
        lines = words.by_finding([line for line in report.lines if line.scope == scope])[: view.top]
        if lines:
            rows = words.rows(lines)
            names = shortened([row.name for row in rows], _NAME)
            head = (title, "calls", "before", "now", "change", "a month", "", "")
            cells_of = zip(rows, names, lines, strict=True)
            table = [head, *((*_cells(row, name), words.proof(line)) for row, name, line in cells_of)]
            yield list(_drawn(table, rows, lines, width))


def _cells(row: words.Row, name: str) -> tuple[str, ...]:
    return name, row.calls, row.before, row.now, row.change, row.month, row.finding


def _drawn(table: list[tuple[str, ...]], rows: list[words.Row], lines: list[CheckLine], width: int) -> Iterator[Line]:
    sizes = [max(map(cells, column)) for column in zip(*table, strict=True)]
    fit = len(sizes)
    while fit > 2 and sum(sizes[:fit]) + len(_GAP) * (fit - 1) > width:
        fit -= 1
    for place, row in enumerate(table):
        parts = [
            padded(cell, size) if number in (0, 6, 7) else " " * (size - cells(cell)) + cell
            for number, (cell, size) in enumerate(zip(row[:fit], sizes, strict=False))
        ]
        changed = place > 0 and lines[place - 1].finding in ("regression", "improvement")
        style = DIM if place == 0 else STRONG if changed else PLAIN
        yield [(_GAP.join(parts), style)]
        if changed and rows[place - 1].why:
            yield from wrapped(rows[place - 1].why, width, PLAIN, "    ")


def _parts(report: CheckReport) -> Iterator[Line]:
    if not report.parts:
        return
    yield [(f"Why the total changed by {words.total(report)}", STRONG)]
    found = words.parts(report)
    amounts, months = (max(len(row[place]) for row in found) for place in (1, 2))
    for title, amount, month in found:
        a_month = "" if month == words.NOTHING else f"{_GAP}{month:>{months}} a month"
        yield [(f"{amount:>{amounts}}{a_month}{_GAP}{title}", PLAIN)]
