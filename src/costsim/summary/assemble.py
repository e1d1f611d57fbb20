"""Sums -> Report: every figure as it is printed, exact, with what it rests on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from costsim.ingest.kept.store import Manifest
from costsim.prices import PriceTable
from costsim.schema import usd
from costsim.summary import allowances, assumptions, noise
from costsim.summary.coverage import coverage_of
from costsim.summary.dimensions import DAY
from costsim.summary.findings import FINDINGS, TRENDS, Case
from costsim.summary.findings.contract import Kind, number
from costsim.summary.question import Question
from costsim.summary.report import (
    Allowances,
    CommittedMonth,
    Comparison,
    Coverage,
    Difference,
    FreeUse,
    Group,
    Observed,
    Prices,
    Report,
    Spend,
    Totals,
    Window,
)
from costsim.summary.report import Finding as Line
from costsim.summary.sums import Sums, key_of
from costsim.summary.together import together

SCHEMA_VERSION = "1"
DAYS_OF_A_MONTH = Decimal("30.44")
_DAY = 86_400_000_000
_NAMED = 5
"""Models without a price that a finding names."""
_KINDS: tuple[Kind, ...] = (*FINDINGS, *TRENDS)

_SPEND = {
    "input": "input_usd",
    "cache_read": "cached_input_usd",
    "audio_cache_read": "cached_input_usd",
    "image_cache_read": "cached_input_usd",
    "cache_write": "cache_write_usd",
    "cache_write_30m": "cache_write_usd",
    "cache_write_1h": "cache_write_usd",
    "cache_write_12h": "cache_write_usd",
    "audio_cache_write": "cache_write_usd",
    "audio_input": "input_usd",
    "image_input": "input_usd",
    "video_input": "input_usd",
    "output": "output_usd",
    "audio_output": "output_usd",
    "image_output": "output_usd",
    "video_output": "output_usd",
    "reasoning": "reasoning_usd",
}


def report(manifest: Manifest, prices: PriceTable, question: Question, sums: Sums) -> Report:
    """Return the report that the sums of all batches make."""
    totals = sums.groups.totals()
    cases = sums.all_cases()
    least = noise.least(totals["cost"])
    coverage = coverage_of(manifest, sums, prices, totals["calls"])
    whole = _totals(totals, sums)
    return Report(
        schema_version=SCHEMA_VERSION,
        command="audit",
        window=window_of(sums),
        prices=prices_of(prices, question),
        coverage=coverage,
        totals=whole,
        groups=_groups(question.groupings, sums, totals["cost"]),
        observed=_observed(sums, totals["calls"]),
        comparison=_comparison(sums),
        findings=_findings(cases, least) + _unpriced(coverage),
        findings_together_usd=money(min(together(sums.routes, cases), totals["cost"])),
        assumptions=assumptions.of(sums, coverage, whole, cases, question),
        allowances=_allowances(prices, sums, totals["cost"]),
    )


def prices_of(prices: PriceTable, question: Question) -> Prices:
    """Return which prices were used."""
    return Prices(list(prices.sources), question.as_of_said, prices.newest, prices.hash, question.mode)


def money(amount: int) -> str:
    """Return an amount in 10^-12 USD as the exact decimal, without exponent or needless zeros."""
    text = f"{usd(amount):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _quotient(amount: int, divisor: int | Decimal) -> str | None:
    """An amount divided, to 10^-12 USD; None where there is nothing to divide by."""
    return f"{(usd(amount) / Decimal(divisor)).quantize(Decimal('1e-12')).normalize():f}" if divisor else None


def window_of(sums: Sums) -> Window:
    """Return the time that the calls span."""
    if sums.first_at is None or sums.last_at is None:
        return Window(None, None, None)
    days = (sums.last_at - sums.first_at) / _DAY
    return Window(_time(sums.first_at), _time(sums.last_at), round(days, 4))


def _time(at: int) -> str:
    whole, rest = divmod(at, 1_000_000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:06d}".rstrip("0").rstrip(".") + "Z" if rest else f"{text}Z"


def _group(key: list[str | None] | str | None, sums: dict[str, int], total: int) -> dict[str, object]:
    """The fields that a group and the totals share."""
    tokens = sums["priced_tokens"]
    return {
        "key": key,
        **{name: sums[name] for name in Group.__struct_fields__ if name in sums},
        "cost_usd": money(sums["cost"]),
        "reported_cost_usd": money(sums["reported_cost"]) if sums["reported_calls"] else None,
        "cost_per_call_usd": _quotient(sums["cost"], sums["priced"]),
        "cost_per_1000_calls_usd": _quotient(sums["cost"] * 1000, sums["priced"]),
        "cost_per_million_tokens_usd": _quotient(sums["cost"] * 10**6, tokens),
        "share": sums["cost"] / total if total else None,
    }


def _groups(groupings: Sequence[tuple[str, ...]], sums: Sums, total: int) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for names in groupings:
        keys = sums.groups.rows(names).items()
        rows = [Group(**_group(key_of(names, key), values, total)) for key, values in keys]  # type: ignore[arg-type]
        rows.sort(key=lambda row: (-Decimal(row.cost_usd), -row.calls, str(row.key)))
        if names[0] == DAY:
            rows.sort(key=_day_of)
        found[",".join(names)] = rows
    return found


def _day_of(group: Group) -> tuple[bool, str]:
    """Days are read in their order, whatever they cost; calls without a time come last."""
    day = group.key[0] if isinstance(group.key, list) else group.key
    return day is None, day or ""


def _totals(totals: dict[str, int], sums: Sums) -> Totals:
    cost, undated = totals["cost"], sums.basis.undated_cost
    return Totals(
        **_group(None, totals, cost),  # type: ignore[arg-type]
        spend=_spend(sums),
        cached_share=totals["cache_read_tokens"] / totals["input_tokens"] if totals["input_tokens"] else None,
        monthly_usd=a_month(cost - undated, days_of(sums)),
        undated_calls=sums.basis.undated,
        undated_cost_usd=money(undated),
        classified_below_0_6=sums.basis.unsure_cost / cost if cost else None,
    )


def days_of(sums: Sums) -> Decimal | None:
    """Return the days of the window, to tell a month by; None for less than one, or where no call in it has a price."""
    days, basis = window_of(sums).days, sums.basis
    dated = basis.computed + basis.reported - basis.undated_priced
    return Decimal(str(days)) if dated and days is not None and days >= 1 else None


def a_month(amount: int, days: Decimal | None) -> str | None:
    """Return what an amount of so many days comes to in 30.44 of them, in USD to the cent; None for None."""
    if days is None:
        return None
    return f"{(usd(amount) / days * DAYS_OF_A_MONTH).quantize(Decimal('0.01')):f}"


def _spend(sums: Sums) -> Spend:
    by_field = dict.fromkeys(Spend.__struct_fields__, 0)
    for unit, amount in sums.parts.items():
        by_field[_SPEND.get(unit, "other_usd")] += amount
    return Spend(**{name: money(amount) for name, amount in by_field.items()})


def _observed(sums: Sums, calls: int) -> Observed:
    seen = sums.incidents

    def rate(count: int, of: int) -> float:
        return count / of if of else 0.0

    return Observed(
        seen.errors, rate(seen.errors, calls),
        seen.retries, rate(seen.retries, calls),
        seen.fallbacks, rate(seen.fallbacks, calls),
        seen.escalations, rate(seen.escalations, calls - seen.retries),
    )  # fmt: skip


def _allowances(prices: PriceTable, sums: Sums, cost: int) -> Allowances | None:
    """Fees and free quotas, and what the calls cost with them; None where the prices have none that was used."""
    months, free = [], []
    for name, month, due in allowances.months(prices, sums.used, sums.first_at, sums.last_at):
        cost += due.cost - due.listed
        months.append(
            CommittedMonth(
                name=name,
                month=month,
                fee_usd=money(due.fee),
                included_tokens=due.included,
                calls=due.calls,
                used_tokens=due.used,
                list_usd=money(due.listed),
                overage_tokens=due.over,
                overage_usd=money(due.overage),
                cost_usd=money(due.cost),
            )
        )
    for quota, used, gratis, credit in allowances.free(prices, sums.used):
        cost -= credit
        free.append(FreeUse(quota.name, quota.unit, quota.count, quota.per, used, gratis, money(credit)))
    return Allowances(months, free, money(cost)) if months or free else None


def _comparison(sums: Sums) -> Comparison | None:
    compared = sums.compared
    if not compared.calls:
        return None
    differences = [
        Difference(reason, calls, money(reported), money(computed), money(reported - computed))
        for reason, (calls, reported, computed) in compared.explained().items()
    ]
    differences.sort(key=lambda each: (-abs(Decimal(each.difference_usd)), each.reason))
    return Comparison(compared.calls, compared.equal, money(compared.reported), money(compared.computed), differences)


def _findings(cases: Mapping[str, Sequence[Case]], least: int) -> list[Line]:
    lines = [
        Line(kind.ID, kind.title(case), case.calls, money(case.spend), money(case.saving), kind.HOW, kind.DO)
        for kind in _KINDS
        for case in cases[kind.ID]
        if case.saving >= least
    ]
    return sorted(lines, key=lambda line: (-Decimal(line.could_save_usd or 0), line.id, line.title))


def _unpriced(coverage: Coverage) -> list[Line]:
    """Models without a price are a finding too: what they cost is in no figure."""
    calls = sum(each.calls for each in coverage.unpriced_models)
    if not calls:
        return []
    names = list(dict.fromkeys(each.model or "no model named" for each in coverage.unpriced_models))
    named = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")
    return [
        Line(
            "unpriced-models",
            f"{number(calls, 'call')} on models without a price: {named}",
            calls,
            "0",
            None,
            "their cost is unknown and in no figure of this report",
            "add their prices or map their names with --prices FILE",
        )
    ]
