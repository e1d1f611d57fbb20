"""The report on a terminal: the answer, where it goes, what could be saved, what the figures rest on."""

from collections.abc import Sequence
from decimal import Decimal

from costsim.reports import basis, layout, numbers
from costsim.reports.audited import allowances, answer, columns, savings
from costsim.reports.audited.groups import tables
from costsim.reports.audited.savings import Saving
from costsim.reports.contract import View
from costsim.reports.layout import DIM, MISSING, PLAIN, SAVING, STRONG, Line, wrapped
from costsim.reports.legible import legible
from costsim.reports.painting import painted
from costsim.summary.report import Comparison, Finding, Report

_LEAST_WIDTH = 40
_ROOM_FOR_SPEND = 80
_MOST_PROSE = 120
"""Sentences longer than this are hard to read, however wide the terminal."""


def render(report: Report, view: View) -> str:
    """Return the report in lines that are no wider than the view."""
    report, width = legible(report, unicode=view.unicode), max(view.width, _LEAST_WIDTH)
    prose = min(width, _MOST_PROSE)
    sections = [
        _answer(report, width),
        *_groups(report, view.top, width),
        _allowances(report, prose),
        _savings(report, view.top, prose),
        _comparison(report.comparison, prose) if report.comparison else [],
        _basis(report, view, prose),
        _assumptions(report, view.top, prose),
    ]
    lines = [line for section in sections if section for line in (*section, [])][:-1]
    return painted(lines, view)


def _answer(report: Report, width: int) -> list[Line]:
    total, (first, *others) = answer.total(report), answer.rates(report)
    top, *more = layout.joined([f"{total}  {first}", *others], "   ", width)
    lines: list[Line] = [[(top[: len(total)], STRONG), (top[len(total) :], PLAIN)]]
    lines += [[(text, PLAIN)] for text in more]
    for parts in (answer.spend(report), answer.events(report)):
        lines += [[(text, PLAIN)] for text in layout.joined(parts, " · ", width)]
    return lines


def _groups(report: Report, top: int, width: int) -> list[list[Line]]:
    found = tables(report, top)
    fitted = columns.fit(found, width)
    return [columns.drawn(table, found, fitted) for table in found.tables if table.rows]


def _allowances(report: Report, width: int) -> list[Line]:
    rows = allowances.lines(report)
    wide = max((len(amount) for amount, _ in rows), default=0)
    drawn = [wrapped(text, width, PLAIN, f"{amount:>{wide}}  ", " " * (wide + 2)) for amount, text in rows]
    return [[(allowances.TITLE, STRONG)], *(line for each in drawn for line in each)] if rows else []


def _savings(report: Report, top: int, width: int) -> list[Line]:
    if not report.totals.calls:
        return []
    found = savings.shown(report, top)
    lines = _heading("What could be saved", f"({savings.together(report)})", width)
    lines += _findings(found, width)
    left = savings.rest(report, found)
    return [*lines, [(left, DIM)]] if left else lines


def _heading(title: str, more: str, width: int) -> list[Line]:
    (first, _), *others = (line[0] for line in wrapped(f"{title} {more}", width, hanging="  "))
    return [[(first[: len(title)], STRONG), (first[len(title) :], DIM)], *([(text, DIM)] for text, _ in others)]


def _findings(found: Sequence[Saving], width: int) -> list[Line]:
    """The amount, of what it is a part, what it is; and what to do, once for each kind."""
    spends = [f"of {each.spend}" if each.spend and width >= _ROOM_FOR_SPEND else "" for each in found]
    wide, spent = max((len(each.amount) for each in found), default=0), max(map(len, spends), default=0)
    lines: list[Line] = []
    told: set[str] = set()
    for each, spend in zip(found, spends, strict=True):
        start: Line = [(f"{each.amount:>{wide}} ", SAVING if each.known else MISSING), (f"{spend:<{spent}}  ", DIM)]
        lines += _finding(each.finding, start, width, with_do=each.finding.id not in told)
        told.add(each.finding.id)
    return lines


def _finding(finding: Finding, start: Line, width: int, *, with_do: bool) -> list[Line]:
    space = " " * sum(len(text) for text, _ in start)
    (first, _), *others = (line[0] for line in wrapped(finding.title, width, indent=space))
    lines: list[Line] = [[*start, (first.removeprefix(space), PLAIN)], *([other] for other in others)]
    return lines + wrapped(f"→ {finding.do}", width, DIM, space, space + "  ") if with_do else lines


def _comparison(compared: Comparison, width: int) -> list[Line]:
    """Two sums over the same calls, and below them why they differ."""
    of = f"computed, for the same {numbers.plural(compared.calls, 'call')}; {_equal(compared)}"
    rows = [(Decimal(compared.reported_usd), "reported"), (Decimal(compared.computed_usd), of)]
    digits = numbers.places(amount for amount, _ in rows)
    lines = [(numbers.money(amount, digits), said) for amount, said in rows]
    for each in compared.differences:
        amount = numbers.change(Decimal(each.difference_usd), digits)
        lines.append((amount, f"in {numbers.plural(each.calls, 'call')}: {each.reason}"))
    wide = max(len(amount) for amount, _ in lines)
    drawn = [wrapped(text, width, PLAIN, f"{amount:>{wide}}  ", " " * (wide + 2)) for amount, text in lines]
    return [[("Reported against computed cost", STRONG)], *(line for each in drawn for line in each)]


def _equal(compared: Comparison) -> str:
    return "all are equal" if compared.equal == compared.calls else f"{compared.equal:,} are equal"


def _basis(report: Report, view: View, width: int) -> list[Line]:
    lines: list[Line] = [[("What this rests on", STRONG)]]
    for note in basis.of_audit(report, show_rejects=view.show_rejects):
        style = MISSING if note.warning else PLAIN
        lines += wrapped(note.text, width, style, hanging="  ")
        for text in note.lines:
            lines += wrapped(text, width, style, "  ", "    ")
    return lines


def _assumptions(report: Report, top: int, width: int) -> list[Line]:
    texts = [*report.assumptions, *savings.methods(savings.shown(report, top))]
    return [line for text in texts for line in wrapped(text, width, DIM, hanging="  ")]
