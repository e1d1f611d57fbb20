"""Absolute budgets: what was spent per call, route, day, month or user, against what may be."""

from collections.abc import Iterator, Sequence

import msgspec

from costsim.errors import nearest
from costsim.summary.gate.baseline import Baseline, amount
from costsim.summary.gate.limits import Budget
from costsim.summary.gate.report import BudgetLine
from costsim.summary.gate.undated import Undated, a_month, why_no_month
from costsim.summary.printed import money
from costsim.summary.words import number

Spent = dict[str | None, int]


class Spending(msgspec.Struct, frozen=True):
    """What this log spent, in 10^-12 USD, as budgets are compared with it."""

    dearest: Spent = msgspec.field(default_factory=dict)
    """Route -> its dearest call."""
    by: dict[str, Spent] = msgspec.field(default_factory=dict)
    """user or day -> value -> cost."""
    undated: Undated = msgspec.field(default_factory=Undated)


def groupings_of(budgets: Sequence[Budget]) -> tuple[str, ...]:
    """Return by what the cost must be summed up for these budgets."""
    return tuple(name for name in ("day", "user") if any(budget.per == name for budget in budgets))


def budget_lines(budgets: Sequence[Budget], now: Baseline, spending: Spending) -> list[BudgetLine]:
    """Return a line for every value that exceeds a budget, or for the largest where none does.

    A budget that no call falls under has one too, with what is missing: it has not been kept, it has not been seen.
    """
    found = []
    for budget in budgets:
        rows = sorted(_spent(budget, now, spending), key=lambda row: (-row[1], str(row[0])))
        limit = amount(str(budget.usd))
        for key, spent, note in [row for row in rows if row[1] > limit] or rows[:1]:
            found.append(BudgetLine(budget.per, key, money(limit), money(spent), spent > limit, budget.level, note))
        if not rows:
            why = _unseen(budget, now)
            found.append(BudgetLine(budget.per, budget.route, money(limit), None, False, budget.level, why))
    return found


def unseen(lines: Sequence[BudgetLine]) -> list[str]:
    """Return what is missing where no call falls under any of the budgets, a line each."""
    return [] if any(line.spent_usd is not None for line in lines) else list(dict.fromkeys(line.note for line in lines))


def _unseen(budget: Budget, now: Baseline) -> str:
    if budget.route is None:
        return f"no call of this log has a {budget.per}"
    routes = {cell.route for cell in now.cells if cell.route is not None}
    hint = nearest(budget.route, routes) if routes else "it names none"
    return f"no call of this log has the route '{budget.route}' ({hint})"


def _spent(budget: Budget, now: Baseline, spending: Spending) -> Iterator[tuple[str | None, int, str]]:
    if budget.per == "month":
        yield _month(now, spending.undated)
        return
    if budget.per == "call":
        amounts, note = spending.dearest, "its dearest call"
    elif budget.per == "route":
        amounts, note = _routes(now), "in this log"
    else:
        named = spending.by.get(budget.per, {})
        amounts, note = {key: spent for key, spent in named.items() if key is not None}, "in this log"
    for key, spent in amounts.items():
        if budget.route is None or key == budget.route:
            yield key, spent, note


def _routes(now: Baseline) -> Spent:
    found: Spent = {}
    for cell in now.cells:
        found[cell.route] = found.get(cell.route, 0) + amount(cell.cost_usd)
    return found


def _month(now: Baseline, undated: Undated) -> tuple[str | None, int, str]:
    """A month at the pace of the calls that have a time; where there is none to be told, what the log itself cost."""
    cost, times = sum(amount(cell.cost_usd) for cell in now.cells), a_month(now, undated)
    if times is None:
        return None, cost, f"{why_no_month(now)}: its own cost"
    without = f", without {number(undated.calls, 'call')} that have no time" if undated.calls else ""
    return None, round((cost - undated.cost) * times), f"at the pace of this log{without}"
