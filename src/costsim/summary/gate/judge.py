"""Two baselines and limits -> CheckReport: what changed, whether it is material and real, and the verdict."""

from collections.abc import Mapping, Sequence

from costsim.summary.assemble import money
from costsim.summary.gate.aligned import aligned
from costsim.summary.gate.assumptions import assumptions_of, assumptions_of_replay
from costsim.summary.gate.baseline import Baseline, Scope, amount
from costsim.summary.gate.budgets import Spending, budget_lines
from costsim.summary.gate.evidence import TOO_FEW, missing_of
from costsim.summary.gate.judged import a_month, line_of, monthly
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.lines import Comparison
from costsim.summary.gate.parts import ORDER, Amounts, Side, added, rounded, sides, split
from costsim.summary.gate.report import BudgetLine, CheckReport, Line, Moved, Part, SideOf, Verdict
from costsim.summary.gate.sentence import sentence

SCHEMA_VERSION = "1"


def judge(
    before: Baseline,
    now: Baseline,
    limits: Limits,
    spending: Spending,
    *,
    names: tuple[str, str] = ("baseline", "this log"),
    replayed: Mapping[Scope, Amounts] | None = None,
    other_prices: bool = False,
) -> CheckReport:
    """Return what a comparison says.

    `replayed`: why each scope changed, where one log was replayed twice, which leaves no noise. `other_prices`: whether
    the two may be priced by different tables.
    """
    exact, joined = replayed is not None, list[str | None]()
    if not exact:
        before, now, joined = aligned(before, now)
    old, new = sides(before), sides(now)
    split_by_scope = split(old, new) if replayed is None else dict(replayed)
    compared = Comparison(before, now, old, new, split_by_scope, exact=exact).lines(1 if exact else limits.min_calls)
    month, parts = a_month(now), rounded(added(split_by_scope.values()))
    lines = [line_of(each, limits, month, old, new) for each in compared]
    budgets = budget_lines(limits.budgets, now, spending)
    missing = missing_of(before, now, limits, compared, other_prices or exact)
    report = CheckReport(
        schema_version=SCHEMA_VERSION,
        command="check",
        verdict=_verdict(lines, budgets, missing),
        sentence="",
        comparison="policies" if exact else "logs",
        before=_side(names[0], before),
        now=_side(names[1], now),
        change_usd=money(sum(parts.values())),
        monthly_usd=monthly(sum(parts.values()), month),
        parts=[Part(part, money(parts[part]), monthly(parts[part], month)) for part in ORDER if parts.get(part)],
        lines=lines,
        new_routes=_moved(new, old),
        vanished_routes=_moved(old, new),
        budgets=budgets,
        missing=missing,
        limits=_said(limits),
        assumptions=assumptions_of_replay() if exact else assumptions_of(lines, limits, joined),
    )
    report.sentence = sentence(report)
    return report


def without_baseline(now: Baseline, limits: Limits, spending: Spending, missing: Sequence[str]) -> CheckReport:
    """Return the report of a log that is compared with nothing: only its budgets are judged."""
    budgets = budget_lines(limits.budgets, now, spending)
    report = CheckReport(
        SCHEMA_VERSION, "check", _verdict([], budgets, missing), "", "logs", None, _side("this log", now),
        "0", None, [], [], [], [], budgets, list(missing), _said(limits), [],
    )  # fmt: skip
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
