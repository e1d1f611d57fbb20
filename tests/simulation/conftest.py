"""A log of plain calls, prices that are easy to add up, and a policy over them, replayed as a user would."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from costsim.app.asked import Asked
from costsim.app.reading import Reading
from costsim.app.simulate import Wanted, simulate
from costsim.summary.simulation.report import SimulationReport

PRICES = """
provider: acme
models:
  - model: strong
    context_window: 100000
    prices: [{rates: {input: 30, cache_read: 3, output: 120}}]
  - model: middle
    cache: {automatic: true, min_tokens: 1024, lifetime: 300}
    prices: [{rates: {input: 5, cache_read: 0.5, output: 20}}]
  - model: small
    context_window: 8000
    prices: [{rates: {input: 0.25, output: 2}, tiers: {batch: {rates: {input: 0.125, output: 1}}}}]
  - model: asked
    cache: {automatic: false, min_tokens: 1024, lifetime: 300, refreshed: true}
    prices:
      - rates: {input: 4, cache_read: 0.4, cache_write: 5, output: 20}
        tiers: {batch: {rates: {input: 2, cache_read: 0.2, cache_write: 2.5, output: 10}}}
  - {model: judge, prices: [{rates: {input: 1, output: 4}}]}
"""

Replayed = Callable[..., SimulationReport]


@pytest.fixture
def replayed(tmp_path: Path) -> Replayed:
    """Return a function from rows of a log and the text of a policy to what the policy comes to."""

    def run(
        rows: Sequence[Mapping[str, Any]],
        *policies: str,
        workers: int = 1,
        controls: bool = False,
        as_of: str = "logged",
        **wanted: Any,
    ) -> SimulationReport:
        log, prices = tmp_path / "log.csv", tmp_path / "prices.yaml"
        prices.write_text(PRICES)
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with log.open("w", newline="") as file:
            table = csv.DictWriter(file, columns, restval="")
            table.writeheader()
            table.writerows(rows)
        paths = []
        for number, text in enumerate(policies):
            paths.append(tmp_path / f"policy-{number}.yaml")
            paths[-1].write_text(text)
        reading = Reading(home=tmp_path, workers=workers)
        asked = Asked(prices=[prices], as_of=as_of)
        return simulate([str(log)], reading, asked, Wanted(paths, controls=controls, **wanted)).report

    return run
