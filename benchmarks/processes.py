"""Runs a command as a whole process and says what it took, seen from outside.

Wall time is from the start of the process to its end. CPU time is what the system counted for it and all
processes that it started and waited for. Memory is the resident memory of the process and its descendants,
added up every 20 ms: shared pages count once for each of them, and a peak between two samples is missed.
"""

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLING_SECONDS = 0.02

_AS_ON_A_USERS_MACHINE = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Byte code is kept there, so that a module is compiled once and not at every start."""


@dataclass(frozen=True)
class Run:
    """What one run of a command took, and what it said."""

    wall: float
    cpu: float
    peak_bytes: int
    exit_code: int
    output: str
    errors: str

    @property
    def failed(self) -> bool:
        """Whether the command ended with anything but success."""
        return self.exit_code != 0


def run(command: Sequence[str | Path], folder: Path) -> Run:
    """Runs a command in a folder, with its output going to files there."""
    out, err = folder / "stdout.txt", folder / "stderr.txt"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        cpu, began = _children_cpu(), time.perf_counter()
        process = psutil.Popen(
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            env=_AS_ON_A_USERS_MACHINE,
            stdout=stdout,
            stderr=stderr,
        )
        peak = _watch(process)
        wall = time.perf_counter() - began
    said, complained = (path.read_text(encoding="utf-8", errors="replace") for path in (out, err))
    return Run(wall, _children_cpu() - cpu, peak, process.returncode, said, complained)


def _watch(process: psutil.Popen) -> int:
    """The most memory that a process and its descendants had together, until it ended."""
    peak = 0
    while True:
        peak = max(peak, _tree_bytes(process))
        try:
            process.wait(timeout=SAMPLING_SECONDS)
        except psutil.TimeoutExpired:
            continue
        return peak


def _tree_bytes(process: psutil.Popen) -> int:
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(_resident_bytes(member) for member in family)


def _resident_bytes(process: psutil.Process) -> int:
    try:
        resident: int = process.memory_info().rss
    except psutil.Error:
        return 0
    return resident


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
