"""Logs against a baseline, or one log under two policies: did it get dearer, and why."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from costsim import prices
from costsim.app.asked import Asked, understood
from costsim.app.gate import baseline
from costsim.app.reading import Progress, Reading
from costsim.errors import EvidenceError, UsageError, nearest
from costsim.reports import checked
from costsim.reports.contract import View
from costsim.summary.gate import baseline as files
from costsim.summary.gate.baseline import Baseline
from costsim.summary.gate.budgets import Spending, groupings_of
from costsim.summary.gate.cases import Pairs
from costsim.summary.gate.figures import Figures
from costsim.summary.gate.judge import judge, without_baseline
from costsim.summary.gate.limits import Limits
from costsim.summary.gate.report import CheckReport

REGRESSION = 1
HOW = "make one: costsim baseline LOGS --out {file}"


class Against(msgspec.Struct, frozen=True):
    """What the log is compared with."""

    baseline: Path | None = None
    against: Sequence[str] = ()
    """An older log."""
    allow_no_baseline: bool = False
    other_prices: bool = False
    pairs: Pairs = msgspec.field(default_factory=Pairs)


class Verdict(msgspec.Struct, frozen=True):
    """A report, in the format that was asked for, and how the run must end."""

    report: CheckReport
    format: str
    warnings: Sequence[str] = ()

    def render(self, view: View) -> str:
        """Return the report as text."""
        return checked.RENDERERS[self.format].render(self.report, view)

    def as_markdown(self) -> str:
        """Return the report as Markdown, whatever format was asked for."""
        return checked.RENDERERS["markdown"].render(self.report, View())

    @property
    def exit_code(self) -> int:
        """1 for a regression or a budget that is exceeded, else 0."""
        return REGRESSION if self.report.verdict == "fail" else 0

    def insist(self) -> None:
        """Raise EvidenceError where nothing can be said."""
        if self.report.verdict == "no evidence":
            first, *others = self.report.missing
            hint = f"and {len(others)} more" if others else ""
            raise EvidenceError(f"{first}; nothing can be said", where="check", hint=hint)


def check(
    logs: Sequence[str],
    reading: Reading,
    asked: Asked,
    against: Against,
    limits: Limits,
    progress: Progress = lambda _done, _total: None,
) -> Verdict:
    """Return whether the calls in the logs got dearer; every mistake of the user is found before a log is read."""
    check_format(asked.format)
    question = understood(asked)
    table = prices.load(tuple(asked.prices))
    before, missing = _known(against)
    if before is None and not against.against and not limits.budgets and not against.allow_no_baseline:
        raise missing or UsageError("nothing to compare with", hint="--baseline FILE, --against LOG or --budget")
    said: list[str] = []
    if against.against:
        before, _, said = baseline.figures(against.against, _apart(reading), table, question, _all(against.pairs))
    now, found, told = baseline.figures(
        logs, reading, table, question, _wanted(against, before), groupings_of(limits.budgets), progress
    )
    spending = spending_of(found)
    if before is None:
        lines = [str(missing)] if missing and not against.allow_no_baseline else []
        return Verdict(without_baseline(now, limits, spending, lines or _thin(now)), asked.format, told)
    names = ("the older log" if against.against else str(against.baseline), "this log")
    other_prices = against.other_prices or bool(against.against)
    report = judge(before, now, limits, spending, names=names, other_prices=other_prices)
    return Verdict(report, asked.format, [*said, *told])


def check_format(name: str) -> None:
    """Raise UsageError for a format that `check` does not have."""
    if name not in checked.RENDERERS:
        raise UsageError(f"unknown format '{name}'", where="--format", hint=nearest(name, checked.RENDERERS))


def _known(against: Against) -> tuple[Baseline | None, EvidenceError | None]:
    """The baseline file, or why there is none; a file that is there and wrong is never passed over."""
    if against.baseline is None:
        return None, None
    how = HOW.format(file=against.baseline)
    try:
        return files.read(against.baseline, how), None
    except EvidenceError as problem:
        if against.baseline.exists():
            raise
        return None, problem


def _thin(now: Baseline) -> list[str]:
    return [] if now.counted.priced else [f"this log has no call{' with a price' if now.counted.calls else ''}"]


def _apart(reading: Reading) -> Reading:
    """The same way of reading, for a log that does not become the last run of the folder."""
    return replace(reading, keep=False)


def _all(pairs: Pairs) -> Pairs:
    return Pairs(pairs.by, None)


def _wanted(against: Against, before: Baseline | None) -> Pairs:
    """The pairs that the other side has."""
    if before is None or before.pairing is None:
        return Pairs(against.pairs.by, 0)
    return Pairs(before.pairing.by, None)


def spending_of(found: Figures) -> Spending:
    """Return what budgets are compared with."""
    by = {names[0]: {key[0]: sums[0] for key, sums in keys.items()} for names, keys in found.spent.groups.items()}
    return Spending(dict(found.dearest), by, found.undated())
