"""Reports made by hand: one for each way in which a log can be ordinary, or not."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest

from costsim.summary.report import (
    Comparison,
    Coverage,
    Difference,
    Finding,
    Group,
    Observed,
    Prices,
    Reject,
    Report,
    Source,
    Spend,
    Totals,
    UnpricedModel,
    Window,
)

Key = list[str | None] | str | None


class Row(NamedTuple):
    """One group in short: what of it cannot be worked out."""

    key: Key
    calls: int
    cost: str
    input_tokens: int = 0
    output_tokens: int = 0
    cached: int = 0
    errors: int = 0
    unpriced: int = 0


def group(row: Row, total: Decimal) -> Group:
    """Return the group of a row, with its rates."""
    cost, priced = Decimal(row.cost), row.calls - row.unpriced
    tokens = row.input_tokens + row.output_tokens
    return Group(
        key=row.key,
        calls=row.calls,
        priced=priced,
        errors=row.errors,
        input_tokens=row.input_tokens,
        cache_read_tokens=row.cached,
        cache_write_tokens=0,
        output_tokens=row.output_tokens,
        reasoning_tokens=0,
        cost_usd=row.cost,
        reported_cost_usd=None,
        cost_per_call_usd=quotient(cost, priced),
        cost_per_1000_calls_usd=quotient(cost * 1000, priced),
        cost_per_million_tokens_usd=quotient(cost * 10**6, tokens) if priced else None,
        share=float(cost / total) if total else None,
    )


def quotient(amount: Decimal, divisor: int) -> str | None:
    """Return an amount divided, as a report holds it."""
    return f"{(amount / divisor).quantize(Decimal('1e-12')).normalize():f}" if divisor else None


def totals(rows: list[Row], spend: Spend, monthly: str | None = None, unsure: float | None = None) -> Totals:
    """Return the sum of a grouping."""
    cost = sum((Decimal(row.cost) for row in rows), Decimal(0))
    counts = [sum(column) for column in zip(*(row[3:] for row in rows), strict=True)] or [0] * 5
    whole = group(Row(None, sum(row.calls for row in rows), f"{cost:f}", *counts), cost)
    fields = {name: getattr(whole, name) for name in Group.__struct_fields__}
    share = whole.cache_read_tokens / whole.input_tokens if whole.input_tokens else None
    return Totals(
        **fields, spend=spend, cached_share=share, monthly_usd=monthly, undated_calls=0, undated_cost_usd="0",
        classified_below_0_6=unsure
    )  # fmt: skip


def coverage(whole: Totals, **known: object) -> Coverage:
    """Return the coverage of a log in which nothing is missing but what is said."""
    fields: dict[str, object] = dict.fromkeys(Coverage.__struct_fields__, 0)
    fields |= {"calls": whole.calls, "lines": whole.calls, "priced": whole.priced, "computed": whole.priced}
    fields |= {"unpriced": whole.calls - whole.priced, "tokens_logged": whole.calls, "unpriced_reasons": {}}
    fields |= {"unpriced_models": [], "rejects": [], "skipped": []}
    fields |= {"sources": [Source("logs/october.jsonl.gz", "openai-chat", 0, 0, 0, 0, None)]}
    return Coverage(**(fields | known))  # type: ignore[arg-type]


def report(whole: Totals, groups: dict[str, list[Row]], seen: Coverage, **known: object) -> Report:
    """Return a report of these groups."""
    cost = Decimal(whole.cost_usd)
    fields: dict[str, object] = {
        "schema_version": "1",
        "command": "audit",
        "window": Window("2026-10-01T00:00:00Z", "2026-10-31T23:59:59Z", 30.9999),
        "prices": Prices(["costsim 0.1.0"], "logged", "2026-11-15", "5f1d", "auto"),
        "coverage": seen,
        "totals": whole,
        "groups": {name: [group(row, cost) for row in rows] for name, rows in groups.items()},
        "observed": Observed(0, 0.0, 0, 0.0, 0, 0.0, 0, 0.0),
        "comparison": None,
        "findings": [],
        "findings_together_usd": "0",
        "assumptions": ["List prices of each call's own day; discounts of yours are not in them."],
    }
    return Report(**(fields | known))  # type: ignore[arg-type]


NO_SPEND = Spend("0", "0", "0", "0", "0", "0")


def ordinary() -> Report:
    """A month of a product: everything has a price, a few lines are broken."""
    tasks = [
        Row("code", 28_113, "1911.803", 109_949_943, 22_659_078, 40_000_000, 210),
        Row("classification", 96_550, "1022.41", 78_398_600, 579_300, 0, 1_300),
        Row("question_answering", 61_020, "901.5512", 91_530_000, 12_204_000, 30_000_000, 301),
        Row("summarization", 25_514, "880.0958", 153_084_000, 5_102_800),
        Row("translation", 1_204, "96.5", 2_408_000, 2_167_200),
        Row("unknown", 7, "0.0042", 1_400, 70),
    ]
    models = [
        Row("gpt-5.5", 150_408, "4100.1122", 300_000_000, 30_000_000, 70_000_000, 1_811),
        Row("claude-sonnet-4-6", 40_000, "700.002", 100_000_000, 10_000_000),
        Row("gpt-5.4-mini", 22_000, "12.25", 35_371_943, 2_712_448),
    ]
    routes = [
        Row("support-bot", 150_000, "2800", 300_000_000, 30_000_000, 70_000_000, 1_811),
        Row(None, 62_408, "2012.3642", 135_371_943, 12_712_448),
    ]
    whole = totals(tasks, Spend("3020.11", "98.4042", "0", "1281.76", "412.09", "0"), "4657.02", 0.031)
    rejects = [Reject(f"logs/october.jsonl.gz:{line}", "cut off in the middle") for line in range(17, 78)]
    seen = coverage(
        whole, lines=214_377, duplicates=1_902, rejected=61, not_calls=6, rejects=rejects,
        tokens_logged=211_558, tokens_counted=850,
    )  # fmt: skip
    return report(
        whole, {"task": tasks, "model": models, "route": routes}, seen,
        observed=Observed(1_811, 0.00853, 2_973, 0.014, 0, 0.0, 6_492, 0.031),
        findings=_ordinary_findings(), findings_together_usd="1930.0049",
    )  # fmt: skip


def _ordinary_findings() -> list[Finding]:
    small = "the same tokens at the price of the provider's own small model (assumes that it needs as many)"
    try_it = "try the small model on a sample of these calls, and route the task to it where the answers hold"
    return [
        Finding(
            "frontier-for-simple", "classification on gpt-5.5: 71,204 calls that look simple enough for a small model",
            71_204, "754.01", "702.119", small, try_it,
        ),
        Finding(
            "uncached-prefix", "a 3,900-token prefix of `support-bot` is sent 48,120 times and not read from a cache",
            48_120, "1200.5", "388.4", "each first message is written once and read again within five minutes",
            "put what never changes first and mark it for caching",
        ),
        Finding(
            "frontier-for-simple", "translation on gpt-5.5: 1,020 calls that look simple enough for a small model",
            1_020, "81.2", "75.0049", small, try_it,
        ),
    ]  # fmt: skip


def empty() -> Report:
    """A log in which there is no call."""
    whole = totals([], NO_SPEND)
    seen = coverage(whole, lines=3, not_calls=2, rejected=1, rejects=[Reject("a.jsonl:2", "not JSON")])
    return report(whole, {"task": [], "model": [], "route": []}, seen, window=Window(None, None, None))


def unpriced() -> Report:
    """A log of models that no price list knows."""
    models = [
        Row("acme-coder-32b", 240, "0", 48_000, 9_600, errors=3, unpriced=240),
        Row(None, 60, "0", 600, 60, unpriced=60),
    ]
    routes = [Row(None, 300, "0", 48_600, 9_660, errors=3, unpriced=300)]
    whole = totals(models, NO_SPEND)
    why = "there is no price file for the provider 'hosted_vllm'"
    seen = coverage(
        whole,
        unpriced_reasons={"no price for this model": 290, "no token counts": 10},
        unpriced_models=[
            UnpricedModel("acme-coder-32b", "hosted_vllm", 240, 48_000, 9_600, why, ["acme-coder-3b", "acme-chat"]),
            UnpricedModel(None, None, 60, 600, 60, "the log names no model", []),
        ],
        tokens_logged=290, tokens_unknown=10,
    )  # fmt: skip
    finding = Finding(
        "unpriced-models", "300 calls on models without a price: acme-coder-32b", 300, "0", None,
        "their cost is unknown and in no figure of this report", "add their prices with --prices FILE",
    )  # fmt: skip
    return report(
        whole, {"model": models, "route": routes}, seen, findings=[finding],
        observed=Observed(3, 0.01, 0, 0.0, 0, 0.0, 0, 0.0), window=Window(None, None, None),
    )  # fmt: skip


def tiny() -> Report:
    """One call that cost a thousandth of a cent."""
    rows = [Row("gpt-5.4-nano", 1, "0.0000123", 21, 3)]
    whole = totals(rows, Spend("0.0000084", "0", "0", "0.00000389", "0", "0.00000001"))
    window = Window("2026-10-01T12:00:00Z", "2026-10-01T12:00:00Z", 0.0)
    return report(whole, {"model": rows, "route": [Row(None, *rows[0][1:])]}, coverage(whole), window=window)


_REGION = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"


def huge() -> Report:
    """Millions of dollars, long names, and everything that can be wrong with files."""
    models = [
        Row(
            f"{_REGION}us.anthropic.claude-opus-4-8-20260115-v1:0",
            2_000_000_000,
            "11234567.891",
            10**13,
            10**12,
            10**12,
        ),
        Row(f"{_REGION}us.anthropic.claude-opus-4-8-20260219-v1:0", 90_000_000, "1234567.2", 10**12, 10**10),
        Row(f"{_REGION}eu.anthropic.claude-haiku-5-5-20260901-v1:0", 9_000_000, "0.0049", 10**5, 10**4, errors=400_000),
        Row("gpt-5.4-nano", 1, "0.000000000001", 1, 0),
    ]
    routes = [
        Row(f"tenant-{number:02}/nightly-enrichment", 10**6 - number, str(10**6 - number**5)) for number in range(13)
    ]
    whole = totals(models, Spend("8000000.5", "1", "2000000", "2469134.591", "0", "0.004901"), "12400000.49")
    seen = coverage(
        whole, lines=2_099_000_101, left_out=100, before_first_price=1_000_000,
        computed=2_098_999_999, reported=2,
        skipped=["logs/notes.pdf: is a binary file, not a log (see `costsim formats`)"],
        sources=[
            Source("logs/2026-10.jsonl.gz", "anthropic-messages", 401_220, 401_220, 0, 0, "cut off after 1.2 GB"),
            Source("logs/2026-09.jsonl.zst", "openai-chat", 1, 1, 0, 0, None),
        ],
    )  # fmt: skip
    differences = [
        Difference("reported without the cache discount", 1_000_000, "900000.25", "400000", "500000.25"),
        Difference("no known reason", 3, "0.001", "0.002", "-0.001"),
    ]
    finding = Finding(
        "batchable", f"`nightly` runs 9,000,000 calls on {_REGION}us.anthropic.claude-opus-4-8 that nobody waits for",
        9_000_000, "12469135.0959", "12469135.0958", "the same calls at the batch price", "send them as a batch",
    )  # fmt: skip
    return report(
        whole, {"model": models, "route": routes}, seen, findings=[finding], findings_together_usd="12469135.0958",
        comparison=Comparison(1_000_013, 10, "900001.25", "400001", differences),
    )  # fmt: skip


def crossed() -> Report:
    """Several dimensions at once, tags, and names that nobody would wish for."""
    pairs = [
        Row(["gpt-5.5", "code"], 120, "4.5", 120_000, 24_000, 60_000),
        Row(["gpt-5.5", None], 30, "2.25", 30_000, 30_000),
        Row([None, None], 10, "0", 0, 0, errors=10),
        Row(["acme-coder-32b", "code"], 120, "0", 9_321, 12_682, unpriced=120),
    ]
    teams = [
        Row("検索チーム", 150, "6.75", 150_000, 54_000, 60_000),
        Row('=HYPERLINK("http://x")\x1b[31m|`', 100, "0", 5_321, 10_682, errors=10, unpriced=90),
        Row("", 20, "0", 2_000, 1_000, unpriced=20),
        Row(None, 10, "0", 2_000, 1_000, unpriced=10),
    ]
    whole = totals(pairs, Spend("4", "0.5", "0.25", "2", "0", "0"), "6.6300")
    model = UnpricedModel("acme-coder-32b", None, 120, 9_321, 12_682, "no price list has this name", [])
    seen = coverage(whole, unpriced_reasons={"no price for this model": 120}, unpriced_models=[model])
    return report(whole, {"model,task": pairs, "tag:team": teams}, seen)


SAMPLES: dict[str, Callable[[], Report]] = {
    made.__name__: made for made in (ordinary, empty, unpriced, tiny, huge, crossed)
}


@pytest.fixture(params=SAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    """The name of each report in turn."""
    return str(request.param)


@pytest.fixture
def sample(name: str) -> Report:
    """The report of that name."""
    return SAMPLES[name]()


@pytest.fixture
def samples() -> dict[str, Report]:
    """All reports by name."""
    return {name: made() for name, made in SAMPLES.items()}
