"""Fees with included tokens, and what a provider gives for nothing: a line each, and what the calls cost with them."""

from decimal import Decimal

from costsim.reports import numbers
from costsim.summary.report import Allowances, CommittedMonth, FreeUse, Report

TITLE = "Besides the list price"


def lines(report: Report) -> list[tuple[str, str]]:
    """Return (amount, what it is) of each fee and quota, and of the cost with all; nothing where there are none."""
    found = report.allowances
    if found is None:
        return []
    digits = numbers.places(_amounts(found, report))
    rows = [(numbers.money(Decimal(each.cost_usd), digits), _month(each, digits)) for each in found.commitments]
    rows += [(numbers.money(-Decimal(each.credit_usd), digits), _free(each)) for each in found.free]
    at_list = numbers.money(Decimal(report.totals.cost_usd), digits)
    return [*rows, (numbers.money(Decimal(found.cost_usd), digits), f"with all of this, for {at_list} at list price")]


def _amounts(found: Allowances, report: Report) -> list[Decimal]:
    texts = [each.cost_usd for each in found.commitments] + [each.credit_usd for each in found.free]
    return [Decimal(text) for text in (*texts, found.cost_usd, report.totals.cost_usd)]


def _month(month: CommittedMonth, digits: int) -> str:
    fee = numbers.money(Decimal(month.fee_usd), digits)
    used = f"{month.used_tokens:,} tokens used, {month.included_tokens:,} included"
    at_list = f"{numbers.money(Decimal(month.list_usd), digits)} at list price"
    over = f", {numbers.money(Decimal(month.overage_usd), digits)} for {month.overage_tokens:,} tokens above it"
    return f"{month.name}, {month.month}: fee {fee}{over if month.overage_tokens else ''}; {used}, {at_list}"


def _free(use: FreeUse) -> str:
    unit = use.unit.replace("_", " ")
    return f"{unit}: {use.free:,} of {use.used:,} free ({use.name}: {use.count:,} a {use.per})"
