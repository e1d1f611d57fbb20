"""How fast each format of JSON Lines is read, against the fastest of them; and many small files, and agents' traces."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import COSTSIM, MEGABYTE, Bench, failures, middle
from benchmarks.logs import format_logs
from benchmarks.processes import Run, run
from benchmarks.results import Result, Target

READ = Path(__file__).parents[1] / "programs" / "read_log.py"
NO_TEXT = 1_000.0
"""Bytes of a call below which its format holds no texts, and the time of a call says more than the rate."""
MOST_MICROSECONDS = 100.0
SMALL_FILES = 20_000
TRACES = "traces/kvcachetester_all710_traces.tar.xz"
MEMORY_LIMIT = 600.0
CLOSE = 0.75
"""Of the fastest format's rate. What is below is read again in pairs with it: the machine's speed drifts from minute to
minute, and so do the rates of logs that were read minutes apart.
"""

Row = dict[str, float | None]


@dataclass(frozen=True)
class Read:
    """One log of a format, read at its size and at a tenth of it."""

    megabytes: float
    small: Run
    rounds: list[Run]
    """Of the large log, with those of other formats between them."""

    @property
    def large(self) -> Run:
        """The middle one of the rounds, or one that failed."""
        failed = [each for each in self.rounds if each.failed]
        return failed[0] if failed else sorted(self.rounds, key=lambda each: each.cpu)[len(self.rounds) // 2]

    @property
    def said(self) -> dict[str, float]:
        """What the reader says of the large log; nothing where it failed."""
        return {} if self.large.failed else json.loads(self.large.output)

    @property
    def has_prompts(self) -> bool:
        """Whether the format logs what was asked, in words, which are hashed and classified."""
        return self.said.get("prompts", 0) > self.said.get("calls", 0) / 2

    def figures(self) -> Row:
        """The row of the table; rates are by CPU time, as other work of the machine is none of the format's."""
        said = self.said
        if not said or self.small.failed:
            return {"MB/s": None}
        calls = said["calls"]
        return {
            "MB/s": self.megabytes / said["cpu"],
            "calls/s": calls / said["cpu"],
            "B/call": self.megabytes * MEGABYTE / max(calls, 1),
            "peak MB": self.large.peak_bytes / MEGABYTE,
            "growth": self.large.peak_bytes / self.small.peak_bytes,
        }


def measure(bench: Bench) -> Result:
    """Writes a log of each format from its own sample and reads it with one worker, all in turn, round after round."""
    logs = {name: _log(bench, name, bench.megabytes) for name in bench.formats or format_logs.formats()}
    reads = {name: Read(_size(log), _small(bench, name), []) for name, log in logs.items()}
    for _ in range(bench.rounds):
        for name, log in logs.items():
            reads[name].rounds.append(run([sys.executable, READ, log], log.parent))
    rows = {name: read.figures() for name, read in reads.items()}
    rates = {name: rate for name, row in rows.items() if _has_texts(row) and (rate := row["MB/s"]) is not None}
    with_prompts = [name for name in rates if reads[name].has_prompts]
    fastest = max(with_prompts or rates, key=lambda name: rates[name])
    for row in rows.values():
        row["of fastest"] = None if row["MB/s"] is None else row["MB/s"] / rates[fastest]
    close = [name for name in rates if (rows[name]["of fastest"] or 0.0) < CLOSE]
    for name in close:
        rows[name]["of fastest"] = _paired(reads, logs, name, fastest, bench.rounds)
    for log in logs.values():
        log.unlink()
    runs = [each for read in reads.values() for each in (read.small, *read.rounds)]
    return Result(
        title=f"Each format, {bench.megabytes:,.0f} MB of JSONL, one worker",
        rows=dict(sorted(rows.items(), key=lambda item: -(item[1]["MB/s"] or 0))),
        targets=[
            *_rates({name: rows[name]["of fastest"] for name in rates}, fastest),
            *_without_texts(rows),
            *_memory(rows),
        ],
        note=f"CPU time, medians of {bench.rounds} rounds; fastest with prompts: {fastest}; below {CLOSE} of it "
        "medians of as many pairs with it; transcripts need no texts",
        failures=failures("reading", runs),
    )


def _log(bench: Bench, name: str, megabytes: float) -> Path:
    return format_logs.write(name, round(megabytes * MEGABYTE), bench.folder())


def _size(log: Path) -> float:
    return log.stat().st_size / MEGABYTE


def _small(bench: Bench, name: str) -> Run:
    """A tenth of the size, to see by how much memory grows."""
    log = _log(bench, name, bench.megabytes / 10)
    found = run([sys.executable, READ, log], log.parent)
    log.unlink()
    return found


def _paired(reads: dict[str, Read], logs: dict[str, Path], name: str, fastest: str, pairs: int) -> float | None:
    """A format's rate in that of the fastest, which is read right before it each time: the median of the pairs."""
    found: list[float] = []
    for _ in range(pairs):
        yardstick, own = (run([sys.executable, READ, logs[each]], logs[each].parent) for each in (fastest, name))
        if yardstick.failed or own.failed:
            return None
        seconds = [
            json.loads(each.output)["cpu"] / reads[one].megabytes for each, one in ((yardstick, fastest), (own, name))
        ]
        found.append(seconds[0] / seconds[1])
    return middle(found)


def _rates(shares: dict[str, float | None], fastest: str) -> list[Target]:
    known = {name: share for name, share in shares.items() if share}
    if len(known) < len(shares):
        return [Target("the rate of the fastest format with texts, in that of the slowest", None, 2.0, "x")]
    slowest = min(known, key=lambda name: known[name])
    promise = f"the rate of the fastest format with texts ({fastest}), in that of the slowest ({slowest})"
    return [Target(promise, 1 / known[slowest], 2.0, "x")]


def _has_texts(row: Row) -> bool:
    """Whether the calls of a log carry texts; a transcript without counts has no calls at all."""
    return bool(row.get("calls/s")) and (row.get("B/call") or 0.0) >= NO_TEXT


def _without_texts(rows: dict[str, Row]) -> list[Target]:
    """Rows of mere numbers are short: there is nothing to skip in them, and what counts is the time of a call."""
    rates = {name: rate for name, row in rows.items() if not _has_texts(row) and (rate := row.get("calls/s"))}
    if not rates:
        return []
    slowest = min(rates, key=lambda name: rates[name])
    return [Target(f"a call of a format without texts ({slowest})", 1e6 / rates[slowest], MOST_MICROSECONDS, " µs")]


def _memory(rows: dict[str, Row]) -> list[Target]:
    peaks, grown = ([row.get(name) or 0.0 for row in rows.values()] for name in ("peak MB", "growth"))
    return [
        Target("the most memory of any format", max(peaks), MEMORY_LIMIT, " MB"),
        Target("the most growth of memory at ten times the size", max(grown), 1.2, "x"),
    ]


def small_files(bench: Bench) -> Result:
    """Audits a folder of an agent that writes a file for each message."""
    folder = bench.folder() / "message"
    format_logs.write_messages(SMALL_FILES, folder)
    audited = run([COSTSIM, "audit", folder, "--format", "json", "--no-progress"], bench.folder())
    wall = None if audited.failed else audited.wall
    cpu = None if audited.failed else audited.cpu
    return Result(
        title=f"An audit of {SMALL_FILES:,} files of one message each (OpenCode)",
        rows={"costsim audit": {"wall s": wall, "CPU s": cpu, "peak MB": audited.peak_bytes / MEGABYTE}},
        targets=[Target("an audit of many small files", cpu, 30.0, " s of CPU time")],
        failures=failures("costsim audit", [audited]),
    )


def agent_traces(bench: Bench) -> Result:
    """Audits 460 MB of unpacked traces of coding agents, where the shared data is."""
    title = "An audit of 460 MB of unpacked coding-agent traces"
    root = Path(os.environ.get("COSTSIM_SHARED") or Path(__file__).parents[3] / "shared")
    archive = next((path for path in (root / "data" / TRACES, root / TRACES) if path.is_file()), None)
    if archive is None:
        return Result(title, {}, note="not measured: the shared data is not here (COSTSIM_SHARED)")
    audited = run([COSTSIM, "audit", archive, "--format", "json", "--no-progress"], bench.folder())
    wall = None if audited.failed else audited.wall
    return Result(
        title=title,
        rows={"costsim audit": {"wall s": wall, "CPU s": audited.cpu, "peak MB": audited.peak_bytes / MEGABYTE}},
        targets=[Target("the traces, unpacked on the way", wall, 60.0, " s")],
        failures=failures("costsim audit", [audited]),
    )
