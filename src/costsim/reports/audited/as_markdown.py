"""Markdown for a pull request or a wiki: the answer, the tables, the savings, the rest folded away."""

from decimal import Decimal

from costsim.reports import basis, numbers
from costsim.reports.audited import allowances, answer, savings
from costsim.reports.audited.groups import NOTHING, Table, Tables, tables
from costsim.reports.contract import View
from costsim.reports.legible import ascii_only, legible
from costsim.reports.markup import key, prose, table
from costsim.summary.report import Comparison, Report


def render(report: Report, view: View) -> str:
    """Return the report as GitHub's Markdown."""
    report = legible(report, unicode=view.unicode)
    found = tables(report, view.top)
    blocks = [
        *_answer(report),
        *(_group(group, found) for group in found.tables if group.rows),
        *_allowances(report),
        *_savings(report, view.top),
        *_compared(report.comparison),
        _folded(report, view),
    ]
    text = "\n\n".join(blocks) + "\n"
    return text if view.unicode else ascii_only(text)


def _answer(report: Report) -> list[str]:
    first, *others = answer.rates(report)
    lines = [f"### costsim: {answer.total(report)} {first}", " · ".join(others)]
    lines += [" · ".join(parts) for parts in (answer.spend(report), answer.events(report))]
    return [line for line in lines if line]


def _group(group: Table, found: Tables) -> str:
    if group.said:
        return f"**{group.title}**: {group.said}"
    head = [*(f"**{name}**" for name in group.names), *(column.header for column in found.columns)]
    rows = [[*map(key, row.key), *(" ".join(cell.split()) for cell in row.cells)] for row in group.rows]
    rest = f"\n\n{group.rest}" if group.rest else ""
    return table(head, rows, left=len(group.names)) + rest


def _allowances(report: Report) -> list[str]:
    rows = [[f"**{amount}**", prose(text)] for amount, text in allowances.lines(report)]
    return [table([allowances.TITLE, ""], rows, left=2)] if rows else []


def _savings(report: Report, top: int) -> list[str]:
    if not report.findings:
        return []
    found = savings.shown(report, top)
    rows = [
        [
            f"**{each.amount}**" if each.known else each.amount,
            each.spend or NOTHING,
            prose(each.finding.title),
            prose(each.finding.do),
        ]
        for each in found
    ]
    left = savings.rest(report, found)
    heading = f"**What could be saved** ({savings.together(report)})"
    return [heading, table(["saves", "of", "what", "do"], rows, left=0, right=2), *([left] if left else [])]


def _compared(compared: Comparison | None) -> list[str]:
    if compared is None:
        return []
    reported, computed = Decimal(compared.reported_usd), Decimal(compared.computed_usd)
    heading = (
        f"**Reported against computed cost** of {numbers.plural(compared.calls, 'call')}: "
        f"{numbers.money(reported)} reported, {numbers.money(computed)} computed, {compared.equal:,} equal"
    )
    amounts = [Decimal(each.difference_usd) for each in compared.differences]
    digits = numbers.places(amounts)
    rows = [
        [prose(each.reason), numbers.count(each.calls), numbers.change(amount, digits)]
        for each, amount in zip(compared.differences, amounts, strict=True)
    ]
    return [heading, table(["why", "calls", "difference"], rows, left=1)] if rows else [heading]


def _folded(report: Report, view: View) -> str:
    notes = basis.of_audit(report, show_rejects=view.show_rejects)
    lines = [
        line for note in notes for line in (f"- {prose(note.text)}", *(f"  - {prose(each)}" for each in note.lines))
    ]
    lines += [f"- {prose(text)}" for text in (*report.assumptions, *savings.methods(savings.shown(report, view.top)))]
    return "\n".join(["<details><summary>What this rests on</summary>", "", *lines, "", "</details>"])
