"""The report on a terminal: the answer, where it goes, what could be saved, what the figures rest on."""

from collections.abc import Sequence
from decimal import Decimal

from costsim.reports import answer, basis, layout, numbers
from costsim.reports.contract import View
from costsim.reports.groups import NOTHING, tables
from costsim.reports.layout import DIM, MISSING, PLAIN, SAVING, STRONG, Line, wrapped
from costsim.reports.legible import ascii_only, legible
from costsim.summary.report import Comparison, Finding, Report

_STYLES = {
    layout.PLAIN: "",
    layout.STRONG: "bold",
    layout.DIM: "dim",
    layout.SAVING: "green",
    layout.MISSING: "yellow",
    layout.BAR: "cyan",
}
"""A colour means one thing: green can be saved, yellow is missing from the figures, cyan is a size."""
_LEAST_WIDTH = 40
_ROOM_FOR_SPEND = 80
_MOST_PROSE = 120
"""Sentences longer than this are hard to read, however wide the terminal."""


def render(report: Report, view: View) -> str:
    """Return the report for a terminal, or for a pipe where the view has no colour; no line is wider than the view."""
    report, width = legible(report, unicode=view.unicode), max(view.width, _LEAST_WIDTH)
    prose = min(width, _MOST_PROSE)
    sections = [
        _answer(report, width),
        *_groups(report, view.top, width),
        _savings(report, view.top, prose),
        _comparison(report.comparison, prose) if report.comparison else [],
        _basis(report, view, prose),
        _assumptions(report, view.top, prose),
    ]
    lines = [line for section in sections if section for line in (*section, [])][:-1]
    return _painted([_trimmed(line, view.unicode) for line in lines], view.colour)


def _answer(report: Report, width: int) -> list[Line]:
    total, (first, *others) = answer.total(report), answer.rates(report)
    top, *more = layout.joined([f"{total}  {first}", *others], "   ", width)
    lines: list[Line] = [[(top[: len(total)], STRONG), (top[len(total) :], PLAIN)]]
    lines += [[(text, PLAIN)] for text in more]
    for parts in (answer.spend(report.totals), answer.events(report)):
        lines += [[(text, PLAIN)] for text in layout.joined(parts, " · ", width)]
    return lines


def _groups(report: Report, top: int, width: int) -> list[list[Line]]:
    found = tables(report, top)
    fitted = layout.fit(found, width)
    return [layout.drawn(table, found, fitted) for table in found.tables if table.rows]


def _savings(report: Report, top: int, width: int) -> list[Line]:
    if not report.totals.priced:
        return []
    shown = report.findings[:top]
    lines = _heading("What could be saved", _together(report), width)
    lines += _findings(shown, width)
    left = len(report.findings) - len(shown)
    if left:
        lines.append([(f"{left:,} more; --top {len(report.findings)} shows all", DIM)])
    return lines


def _heading(title: str, more: str, width: int) -> list[Line]:
    first, *others = wrapped(f"{title} {more}".rstrip(), width)
    text = first[0][0]
    return [[(text[: len(title)], STRONG), (text[len(title) :], DIM)], *others]


def _together(report: Report) -> str:
    together = Decimal(report.findings_together_usd)
    if not together:
        return "(nothing that is looked for was found)"
    share = numbers.percent(together / Decimal(report.totals.cost_usd), floor=True)
    return f"(each on its own; together at most {numbers.money(together)}, {share} of the cost)"


def _findings(findings: Sequence[Finding], width: int) -> list[Line]:
    """The amount, of what it is a part, what it is; and what to do, once for each kind."""
    savings = [None if each.could_save_usd is None else Decimal(each.could_save_usd) for each in findings]
    digits = numbers.places(saving for saving in savings if saving is not None)
    amounts = [NOTHING if saving is None else numbers.money(saving, digits) for saving in savings]
    spends = [_of(finding, digits) if width >= _ROOM_FOR_SPEND else "" for finding in findings]
    wide, spent = max(map(len, amounts), default=0), max(map(len, spends), default=0)
    lines: list[Line] = []
    told: set[str] = set()
    for finding, amount, spend in zip(findings, amounts, spends, strict=True):
        style = MISSING if finding.could_save_usd is None else SAVING
        start = [(f"{amount:>{wide}}", style), (f" {spend:>{spent}}".rstrip().ljust(spent + 1), DIM)]
        lines += _finding(finding, start, wide + spent + 3, width, finding.id not in told)
        told.add(finding.id)
    return lines


def _of(finding: Finding, digits: int) -> str:
    return (
        f"of {numbers.money(Decimal(finding.spend_usd), digits)}"
        if finding.could_save_usd is not None
        else ""
    )


def _finding(finding: Finding, start: Line, indent: int, width: int, with_do: bool) -> list[Line]:
    space = " " * indent
    first, *others = wrapped(finding.title, width, indent=space)
    lines: list[Line] = [[*start, ("  " + first[0][0][indent:], PLAIN)], *others]
    return lines + (wrapped(f"→ {finding.do}", width, DIM, space, space + "  ") if with_do else [])


def _comparison(compared: Comparison, width: int) -> list[Line]:
    reported, computed = Decimal(compared.reported_usd), Decimal(compared.computed_usd)
    text = (
        f"(of {numbers.plural(compared.calls, 'call')} with both; {compared.equal:,} are equal) "
        f"{numbers.money(reported)} reported, {numbers.money(computed)} computed, {numbers.change(reported - computed)}"
    )
    lines = _heading("Reported against computed cost", text, width)
    amounts = [Decimal(each.difference_usd) for each in compared.differences]
    digits = numbers.places(amounts)
    shown = [numbers.change(amount, digits) for amount in amounts]
    wide = max(map(len, shown), default=0)
    for each, amount in zip(compared.differences, shown, strict=True):
        text = f"{numbers.plural(each.calls, 'call')}: {each.reason}"
        lines += wrapped(text, width, indent=f"{amount:>{wide}}  ", hanging=" " * (wide + 2))
    return lines


def _basis(report: Report, view: View, width: int) -> list[Line]:
    lines: list[Line] = [[("What this rests on", STRONG)]]
    for note in basis.notes(report, show_rejects=view.show_rejects):
        style = MISSING if note.warning else PLAIN
        lines += wrapped(note.text, width, style)
        for text in note.lines:
            lines += wrapped(text, width, style, "  ", "    ")
    return lines


def _assumptions(report: Report, top: int, width: int) -> list[Line]:
    texts = [*report.assumptions, *basis.methods(report, top)]
    return [line for text in texts for line in wrapped(text, width, DIM, hanging="  ")]


def _trimmed(line: Line, unicode: bool) -> Line:
    """A line without spaces at its end, in the characters that the reader's terminal has."""
    spans = [(text if unicode else ascii_only(text), style) for text, style in line]
    while spans and not spans[-1][0].strip():
        spans.pop()
    return [*spans[:-1], (spans[-1][0].rstrip(), spans[-1][1])] if spans else []


def _painted(lines: Sequence[Line], colour: bool) -> str:
    if not colour:
        return "".join("".join(text for text, _ in line) + "\n" for line in lines)
    return _coloured(lines)


def _coloured(lines: Sequence[Line]) -> str:
    from rich.color import ColorSystem  # only here: nothing but a terminal with colours needs rich
    from rich.style import Style

    styles = {name: Style.parse(definition) for name, definition in _STYLES.items()}
    return "".join(
        "".join(styles[style].render(text, color_system=ColorSystem.STANDARD) for text, style in line) + "\n"
        for line in lines
    )
