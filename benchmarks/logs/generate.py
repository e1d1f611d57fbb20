"""Writes the benchmark's log: `python -m benchmarks.logs.generate --calls 300000 --seed 7`.

The same number of calls and the same seed give the same bytes. The name of the file says both, and a file
gets its name only when it is complete, so one that stands is used again.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.logs.traffic import Traffic

DATA = Path(__file__).parents[1] / ".data"
CALLS, SEED = 300_000, 7
VERSION = 1  # of the generator: raise it when the bytes change, so that no old file is taken for a new one


@dataclass(frozen=True)
class GeneratedLog:
    """A log on disk and what it truly holds."""

    path: Path
    facts: dict[str, Any]


def generated_log(calls: int = CALLS, seed: int = SEED, folder: Path = DATA) -> GeneratedLog:
    """The log of so many calls from this seed, written now unless it stands already."""
    path = folder / f"openai-chat-{calls}-seed{seed}-v{VERSION}.jsonl"
    facts = path.with_suffix(".facts.json")
    if not (path.exists() and facts.exists()):
        _write(path, facts, calls, seed)
    return GeneratedLog(path, json.loads(facts.read_text()))


def _write(path: Path, facts: Path, calls: int, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    traffic = Traffic(seed, calls)
    with partial.open("wb", buffering=1 << 20) as out:
        out.writelines(traffic.lines())
    facts.write_text(json.dumps(vars(traffic.facts), indent=1))
    partial.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a large log of OpenAI chat calls from a seed.")
    parser.add_argument("--calls", type=int, default=CALLS, help=f"calls in the log (default {CALLS:,})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed (default {SEED})")
    parser.add_argument("--folder", type=Path, default=DATA, help="where to write (default benchmarks/.data)")
    options = parser.parse_args()
    began = time.perf_counter()
    log = generated_log(options.calls, options.seed, options.folder)
    size = log.path.stat().st_size
    print(f"{log.path}: {size / 1e6:,.0f} MB, {size / options.calls:,.0f} bytes per call")
    print(f"{time.perf_counter() - began:.1f} s; {log.facts}")


if __name__ == "__main__":
    main()
