"""How fast an audit is, against DuckDB's bare sum and a json.loads loop on the same file."""

import json
from typing import Any

from benchmarks.bench import MEGABYTE, Bench, failures, middle
from benchmarks.processes import Run
from benchmarks.results import Result, Target

AUDIT, DUCKDB, LOADS = "costsim audit", "DuckDB, sum by model", "json.loads loop"
MEMORY_LIMIT = 600.0


def measure(bench: Bench) -> Result:
    """Runs the three in turn, round after round, so that a slow moment of the machine hits all of them."""
    bench.log.path.read_bytes()  # once before, so that every run reads from the page cache
    runs: dict[str, list[Run]] = {AUDIT: [], DUCKDB: [], LOADS: []}
    for _ in range(bench.rounds):
        runs[AUDIT].append(bench.audit(bench.log.path))
        runs[DUCKDB].append(bench.yardstick("duckdb"))
        runs[LOADS].append(bench.yardstick("json.loads"))
    failed = [line for name, some in runs.items() for line in failures(name, some)]
    return Result(
        title=f"An audit of {bench.calls:,} calls, {_size(bench):,.0f} MB of JSONL",
        rows={name: _figures(bench, some) for name, some in runs.items()},
        targets=_targets(runs),
        note=f"whole processes; medians of {bench.rounds} alternating rounds; peak: RSS of all, every 20 ms",
        failures=failed + _disagreements(bench, runs[AUDIT][-1]),
    )


def _size(bench: Bench) -> float:
    return bench.log.path.stat().st_size / MEGABYTE


def _figures(bench: Bench, runs: list[Run]) -> dict[str, float | None]:
    if any(r.failed for r in runs):
        return {"wall s": None}
    wall = middle([r.wall for r in runs])
    return {
        "wall s": wall,
        "MB/s": _size(bench) / wall,
        "calls/s": bench.calls / wall,
        "CPU s": middle([r.cpu for r in runs]),
        "peak MB": max(r.peak_bytes for r in runs) / MEGABYTE,
    }


def _targets(runs: dict[str, list[Run]]) -> list[Target]:
    peak = None if _broken(runs[AUDIT]) else max(r.peak_bytes for r in runs[AUDIT]) / MEGABYTE
    return [
        Target("an audit's time, in DuckDB's", _ratio(runs[AUDIT], runs[DUCKDB]), 3.0, "x"),
        Target("an audit's time, in that of the json.loads loop", _ratio(runs[AUDIT], runs[LOADS]), 1.0, "x"),
        Target("an audit's peak memory", peak, MEMORY_LIMIT, " MB"),
    ]


def _ratio(ours: list[Run], theirs: list[Run]) -> float | None:
    """The median of the rounds' ratios: each round compares two runs that were neighbours."""
    if _broken(ours) or _broken(theirs):
        return None
    return middle([a.wall / b.wall for a, b in zip(ours, theirs, strict=True)])


def _broken(runs: list[Run]) -> bool:
    return any(r.failed for r in runs)


def _disagreements(bench: Bench, audited: Run) -> list[str]:
    """Where the audit's counts differ from what the generator wrote: speed is worth nothing then."""
    if audited.failed:
        return []
    report: dict[str, Any] = json.loads(audited.output)
    found = report["coverage"] | report["totals"]
    names = ("lines", "calls", "duplicates", "not_calls", "input_tokens", "output_tokens")
    truth = bench.log.facts
    return [f"{name}: {found[name]:,} for {truth[name]:,}" for name in names if found[name] != truth[name]]
