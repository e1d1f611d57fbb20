"""Two baselines and limits -> CheckReport: what changed, whether it is material and real, and the verdict."""

from collections.abc import Mapping, Sequence

from costsim.summary.gate.aligned import aligned
from costsim.summary.gate.assumptions import assumptions_of, assumptions_of_replay, worth
from costsim.summary.gate.baseline import Baseline, Scope, amount
from costsim.summary.gate.budgets import Spending, budget_lines, unseen
from costsim.summary.gate.evidence import TOO_FEW, missing_of
from costsim.summary.gate.judged import line_of, monthly, parts_of
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.lines import Comparison
from costsim.summary.gate.parts import Amounts, Side, added, rounded, sides, split
from costsim.summary.gate.report import BudgetLine, CheckReport, Line, Moved, SideOf, Verdict
from costsim.summary.gate.sentence import sentence
from costsim.summary.gate.undated import Months, Undated
from costsim.summary.printed import money

SCHEMA_VERSION = "1"
NAMES = ("baseline", "this log")
"""What the two sides are called where nothing better is known."""


def judge(
    before: Baseline,
    now: Baseline,
    limits: Limits,
    spending: Spending,
    *,
    names: tuple[str, str] = NAMES,
    replayed: Mapping[Scope, Amounts] | None = None,
    other_prices: bool = False,
) -> CheckReport:
    """Return what a comparison says.

    `replayed`: why each scope changed, where one log was replayed twice, which leaves no noise. `other_prices`: whether
    the two may be priced by different tables.
    """
    exact = replayed is not None
    before, now, joined = (before, now, []) if exact else aligned(before, now)
    old, new = sides(before), sides(now)
    reasons = split(old, new) if replayed is None else dict(replayed)
    compared = Comparison(before, now, old, new, reasons, exact=exact).lines(1 if exact else limits.min_calls)
    months = Months(now, spending.undated.joined(joined), new)
    lines = [line_of(each, limits, months, old, new) for each in compared]
    missing = missing_of(before, now, limits, compared, other_prices or exact)
    report = _report(
        before, now, names, limits, budget_lines(limits.budgets, now, spending), lines, missing, spending.undated
    )
    report.comparison = "policies" if exact else "logs"
    of_dollars = worth(limits, now, spending.undated)
    report.assumptions = (
        [*assumptions_of_replay(limits), *of_dollars] if exact else assumptions_of(lines, limits, of_dollars, joined)
    )
    report.new_routes, report.vanished_routes = _moved(new, old), _moved(old, new)
    _say_change(report, reasons, months)
    report.sentence = sentence(report)
    return report


def _report(
    before: Baseline | None,
    now: Baseline,
    names: tuple[str, str],
    limits: Limits,
    budgets: list[BudgetLine],
    lines: list[Line],
    missing: Sequence[str],
    undated: Undated,
) -> CheckReport:
    """A report with its verdict, of a cost that has not changed."""
    return CheckReport(
        schema_version=SCHEMA_VERSION,
        command="check",
        verdict=_verdict(lines, budgets, missing),
        sentence="",
        comparison="logs",
        before=None if before is None else _side(names[0], before),
        now=_side(names[1], now),
        change_usd="0",
        monthly_usd=None,
        undated_calls=undated.calls,
        undated_cost_usd=money(undated.cost),
        parts=[],
        lines=lines,
        new_routes=[],
        vanished_routes=[],
        budgets=budgets,
        missing=list(missing),
        limits=_said(limits),
        assumptions=[],
    )


def _say_change(report: CheckReport, reasons: Mapping[Scope, Amounts], months: Months) -> None:
    parts = added(reasons.values())
    dated = months.dated(reasons)
    report.change_usd = money(sum(rounded(parts).values()))
    report.monthly_usd = None if dated is None else monthly(sum(rounded(dated).values()), months.times)
    report.parts = parts_of(parts, dated, months.times)


def without_baseline(now: Baseline, limits: Limits, spending: Spending, missing: Sequence[str]) -> CheckReport:
    """Return the report of a log that is compared with nothing: only its budgets are judged."""
    budgets = budget_lines(limits.budgets, now, spending)
    report = _report(None, now, NAMES, limits, budgets, [], missing or unseen(budgets), spending.undated)
    report.sentence = sentence(report)
    return report


def _verdict(lines: Sequence[Line], budgets: Sequence[BudgetLine], missing: Sequence[str]) -> Verdict:
    """Budgets that are exceeded are certain, and so is a regression where only other routes have too few calls."""
    levels = {line.level for line in lines if line.finding == "regression"}
    over = {budget.level for budget in budgets if budget.exceeded}
    if "fail" in over:
        return "fail"
    thin = all(each.startswith(TOO_FEW) for each in missing)
    if missing and not (thin and "fail" in levels):
        return "no evidence"
    if "fail" in levels:
        return "fail"
    return "warn" if "warn" in levels | over else "pass"


def _moved(here: dict[Scope, Side], there: dict[Scope, Side]) -> list[Moved]:
    """Routes that only the first has, dearest first."""
    known = {route for route, _ in there}
    sums: dict[str | None, list[int]] = {}
    for (route, _), side in here.items():
        if route not in known:
            known_sums = sums.setdefault(route, [0, 0])
            known_sums[0] += side.whole.calls
            known_sums[1] += side.whole.cost
    ordered = sorted(sums.items(), key=lambda item: (-item[1][1], str(item[0])))
    return [Moved(route, calls, money(cost)) for route, (calls, cost) in ordered]


def _side(name: str, side: Baseline) -> SideOf:
    window, counted = side.window, side.counted
    cost = sum(amount(cell.cost_usd) for cell in side.cells)
    return SideOf(
        name, window.start, window.to, window.days, counted.calls, counted.priced, counted.rejected, money(cost),
        side.prices.hash, side.prices.newest,
    )  # fmt: skip


def _said(limits: Limits) -> dict[str, float | str]:
    """The limits that held, by name."""
    return {name: getattr(limits, name) for name in limits.__struct_fields__ if name not in ("routes", "budgets")}
