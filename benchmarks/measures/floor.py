"""What no audit can do without, against DuckDB's bare sum: parts of its work, each alone and as fast as they go."""

import sys
from pathlib import Path

from benchmarks.bench import Bench, failures, middle
from benchmarks.processes import Run, run
from benchmarks.programs import floor
from benchmarks.results import Result

DUCKDB = "DuckDB, sum by model"
PARTS = {
    "DuckDB, columns and texts": "duckdb",
    "msgspec, the least of a line": "decode",
    "... with hashes and signals": "classify",
}
WORKER = Path(floor.__file__)


def measure(bench: Bench) -> Result:
    """Runs the parts and the yardstick in turn; there is no target, as none of them is an audit."""
    bench.log.path.read_bytes()  # once before, so that every run reads from the page cache
    runs: dict[str, list[Run]] = {name: [] for name in (DUCKDB, *PARTS)}
    for _ in range(bench.rounds):
        runs[DUCKDB].append(bench.yardstick("duckdb"))
        for name, part in PARTS.items():
            runs[name].append(run([sys.executable, WORKER, part, bench.log.path], bench.folder()))
    return Result(
        title=f"Parts of an audit of {bench.calls:,} calls, each alone",
        rows={name: _figures(some, runs[DUCKDB]) for name, some in runs.items()},
        note=f"whole processes on all cores; medians of {bench.rounds} alternating rounds",
        failures=[line for name, some in runs.items() for line in failures(name, some)],
    )


def _figures(runs: list[Run], yardstick: list[Run]) -> dict[str, float | None]:
    if any(each.failed for each in (*runs, *yardstick)):
        return {"wall s": None}
    return {
        "wall s": middle([each.wall for each in runs]),
        "CPU s": middle([each.cpu for each in runs]),
        "x of the sum's wall": middle([each.wall / one.wall for each, one in zip(runs, yardstick, strict=True)]),
        "x of its CPU": middle([each.cpu / one.cpu for each, one in zip(runs, yardstick, strict=True)]),
    }
