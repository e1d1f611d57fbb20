"""How fast a policy is replayed: after an audit, and over a file of ten million calls, against DuckDB on that file."""

import sys
from pathlib import Path

from benchmarks.bench import COSTSIM, MEGABYTE, YARDSTICKS, Bench, failures, middle
from benchmarks.logs.calls_file import calls_file
from benchmarks.processes import Run, run
from benchmarks.results import Result, Target

CALLS = 10_000_000
POLICY = Path(__file__).with_name("five_rules.yaml")
AGAIN, PLAIN = "after an audit", "after an audit, without controls"
DUCKDB, ONE, TWO = "DuckDB, sum by model and task", "costsim, one policy", "costsim, two policies"


def measure(bench: Bench) -> Result:
    """Runs all in turn, round after round, so that a slow moment of the machine hits each of them."""
    calls = calls_file(CALLS, bench.seed)
    runs: dict[str, list[Run]] = {AGAIN: [], PLAIN: [], DUCKDB: [], ONE: [], TWO: []}
    for _ in range(bench.rounds):
        runs[AGAIN].append(_again(bench))
        runs[PLAIN].append(_again(bench, "--no-controls"))
        runs[DUCKDB].append(run([sys.executable, YARDSTICKS, "duckdb-parquet", calls], bench.folder()))
        runs[ONE].append(_replay(bench, calls, POLICY))
        runs[TWO].append(_replay(bench, calls, POLICY, _other(bench)))
    return Result(
        title=f"A five-rule policy over {CALLS:,} calls in Parquet, and over {bench.calls:,} after an audit",
        rows={name: _row(some) for name, some in runs.items()},
        targets=_targets(bench, runs),
        note="whole processes, DuckDB's too; the file holds no prompts; a cascade and a fallback; no controls over it",
        failures=[line for name, some in runs.items() for line in failures(name, some)],
    )


def _again(bench: Bench, *options: str) -> Run:
    """A policy over the log that was audited last."""
    if bench.last_audit is None:
        bench.audit(bench.log.path)
    assert bench.last_audit is not None
    folder, _ = bench.last_audit
    return run([COSTSIM, "simulate", "--policy", POLICY, "--format", "json", "--no-progress", *options], folder)


def _replay(bench: Bench, calls: Path, *policies: Path) -> Run:
    named = [word for policy in policies for word in ("--policy", policy)]
    return run(
        [COSTSIM, "simulate", calls, *named, "--no-controls", "--format", "json", "--no-progress"], bench.folder()
    )


def _other(bench: Bench) -> Path:
    """The same rules with other limits: a second policy that sends other calls elsewhere."""
    text = POLICY.read_text(encoding="utf-8").replace("five-rules", "other-limits").replace("lt: 4000", "lt: 8000")
    path = bench.scratch / "other_limits.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _row(runs: list[Run]) -> dict[str, float | None]:
    if any(each.failed for each in runs):
        return {"wall s": None}
    return {
        "wall s": middle([each.wall for each in runs]),
        "CPU s": middle([each.cpu for each in runs]),
        "peak MB": max(each.peak_bytes for each in runs) / MEGABYTE,
    }


def _targets(bench: Bench, runs: dict[str, list[Run]]) -> list[Target]:
    wall = {name: _row(some)["wall s"] for name, some in runs.items()}
    peak = None if any(each.failed for each in runs[ONE]) else max(each.peak_bytes for each in runs[ONE]) / MEGABYTE
    ratio = [a.wall / b.wall for a, b in zip(runs[ONE], runs[DUCKDB], strict=True) if not (a.failed or b.failed)]
    more = [(b.wall - a.wall) / a.wall for a, b in zip(runs[ONE], runs[TWO], strict=True) if not b.failed]
    return [
        Target(f"a policy with its controls after an audit of {bench.calls:,} calls", wall[AGAIN], 1.5, " s"),
        Target("ten million calls, in the time of DuckDB", middle(ratio) if ratio else None, 6.0, "x"),
        Target("a further policy, in the time of the first", middle(more) if more else None, 0.5, "x"),
        Target("peak memory of ten million calls", peak, 2000.0, " MB"),
    ]
