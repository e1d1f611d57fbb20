"""Whether memory grows with the log: the peak of an audit at one size and at ten times that size."""

from benchmarks.bench import MEGABYTE, Bench, failures
from benchmarks.results import Result, Target


def measure(bench: Bench) -> Result:
    """Audits a tenth of the log and all of it."""
    runs = {bench.calls // 10: bench.audit(bench.small_log.path), bench.calls: bench.audit(bench.log.path)}
    small, large = (None if run.failed else run.peak_bytes / MEGABYTE for run in runs.values())
    grown = None if small is None or large is None else large / small
    return Result(
        title="Memory as the log grows",
        rows={f"{calls:,} calls": {"peak MB": peak} for calls, peak in zip(runs, (small, large), strict=True)},
        targets=[Target("peak memory at ten times the size, in that at one", grown, 1.2, "x")],
        failures=failures("costsim audit", [*runs.values()]),
    )
