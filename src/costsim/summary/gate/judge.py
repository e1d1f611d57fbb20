"""Two baselines and limits -> CheckReport: what changed, whether it is material and real, and the verdict."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from costsim.summary.assemble import DAYS_OF_A_MONTH, money
from costsim.summary.findings.contract import number
from costsim.summary.gate import words
from costsim.summary.gate.baseline import Baseline, Scope, amount
from costsim.summary.gate.budgets import Spending, budget_lines
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.lines import EXACT, ROUTE, SPREAD, Compared, Comparison
from costsim.summary.gate.parts import ORDER, Amounts, Side, added, rounded, sides, split
from costsim.summary.gate.report import BudgetLine, CheckReport, Finding, Line, Moved, Part, SideOf, Verdict
from costsim.summary.gate.sentence import sentence

SCHEMA_VERSION = "1"
_SHORT_LOG_CALLS = 1000
TOO_FEW = "only"
"""How a line of `missing` begins that concerns some routes and not the comparison as a whole."""


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
    old, new = sides(before), sides(now)
    split_by_scope = split(old, new) if replayed is None else dict(replayed)
    comparison = Comparison(before, now, old, new, split_by_scope, exact=replayed is not None)
    compared = comparison.lines(limits.min_calls if replayed is None else 1)
    month = _a_month(now)
    lines = [_line(each, limits, month, old, new) for each in compared]
    parts = rounded(added(split_by_scope.values()))
    budgets = budget_lines(limits.budgets, now, spending)
    new_routes, vanished = _moved(new, old), _moved(old, new)
    missing = _missing(before, now, limits, compared, other_prices or replayed is not None)
    verdict = _verdict(lines, budgets, missing)
    report = CheckReport(
        schema_version=SCHEMA_VERSION,
        command="check",
        verdict=verdict,
        sentence="",
        comparison="logs" if replayed is None else "policies",
        before=_side(names[0], before),
        now=_side(names[1], now),
        change_usd=money(sum(parts.values())),
        monthly_usd=_monthly(sum(parts.values()), month),
        parts=[Part(part, money(parts[part]), _monthly(parts[part], month)) for part in ORDER if parts.get(part)],
        lines=lines,
        new_routes=new_routes,
        vanished_routes=vanished,
        budgets=budgets,
        missing=missing,
        limits=said(limits),
        assumptions=_assumptions(compared, limits, replayed is not None),
    )
    report.sentence = sentence(report)
    return report


def without_baseline(now: Baseline, limits: Limits, spending: Spending, missing: Sequence[str]) -> CheckReport:
    """Return the report of a log that is compared with nothing: only its budgets are judged."""
    budgets = budget_lines(limits.budgets, now, spending)
    report = CheckReport(
        SCHEMA_VERSION, "check", _verdict([], budgets, missing), "", "logs", None, _side("this log", now),
        "0", None, [], [], [], [], budgets, list(missing), said(limits), [],
    )  # fmt: skip
    report.sentence = sentence(report)
    return report


def _a_month(now: Baseline) -> Fraction | None:
    """How many times the window of a log goes into a month; None for less than a day."""
    days = now.window.days
    return Fraction(DAYS_OF_A_MONTH) / Fraction(str(days)) if days is not None and days >= 1 else None


def _monthly(value: int | Fraction, month: Fraction | None) -> str | None:
    if month is None:
        return None
    cents = round(value * month / 10**10)
    return f"{Decimal(cents).scaleb(-2):f}"


def _line(
    each: Compared, limits: Limits, month: Fraction | None, old: dict[Scope, Side], new: dict[Scope, Side]
) -> Line:
    percent, dollars, level = limits.of(each.key if each.scope == ROUTE else None)
    finding = _finding(each, limits, percent, dollars, month)
    whole = rounded(each.parts)
    work = each.calls_now
    relative = each.relative
    return Line(
        scope=each.scope,
        key=each.key,
        calls_before=each.calls_before,
        calls_now=work,
        per_call_before_usd=money(round(each.was / work)) if work else None,
        per_call_now_usd=money(round(Fraction(each.cost, work))) if work else None,
        change_percent=None if relative is None else round(relative * 100, 6),
        change_usd=money(sum(whole.values())),
        monthly_usd=_monthly(each.change, month),
        p_value=None if each.adjusted is None or each.test == EXACT else round(each.adjusted, 6),
        test=each.test,
        pairs=0 if each.paired is None else len(each.paired),
        finding=finding,
        level=level,
        limit_percent=percent,
        why=_why(each, old, new),
        parts=[Part(part, money(value), _monthly(value, month)) for part, value in whole.items() if value],
    )


def _why(each: Compared, old: dict[Scope, Side], new: dict[Scope, Side]) -> str:
    if each.test == EXACT:
        return words.why_replayed(each.parts)
    return words.why(each.parts, [old[key] for key in each.scopes], [new[key] for key in each.scopes])


def _finding(each: Compared, limits: Limits, percent: float, dollars: float, month: Fraction | None) -> Finding:
    if each.test is None:
        return "too few calls"
    change, relative = each.change, each.relative
    if not change and not relative:
        return "same"
    grown = float("inf") if relative is None else relative * 100
    if _dollars(each, month) < dollars or abs(grown) < percent:
        return "small"
    if grown < 0:
        return "improvement"
    return "regression" if (each.adjusted or 0.0) <= limits.alpha else "unproven"


def _dollars(each: Compared, month: Fraction | None) -> float:
    """The change in dollars a month; for a log of less than a day, a hundred times that of 1,000 calls."""
    if month is not None:
        return float(abs(each.change) * month / 10**12)
    return float(abs(each.change) * _SHORT_LOG_CALLS * 100 / max(each.calls_now, 1) / 10**12)


def _missing(
    before: Baseline, now: Baseline, limits: Limits, compared: Sequence[Compared], other_prices: bool
) -> list[str]:
    """What keeps a verdict from meaning anything, one line each."""
    found = []
    if before.prices.hash != now.prices.hash and not other_prices:
        found.append(
            f"the baseline was priced with another price table (newest {before.prices.newest}, now {now.prices.newest})"
            "; make it anew with `costsim baseline`, or compare all the same with --other-prices"
        )
    for name, side in (("the baseline", before), ("this log", now)):
        found += _thin(name, side, limits)
    if not found:
        found += _too_few(compared, limits)
    return found


def _thin(name: str, side: Baseline, limits: Limits) -> list[str]:
    counted, found = side.counted, []
    if not counted.priced:
        return [f"{name} has no call with a price"]
    unpriced = (counted.calls - counted.priced) / counted.calls
    if unpriced > limits.max_unpriced:
        found.append(
            f"{counted.calls - counted.priced:,} of {counted.calls:,} calls of {name} have no price "
            f"(--max-unpriced {limits.max_unpriced:g}; add them with --prices)"
        )
    rejected = counted.rejected / max(counted.rejected + counted.calls, 1)
    if rejected > limits.max_rejected:
        found.append(
            f"{counted.rejected:,} lines of {name} could not be read (--max-rejected {limits.max_rejected:g}; "
            "see `costsim audit --rejects`)"
        )
    return found


def _too_few(compared: Sequence[Compared], limits: Limits) -> list[str]:
    routes = [each for each in compared if each.scope == ROUTE] or list(compared[:1])
    silent = [each for each in routes if each.test is None]
    cost, judged = sum(each.cost for each in routes), sum(each.cost for each in routes if each.test is not None)
    if compared[0].test is not None and judged >= limits.min_judged * cost:
        return []
    return [
        f"{TOO_FEW} {number(min(each.calls_before, each.calls_now), 'call')} on {_called(each)}, "
        f"{limits.min_calls} needed (--min-calls)"
        for each in silent or compared[:1]
    ]


def _called(each: Compared) -> str:
    return "routes that both logs have" if each.scope != ROUTE else f"route '{each.key or 'none'}'"


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


def said(limits: Limits) -> dict[str, float | str]:
    """Return the limits that held, by name."""
    return {name: getattr(limits, name) for name in limits.__struct_fields__ if name not in ("routes", "budgets")}


def _assumptions(compared: Sequence[Compared], limits: Limits, replayed: bool) -> list[str]:
    if replayed:
        return [
            "Both sides are the same calls, replayed: what differs is what the policies and prices do, without noise.",
            "Costs of calls that move are projected from token factors (docs/methodology.md#tokens).",
        ]
    tested = [each for each in compared if each.test is not None]
    said_of = [
        "Costs per call are per piece of work: a retry or escalation is paid with the call that it repeats.",
        "Before and now have the mix of this log, so that more calls or another mix of routes is no regression.",
        f"A change counts from {limits.max_increase_percent:g} % and ${limits.min_increase_usd:g} a month, if noise "
        f"explains it in at most {limits.alpha:.3g} of runs over all {len(tested)} tests together (Holm).",
    ]
    if any(each.test == SPREAD for each in tested):
        said_of.append("Noise: the spread of costs over conversations, in dollars and in logarithms.")
    if any(each.paired is not None and len(each.paired) for each in tested):
        said_of.append("Cases in both logs are compared in pairs where they are half of a route's calls or more.")
    return said_of
