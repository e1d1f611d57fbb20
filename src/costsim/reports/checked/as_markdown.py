"""Markdown for a comment on a pull request: the verdict, what changed, the rest folded; a marker to find it again."""

from collections.abc import Iterator

from costsim.reports.checked import words
from costsim.reports.contract import View
from costsim.reports.legible import legible
from costsim.reports.markup import key, prose, table
from costsim.summary.gate.report import CheckReport

MARKER = "<!-- costsim-check -->"


def render(report: CheckReport, view: View) -> str:
    """Return the report as Markdown; where nothing is worth saying, a single line."""
    report = legible(report, unicode=True)
    sections = [MARKER, f"### costsim {prose(words.headline(report))}", *_missing(report), *_changed(report, view)]
    sections += [*_budgets(report), *_moved(report), _folded("Why the total changed", _parts(report))]
    sections.append(_folded("All routes and tasks", _everything(report, view)))
    sections.append(_folded("What this rests on", _list(words.rests_on(report))))
    return "\n\n".join(section for section in sections if section) + "\n"


def _missing(report: CheckReport) -> Iterator[str]:
    if len(report.missing) > 1:
        yield _list(report.missing)


def _changed(report: CheckReport, view: View) -> Iterator[str]:
    """What got dearer or cheaper, regressions first."""
    lines = [line for line in report.lines if line.finding in ("regression", "improvement")]
    found = words.rows(words.by_finding(lines)[: view.top])
    if found:
        rows = [[_name(row), row.before, row.now, _bold(row), row.month, prose(row.why)] for row in found]
        head = ("route", "per call, before", "per call, now", "change", "a month", "why")
        yield table(head, rows, left=1, right=4)


def _name(row: words.Row) -> str:
    if row.scope == "total":
        return row.name
    return f"task {key(row.name)}" if row.scope == "task" else key(row.name)


def _bold(row: words.Row) -> str:
    return f"**{row.change}**" if row.is_regression else row.change


def _budgets(report: CheckReport) -> Iterator[str]:
    over = [words.budget(line) for line in report.budgets if line.exceeded]
    if over:
        yield _list(over)


def _moved(report: CheckReport) -> Iterator[str]:
    moved = list(words.routes_moved(report))
    if moved:
        yield _list(moved)


def _parts(report: CheckReport) -> str:
    if not report.parts:
        return ""
    rows = [[title, amount, month] for title, amount, month in words.parts(report)]
    return f"Total {prose(words.total(report))}:\n\n" + table(("part", "in this log", "a month"), rows, left=1)


def _everything(report: CheckReport, view: View) -> str:
    lines = words.by_finding(report.lines)
    rows = [
        [_name(row), row.calls, row.before, row.now, row.change, row.finding, words.proof(line)]
        for row, line in zip(words.rows(lines), lines, strict=True)
    ]
    head = ("scope", "calls", "per call, before", "per call, now", "change", "finding", "evidence")
    return table(head, rows[: view.top * 3], left=1, right=4) if rows else ""


def _list(texts: list[str]) -> str:
    return "\n".join(f"- {prose(text)}" for text in texts)


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>" if content else ""
