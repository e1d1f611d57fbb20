"""Two policies side by side, route by route: what `policy diff` prints."""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from costsim.reports import numbers
from costsim.reports.aligned import columns
from costsim.reports.legible import clean
from costsim.reports.names import shortened
from costsim.reports.simulated.words import NOTHING
from costsim.summary.simulation.report import PolicyLine, RouteLine, SimulationReport

_ROUTE = 32
_RIGHT = (1, 2, 3, 4, 5)


class RouteDifference(msgspec.Struct, frozen=True):
    """One route under two policies; None where a policy has no such route."""

    route: str
    calls: tuple[int | None, int | None]
    cost_usd: tuple[str | None, str | None]
    difference_usd: str
    """The second policy's cost less the first's."""


class PolicyDifference(msgspec.Struct, frozen=True):
    """Two policies over the same calls; routes add up to the policies exactly."""

    schema_version: str
    command: str
    policies: tuple[str, str]
    calls: int
    baseline_cost_usd: str
    cost_usd: tuple[str, str]
    difference_usd: str
    routes: list[RouteDifference]


def difference(report: SimulationReport) -> PolicyDifference:
    """Return what the second of two policies costs more or less than the first, by route."""
    first, second = report.policies
    names = list(dict.fromkeys(route.route for policy in (first, second) for route in policy.routes))
    routes = [_route(name, first, second) for name in names]
    return PolicyDifference(
        schema_version=report.schema_version,
        command="policy diff",
        policies=(first.name, second.name),
        calls=report.baseline.calls,
        baseline_cost_usd=report.baseline.cost_usd,
        cost_usd=(first.cost_usd, second.cost_usd),
        difference_usd=_less(second.cost_usd, first.cost_usd),
        routes=routes,
    )


def _route(name: str, first: PolicyLine, second: PolicyLine) -> RouteDifference:
    one, other = (_named(name, policy) for policy in (first, second))
    return RouteDifference(
        name,
        (one.calls if one else None, other.calls if other else None),
        (one.cost_usd if one else None, other.cost_usd if other else None),
        _less(other.cost_usd if other else "0", one.cost_usd if one else "0"),
    )


def _named(name: str, policy: PolicyLine) -> RouteLine | None:
    return next((route for route in policy.routes if route.route == name), None)


def _less(cost: str, other: str) -> str:
    amount = f"{Decimal(cost) - Decimal(other):f}"
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def as_table(found: PolicyDifference) -> str:
    """Return one line for each route, and the sums below them; the calls of a policy stand before their cost."""
    digits = numbers.places(Decimal(cost) for cost in found.cost_usd)
    names = shortened([clean(route.route) for route in found.routes], _ROUTE)
    first, second = (clean(name) for name in found.policies)
    rows = [("Route", "calls", first, "calls", second, "difference")]
    for name, route in zip(names, found.routes, strict=True):
        counts = [NOTHING if calls is None else numbers.count(calls) for calls in route.calls]
        costs = [NOTHING if cost is None else numbers.money(Decimal(cost), digits) for cost in route.cost_usd]
        rows.append(
            (name, counts[0], costs[0], counts[1], costs[1], numbers.change(Decimal(route.difference_usd), digits))
        )
    calls = numbers.count(found.calls)
    total = [numbers.money(Decimal(cost), digits) for cost in found.cost_usd]
    rows.append(
        ("(all calls)", calls, total[0], calls, total[1], numbers.change(Decimal(found.difference_usd), digits))
    )
    logged = numbers.money(Decimal(found.baseline_cost_usd), digits)
    return "\n".join([*columns(rows, right=_RIGHT), f"as logged: {logged}"]) + "\n"


def as_json(found: PolicyDifference) -> str:
    """Return the values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


SHAPES: dict[str, Callable[[PolicyDifference], str]] = {"table": as_table, "json": as_json}
"""What `costsim policy diff --format` names."""
