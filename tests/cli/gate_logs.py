"""Logs for the gate: a dear route and a cheap one, with a known spread."""

import json
import random
from pathlib import Path

START, HOUR = 1_790_000_000, 3600


def log(
    path: Path,
    *,
    seed: int = 1,
    calls: int = 200,
    input_of: dict[str, int] | None = None,
    output: int = 300,
    model: str = "gpt-5.4",
    hours: float = 1.0,
    routes: tuple[str, ...] = ("search", "support"),
    spread: float = 0.2,
    broken: int = 0,
    tests: bool = False,
) -> Path:
    """Write a log of so many calls of each route; `input_of` are mean input tokens by route."""
    draw = random.Random(seed)
    usual = {"search": 9_000, "support": 3_000} | (input_of or {})
    rows = []
    for number in range(calls):
        for route in routes:
            row = {
                "call_id": f"{seed}-{route}-{number}",
                "started_at": START + number * HOUR * hours,
                "model": model,
                "route": route,
                "input_tokens": round(usual.get(route, 1000) * draw.lognormvariate(0, spread)),
                "output_tokens": round(output * draw.lognormvariate(0, spread)),
            }
            rows.append({**row, "tags": {"test_id": f"{route} case {number}"}} if tests else row)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows) + "{broken\n" * broken, encoding="utf-8")
    return path
