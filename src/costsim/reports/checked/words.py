"""What every output of `check` says alike: the headline, the rows that changed, what it rests on."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from costsim.reports import numbers
from costsim.summary.gate.report import BudgetLine, CheckReport, Line
from costsim.summary.gate.words import TITLES

NOTHING = "—"
VERDICTS = {"pass": "passes", "warn": "passes with a warning", "fail": "fails", "no evidence": "no verdict"}
_FINDINGS = {
    "regression": "regression",
    "improvement": "cheaper",
    "unproven": "within noise",
    "small": "small",
    "same": "same",
    "too few calls": "too few calls",
}


class Row(msgspec.Struct, frozen=True):
    """One line of the table."""

    name: str
    scope: str
    calls: str
    before: str
    now: str
    change: str
    month: str
    finding: str
    why: str
    is_regression: bool


def headline(report: CheckReport) -> str:
    """Return the verdict and its reason in a line."""
    said = report.sentence.removeprefix("no verdict: ")
    return f"{VERDICTS[report.verdict]}: {said}"


def also_missing(report: CheckReport) -> Sequence[str]:
    """Return what is missing besides what the headline names."""
    return report.missing[1:] if report.verdict == "no evidence" else report.missing


def rows(lines: Sequence[Line]) -> list[Row]:
    """Return lines as text; amounts have the digits of the largest."""
    digits = numbers.places(
        Decimal(each) for line in lines for each in (line.per_call_before_usd, line.per_call_now_usd) if each
    )
    return [_row(line, digits) for line in lines]


def _row(line: Line, digits: int) -> Row:
    relative = line.change_percent
    month = line.monthly_usd
    return Row(
        name=name_of(line),
        scope=line.scope,
        calls=numbers.count(line.calls_now),
        before=_money(line.per_call_before_usd, digits),
        now=_money(line.per_call_now_usd, digits),
        change=NOTHING if relative is None else percent(relative),
        month=NOTHING if month is None else numbers.change(Decimal(month), 2),
        finding=_finding(line),
        why=line.why,
        is_regression=line.finding == "regression" and line.level != "off",
    )


def name_of(line: Line) -> str:
    """Return what a line is about."""
    return "all" if line.scope == "total" else line.key if line.key is not None else f"(no {line.scope})"


def _finding(line: Line) -> str:
    said = _FINDINGS[line.finding]
    return f"{said} ({line.level})" if line.finding == "regression" and line.level != "fail" else said


def _money(amount: str | None, digits: int) -> str:
    return NOTHING if amount is None else numbers.money(Decimal(amount), digits)


def percent(change: float) -> str:
    """Return a change in per cent with its sign."""
    shown = f"{change:+,.1f} %".replace("-", "−")
    return shown.replace("0.0", "<0.1") if change and shown[1:] == "0.0 %" else shown


def parts(report: CheckReport) -> list[tuple[str, str, str]]:
    """Return title, amount and amount a month of every part of the change, in the order in which they are taken out."""
    digits = numbers.places(Decimal(part.change_usd) for part in report.parts)
    return [
        (
            TITLES[part.part],
            numbers.change(Decimal(part.change_usd), digits),
            NOTHING if part.monthly_usd is None else numbers.change(Decimal(part.monthly_usd), 2),
        )
        for part in report.parts
    ]


def total(report: CheckReport) -> str:
    """Return the change of the total, volume and all."""
    month = "" if report.monthly_usd is None else f", {numbers.change(Decimal(report.monthly_usd), 2)} a month"
    return f"{numbers.change(Decimal(report.change_usd))}{month}"


def budgets(report: CheckReport) -> list[str]:
    """Return a sentence for each budget."""
    return [budget(line) for line in report.budgets]


def budget(line: BudgetLine) -> str:
    """Return what was spent of a budget."""
    key = f" '{line.key}'" if line.key else " (no route)" if line.per == "route" and line.spent_usd else ""
    limit = numbers.money(Decimal(line.limit_usd))
    if line.spent_usd is None:
        return f"budget per {line.per}{key}: of {limit} nothing can be said; {line.note}"
    state = f"exceeded ({line.level})" if line.exceeded else "kept"
    return f"budget per {line.per}{key}: {numbers.money(Decimal(line.spent_usd))} of {limit}, {state}; {line.note}"


def routes_moved(report: CheckReport) -> Iterator[str]:
    """Yield what is new and what is gone."""
    for title, found in (("new", report.new_routes), ("gone", report.vanished_routes)):
        for each in found:
            name = "(no route)" if each.route is None else each.route
            cost = numbers.money(Decimal(each.cost_usd))
            yield f"{title}: {name}, {numbers.plural(each.calls, 'call')}, {cost}"


def rests_on(report: CheckReport) -> list[str]:
    """Return the sides, limits and assumptions."""
    said: list[str] = []
    for side in (report.before, report.now):
        if side is not None:
            time = f" over {numbers.duration(side.days)}" if side.days else ""
            said.append(
                f"{side.name}: {numbers.plural(side.calls, 'call')}{time}, {numbers.money(Decimal(side.cost_usd))}, "
                f"{side.calls - side.priced:,} without a price, {numbers.plural(side.rejected, 'line')} rejected, "
                f"prices of {side.prices_newest}"
            )
    return [*said, *report.assumptions]


class Problem(msgspec.Struct, frozen=True):
    """Something that another program should show: a regression, a budget, missing evidence."""

    rule: str
    key: str
    text: str
    is_error: bool


RULES = {
    "cost-regression": "A route, a task or the whole got dearer per call, materially and beyond noise.",
    "budget-exceeded": "More was spent than an absolute budget allows.",
    "no-evidence": "There is too little to compare, so that nothing can be said.",
}


def problems(report: CheckReport) -> list[Problem]:
    """Return everything that is wrong, in the words of the report."""
    found = [
        Problem("cost-regression", f"{line.scope}:{line.key or ''}", regression(line), line.level == "fail")
        for line in report.regressions
    ]
    found += [
        Problem("budget-exceeded", f"{line.per}:{line.key or ''}", budget(line), line.level == "fail")
        for line in report.budgets
        if line.exceeded and line.level != "off"
    ]
    return found + [Problem("no-evidence", text, text, True) for text in report.missing]


def regression(line: Line) -> str:
    """Return a regression in a sentence."""
    change = NOTHING if line.change_percent is None else percent(line.change_percent)
    month = "" if line.monthly_usd is None else f", {numbers.change(Decimal(line.monthly_usd), 2)} a month"
    why = f": {line.why}" if line.why else ""
    return f"{_scope(line)} costs {change} per call{month}{why}"


def _scope(line: Line) -> str:
    return "the whole" if line.scope == "total" else f"{line.scope} '{name_of(line)}'"


def proof(line: Line) -> str:
    """Return on what a line's finding rests."""
    if line.test is None:
        return f"{line.calls_before:,} and {line.calls_now:,} calls"
    if line.p_value is None:
        return "replayed, no noise"
    chance = "p < 0.001" if line.p_value < 0.001 else f"p = {line.p_value:.3f}"
    pairs = f", {line.pairs:,} pairs" if line.test == "pairs" else ""
    if line.finding != "unproven" or line.sees_percent is None:
        return f"{chance}{pairs}"
    return f"{chance}{pairs}, sees {percent(line.sees_percent)} or more"


def by_finding(lines: Sequence[Line]) -> list[Line]:
    """Return lines, regressions first, and routes before tasks before the total."""
    order, scopes = list(_FINDINGS), ("route", "task", "total")
    return sorted(lines, key=lambda line: (order.index(line.finding), scopes.index(line.scope)))
