"""Calls of a store -> SimulationReport: what the log shows first, then every policy in one pass over the batches."""

import tempfile
from pathlib import Path

from costsim.engines import local
from costsim.prices import PriceTable
from costsim.summary.simulation import assemble, intervals, lost_hits, per_call
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.one_pass import Pass
from costsim.summary.simulation.parts import FEW_CALLS, FEW_IN_CELLS, Batches, spread
from costsim.summary.simulation.report import SimulationReport
from costsim.summary.simulation.sums import PolicySums
from costsim.summary.simulation.totals import SimulationSums

MANY_CALLS = 20_000
"""More are in all buckets, most likely."""


def simulate(store: Batches, prices: PriceTable, ask: Ask, workers: int | None = None) -> SimulationReport:
    """Return what the calls of the store would cost under each policy."""
    found = SimulationSums(runs=[PolicySums() for _ in ask.runs])
    with tempfile.TemporaryDirectory(prefix="costsim-") as folder:
        replay = Pass.prepared(store, prices, ask, workers, Path(folder), for_sums=True)
        calls, few = store.manifest.calls, FEW_CALLS if replay.one_by_one else FEW_IN_CELLS
        found.hits_as_logged = not lost_hits.is_wanted(ask, calls)
        alone = (workers or local.worth(calls, few)) == 1
        ahead = intervals.draw_ahead() if alone and calls > MANY_CALLS else None
        for part in spread(replay.sums_of, len(replay.parts), calls, workers, few):
            if ahead is None and calls > MANY_CALLS:  # all processes have begun, none of which copies a thread
                ahead = intervals.draw_ahead()
            found.add(part)
        replay.take_rest(found)
        if ahead is not None:
            ahead.join()
        found.basis.add(replay.looked.kept.basis)
        if ask.per_call is not None:
            per_call.joined(Path(folder), ask.per_call)
    return assemble.report(store.manifest, prices, ask, replay.simulations, found, replay.looked.seen)
