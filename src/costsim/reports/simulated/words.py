"""A simulation in words and numbers, alike in every output: one line for each policy, a table of routes, controls."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from costsim.reports import numbers
from costsim.summary.simulation.report import Control, FailurePair, PolicyLine, Quality, RouteLine, SimulationReport

NOTHING = "—"
METHODOLOGY = "docs/methodology.md"
_CONTROLS = {
    "all-cheapest": "cheapest only",
    "all-strongest": "strongest only",
    "best-single-model": "best single model",
    "random-same-mix": "random, same mix",
    "same-tokens": "if tokens stayed the same",
    "misclassified": "with misclassified tasks",
}
_LOSS = 0


class Answer(msgspec.Struct, frozen=True):
    """One policy in a line."""

    name: str
    cost: str
    saves: str
    interval: str
    more: tuple[str, ...]
    """How it went: escalations, fallbacks, a month of it."""
    is_loss: bool


def answers(report: SimulationReport) -> list[Answer]:
    """Return every policy; amounts have the digits of the largest."""
    digits = _digits(report)
    return [_answer(policy, digits) for policy in report.policies]


def logged(report: SimulationReport) -> tuple[str, str]:
    """Return what the calls cost as they were made, and for how many that is."""
    baseline = report.baseline
    days = report.window.days
    time = f" over {numbers.duration(days)}" if days else ""
    cost = Decimal(baseline.cost_usd)
    month = f", {numbers.about(Decimal(baseline.monthly_usd), cost)} a month" if baseline.monthly_usd else ""
    return (
        numbers.money(cost, _digits(report)),
        f"for {numbers.plural(baseline.calls, 'call')}{time}{month}",
    )


def _digits(report: SimulationReport) -> int:
    amounts = [report.baseline.cost_usd, *(policy.cost_usd for policy in report.policies)]
    return numbers.places(Decimal(amount) for amount in amounts)


def _answer(policy: PolicyLine, digits: int) -> Answer:
    savings = Decimal(policy.savings_usd)
    verb = "saves" if savings >= _LOSS else "costs"
    more = "" if savings >= _LOSS else " more"
    share = "" if policy.savings_pct is None else f" ({_percent(policy.savings_pct)})"
    return Answer(
        policy.name,
        numbers.money(Decimal(policy.cost_usd), digits),
        f"{verb} {numbers.money(abs(savings), digits)}{more}{share}",
        _interval(policy, digits),
        tuple(_events(policy)),
        savings < _LOSS,
    )


def _percent(savings: float) -> str:
    """Savings are rounded down where they are computed; a loss keeps its sign."""
    return f"{savings:,.1f} %".replace("-", "−")


def _interval(policy: PolicyLine, digits: int) -> str:
    interval = policy.interval
    if interval is None:
        return "no interval: too few conversations"
    ends = Decimal(interval.savings_low_usd), Decimal(interval.savings_high_usd)
    low, high = (numbers.money(amount, digits) for amount in ends)
    between = f"saves between {low} and {high}"
    if max(ends) < _LOSS:
        between = f"costs between {numbers.money(-ends[1], digits)} and {numbers.money(-ends[0], digits)} more"
    return f"{interval.level:.0%} sure: {between}".replace("%", " %")


def _events(policy: PolicyLine) -> list[str]:
    said = []
    if policy.escalation_rate:
        said.append(f"escalates {numbers.percent(policy.escalation_rate)}")
    if policy.fallback_rate:
        said.append(f"falls back {numbers.percent(policy.fallback_rate)}")
    if policy.retry_rate:
        said.append(f"retries {numbers.percent(policy.retry_rate)}")
    if policy.served_from_cache:
        said.append(f"{numbers.plural(policy.served_from_cache, 'call')} answered from a cache")
    if policy.quality is not None:
        said.append(_quality(policy.quality))
    if policy.monthly is not None:
        said.append(f"{numbers.about(Decimal(policy.monthly.cost_usd), Decimal(policy.cost_usd))} a month")
    return said


def _quality(quality: Quality) -> str:
    gap = "" if quality.gap_recovered is None else f", {quality.gap_recovered:.0%} of the gap".replace("%", " %")
    return f"score {quality.score:.3f} against {quality.logged_score:.3f} ({quality.scored_calls:,} scored{gap})"


class Column(msgspec.Struct, frozen=True):
    """One column of the table of routes."""

    header: str
    cells: Callable[[Sequence[RouteLine]], list[str]]
    wanted: Callable[[RouteLine], bool] = lambda _: True
    """The column is drawn when this holds for one route at least."""
    words: bool = False


def routes(policy: PolicyLine) -> tuple[list[Column], list[list[str]]]:
    """Return the columns that this policy's routes fill, and the cells of each route."""
    shown = [column for column in COLUMNS if any(column.wanted(route) for route in policy.routes)]
    rows = list(zip(*(column.cells(policy.routes) for column in shown), strict=True))
    return shown, [list(row) for row in rows]


def _amounts(name: str) -> Callable[[Sequence[RouteLine]], list[str]]:
    def cells(found: Sequence[RouteLine]) -> list[str]:
        amounts = [Decimal(getattr(route, name)) for route in found]
        digits = numbers.places(amounts)
        return [numbers.money(amount, digits) for amount in amounts]

    return cells


def _rates(name: str) -> Callable[[Sequence[RouteLine]], list[str]]:
    return lambda found: [_rate(getattr(route, name)) for route in found]


def _rate(rate: float | None) -> str:
    if rate is None:
        return NOTHING
    if rate > 1:
        return ">100 %"  # even if every call escalates
    return numbers.percent(rate, aligned=True) if rate >= 0 else "never"


def _escalations(found: Sequence[RouteLine]) -> list[str]:
    """Rates with the word for where they come from, that nobody takes a prior for a measurement."""
    wide = max(len(route.escalation_basis or "") for route in found)
    return [
        f"{_rate(route.escalation_rate)} {route.escalation_basis:<{wide}}" if route.escalation_basis else NOTHING
        for route in found
    ]


def _scores(name: str) -> Callable[[Sequence[RouteLine]], list[str]]:
    return lambda found: [NOTHING if (score := getattr(route, name)) is None else f"{score:.3f}" for route in found]


def _counts(name: str) -> Callable[[Sequence[RouteLine]], list[str]]:
    return lambda found: [numbers.count(getattr(route, name)) for route in found]


def _saved(found: Sequence[RouteLine]) -> list[str]:
    return [NOTHING if route.savings_pct is None else _percent(route.savings_pct) for route in found]


COLUMNS = (
    Column("Route", lambda found: [route.route for route in found], words=True),
    Column("calls", _counts("calls")),
    Column("now", _amounts("baseline_cost_usd")),
    Column("then", _amounts("cost_usd")),
    Column("saves", _saved),
    Column("fit nowhere", _counts("unroutable"), lambda route: route.unroutable > 0),
    Column("no price", _counts("unchanged_unpriced"), lambda route: route.unchanged_unpriced > 0),
    Column("escalates", _escalations, lambda route: route.escalation_rate is not None),
    Column("breaks even at", _rates("break_even_escalation_rate"),
           lambda route: route.break_even_escalation_rate is not None),
    Column("attempts", lambda found: [NOTHING if r.attempts is None else f"{r.attempts:.2f}" for r in found],
           lambda route: route.attempts is not None and route.attempts != 1),
    Column("falls back", _rates("fallback_rate"), lambda route: bool(route.fallback_rate)),
    Column("from cache", _counts("served_from_cache"), lambda route: route.served_from_cache > 0),
    Column("scored now", _scores("logged_score"), lambda route: route.score is not None),
    Column("scored then", _scores("score"), lambda route: route.score is not None),
    Column("goes to", lambda found: [_models(route.model) for route in found],
           lambda route: route.model is not None, words=True),
)  # fmt: skip


def _models(names: str | None) -> str:
    """Models without their provider, which the JSON has."""
    return NOTHING if names is None else " > ".join(name.partition("/")[2] or name for name in names.split(" > "))


def controls(report: SimulationReport, policy: PolicyLine) -> list[tuple[str, str, str]]:
    """Return name, cost and meaning of everything that a policy is compared with."""
    digits = _digits(report)
    found = [each for each in report.controls if each.policy == policy.name]
    return [(_CONTROLS[each.name], _cost(each, digits), each.how) for each in found]


def _cost(control: Control, digits: int) -> str:
    return numbers.money(Decimal(control.cost_usd), digits)


def judged(policy: PolicyLine) -> list[tuple[str, str, str]]:
    """Return what is known of the quality of a policy's answers: value, name and meaning."""
    quality = policy.quality
    if quality is None:
        return []
    scored = numbers.plural(quality.scored_calls, "call")
    over = f"expected, over {scored} with scores; {quality.logged_score:.3f} as logged"
    found = [(f"{quality.score:.3f}", "score", over)]
    if quality.aiq is not None:
        found.append((f"{quality.aiq:.3f}", "AIQ", "mean score over all budgets from cheapest only to strongest only"))
    few = f", by {quality.compared_calls:,} calls" if quality.compared_calls < quality.scored_calls else ""
    shares = {
        "PGR": (quality.gap_recovered, f"of the gap from cheapest only to strongest only is recovered{few}"),
        "APGR": (quality.apgr, "of it on average, whatever share of calls may ask the strongest model"),
        "CPT(50 %)": (quality.cpt_50, "of calls must ask the strongest model to recover half of it"),
        "CPT(80 %)": (quality.cpt_80, "of calls must ask it to recover 80 %"),
    }
    found += [(numbers.percent(share), name, how) for name, (share, how) in shares.items() if share is not None]
    return found + [_together(pair) for pair in quality.failures]


def _together(pair: FailurePair) -> tuple[str, str, str]:
    one, other = (model.partition("/")[2] or model for model in pair.models)
    apart = numbers.percent(pair.if_independent)
    how = f"{one} and {other}, of {numbers.plural(pair.calls, 'call')}; {apart} if that were independent"
    return numbers.percent(pair.both_fail), "both fail", how


def levers(policy: PolicyLine) -> list[tuple[str, str]]:
    """Return what each lever of a policy saves."""
    amounts = [Decimal(line.savings_usd) for line in policy.levers]
    digits = numbers.places(amounts)
    return [(line.lever, numbers.money(amount, digits)) for line, amount in zip(policy.levers, amounts, strict=True)]


def sweep(report: SimulationReport) -> list[str]:
    """Return one line for each value that was tried, lined up."""
    digits = numbers.places(Decimal(point.cost_usd) for point in report.sweep)
    told = [
        (
            f"{point.policy}: {point.key} = {point.value:g}",
            numbers.money(Decimal(point.cost_usd), digits),
            numbers.money(Decimal(point.savings_usd), digits),
            NOTHING if point.savings_pct is None else _percent(point.savings_pct),
        )
        for point in report.sweep
    ]
    sizes = [max(map(len, column)) for column in zip(*told, strict=True)]
    return [
        f"{what:<{sizes[0]}}   {cost:>{sizes[1]}}   saves {saved:>{sizes[2]}}   {share:>{sizes[3]}}"
        for what, cost, saved, share in told
    ]
