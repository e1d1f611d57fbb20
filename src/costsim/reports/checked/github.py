"""Annotations of GitHub Actions: one line for each problem, which the run shows beside the change."""

from costsim.reports.checked import words
from costsim.reports.contract import View
from costsim.reports.legible import legible
from costsim.summary.gate.report import CheckReport

_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})


def render(report: CheckReport, _: View) -> str:
    """Return workflow commands, the verdict last."""
    report = legible(report, unicode=True)
    lines = [
        f"::{'error' if each.is_error else 'warning'} title=costsim {each.rule}::{each.text.translate(_ESCAPES)}"
        for each in words.problems(report)
    ]
    verdict = f"::notice title=costsim::{words.headline(report).translate(_ESCAPES)}"
    return "\n".join([*lines, verdict]) + "\n"
