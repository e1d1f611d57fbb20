"""Logs and policies -> what the calls would have cost; every mistake in a policy is found before a log is read."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from costsim import prices
from costsim.app import warnings
from costsim.app.asked import Asked, understood
from costsim.app.completeness import insist_on_all
from costsim.app.policies.files import loaded, told_apart, with_decisions
from costsim.app.reading import Progress, Reading, calls_of
from costsim.engines.memory import keep_freed
from costsim.errors import EvidenceError, UsageError, nearest
from costsim.ingest.kept import own_parquet
from costsim.outputs import is_stream
from costsim.replay.scores import Scores
from costsim.reports import simulated
from costsim.reports.contract import View
from costsim.summary.simulation import sweeps
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.report import SimulationReport
from costsim.summary.simulation.runs import runs_of
from costsim.summary.simulation.simulate import simulate as replay


class Wanted(msgspec.Struct, frozen=True):
    """The policies, and what they are compared with, in the user's own words."""

    policies: Sequence[Path] = ()
    controls: bool = True
    sweep: Sequence[str] = ()
    per_call: Path | None = None
    scores: Path | None = None


class Answer(msgspec.Struct, frozen=True):
    """A report, in the format that was asked for."""

    report: SimulationReport
    format: str
    warnings: Sequence[str] = msgspec.field(default_factory=list)

    def render(self, view: View) -> str:
        """Return the report as text."""
        return simulated.RENDERERS[self.format].render(self.report, view)

    def insist(self, strict: bool) -> None:
        """Raise EvidenceError, if strict, where the report says less than everything."""
        seen = self.report.coverage
        if strict:
            damaged = sum(source.damage is not None for source in seen.sources)
            insist_on_all(rejected=seen.rejected, unpriced=seen.unpriced, damaged=damaged)


def simulate(
    logs: Sequence[str],
    reading: Reading,
    asked: Asked,
    wanted: Wanted,
    progress: Progress = lambda _done, _total: None,
) -> Answer:
    """Return what the calls in the logs would have cost under each policy."""
    if asked.format not in simulated.RENDERERS:
        hint = nearest(asked.format, simulated.RENDERERS)
        raise UsageError(f"unknown format '{asked.format}'", where="--format", hint=hint)
    if wanted.per_call is not None and wanted.per_call.suffix.lower() != ".parquet" and not is_stream(wanted.per_call):
        raise UsageError("is written as Parquet", where=f"--per-call {wanted.per_call}", hint="name it x.parquet")
    question = understood(asked)
    table = prices.load(tuple(asked.prices))
    policies = loaded(wanted.policies, table, reading.tasks)
    if not policies:
        raise UsageError(
            "no policy named", hint="costsim simulate --policy tiers.yaml; `costsim policy init` writes one"
        )
    policies, decisions = with_decisions(told_apart(policies), table)
    scores = Scores()
    if wanted.scores is not None:
        scores.read(wanted.scores, table)
    swept = [sweeps.parse(text) for text in wanted.sweep]
    runs = runs_of(policies, table, controls=wanted.controls, sweeps=swept)
    keep_freed()
    own = own_parquet.opened(logs) if reading.is_plain else None
    with own or calls_of(logs, reading, progress) as store:
        report = replay(store, table, Ask(runs, question, decisions, scores, wanted.per_call), reading.workers)
    _insist_on_calls(report)
    said = [warning for policy in policies for warning in policy.warnings]
    said += [warning for sweep in swept for warning in sweep.warnings(policies)]
    return Answer(report, asked.format, [*said, *warnings.of(store.manifest)])


def _insist_on_calls(report: SimulationReport) -> None:
    """Raise EvidenceError where there is nothing to replay: no saving is reported that measured nothing."""
    seen = report.coverage
    if not seen.calls:
        why = "the conditions leave none" if seen.left_out else "nothing can be replayed; see `costsim audit`"
        raise EvidenceError(f"no calls in {seen.lines:,} lines", hint=why)
    if not seen.priced and all(each.model is None for each in seen.unpriced_models):
        hint = "name it with --map: model: {value: gpt-5.5}"
        raise EvidenceError(f"none of {seen.calls:,} calls names a model", hint=hint)
    if not seen.priced:
        raise EvidenceError(f"none of {seen.calls:,} calls has a price", hint="see `costsim audit`, or add --prices")
