"""A simulation on a terminal: one line for each policy, its routes, what it is compared with, what it rests on."""

from collections.abc import Iterator, Sequence

from costsim.reports import basis
from costsim.reports.contract import View
from costsim.reports.layout import DIM, MISSING, PLAIN, SAVING, STRONG, Line, joined, padded, wrapped
from costsim.reports.legible import legible
from costsim.reports.names import cells, shortened
from costsim.reports.painting import painted
from costsim.reports.simulated import words
from costsim.summary.simulation.report import PolicyLine, SimulationReport

_LEAST_WIDTH = 40
_MOST_PROSE = 120
_GAP = "   "
_ROUTE = 32
_LONGEST_NAME = 24
_LOGGED = "as logged"
_LEAST_ROOM, _INDENT = 40, 2


def render(report: SimulationReport, view: View) -> str:
    """Return the report in lines that are no wider than the view."""
    report, width = legible(report, unicode=view.unicode), max(view.width, _LEAST_WIDTH)
    prose = min(width, _MOST_PROSE)
    sections = [
        list(_answers(report, width)),
        *(section for policy in report.policies for section in _policy(report, policy, width)),
        list(_sweep(report, width)),
        list(_basis(report, view, prose)),
    ]
    lines = [line for section in sections if section for line in (*section, [])][:-1]
    return painted(lines, view)


def _answers(report: SimulationReport, width: int) -> Iterator[Line]:
    """One line for each policy, and the past below them; what does not fit goes on in the next."""
    found = words.answers(report)
    cost, said = words.logged(report)
    wide = max(cells(name) for name in [_LOGGED, *(each.name[:_LONGEST_NAME] for each in found)])
    amounts = max(len(each) for each in [cost, *(each.cost for each in found)])
    for each in found:
        name = padded(shortened([each.name], wide)[0], wide)
        style = MISSING if each.is_loss else SAVING
        start = f"{name}{_GAP}{each.cost:>{amounts}}{_GAP}"
        yield from _beside(start, [each.saves, each.interval, *each.more], style, width)
    yield from _beside(f"{padded(_LOGGED, wide)}{_GAP}{cost:>{amounts}}{_GAP}", [said], PLAIN, width)


def _beside(start: str, parts: Sequence[str], style: str, width: int) -> Iterator[Line]:
    """Parts beside a name and an amount, or, where there is little room, below them; the first is in a style."""
    room, indent = width - cells(start), cells(start)
    name_style = STRONG if style != PLAIN else PLAIN
    if room < _LEAST_ROOM:
        yield [(start, name_style)]
        room, indent = width - _INDENT, _INDENT
        start = " " * indent
    first, *others = joined(parts, _GAP, room)
    shown = first[: len(parts[0])]
    yield [(start, name_style), (shown, style), (first[len(shown) :], PLAIN)]
    yield from ([(" " * indent + text, PLAIN)] for text in others)


def _policy(report: SimulationReport, policy: PolicyLine, width: int) -> list[list[Line]]:
    heading: list[Line] = [[(policy.name, STRONG)]] if len(report.policies) > 1 else []
    return [
        [*heading, *_routes(policy, width)],
        _pairs("Compared with", [(f"{cost}", name, how) for name, cost, how in words.controls(report, policy)], width),
        _pairs("Quality", words.judged(policy), width),
        _pairs("Levers: what each saves, against the policy without it",
               [(amount, lever, "") for lever, amount in words.levers(policy)], width),
    ]  # fmt: skip


def _routes(policy: PolicyLine, width: int) -> list[Line]:
    """The table of routes; columns that have no room are not drawn, the last ones first."""
    columns, rows = words.routes(policy)
    names = shortened([row[0] for row in rows], _ROUTE)
    table = [[column.header for column in columns], *([name, *row[1:]] for name, row in zip(names, rows, strict=True))]
    sizes = [max(map(cells, column)) for column in zip(*table, strict=True)]
    fit = len(sizes)
    while fit > 1 and sum(sizes[:fit]) + len(_GAP) * (fit - 1) > width:
        fit -= 1
    lines = []
    for place, row in enumerate(table):
        parts = [
            padded(cell, size) if column.words else " " * (size - cells(cell)) + cell
            for cell, size, column in zip(row[:fit], sizes, columns, strict=False)
        ]
        lines.append([(_GAP.join(parts), DIM if place == 0 else PLAIN)])
    return lines


def _pairs(title: str, rows: list[tuple[str, str, str]], width: int) -> list[Line]:
    """Amounts with what they are of, and how that is meant."""
    if not rows:
        return []
    amounts, names = max(len(amount) for amount, _, _ in rows), max(cells(name) for _, name, _ in rows)
    lines: list[Line] = [[(title, STRONG)]]
    for amount, name, how in rows:
        start = f"{amount:>{amounts}}  {padded(name, names)}"
        if not how:
            lines.append([(start, PLAIN)])
            continue
        (first, _), *others = (line[0] for line in wrapped(how, width, DIM, " " * (cells(start) + 2)))
        lines += [[(start, PLAIN), (first[cells(start) :], DIM)], *([other] for other in others)]
    return lines


def _sweep(report: SimulationReport, width: int) -> Iterator[Line]:
    if not report.sweep:
        return
    yield [("What one number changes", STRONG)]
    for row in words.sweep(report):
        yield from wrapped(row, width, hanging="  ")


def _basis(report: SimulationReport, view: View, width: int) -> Iterator[Line]:
    yield [("What this rests on", STRONG)]
    for note in basis.notes(report.coverage, report.window, report.prices, show_rejects=view.show_rejects):
        style = MISSING if note.warning else PLAIN
        yield from wrapped(note.text, width, style, hanging="  ")
        for text in note.lines:
            yield from wrapped(text, width, style, "  ", "    ")
    for each in report.assumptions:
        yield from wrapped(f"{each.text} {words.METHODOLOGY}#{each.section}", width, DIM, hanging="  ")
