"""One compared line -> how it is judged: material or not, real or not, and what a change must be to be seen."""

import math
from decimal import Decimal
from fractions import Fraction

from costsim.summary.gate import words
from costsim.summary.gate.baseline import Scope
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.lines import EXACT, ROUTE, Compared
from costsim.summary.gate.parts import Amounts, Side, rounded
from costsim.summary.gate.report import Finding, Line, Part
from costsim.summary.gate.undated import CALLS_OF_A_MONTH, Months
from costsim.summary.printed import money


def monthly(value: int | Fraction, times: Fraction | None) -> str | None:
    """Return an amount in 10^-12 USD, so many times, as dollars."""
    if times is None:
        return None
    cents = round(value * times / 10**10)
    return f"{Decimal(cents).scaleb(-2):f}"


def parts_of(parts: Amounts, dated: Amounts | None, times: Fraction | None) -> list[Part]:
    """Return the parts of a change that are not nothing, and what those of calls with a time come to in a month."""
    whole, of_a_month = rounded(parts), {} if dated is None else rounded(dated)
    return [
        Part(part, money(value), monthly(of_a_month[part], times) if of_a_month else None)
        for part, value in whole.items()
        if value
    ]


def line_of(each: Compared, limits: Limits, months: Months, old: dict[Scope, Side], new: dict[Scope, Side]) -> Line:
    """Return a compared route, task or total as the report shows it."""
    percent, dollars, level = limits.of(each.key if each.scope == ROUTE else None)
    dated = months.dated(each.reasons)
    worth = _dollars(each, dated, months)
    finding = _finding(each, limits, percent, worth >= dollars)
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
        change_usd=money(sum(rounded(each.parts).values())),
        monthly_usd=None if dated is None else monthly(sum(dated.values(), Fraction(0)), months.times),
        p_value=None if each.adjusted is None else round(each.adjusted, 6),
        test=each.test,
        pairs=0 if each.paired is None else len(each.paired),
        finding=finding,
        level=level,
        limit_percent=percent,
        sees_percent=_sees(each, limits, percent),
        why=_why(each, old, new),
        parts=parts_of(each.parts, dated, months.times),
    )


def _why(each: Compared, old: dict[Scope, Side], new: dict[Scope, Side]) -> str:
    if each.test == EXACT:
        return words.why_replayed(each.parts)
    return words.why(
        [each.reasons[key] for key in each.scopes], [old[key] for key in each.scopes], [new[key] for key in each.scopes]
    )


def _finding(each: Compared, limits: Limits, percent: float, is_worth_it: bool) -> Finding:
    if each.test is None:
        return "too few calls"
    change, relative = each.change, each.relative
    if not change and not relative:
        return "same"
    grown = float("inf") if relative is None else relative * 100
    if not is_worth_it or abs(grown) < percent:
        return "small"
    if grown < 0:
        return "improvement"
    return "regression" if (each.adjusted or 0.0) <= limits.alpha else "unproven"


def _sees(each: Compared, limits: Limits, percent: float) -> float | None:
    """The smallest rise in per cent that would almost surely be called a regression, were it worth the dollars."""
    if each.tested is None or not each.was:
        return None
    found = each.tested.sees(limits.alpha / each.tests, percent)
    return math.ceil(found * 10) / 10 if math.isfinite(found) else None


def _dollars(each: Compared, dated: Amounts | None, months: Months) -> float:
    """A change in dollars a month, of the calls that have a time: none, where these changed the other way.

    Where nothing can be said of a month, or most calls have no time, that of `CALLS_OF_A_MONTH`.
    """
    if months.times is None or dated is None or not months.tells(each.scopes):
        return float(abs(each.change) * CALLS_OF_A_MONTH / max(each.calls_now, 1) / 10**12)
    change = sum(dated.values(), Fraction(0))
    return float(abs(change) * months.times / 10**12) if change * each.change > 0 else 0.0
