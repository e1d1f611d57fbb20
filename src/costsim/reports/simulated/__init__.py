"""What `simulate` says, in every output; the renderers of `costsim.reports` draw audits."""

from typing import Protocol

from costsim.reports.contract import View
from costsim.reports.simulated import as_csv, as_json, as_markdown, terminal
from costsim.summary.simulation.report import SimulationReport


class SimulationRenderer(Protocol):
    """One output of a simulation."""

    def render(self, report: SimulationReport, view: View) -> str:
        """Return the whole output, ending with a newline; read and write nothing."""


RENDERERS: dict[str, SimulationRenderer] = {
    "table": terminal,
    "json": as_json,
    "csv": as_csv,
    "markdown": as_markdown,
}
"""What --format names."""
