"""How fast prompt caches are simulated, where batches follow each other in time and where they overlap."""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.bench import MEGABYTE, Bench, failures
from benchmarks.processes import Run, run
from benchmarks.programs import prompt_caches
from benchmarks.results import Result, Target

CALLS = 10_000_000
SIMULATION = Path(prompt_caches.__file__)


def measure(bench: Bench) -> Result:
    """Simulates ten million calls each way, once: it takes long enough."""
    runs = {
        order: run([sys.executable, SIMULATION, str(CALLS), str(bench.seed), order], bench.folder())
        for order in prompt_caches.ORDERS
    }
    said = {order: _said(found) for order, found in runs.items()}
    in_order = runs["in-order"]
    return Result(
        title=f"Prompt caches of {CALLS:,} calls",
        rows={
            order: {
                "wall s": said[order].get("seconds"),
                "prefixes a call": said[order]["prefixes"] / CALLS if said[order] else None,
                "peak MB": None if found.failed else found.peak_bytes / MEGABYTE,
            }
            for order, found in runs.items()
        },
        targets=[
            Target("the prompt cache of ten million calls", said["in-order"].get("seconds"), 30.0, " s"),
            Target(
                "peak memory of that process",
                None if in_order.failed else in_order.peak_bytes / MEGABYTE,
                1000.0,
                " MB",
            ),
        ],
        note="making the calls is not counted; a tenth of them may not happen, a quarter of caches is not refreshed",
        failures=[line for order, found in runs.items() for line in failures(order, [found])],
    )


def _said(found: Run) -> dict[str, Any]:
    return {} if found.failed else dict(json.loads(found.output))
