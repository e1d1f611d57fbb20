"""A simulation on a terminal: one line for each policy, its routes, its controls, and what it rests on."""

from costsim.reports.contract import View
from costsim.summary.simulation.report import SimulationReport


def render(report: SimulationReport, _: View) -> str:
    """Return the report in lines."""
    lines = [f"as logged {report.baseline.cost_usd}"]
    for policy in report.policies:
        lines.append(
            f"{policy.name} {policy.cost_usd} saves {policy.savings_usd} {policy.savings_pct} {policy.interval}"
        )
        lines += [str(route) for route in policy.routes]
    lines += [str(control) for control in report.controls]
    lines += [each.text for each in report.assumptions]
    return "\n".join(lines) + "\n"
