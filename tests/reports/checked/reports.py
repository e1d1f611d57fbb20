"""Reports of `check` made by hand: one for each way in which a comparison can end."""

from collections.abc import Callable

from costsim.summary.gate.report import BudgetLine, CheckReport, Finding, Line, Moved, Part, SideOf, Verdict
from costsim.summary.gate.sentence import sentence

LIMITS: dict[str, float | str] = {"max_increase_percent": 5.0, "min_increase_usd": 1.0, "min_calls": 30, "alpha": 0.05}
RESTS_ON = [
    "Before and now have the mix of this log, so that more calls or another mix of routes is no regression.",
    "These logs can show a rise of +5.4 % on the whole, from +5.2 % ('search') to +31.0 % ('drafts') by route, "
    "19 times of 20.",
]


def line(
    scope: str,
    key: str | None,
    before: str,
    now: str,
    percent: float | None,
    monthly: str | None,
    finding: Finding,
    *parts: Part,
    why: str = "",
    level: str = "fail",
    calls: int = 1_204,
    p_value: float | None = 0.0002,
    test: str | None = "spread",
    pairs: int = 0,
) -> Line:
    """Return a line of a table."""
    sees = None if test is None else 15.4
    return Line(
        scope, key, calls - 100, calls, before, now, percent, "12.5", monthly, p_value, test, pairs, finding, level,
        5.0, sees, why, list(parts),
    )  # fmt: skip


def side(name: str, cost: str, calls: int = 20_412) -> SideOf:
    """Return one of the two that are compared."""
    return SideOf(
        name, "2026-10-01T00:00:00Z", "2026-10-31T23:00:00Z", 31.0, calls, calls - 2, 3, cost, "abc", "2026-11-17"
    )


def report(
    verdict: Verdict,
    lines: list[Line],
    *,
    before: SideOf | None,
    parts: list[Part] | None = None,
    change: str = "0",
    monthly: str | None = None,
    comparison: str = "logs",
    new: list[Moved] | None = None,
    gone: list[Moved] | None = None,
    budgets: list[BudgetLine] | None = None,
    missing: list[str] | None = None,
) -> CheckReport:
    """Return a report with its sentence."""
    made = CheckReport(
        "1", "check", verdict, "", comparison, before, side("this log", "1412.37"), change, monthly, 40, "3.5",
        parts or [], lines,
        new or [], gone or [], budgets or [], missing or [], LIMITS, RESTS_ON,
    )  # fmt: skip
    made.sentence = sentence(made)
    return made


def dearer() -> CheckReport:
    """Prompts grew on one route, another got cheaper, and a budget is exceeded."""
    why = "2,310 more input tokens per call"
    lines = [
        line("total", None, "0.0592", "0.0641", 8.3, "412.20", "regression", why=why),
        line("route", "support-simple", "0.0106", "0.0149", 40.6, "412.31", "regression", why=why),
        line("route", "code-review", "0.068", "0.0655", -3.7, "-38.00", "improvement", why="cached share 18 % → 31 %"),
        line("route", "search", "0.0021", "0.0021", 0.4, "0.12", "small", p_value=0.4, test="pairs", pairs=1_100),
        line("route", "drafts", "0.0301", "0.0346", 14.9, "22.10", "unproven", p_value=0.31),
        line("route", None, "0.0009", "0.0009", 0.0, None, "too few calls", p_value=None, test=None, calls=112),
        line("task", "chat", "0.0106", "0.0149", 40.6, "412.31", "regression", why=why, level="warn"),
    ]
    parts = [Part("volume", "100.5", "98.7"), Part("mix", "-3.25", "-3.19"), Part("input_tokens", "419.8", "412.31")]
    budgets = [
        BudgetLine("month", None, "1000", "1382.09", True, "fail", "at the pace of this log"),
        BudgetLine("call", "search", "0.05", "0.0412", False, "warn", "its dearest call"),
    ]
    return report(
        "fail", lines, before=side("costs.json", "895.32"), parts=parts, change="517.05", monthly="507.82",
        new=[Moved("digest", 310, "4.1")], gone=[Moved(None, 2, "0.00000012")], budgets=budgets,
    )  # fmt: skip


def same() -> CheckReport:
    """Nothing worth saying."""
    lines = [
        line("total", None, "0.01", "0.01", 0.0, "0.00", "same", p_value=1.0),
        line("route", "search", "0.01", "0.01", 0.0, "0.00", "same", p_value=1.0),
    ]
    return report("pass", lines, before=side("costs.json", "1412.37"))


def warned() -> CheckReport:
    """Policies that are replayed, without noise, where a regression is a warning."""
    why = "the policy routes it otherwise"
    replayed = {"p_value": None, "test": "exact", "level": "warn", "why": why}
    lines = [
        line("total", None, "0.01", "0.012", 20.0, None, "regression", Part("routing", "12.5", None), **replayed),  # type: ignore[arg-type]
        line("route", "search", "0.01", "0.012", 20.0, None, "regression", Part("routing", "12.5", None), **replayed),  # type: ignore[arg-type]
    ]
    parts = [Part("routing", "12.5", None)]
    return report("warn", lines, before=side("old.yaml", "1399.87"), parts=parts, change="12.5", comparison="policies")


def silent() -> CheckReport:
    """Too little to say anything."""
    missing = [
        "the baseline was priced with another price table (newest 2026-10-01, now 2026-11-17); make it anew",
        "60 lines of this log could not be read (--max-rejected 0.05; see `costsim audit --rejects`)",
    ]
    return report("no evidence", [], before=side("costs.json", "1.5", 12), missing=missing)


def alone() -> CheckReport:
    """No baseline, budgets alone."""
    budgets = [BudgetLine("day", None, "20", "19.99", False, "fail", "in this log")]
    return report("pass", [], before=None, budgets=budgets)


def hostile() -> CheckReport:
    """Names that nobody would wish for."""
    name = "`a|b` <img src=x> \"&' @team\x1b[31m\n::error::x"
    lines = [
        line("total", None, "0.01", "0.02", 100.0, "5.00", "regression", why="1 more"),
        line(
            "route",
            name,
            "0.000000000001",
            "0.000000000002",
            100.0,
            "5.00",
            "regression",
            why="1 more | *output* token",
        ),
        line("route", "検索" * 30, "0.01", "0.011", 10.0, "2.00", "regression", level="warn"),
    ]
    budgets = [BudgetLine("user", name, "0.5", "0.75", True, "warn", "in this log")]
    return report("fail", lines, before=side("my costs/α.json", "3"), change="5.1", monthly="5.00", budgets=budgets)


REPORTS: dict[str, Callable[[], CheckReport]] = {
    made.__name__: made for made in (dearer, same, warned, silent, alone, hostile)
}
