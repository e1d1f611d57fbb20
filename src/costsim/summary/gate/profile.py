"""Calls of a store -> Baseline: one pass over the batches, whose sums add up in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from costsim.cost import billed_units
from costsim.ingest import hashing, links
from costsim.ingest.store import Manifest, Store
from costsim.policies.columns import Columns
from costsim.prices import PriceTable
from costsim.replay import COLUMNS, COMPUTED, REPORTED, history
from costsim.summary import dimensions
from costsim.summary.assemble import money, window_of
from costsim.summary.audit import Question
from costsim.summary.gate.baseline import (
    KIND,
    SCHEMA_VERSION,
    Baseline,
    Cell,
    Counted,
    Pairing,
    PricesUsed,
    Scope,
    Span,
)
from costsim.summary.gate.spread import spread_of, to_buckets
from costsim.summary.observed import tried_again
from costsim.summary.priced import Ints, Priced
from costsim.summary.simulation.parts import Parts, spread
from costsim.summary.simulation.sums import BUCKET_COLUMNS, buckets_of
from costsim.summary.sums import Sums
from costsim.summary.tally import Key, Tally, crossed, sums_by

PROMPT = "prompt"
FEW_PROMPTS = 2_000
"""A baseline of no more different prompts keeps each one's cost without being asked."""
AS_REPORTED = "as reported"
"""The unit of calls whose cost is the log's own: one each."""
_COLUMNS = (
    *COLUMNS, *links.NAMES, *BUCKET_COLUMNS, "route", "task", "status", "retry_of", "attempt", "fallback_of", "tags",
    "prompt_hash", "tokens_basis", "task_confidence", "operation", "user",
)  # fmt: skip

CellKey = tuple[str | None, str | None, str | None, bool]


@dataclass(frozen=True)
class Pairs:
    """By what calls are paired, and how many pairs are worth their place."""

    by: str = PROMPT
    most: int | None = FEW_PROMPTS
    """None: all there are; 0: none are wanted."""


@dataclass
class Figures:
    """What batches add up to."""

    basis: Sums = field(default_factory=Sums)
    cells: dict[CellKey, dict[str, int]] = field(default_factory=dict)
    """Sums by name: calls, errors, cost, and of each unit its count and cost."""
    buckets: dict[Scope, Ints] = field(default_factory=dict)
    """[len(BUCKET_MEASURES), BUCKETS]"""
    cases: dict[tuple[str | None, str], list[int]] | None = field(default_factory=dict)
    """(route, hash) -> calls, cost; None where they are too many."""
    calls: int = 0
    dearest: dict[str | None, int] = field(default_factory=dict)
    """Route -> the cost of its dearest call."""
    spent: Tally = field(default_factory=lambda: Tally(("cost",)))
    """By user, by day and by month, where budgets ask for them."""

    def add(self, other: "Figures") -> None:
        """Add the sums of other batches."""
        self.basis.add(other.basis)
        self.calls += other.calls
        self.spent.add(other.spent)
        for cell, sums in other.cells.items():
            mine = self.cells.setdefault(cell, {})
            for name, value in sums.items():
                mine[name] = mine.get(name, 0) + value
        for scope, found in other.buckets.items():
            self.buckets[scope] = self.buckets[scope] + found if scope in self.buckets else found
        for route, dearest in other.dearest.items():
            self.dearest[route] = max(self.dearest.get(route, 0), dearest)
        self.cases = self._joined(other)

    def _joined(self, other: "Figures") -> dict[tuple[str | None, str], list[int]] | None:
        if self.cases is None or other.cases is None:
            return None
        for key, (calls, cost) in other.cases.items():
            known = self.cases.setdefault(key, [0, 0])
            known[0] += calls
            known[1] += cost
        return self.cases


class Pass:
    """What every process needs to sum up a part of a store."""

    def __init__(
        self, store: Store, prices: PriceTable, question: Question, pairs: Pairs, groupings: Sequence[str] = ()
    ) -> None:
        columns = sorted({*_COLUMNS, *question.selection.columns()})
        self._prices, self._question, self._pairs, self._groupings = prices, question, pairs, groupings
        self.parts = Parts(store, question, columns)

    def sums_of(self, parts: Sequence[int]) -> Figures:
        """Return what some parts of the store add up to."""
        found = Figures(cases=None if self._pairs.most == 0 else {})
        for number in parts:
            calls = self.parts.calls(number)
            if calls.num_rows:
                replay = history(calls, self._prices, self._question.as_of, self._question.mode)
                self._take(found, Priced(calls, replay, self._prices, self._question.mode))
        return found

    def _take(self, found: Figures, priced: Priced) -> None:
        found.basis.take_basis(priced)
        found.calls += len(priced)
        rows = np.flatnonzero(priced.replay.known)
        again = tried_again(priced)[rows].astype(np.int64)
        self._take_cells(found, priced, rows, again)
        self._take_buckets(found, priced, rows, again)
        self._take_spent(found, priced, rows)
        if found.cases is not None:
            self._take_cases(found, priced, rows)

    def _take_cells(self, found: Figures, priced: Priced, rows: Ints, again: Ints) -> None:
        index = priced.usage.model.astype(np.int64)
        logged, labels = priced.word("model")
        known = index >= 0
        names = [*self._prices.book.keys, *labels]
        model = np.where(known, index, len(self._prices.book.keys) + logged)
        dimensions_of = [_at(priced.word("route"), rows), _at(priced.word("task"), rows), (model[rows], names)]
        codes, keys = crossed([*dimensions_of, (again, ["", "again"])], len(rows))
        columns = {name: values[rows] for name, values in self._measures(priced).items()}
        sums = {name: sums_by(codes, len(keys), values) for name, values in columns.items()}
        for place, (route, task, name, repeat) in enumerate(keys):
            cell = found.cells.setdefault((route, task, name, bool(repeat)), {})
            for measure, values in sums.items():
                if values[place]:
                    cell[measure] = cell.get(measure, 0) + values[place]

    def _measures(self, priced: Priced) -> dict[str, Ints]:
        replay = priced.replay
        computed = replay.basis == COMPUTED
        reported = replay.basis == REPORTED
        measures = {
            "calls": np.ones(len(priced), np.int64),
            "errors": priced.among("status", {"error"}).astype(np.int64),
            "cost": replay.cost,
            f"n:{AS_REPORTED}": reported.astype(np.int64),
            f"c:{AS_REPORTED}": np.where(reported, replay.cost, 0),
        }
        billed = computed & replay.attempts.billed
        for unit, counts in billed_units(priced.usage, self._prices).items():
            measures[f"n:{unit}"] = np.where(billed, counts, 0)
            part = replay.costs.parts.get(unit)
            measures[f"c:{unit}"] = np.zeros(len(priced), np.int64) if part is None else np.where(billed, part, 0)
        return measures

    def _take_buckets(self, found: Figures, priced: Priced, rows: Ints, again: Ints) -> None:
        codes, keys = crossed([_at(priced.word("route"), rows), _at(priced.word("task"), rows)], len(rows))
        bucket = buckets_of(Columns(priced.calls))[rows]
        for key, sums in zip(keys, to_buckets(codes, len(keys), bucket, priced.replay.cost[rows], again), strict=True):
            scope = (key[0], key[1])
            found.buckets[scope] = found.buckets[scope] + sums if scope in found.buckets else sums

    def _take_spent(self, found: Figures, priced: Priced, rows: Ints) -> None:
        cost = priced.replay.cost[rows]
        codes, labels = _at(priced.word("route"), rows)
        dearest = np.zeros(len(labels), np.int64)
        np.maximum.at(dearest, codes, cost)
        for route, most in zip(labels, dearest.tolist(), strict=True):
            if most > found.dearest.get(route, 0):
                found.dearest[route] = most
        for name in self._groupings:
            dimension = _at(dimensions.codes(priced.calls, name, self._question.timezone), rows)
            found.spent.count((name,), [dimension], {"cost": cost})

    def _take_cases(self, found: Figures, priced: Priced, rows: Ints) -> None:
        hashes, stated = self._hashes(priced)
        rows = rows[stated[rows]]
        codes, labels = _at(priced.word("route"), rows)
        keys = np.stack([codes.astype(np.uint64), hashes[rows]], axis=1)
        distinct, which = np.unique(keys, axis=0, return_inverse=True)
        costs = sums_by(which.ravel(), len(distinct), priced.replay.cost[rows])
        counts = np.bincount(which.ravel(), minlength=len(distinct)).tolist()
        assert found.cases is not None
        for (route, case), calls, cost in zip(distinct.tolist(), counts, costs, strict=True):
            known = found.cases.setdefault((labels[route], f"{case:016x}"), [0, 0])
            known[0] += calls
            known[1] += cost
        if self._pairs.most is not None and len(found.cases) > self._pairs.most:
            found.cases = None

    def _hashes(self, priced: Priced) -> tuple[hashing.Hashes, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
        """The case of each call, and whether it has one."""
        if self._pairs.by == PROMPT:
            prompts = priced.calls.column("prompt_hash").combine_chunks()
            return prompts.fill_null(0).to_numpy().astype(np.uint64), prompts.is_valid().to_numpy(zero_copy_only=False)
        codes, labels = dimensions.codes(priced.calls, self._pairs.by, self._question.timezone)
        stated = np.array([label is not None for label in labels], np.bool_)
        return hashing.of_words([label or "" for label in labels])[codes], stated[codes]


def _at(dimension: dimensions.Codes, rows: Ints) -> dimensions.Codes:
    return dimension[0][rows], dimension[1]


def figures_of(
    store: Store,
    prices: PriceTable,
    question: Question,
    pairs: Pairs,
    workers: int | None = None,
    groupings: Sequence[str] = (),
) -> Figures:
    """Return what the calls of a store add up to."""
    one = Pass(store, prices, question, pairs, groupings)
    found = Figures(cases=None if pairs.most == 0 else {})
    for part in spread(one.sums_of, len(one.parts), store.manifest.calls, workers):
        found.add(part)
    if pairs.most is not None and found.cases is not None and len(found.cases) > pairs.most:
        found.cases = None
    return found


def baseline_of(manifest: Manifest, prices: PriceTable, question: Question, pairs: Pairs, found: Figures) -> Baseline:
    """Return the figures as a baseline keeps them."""
    window = window_of(found.basis)
    priced = found.basis.basis.computed + found.basis.basis.reported
    lines = sum(source.lines for source in manifest.sources)
    rejected = sum(source.rejected for source in manifest.sources)
    return Baseline(
        SCHEMA_VERSION,
        KIND,
        Span(window.start, window.to, window.days),
        PricesUsed(prices.hash, prices.newest, question.as_of_said),
        Counted(found.calls, priced, rejected, lines),
        [_cell(key, found.cells[key]) for key in sorted(found.cells, key=_order)],
        [spread_of(scope, found.buckets[scope]) for scope in sorted(found.buckets, key=_order)],
        _pairing(pairs, found),
    )


def _order(key: Key | CellKey | Scope) -> tuple[tuple[bool, str], ...]:
    return tuple((each is None, str(each)) for each in key)


def _cell(key: CellKey, sums: dict[str, int]) -> Cell:
    units = sorted({name[2:] for name in sums if name[1:2] == ":"})
    parts = {unit: (sums.get(f"n:{unit}", 0), money(sums.get(f"c:{unit}", 0))) for unit in units}
    return Cell(*key, sums["calls"], sums.get("errors", 0), money(sums.get("cost", 0)), parts)


def _pairing(pairs: Pairs, found: Figures) -> Pairing | None:
    if not found.cases:
        return None
    cases: dict[str, dict[str, tuple[int, str]]] = {}
    for (route, case), (calls, cost) in found.cases.items():
        cases.setdefault(route or "", {})[case] = (calls, money(cost))
    return Pairing(pairs.by, cases)
