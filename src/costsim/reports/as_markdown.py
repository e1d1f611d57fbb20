"""Markdown for a pull request or a wiki: the answer, the tables, the savings, the rest folded away."""

import re
from collections.abc import Sequence
from decimal import Decimal

from costsim.reports import answer, basis, numbers, savings
from costsim.reports.contract import View
from costsim.reports.groups import NOTHING, Table, Tables, tables
from costsim.reports.legible import ascii_only, legible
from costsim.summary.report import Comparison, Report

_CODE = re.compile(r"(`[^`]*`)")
_SPECIAL = re.compile(r"([\\|<>*_~\[\]#&])")


def render(report: Report, view: View) -> str:
    """Return the report as GitHub's Markdown."""
    report = legible(report, unicode=view.unicode)
    found = tables(report, view.top)
    blocks = [
        *_answer(report),
        *(_group(table, found) for table in found.tables if table.rows),
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


def _group(table: Table, found: Tables) -> str:
    if table.said:
        return f"**{table.title}**: {table.said}"
    head = [*(f"**{name}**" for name in table.names), *(column.header for column in found.columns)]
    rows = [[*map(_key, row.key), *(" ".join(cell.split()) for cell in row.cells)] for row in table.rows]
    rest = f"\n\n{table.rest}" if table.rest else ""
    return _table(head, rows, left=len(table.names)) + rest


def _savings(report: Report, top: int) -> list[str]:
    if not report.findings:
        return []
    found = savings.shown(report, top)
    rows = [
        [
            f"**{each.amount}**" if each.known else each.amount,
            each.spend or NOTHING,
            _prose(each.finding.title),
            _prose(each.finding.do),
        ]
        for each in found
    ]
    left = savings.rest(report, found)
    heading = f"**What could be saved** ({savings.together(report)})"
    return [heading, _table(["saves", "of", "what", "do"], rows, left=0, right=2), *([left] if left else [])]


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
        [_prose(each.reason), numbers.count(each.calls), numbers.change(amount, digits)]
        for each, amount in zip(compared.differences, amounts, strict=True)
    ]
    return [heading, _table(["why", "calls", "difference"], rows, left=1)] if rows else [heading]


def _folded(report: Report, view: View) -> str:
    notes = basis.notes(report, show_rejects=view.show_rejects)
    lines = [
        line for note in notes for line in (f"- {_prose(note.text)}", *(f"  - {_prose(each)}" for each in note.lines))
    ]
    lines += [f"- {_prose(text)}" for text in (*report.assumptions, *savings.methods(savings.shown(report, view.top)))]
    return "\n".join(["<details><summary>What this rests on</summary>", "", *lines, "", "</details>"])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int, right: int | None = None) -> str:
    """A table: `left` columns of words, then `right` (None: all others) of numbers, the rest words again."""
    numbers_of = len(head) - left if right is None else right
    rules = ["---"] * left + ["--:"] * numbers_of + ["---"] * (len(head) - left - numbers_of)
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in (head, rules, *rows))


def _key(text: str) -> str:
    """A name as code, whatever is in it; what stands for a missing name is left as words."""
    if text.startswith("(") and text.endswith(")"):
        return text
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")


def _prose(text: str) -> str:
    """A sentence in which nothing is taken for markup but `code`, and nobody is notified."""
    parts = _CODE.split(text)
    return "".join(
        part.replace("|", "\\|") if place % 2 else _SPECIAL.sub(r"\\\1", part).replace("@", "@<!-- -->")
        for place, part in enumerate(parts)
    )
