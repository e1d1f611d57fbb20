"""Findings as any output shows them: the amounts in one column, what is unknown never left out."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from costsim.reports import numbers
from costsim.reports.audited.groups import NOTHING
from costsim.summary.report import Finding, Report


class Saving(msgspec.Struct, frozen=True):
    """One finding, with its amounts in words."""

    finding: Finding
    amount: str
    spend: str
    """What the calls cost; '' where that is not known."""

    @property
    def known(self) -> bool:
        """Whether there is an amount."""
        return self.finding.could_save_usd is not None


def shown(report: Report, top: int) -> list[Saving]:
    """Return the `top` largest savings, and every finding whose saving nobody knows."""
    findings = report.findings[:top] + [each for each in report.findings[top:] if each.could_save_usd is None]
    digits = numbers.places(Decimal(each.could_save_usd) for each in findings if each.could_save_usd is not None)
    return [_saving(each, digits) for each in findings]


def _saving(finding: Finding, digits: int) -> Saving:
    if finding.could_save_usd is None:
        return Saving(finding, NOTHING, "")
    amounts = (Decimal(finding.could_save_usd), Decimal(finding.spend_usd))
    return Saving(finding, *(numbers.money(amount, digits) for amount in amounts))


def together(report: Report) -> str:
    """Return what all findings could save at most, and how much of the cost that is."""
    if not report.totals.priced:
        return "not known, as no call has a price"
    most = Decimal(report.findings_together_usd)
    if not most:
        return "nothing was found"
    if all(each.could_save_usd is None for each in report.findings):
        return "nothing worth a line was found"
    share = numbers.percent(most / Decimal(report.totals.cost_usd), floor=True)
    return f"each on its own; together at most {numbers.money(most)}, {share}"


def rest(report: Report, savings: Sequence[Saving]) -> str:
    """Return how many findings are not shown; '' where all are."""
    left = len(report.findings) - len(savings)
    return f"{left:,} more; --top {len(report.findings)} shows all" if left else ""


def methods(savings: Sequence[Saving]) -> list[str]:
    """Return how the savings of each kind were computed."""
    return [
        f"{name}: {how}" for name, how in {each.finding.id: each.finding.how for each in savings if each.known}.items()
    ]
