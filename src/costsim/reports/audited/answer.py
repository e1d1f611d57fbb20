"""The answer first: what it cost, what for, and how the calls went, as short parts of a line."""

from collections.abc import Iterable
from decimal import Decimal

from costsim.reports import numbers
from costsim.summary.report import Report, Totals

_SPEND = {
    "input_usd": "input",
    "cached_input_usd": "cached input",
    "cache_write_usd": "cache writes",
    "output_usd": "output",
    "reasoning_usd": "reasoning",
    "other_usd": "other",
}


def total(report: Report) -> str:
    """Return the cost, or that it is not known."""
    totals = report.totals
    if not totals.calls:
        return "No calls"
    return numbers.money(Decimal(totals.cost_usd)) if totals.priced else "Cost unknown"


def rates(report: Report) -> list[str]:
    """Return what the cost is for, calls and time, its rate for each, and how many calls it leaves out."""
    totals = report.totals
    if not totals.calls:
        return [f"in {numbers.plural(report.coverage.lines, 'line')}"]
    said = [_calls(totals) + _time(report)]
    if totals.cost_per_1000_calls_usd is not None:
        said.append(f"{numbers.money(Decimal(totals.cost_per_1000_calls_usd))} per 1,000 calls")
    if totals.monthly_usd is not None:
        said.append(f"{numbers.about(Decimal(totals.monthly_usd), Decimal(totals.cost_usd))} a month")
    if totals.cost_per_million_tokens_usd is not None:
        said.append(f"{numbers.money(Decimal(totals.cost_per_million_tokens_usd))} per million tokens")
    return said + _unpriced(totals)


def _calls(totals: Totals) -> str:
    of = f"{totals.priced:,} of " if 0 < totals.priced < totals.calls else ""
    return f"for {of}{numbers.plural(totals.calls, 'call')}"


def _unpriced(totals: Totals) -> list[str]:
    if not totals.priced:
        return ["no call has a price"]
    missing = totals.calls - totals.priced
    return [f"{numbers.plural(missing, 'call')} without a price"] if missing else []


def _time(report: Report) -> str:
    days = report.window.days
    return f" over {numbers.duration(days)}" if days else ""


def spend(report: Report) -> list[str]:
    """Return what was paid for, part by part; parts without cost are left out."""
    if not report.totals.priced:
        return []
    parts = {said: Decimal(getattr(report.totals.spend, name)) for name, said in _SPEND.items()}
    digits = numbers.places(parts.values())
    said = [f"{name} {numbers.money(amount, digits)}" for name, amount in parts.items() if amount]
    reported = report.coverage.reported
    return [*said, f"{numbers.plural(reported, 'call')} as reported"] if reported else said


def events(report: Report) -> list[str]:
    """Return how the calls went: cached share, errors, retries, fallbacks, escalations."""
    if not report.totals.calls:
        return []
    seen, cached = report.observed, report.totals.cached_share
    said = [] if cached is None else [_cached(cached)]
    rates = {
        "errors": (seen.errors, seen.error_rate),
        "retries": (seen.retries, seen.retry_rate),
        "fallbacks": (seen.fallbacks, seen.fallback_rate),
        "escalations": (seen.escalations, seen.escalation_rate),
    }
    said += [f"{name} {numbers.percent(rate)}" for name, (number, rate) in rates.items() if number]
    return said + _none(name for name, (number, _) in rates.items() if not number)


def _cached(share: float) -> str:
    return f"cached {numbers.percent(share)} of input tokens" if share else "no input from a cache"


def _none(names: Iterable[str]) -> list[str]:
    *first, last = [*names, ""][:-1] or [""]
    if not last:
        return []
    return [f"no {', '.join(first)} or {last}" if first else f"no {last}"]
