"""Logs -> report: read, price, sum up, and find what is wasted."""

from collections.abc import Sequence

import msgspec

from costsim import prices
from costsim.app import warnings
from costsim.app.asked import Asked, understood
from costsim.app.completeness import insist_on_all
from costsim.app.reading import Progress, Reading, calls_of
from costsim.errors import EvidenceError, UsageError, nearest
from costsim.reports import audited
from costsim.reports.contract import View
from costsim.summary.audit import audit as summarise
from costsim.summary.report import Report


class Answer(msgspec.Struct, frozen=True):
    """A report, in the format that was asked for."""

    report: Report
    format: str
    warnings: Sequence[str] = ()

    def render(self, view: View) -> str:
        """Return the report as text."""
        return audited.render(self.format, self.report, view)

    def insist(self, strict: bool) -> None:
        """Raise EvidenceError where the report says nothing, or, if strict, less than everything."""
        seen = self.report.coverage
        if not seen.calls:
            why = (
                "the conditions leave none"
                if seen.left_out
                else "see the rejected lines"
                if seen.rejected
                else "empty logs"
            )
            raise EvidenceError(f"no calls in {seen.lines:,} lines", hint=why)
        if strict:
            damaged = sum(source.damage is not None for source in seen.sources)
            insist_on_all(rejected=seen.rejected, unpriced=seen.unpriced, damaged=damaged)


def audit(
    logs: Sequence[str], reading: Reading, asked: Asked, progress: Progress = lambda _done, _total: None
) -> Answer:
    """Return what the calls in the logs cost; what is wrong with the question is found before the first log is read."""
    if asked.format not in audited.RENDERERS:
        raise UsageError(
            f"unknown format '{asked.format}'", where="--format", hint=nearest(asked.format, audited.RENDERERS)
        )
    question = understood(asked)
    table = prices.load(tuple(asked.prices))
    with calls_of(logs, reading, progress) as store:
        report = summarise(store, table, question, reading.workers)
    return Answer(report, asked.format, warnings.of(store.manifest))
