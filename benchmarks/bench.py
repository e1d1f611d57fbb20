"""What every measure is given: the log, the commands, and folders to run them in."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

from benchmarks.logs.generate import GeneratedLog, generated_log
from benchmarks.processes import Run, run

COSTSIM = Path(sys.executable).parent / "costsim"
YARDSTICKS = Path(__file__).parent / "programs" / "yardsticks.py"
SAMPLE = Path(__file__).parents[1] / "sample_logs" / "support_assistant.jsonl.gz"
MEGABYTE = 1e6
MEGABYTES = 200.0


@dataclass
class Bench:
    """One session of measuring: how large a log, how many rounds, and where to work."""

    calls: int
    seed: int
    rounds: int
    scratch: Path
    megabytes: float = MEGABYTES
    """Of the log of each format."""
    formats: Sequence[str] = ()
    """Those that are measured; none named: all."""
    last_audit: tuple[Path, Run] | None = field(default=None, init=False)

    @cached_property
    def log(self) -> GeneratedLog:
        """The log at its full size."""
        return generated_log(self.calls, self.seed)

    @cached_property
    def small_log(self) -> GeneratedLog:
        """The log at a tenth of its size."""
        return generated_log(self.calls // 10, self.seed)

    def folder(self) -> Path:
        """A new, empty folder to run a command in."""
        return Path(mkdtemp(dir=self.scratch))

    def audit(self, log: Path) -> Run:
        """A whole `costsim audit` of a log that it has not seen before."""
        folder = self.folder()
        audited = run([COSTSIM, "audit", log, "--format", "json", "--no-progress"], folder)
        self.last_audit = (folder, audited)
        return audited

    def yardstick(self, name: str) -> Run:
        """A whole run of one of the yardsticks on the full log."""
        return run([sys.executable, YARDSTICKS, name, self.log.path], self.folder())


def middle(values: list[float]) -> float:
    """The median: one slow round does not decide."""
    return median(values)


def failures(name: str, runs: list[Run]) -> list[str]:
    """A line for each way in which runs failed: the exit code and the last thing that was said."""
    lines = [f"{name}: exit code {r.exit_code}: {_last_line(r.errors)}" for r in runs if r.failed]
    return list(dict.fromkeys(lines))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["(nothing on standard error)"])[-1]
