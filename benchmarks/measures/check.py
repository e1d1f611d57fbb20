"""What `check` takes for a log that it has not seen before, in the time of an audit of the same log."""

from pathlib import Path

from benchmarks.bench import COSTSIM, Bench, failures, middle
from benchmarks.processes import Run, run
from benchmarks.results import Result, Target

AUDIT, CHECK = "costsim audit", "costsim check --baseline"
LIMIT = 1.2


def measure(bench: Bench) -> Result:
    """Makes a baseline, then audits and checks the log in turn, so that a slow moment of the machine hits both."""
    baseline = bench.folder() / "costs.json"
    made = run([COSTSIM, "baseline", bench.log.path, "--out", baseline, "--no-progress"], baseline.parent)
    runs: dict[str, list[Run]] = {AUDIT: [], CHECK: []}
    for _ in range(bench.rounds):
        runs[AUDIT].append(bench.audit(bench.log.path))
        runs[CHECK].append(_check(bench, baseline))
    failed = [*failures("costsim baseline", [made]), *(line for name in runs for line in failures(name, runs[name]))]
    return Result(
        title=f"A check of {bench.calls:,} calls against a baseline",
        rows={name: {"wall s": _middle(some, "wall"), "CPU s": _middle(some, "cpu")} for name, some in runs.items()},
        targets=[
            Target("a check's CPU time, in an audit's", _ratio(runs, "cpu"), LIMIT, "x"),
            Target("a check's time, in an audit's", _ratio(runs, "wall"), LIMIT, "x"),
        ],
        note=f"whole processes, each in a folder of its own; medians of {bench.rounds} alternating rounds",
        failures=failed,
    )


def _check(bench: Bench, baseline: Path) -> Run:
    options: list[str | Path] = ["--baseline", baseline, "--format", "json", "--no-progress"]
    return run([COSTSIM, "check", bench.log.path, *options], bench.folder())


def _middle(runs: list[Run], what: str) -> float | None:
    return None if any(each.failed for each in runs) else middle([getattr(each, what) for each in runs])


def _ratio(runs: dict[str, list[Run]], what: str) -> float | None:
    """The median of the rounds' ratios: each round compares two runs that were neighbours."""
    if any(each.failed for some in runs.values() for each in some):
        return None
    rounds = zip(runs[CHECK], runs[AUDIT], strict=True)
    return middle([getattr(check, what) / getattr(audit, what) for check, audit in rounds])
