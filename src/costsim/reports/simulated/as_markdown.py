"""Markdown for a pull request or a wiki: the answer, the routes, the controls, the rest folded away."""

from costsim.reports import basis
from costsim.reports.contract import View
from costsim.reports.legible import ascii_only, legible
from costsim.reports.markup import key, prose, table
from costsim.reports.simulated import words
from costsim.summary.simulation.report import PolicyLine, SimulationReport


def render(report: SimulationReport, view: View) -> str:
    """Return the report as GitHub's Markdown."""
    report = legible(report, unicode=view.unicode)
    blocks = [
        _answers(report),
        *(block for policy in report.policies for block in _policy(report, policy)),
        *_sweep(report),
        _folded(report, view),
    ]
    text = "\n\n".join(blocks) + "\n"
    return text if view.unicode else ascii_only(text)


def _answers(report: SimulationReport) -> str:
    cost, said = words.logged(report)
    rows = [
        [key(each.name), f"**{each.cost}**", prose(each.saves), prose(each.interval), prose(" · ".join(each.more))]
        for each in words.answers(report)
    ]
    rows.append(["as logged", cost, prose(said), "", ""])
    return table(["policy", "cost", "against the log", "interval", ""], rows, left=1, right=1)


def _policy(report: SimulationReport, policy: PolicyLine) -> list[str]:
    columns, rows = words.routes(policy)
    last = 1 if columns[-1].words else 0
    cells = [
        [
            key(cell) if column.words and cell != words.NOTHING else cell
            for cell, column in zip(row, columns, strict=True)
        ]
        for row in rows
    ]
    found = [
        f"**{prose(policy.name)}**",
        table([column.header for column in columns], cells, left=1, right=len(columns) - 1 - last),
    ]
    if controls := words.controls(report, policy):
        lines = [[cost, name, prose(how)] for name, cost, how in controls]
        found.append(table(["cost", "compared with", ""], lines, left=0, right=1))
    if judged := words.judged(policy):
        found.append(
            table(["quality", "", ""], [[value, name, prose(how)] for value, name, how in judged], left=0, right=1)
        )
    if levers := words.levers(policy):
        found.append(table(["lever", "saves"], [[key(name), amount] for name, amount in levers], left=1))
    return found


def _sweep(report: SimulationReport) -> list[str]:
    return ["\n".join(["```", *words.sweep(report), "```"])] if report.sweep else []


def _folded(report: SimulationReport, view: View) -> str:
    notes = basis.notes(report.coverage, report.window, report.prices, show_rejects=view.show_rejects)
    lines = [
        line for note in notes for line in (f"- {prose(note.text)}", *(f"  - {prose(each)}" for each in note.lines))
    ]
    lines += [f"- {prose(each.text)} ({words.METHODOLOGY}, {each.section})" for each in report.assumptions]
    return "\n".join(["<details><summary>What this rests on</summary>", "", *lines, "", "</details>"])
