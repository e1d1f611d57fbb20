"""How fast prompts are classified, against one alternation of Python's `re`, and how well, where labels are at hand."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, failures, middle
from benchmarks.processes import Run, run
from benchmarks.programs import task_speed
from benchmarks.results import Result, Target

PROMPTS, YARDSTICK_PROMPTS = 100_000, 100
MICROSECONDS = 1e6
PER_SECOND = 60_000
WORKER = Path(task_speed.__file__)
SHARED = Path(os.environ.get("COSTSIM_SHARED") or Path(__file__).parents[3] / "shared")
LABELS = SHARED / "data" / "labels" / "tasks.jsonl"
FLOORS = {"macro_f1": 0.75, "accuracy": 0.72, "accuracy_at_80": 0.80}
MOST_ERROR = 0.05


def measure(bench: Bench) -> Result:
    """Classifies distinct prompts, has the yardstick read some of them, and leaves labelled sources out in turn."""
    ours = [_worker(bench, "costsim", PROMPTS, bench.seed) for _ in range(bench.rounds)]
    theirs = _worker(bench, "re", YARDSTICK_PROMPTS, bench.seed)
    quality = _worker(bench, "quality", LABELS) if LABELS.is_file() else None
    each, yardstick = _each(ours, PROMPTS), _each([theirs], YARDSTICK_PROMPTS)
    rows = {"costsim, in batches": _row(each, each), "alternation of re": _row(yardstick, each)}
    if quality is not None and not quality.failed:
        rows["sources left out"] = {name.replace("_", " "): value for name, value in _said(quality).items()}
    return Result(
        title=f"Tasks of {PROMPTS:,} distinct prompts of about {task_speed.CHARACTERS:,} characters",
        rows=rows,
        targets=[*_speed(each, yardstick), *_how_good(quality)],
        note="processor seconds of one core" + ("" if quality else f"; quality: not measured (no {LABELS.name})"),
        failures=failures("tasks", [*ours, theirs, *([quality] if quality else [])]),
    )


def _worker(bench: Bench, *words: object) -> Run:
    return run([sys.executable, WORKER, *map(str, words)], bench.folder())


def _said(found: Run) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(found.output)
    return said


def _each(runs: list[Run], prompts: int) -> float | None:
    """Microseconds per prompt."""
    if any(found.failed for found in runs):
        return None
    return middle([_said(found)["seconds"] for found in runs]) / prompts * MICROSECONDS


def _row(each: float | None, ours: float | None) -> dict[str, float | None]:
    return {
        "µs per prompt": each,
        "prompts/s": MICROSECONDS / each if each else None,
        "times costsim": each / ours if each and ours else None,
    }


def _speed(each: float | None, yardstick: float | None) -> list[Target]:
    share = each / yardstick * 100 if each and yardstick else None
    return [
        Target(f"a prompt, at {PER_SECOND:,} a second", each, MICROSECONDS / PER_SECOND, " µs"),
        Target("a prompt, in that of the alternation", share, 10.0, " %"),
    ]


def _how_good(quality: Run | None) -> list[Target]:
    """What is missing to the floors, as a figure that may be at most what is left."""
    if quality is None:
        return []
    said = {} if quality.failed else _said(quality)
    missed = {
        name.replace("_", " "): (1 - said[name] if name in said else None, 1 - floor) for name, floor in FLOORS.items()
    }
    wrong = [Target(f"sources left out, what is missing to {name} of 1", *both, "") for name, both in missed.items()]
    return [*wrong, Target("sources left out, calibration error", said.get("calibration_error"), MOST_ERROR, "")]
