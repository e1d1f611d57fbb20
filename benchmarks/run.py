"""Measures costsim and says which of its promises it keeps: `python -m benchmarks.run --rounds 5`.

Absolute times depend on the machine; the ratios, taken in one run on one file, decide. The exit code is 1
when a target is not met or could not be measured.
"""

import argparse
import json
import os
import platform
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.bench import MEGABYTES, Bench
from benchmarks.logs.generate import CALLS, SEED
from benchmarks.measures import (
    check,
    floor,
    formats,
    memory,
    pricing,
    prompt_cache,
    simulate,
    tasks,
    throughput,
    waiting,
)
from benchmarks.results import Result, as_json, show

MEASURES = {
    "throughput": throughput.measure,
    "floor": floor.measure,
    "waiting": waiting.measure,
    "check": check.measure,
    "memory": memory.measure,
    "pricing": pricing.measure,
    "simulate": simulate.measure,
    "prompt-cache": prompt_cache.measure,
    "tasks": tasks.measure,
    "formats": formats.measure,
    "small-files": formats.small_files,
    "agent-traces": formats.agent_traces,
}


def main() -> int:
    options = _options()
    console = Console()
    console.print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}\n")
    results = []
    with TemporaryDirectory(prefix="costsim-bench-") as scratch:
        bench = Bench(options.calls, options.seed, options.rounds, Path(scratch), options.megabytes, options.formats)
        console.print(f"log: {bench.log.path} (written once, then used again)\n")
        for name in options.only or MEASURES:
            results.append(MEASURES[name](bench))
            show(console, results[-1])
    if options.json is not None:
        options.json.write_text(json.dumps([as_json(result) for result in results], indent=1) + "\n")
    return _verdict(console, results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure costsim against its yardsticks.")
    parser.add_argument("--calls", type=int, default=CALLS, help=f"calls in the log (default {CALLS:,})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of the log (default {SEED})")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts (default 3)")
    parser.add_argument("--megabytes", type=float, default=MEGABYTES, help="size of each format's log (default 200)")
    parser.add_argument("--formats", nargs="+", default=(), metavar="NAME", help="only the logs of these formats")
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), help="only these measures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    return parser.parse_args()


def _verdict(console: Console, results: list[Result]) -> int:
    targets = [target for result in results for target in result.targets]
    broken = [target for target in targets if not target.met]
    failed = any(result.failures for result in results)
    console.print(f"{len(targets) - len(broken)} of {len(targets)} targets met")
    return 1 if broken or failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
