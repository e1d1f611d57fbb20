"""JSON: the report's structs as they are; the keys are an interface."""

import msgspec

from costsim.reports.contract import View
from costsim.summary.report import Report


def render(report: Report, _: View) -> str:
    """Return the report as indented JSON; the same report gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
