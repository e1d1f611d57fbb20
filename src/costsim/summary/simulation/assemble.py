"""Sums of replays -> SimulationReport: every figure as it is printed, exact, with what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from costsim.ingest.kept.store import Manifest
from costsim.policies.routes import way_of
from costsim.prices import PriceTable
from costsim.replay.outcome import NO_RULE
from costsim.replay.simulating import Simulation
from costsim.schema import usd
from costsim.summary.coverage import coverage_of
from costsim.summary.printed import SCHEMA_VERSION, a_month, days_of, money, prices_of, window_of
from costsim.summary.simulation import assumptions, controls, intervals, judged
from costsim.summary.simulation.amounts import Amounts, RuleAmounts, amounts
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.doubts import doubts
from costsim.summary.simulation.escalations import Bases, bases
from costsim.summary.simulation.report import (
    Baseline,
    Interval,
    LeverLine,
    Monthly,
    PolicyLine,
    RouteLine,
    SimulationReport,
    SweepPoint,
)
from costsim.summary.simulation.runs import Run
from costsim.summary.simulation.silent import Seen
from costsim.summary.simulation.staying import obstacles
from costsim.summary.simulation.sums import PolicySums
from costsim.summary.simulation.totals import SimulationSums

NO_ROUTE = "(no rule)"
AS_LOGGED = "as-logged"
_TENTH = Decimal("0.1")
_CENT = Decimal("0.01")


def report(
    manifest: Manifest,
    prices: PriceTable,
    ask: Ask,
    simulations: Sequence[Simulation],
    found: SimulationSums,
    seen: Seen,
) -> SimulationReport:
    """Return what the replays of all batches say; `seen` is what the log has of that which policies ask for."""
    replays = [amounts(sums) for sums in found.runs]
    baseline, logged = replays[0].baseline, _baseline(replays[0], found)
    own = [place for place, run in enumerate(ask.runs) if run.is_policy]
    return SimulationReport(
        schema_version=SCHEMA_VERSION,
        command="simulate",
        window=window_of(found.basis),
        prices=prices_of(prices, ask.question),
        coverage=coverage_of(manifest, found.basis, prices, replays[0].calls),
        baseline=logged,
        policies=[
            _policy(place, simulations[place], replays, ask.runs, found, scored=bool(ask.scores)) for place in own
        ],
        controls=list(controls.of(ask.runs, replays, prices)),
        sweep=[
            SweepPoint(
                run.policy.name, *run.point, money(each.cost), money(baseline - each.cost), percent(baseline, each.cost)
            )
            for run, each in zip(ask.runs, replays, strict=True)
            if run.point is not None
        ],
        assumptions=assumptions.of(ask, simulations, found, replays, logged, seen),
    )


def _baseline(replay: Amounts, found: SimulationSums) -> Baseline:
    """The calls as they were, as the replay of any policy knows them."""
    cost, undated = replay.baseline, replay.undated_baseline
    return Baseline(
        name=AS_LOGGED,
        calls=replay.calls,
        cost_usd=money(cost),
        monthly_usd=a_month(cost - undated, days_of(found.basis)),
        undated_calls=found.basis.basis.undated,
        undated_cost_usd=money(undated),
    )


def _policy(
    place: int,
    simulation: Simulation,
    replays: Sequence[Amounts],
    runs: Sequence[Run],
    found: SimulationSums,
    *,
    scored: bool,
) -> PolicyLine:
    replay, sums = replays[place], found.runs[place]
    cost, baseline = replay.cost, replay.baseline
    dated, dated_baseline = cost - replay.undated_cost, baseline - replay.undated_baseline
    days = days_of(found.basis)
    monthly = a_month(dated, days)
    return PolicyLine(
        name=simulation.policy.name,
        hash=simulation.policy.hash,
        cost_usd=money(cost),
        savings_usd=money(baseline - cost),
        savings_pct=percent(baseline, cost),
        interval=_interval(simulation, replay, sums, found),
        monthly=None if monthly is None else Monthly(monthly, a_month(dated_baseline - dated, days) or "0"),
        undated_cost_usd=money(replay.undated_cost),
        escalation_rate=replay.rate("escalations"),
        fallback_rate=replay.rate("fallbacks"),
        retry_rate=replay.rate("retries"),
        unroutable=sum(rule.unroutable for rule in replay.rules.values()),
        unchanged_unpriced=sum(rule.unpriced for rule in replay.rules.values()),
        served_from_cache=sum(rule.served for rule in replay.rules.values()),
        routes=list(_routes(simulation, replay, sums, bases(simulation, sums, scored=scored))),
        levers=[
            LeverLine(run.lever, money(without.cost - cost))
            for run, without in zip(runs, replays, strict=True)
            if run.lever is not None and run.of == place
        ],
        quality=judged.quality(place, replay.calls, runs, found.runs, simulation.prices),
    )


def _interval(simulation: Simulation, replay: Amounts, sums: PolicySums, found: SimulationSums) -> Interval | None:
    cost, baseline = float(usd(replay.cost)), float(usd(replay.baseline))
    bounds = intervals.bounds(cost, baseline, sums.buckets, found.past.buckets, doubts(simulation, sums))
    if bounds is None:
        return None
    low, high, least, most = (
        f"{Decimal(amount).quantize(_places(cost)):f}"
        for amount in (bounds.cost_low, bounds.cost_high, bounds.savings_low, bounds.savings_high)
    )
    return Interval(intervals.LEVEL, low, high, least, most)


def _places(cost: float) -> Decimal:
    """Bounds are told to the cent, those of small amounts to three figures."""
    return min(_CENT, Decimal(1).scaleb(Decimal(cost).adjusted() - 2)) if cost > 0 else _CENT


def _routes(
    simulation: Simulation, replay: Amounts, sums: PolicySums, escalations: Mapping[int, Bases]
) -> Iterator[RouteLine]:
    """The rules in the order of the policy, those that take no call too; then the calls of no rule."""
    rules = simulation.policy.rules
    for number in [*range(len(rules)), NO_RULE]:
        rule = replay.rules.get(number, RuleAmounts())
        if number == NO_RULE and not rule.calls:
            continue
        name = NO_ROUTE if number == NO_RULE else rules[number].name
        basis = ", ".join(escalations.get(number, ()))
        line = _route(simulation, name, number, rule, replay.calls)
        line.obstacles = obstacles(simulation, sums, {number})
        line.escalation_basis = (basis or None) if rule.cascades else None
        line.scored_calls, line.score, line.logged_score = judged.of_route(sums.quality, number)
        yield line


def _route(simulation: Simulation, name: str, number: int, rule: RuleAmounts, calls: int) -> RouteLine:
    of_call = Fraction(1, rule.calls) if rule.calls else Fraction(0)
    routed = number != NO_RULE and way_of(simulation.policy.rules[number].route) != "as_logged"
    return RouteLine(
        route=name,
        model=_models(simulation.prices, rule) if routed else None,
        calls=rule.calls,
        share=rule.calls / calls if calls else 0.0,
        attempts=float(rule.requests / rule.routed) if rule.routed else None,
        baseline_cost_usd=money(rule.baseline),
        cost_usd=money(rule.cost),
        savings_usd=money(rule.baseline - rule.cost),
        savings_pct=percent(rule.baseline, rule.cost),
        escalation_rate=rule.escalation_rate,
        escalation_basis=None,
        break_even_escalation_rate=rule.break_even,
        fallback_rate=float(rule.fallbacks * of_call),
        retry_rate=float(rule.retries * of_call),
        unroutable=rule.unroutable,
        unchanged_unpriced=rule.unpriced,
        served_from_cache=rule.served,
        obstacles=[],
    )


def _models(prices: PriceTable, rule: RuleAmounts) -> str | None:
    """The models that answer, those with the most requests first."""
    ranked = sorted(rule.models.items(), key=lambda item: (-item[1], item[0]))
    return " > ".join(prices.book.keys[model] for model, expected in ranked if expected) or None


def percent(baseline: int, cost: int) -> float | None:
    """Return a saving in per cent of the baseline, rounded down to a tenth; None where nothing was paid."""
    if not baseline:
        return None
    exact = Decimal(baseline - cost) * 100 / Decimal(baseline)
    return float(exact.quantize(_TENTH, ROUND_FLOOR))
