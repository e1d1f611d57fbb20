"""How fast calls are priced, against genai-prices and LiteLLM on a sample of the same calls."""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.bench import MEGABYTE, Bench, failures, middle
from benchmarks.processes import Run, run
from benchmarks.programs import price_peers, pricing
from benchmarks.results import Result, Target

CALLS, SAMPLE = 10_000_000, 20_000
GIGABYTE = 1e9
ENGINE, PEERS = Path(pricing.__file__), Path(price_peers.__file__)
PEERS_PYTHON = ENGINE.parent / ".peers" / "bin" / "python"
"""Has the peers, which `make bench` installs apart from costsim: their dependencies are not ours."""


def measure(bench: Bench) -> Result:
    """Loads the table, prices ten million calls, and has each peer price the first of them."""
    loads = [_ours(bench, "load") for _ in range(bench.rounds + 1)][1:]  # the first may have to compile
    prices = [_ours(bench, "price", CALLS, bench.seed) for _ in range(bench.rounds)]
    calls = bench.folder() / "calls.jsonl"
    written = _ours(bench, "sample", SAMPLE, bench.seed, calls)
    peers = {name: _peer(bench, name, calls) for name in price_peers.ENGINES}
    missing = [name for name, found in peers.items() if found.exit_code == price_peers.NOT_INSTALLED]
    ours = _seconds(prices)
    each = None if ours is None else ours / CALLS * 1e6
    rows = {"costsim": _row(each, prices[-1], each)} | {
        name: _row(_each(found), found, each) for name, found in peers.items()
    }
    broken = [line for name, found in peers.items() if name not in missing for line in failures(name, [found])]
    return Result(
        title=f"Pricing {CALLS:,} calls of {len(pricing.MODELS)} models, peers {SAMPLE:,} of them",
        rows=rows,
        targets=_targets(ours, _seconds(loads), prices),
        note=_note(missing),
        failures=[*failures("costsim", [*loads, *prices, written]), *broken],
    )


def _ours(bench: Bench, *words: object) -> Run:
    return run([sys.executable, ENGINE, *map(str, words)], bench.folder())


def _peer(bench: Bench, name: str, calls: Path) -> Run:
    python = PEERS_PYTHON if PEERS_PYTHON.exists() else Path(sys.executable)
    return run([python, PEERS, name, calls], bench.folder())


def _said(found: Run) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(found.output)
    return said


def _seconds(runs: list[Run]) -> float | None:
    return None if any(found.failed for found in runs) else middle([_said(found)["seconds"] for found in runs])


def _each(found: Run) -> float | None:
    """Microseconds per call."""
    return None if found.failed else _said(found)["seconds"] / _said(found)["calls"] * 1e6


def _row(each: float | None, found: Run, ours: float | None) -> dict[str, float | None]:
    said = {} if found.failed else _said(found)
    return {
        "µs per call": each,
        "times costsim": each / ours if each is not None and ours else None,
        "priced %": said["priced"] / said["calls"] * 100 if said else None,
        "peak MB": None if found.failed else found.peak_bytes / MEGABYTE,
    }


def _targets(ours: float | None, load: float | None, prices: list[Run]) -> list[Target]:
    peak = None if any(found.failed for found in prices) else max(found.peak_bytes for found in prices) / GIGABYTE
    return [
        Target(f"pricing {CALLS:,} calls, the table loaded", ours, 2.0, " s"),
        Target("peak memory of that process", peak, 1.5, " GB"),
        Target("loading the compiled table", None if load is None else load * 1000, 50.0, " ms"),
    ]


def _note(missing: list[str]) -> str:
    note = "names, tiers, days and prompt sizes count; genai-prices is given no tier, LiteLLM knows no days"
    return note + "".join(f"; {name}: not measured (not installed)" for name in missing)
