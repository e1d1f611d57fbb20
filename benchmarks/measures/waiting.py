"""How long a person waits: for the help, for a second look at the same log, for the demo."""

from collections.abc import Callable

from benchmarks.bench import COSTSIM, SAMPLE, Bench, failures, middle
from benchmarks.processes import Run, run
from benchmarks.results import Result, Target


def measure(bench: Bench) -> Result:
    """Repeats each command and takes the median."""
    commands: dict[str, Callable[[], Run]] = {
        "costsim --help": lambda: run([COSTSIM, "--help"], bench.folder()),
        "costsim audit, again": lambda: _audit_again(bench),
        "make demo": lambda: run([COSTSIM, "audit", SAMPLE], bench.folder()),
    }
    limits = {"costsim --help": 0.3, "costsim audit, again": 1.0, "make demo": 3.0}
    runs = {name: [command() for _ in range(bench.rounds + 2)] for name, command in commands.items()}
    walls = {
        name: None if any(r.failed for r in some) else middle([r.wall for r in some]) for name, some in runs.items()
    }
    return Result(
        title="Waiting",
        rows={name: {"wall s": wall} for name, wall in walls.items()},
        targets=[Target(name, walls[name], limit, " s") for name, limit in limits.items()],
        note=f"'again' is without LOGS, from .costsim/, after an audit of {bench.calls:,} calls",
        failures=[line for name, some in runs.items() for line in failures(name, some)],
    )


def _audit_again(bench: Bench) -> Run:
    """The same question once more, in the folder where the full log was audited last."""
    if bench.last_audit is None:
        bench.audit(bench.log.path)
    assert bench.last_audit is not None
    folder, _ = bench.last_audit
    return run([COSTSIM, "audit", "--format", "json", "--no-progress"], folder)
