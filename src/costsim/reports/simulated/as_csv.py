"""CSV: one tidy table of the routes of every policy and of the policies themselves, exact amounts."""

import csv
import io
from collections.abc import Iterator

from costsim.reports.contract import View
from costsim.reports.legible import guarded
from costsim.summary.simulation.report import PolicyLine, RouteLine, SimulationReport

_NO_FIGURES = ("route", "obstacles")
_FIGURES = tuple(name for name in RouteLine.__struct_fields__ if name not in _NO_FIGURES)


def render(report: SimulationReport, _: View) -> str:
    """Return a row for each route of each policy, one for each policy, and one for the past."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["policy", "route", *_FIGURES])
    table.writerows(row for policy in report.policies for row in _rows(report, policy))
    table.writerow(_line(report.baseline.name, "total", {
        "calls": report.baseline.calls, "baseline_cost_usd": report.baseline.cost_usd,
        "cost_usd": report.baseline.cost_usd, "savings_usd": "0",
    }))  # fmt: skip
    return text.getvalue()


def _rows(report: SimulationReport, policy: PolicyLine) -> Iterator[list[str]]:
    for route in policy.routes:
        yield _line(policy.name, route.route, {name: getattr(route, name) for name in _FIGURES})
    known = {name: getattr(policy, name) for name in _FIGURES if hasattr(policy, name)}
    if (judged := policy.quality) is not None:
        known |= {name: getattr(judged, name) for name in ("scored_calls", "score", "logged_score")}
    baseline = {"calls": report.baseline.calls, "baseline_cost_usd": report.baseline.cost_usd}
    yield _line(policy.name, "total", baseline | known)


def _line(policy: str, route: str, figures: dict[str, object]) -> list[str]:
    values = (figures.get(name) for name in _FIGURES)
    return [guarded(policy), guarded(route), *("" if value is None else str(value) for value in values)]
