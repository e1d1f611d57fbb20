"""What `audit` says, for people and for programs; each module formats and computes nothing."""

from costsim.reports.audited import as_csv, as_json, as_markdown, terminal
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
