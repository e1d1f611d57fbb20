"""Renderers: a report as text, in one shape each; they format and never compute, read or write.

To add one: a module that satisfies `Renderer`, its line in `RENDERERS`, its goldens in the tests. A heavy
library is imported only when something is drawn with it.
"""

from costsim.reports import as_csv, as_json, as_markdown, terminal
from costsim.reports.contract import Renderer, View
from costsim.summary.report import Report

__all__ = ["RENDERERS", "Renderer", "View", "render"]

RENDERERS: dict[str, Renderer] = {
    "table": terminal,
    "json": as_json,
    "csv": as_csv,
    "markdown": as_markdown,
}
"""What --format names."""


def render(name: str, report: Report, view: View) -> str:
    """Return the report in the format of that name."""
    return RENDERERS[name].render(report, view)
