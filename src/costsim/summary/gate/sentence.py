"""The verdict in one line, with the largest reason."""

from decimal import Decimal

from costsim.summary.gate.report import CheckReport, Line
from costsim.summary.gate.words import TITLES

_CENT = Decimal("0.01")


def sentence(report: CheckReport) -> str:
    """Return what a reader must know if he reads no more."""
    over = [line for line in report.budgets if line.exceeded]
    if report.verdict == "no evidence":
        return f"no verdict: {report.missing[0]}"
    lines = sorted(report.regressions, key=_weight, reverse=True)
    if lines:
        return f"{_amount(lines[0].monthly_usd, lines[0].change_usd)}: {_subject(lines[0])}"
    if over:
        first = over[0]
        name = f" '{first.key}'" if first.key else ""
        return f"budget per {first.per}{name} exceeded: {_dollars(first.spent_usd)} of {_dollars(first.limit_usd)}"
    if report.before is None:
        return "nothing to compare with; no budget is exceeded"
    return _nothing(report)


def _weight(line: Line) -> tuple[bool, Decimal, bool]:
    """Routes before tasks before the total, as they say more; then the dearest."""
    return line.scope == "route", Decimal(line.change_usd), line.scope == "task"


def _subject(line: Line) -> str:
    name = "the whole" if line.scope == "total" else f"{line.scope} '{line.key or 'none'}'"
    percent = "" if line.change_percent is None else f" is {line.change_percent:.1f} % dearer per call"
    return f"{name}{percent}" + (f": {line.why}" if line.why else "")


def _nothing(report: CheckReport) -> str:
    change = Decimal(report.change_usd)
    if not change or not report.parts:
        return "no regression; the cost is the same"
    if report.monthly_usd is not None and not Decimal(report.monthly_usd):
        return "no regression; the cost differs by less than a cent a month"
    largest = max(report.parts, key=lambda part: abs(Decimal(part.change_usd)))
    return f"no regression; {_amount(report.monthly_usd, report.change_usd)}, most of it {TITLES[largest.part]}"


def _amount(monthly: str | None, change: str) -> str:
    text, unit = (change, "in this log") if monthly is None else (monthly, "a month")
    sign = "+" if Decimal(text) > 0 else "−" if Decimal(text) < 0 else ""
    return f"{sign}{_dollars(text)} {unit}"


def _dollars(text: str | None) -> str:
    """An amount without its sign, to the cent unless it is smaller than one."""
    value = abs(Decimal(text or 0))
    return f"${value if value < _CENT else value.quantize(_CENT):,f}"
