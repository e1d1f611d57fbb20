"""Calls of a store -> Baseline: one pass over the batches, whose sums add up in any order."""

from collections.abc import Sequence

from costsim.ingest.kept.store import Manifest, Store
from costsim.prices import PriceTable
from costsim.summary.gate.baseline import KIND, SCHEMA_VERSION, Baseline, Cell, Counted, PricesUsed, Scope, Span
from costsim.summary.gate.cases import Pairs, pairing_of
from costsim.summary.gate.figures import CellKey, Figures
from costsim.summary.gate.kinds import KindKey, KindSums, first_tries, kind_of, level_of
from costsim.summary.gate.spread import ModelKey, spread_of
from costsim.summary.gate.summing import COLUMNS_READ, Summing
from costsim.summary.printed import money, window_of
from costsim.summary.question import Question
from costsim.summary.simulation.parts import Parts, spread


class Pass:
    """What every process needs to sum up a part of a store."""

    def __init__(self, store: Store, question: Question, summing: Summing) -> None:
        self._summing = summing
        self.parts = Parts(store, question, sorted({*COLUMNS_READ, *question.selection.columns()}))

    def sums_of(self, parts: Sequence[int]) -> Figures:
        """Return what some parts of the store add up to."""
        found = self._summing.empty()
        for number in parts:
            calls = self.parts.calls(number)
            if calls.num_rows:
                self._summing.take(found, calls)
        return found


def figures_of(
    store: Store,
    prices: PriceTable,
    question: Question,
    pairs: Pairs,
    workers: int | None = None,
    groupings: Sequence[str] = (),
) -> Figures:
    """Return what the calls of a store add up to."""
    summing = Summing(prices, question, pairs, groupings)
    one, found = Pass(store, question, summing), summing.empty()
    for part in spread(one.sums_of, len(one.parts), store.manifest.calls, workers):
        found.add(part)
        found.cases = pairs.few(found.cases)
    return found


def baseline_of(manifest: Manifest, prices: PriceTable, question: Question, pairs: Pairs, found: Figures) -> Baseline:
    """Return the figures as a baseline keeps them."""
    window = window_of(found.basis)
    levels: dict[ModelKey, list[KindSums]] = {}
    for key in sorted(found.kinds, key=_order):
        if first_tries(key[3]):
            levels.setdefault(key[:3], []).append(found.kinds[key])
    kinds = (kind_of(key, found.kinds[key]) for key in sorted(found.kinds, key=_order))
    return Baseline(
        SCHEMA_VERSION,
        KIND,
        Span(window.start, window.to, window.days),
        PricesUsed(prices.hash, prices.newest, question.as_of_said),
        _counted(manifest, found),
        [_cell(key, found.cells[key]) for key in sorted(found.cells, key=_order)],
        [spread_of(scope, found.buckets[scope]) for scope in sorted(found.buckets, key=_order)],
        [level_of(key, sums) for key, sums in levels.items()],
        [kind for kind in kinds if kind is not None],
        pairing_of(pairs, found.cases),
    )


def _counted(manifest: Manifest, found: Figures) -> Counted:
    priced = found.basis.basis.computed + found.basis.basis.reported
    rejected, lines = (sum(getattr(each, name) for each in manifest.sources) for name in ("rejected", "lines"))
    return Counted(found.calls, priced, rejected, lines)


def _order(key: CellKey | KindKey | ModelKey | Scope) -> tuple[tuple[bool, str], ...]:
    return tuple((each is None, str(each)) for each in key)


def _cell(key: CellKey, sums: dict[str, int]) -> Cell:
    units = sorted({name[2:] for name in sums if name[1:2] == ":"})
    parts = {unit: (sums.get(f"n:{unit}", 0), money(sums.get(f"c:{unit}", 0))) for unit in units}
    return Cell(*key, sums["calls"], sums.get("errors", 0), money(sums.get("cost", 0)), parts)
