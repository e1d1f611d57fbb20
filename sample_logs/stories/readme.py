"""Keeps the figures of the README equal to those of the logs."""

import re
from decimal import Decimal
from pathlib import Path

from sample_logs.stories.ledger import JsonObject

BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
HEADER = "| what | calls | input tokens | output tokens | list price |\n|---|--:|--:|--:|--:|\n"


def update(path: Path, facts: JsonObject) -> None:
    """Puts the true figures of each story between its marks in the README."""
    text = path.read_text(encoding="utf-8")
    path.write_text(BLOCK.sub(lambda m: f"{m[1]}{_figures(facts[m[2]])}{m[3]}", text), encoding="utf-8")


def _figures(facts: JsonObject) -> str:
    counts = ", ".join(f"{facts[name]:,} {name.replace('_', ' ')}" for name in ("calls", "duplicates", "rejected"))
    others = f"{facts['not_calls']:,} no calls; {facts['errors']:,} of the calls failed"
    lines = f"\n{facts['lines']:,} lines: {counts}, {others}.\n\n"
    rows = [
        _row("everything", facts["totals"]),
        _row("asked word for word before", facts["identical_requests"]),
    ]
    rows += [_row(f"`{mark}`", sums) for mark, sums in facts["hidden"].items()]
    return lines + HEADER + "".join(rows)


def _row(name: str, sums: JsonObject) -> str:
    price = sums["list_cost_usd"]
    cost = "unknown" if price is None else f"${Decimal(price):,.2f}"
    counts = [f"{sums[key]:,}" for key in ("calls", "input_tokens", "output_tokens")]
    return f"| {' | '.join((name, *counts, cost))} |\n"
