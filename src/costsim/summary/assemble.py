"""Sums -> Report: every figure as it is printed, exact, with what it rests on."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from costsim.ingest.kept.store import Manifest
from costsim.prices import PriceTable
from costsim.schema import usd
from costsim.summary import allowances, assumptions, noise
from costsim.summary.audit_sums import AuditSums, key_of
from costsim.summary.coverage import coverage_of
from costsim.summary.dimensions import DAY
from costsim.summary.findings import FINDINGS, TRENDS, Case
from costsim.summary.findings.contract import Kind
from costsim.summary.printed import SCHEMA_VERSION, a_month, days_of, money, prices_of, window_of
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
    Report,
    Spend,
    Totals,
)
from costsim.summary.report import Finding as Line
from costsim.summary.together import together
from costsim.summary.words import number

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


def report(manifest: Manifest, prices: PriceTable, question: Question, sums: AuditSums) -> Report:
    """Return the report that the sums of all batches make."""
    totals = sums.groups.totals()
    cases = sums.all_cases()
    least = noise.least(totals["cost"])
    coverage = coverage_of(manifest, sums.basis, prices, totals["calls"])
    whole = _totals(totals, sums)
    return Report(
        schema_version=SCHEMA_VERSION,
        command="audit",
        window=window_of(sums.basis),
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


def _quotient(amount: int, divisor: int | Decimal) -> str | None:
    """An amount divided, to 10^-12 USD; None where there is nothing to divide by."""
    return f"{(usd(amount) / Decimal(divisor)).quantize(Decimal('1e-12')).normalize():f}" if divisor else None


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


def _groups(groupings: Sequence[tuple[str, ...]], sums: AuditSums, total: int) -> dict[str, list[Group]]:
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


def _totals(totals: dict[str, int], sums: AuditSums) -> Totals:
    cost, undated = totals["cost"], sums.basis.basis.undated_cost
    return Totals(
        **_group(None, totals, cost),  # type: ignore[arg-type]
        spend=_spend(sums),
        cached_share=totals["cache_read_tokens"] / totals["input_tokens"] if totals["input_tokens"] else None,
        monthly_usd=a_month(cost - undated, days_of(sums.basis)),
        undated_calls=sums.basis.basis.undated,
        undated_cost_usd=money(undated),
        classified_below_0_6=sums.basis.basis.unsure_cost / cost if cost else None,
    )


def _spend(sums: AuditSums) -> Spend:
    by_field = dict.fromkeys(Spend.__struct_fields__, 0)
    for unit, amount in sums.basis.parts.items():
        by_field[_SPEND.get(unit, "other_usd")] += amount
    return Spend(**{name: money(amount) for name, amount in by_field.items()})


def _observed(sums: AuditSums, calls: int) -> Observed:
    seen = sums.incidents

    def rate(count: int, of: int) -> float:
        return count / of if of else 0.0

    return Observed(
        seen.errors, rate(seen.errors, calls),
        seen.retries, rate(seen.retries, calls),
        seen.fallbacks, rate(seen.fallbacks, calls),
        seen.escalations, rate(seen.escalations, calls - seen.retries),
    )  # fmt: skip


def _allowances(prices: PriceTable, sums: AuditSums, cost: int) -> Allowances | None:
    """Fees and free quotas, and what the calls cost with them; None where the prices have none that was used."""
    months, free = [], []
    for name, month, due in allowances.months(prices, sums.used, sums.basis.first_at, sums.basis.last_at):
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


def _comparison(sums: AuditSums) -> Comparison | None:
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
