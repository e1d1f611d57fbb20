"""Calls of a store -> Baseline: one pass over the batches, whose sums add up in any order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa

from costsim.cost import billed_units
from costsim.ingest import hashing, links
from costsim.ingest.store import Manifest, Store
from costsim.policies.columns import Columns
from costsim.prices import PriceTable
from costsim.replay import COLUMNS, COMPUTED, REPORTED, history
from costsim.summary import dimensions
from costsim.summary.assemble import money, window_of
from costsim.summary.audit import Question
from costsim.summary.dimensions import Codes
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
from costsim.summary.gate.spread import BUCKETS, ModelKey, level_of, spread_of, sums_of_levels, sums_of_scopes
from costsim.summary.observed import tried_again
from costsim.summary.priced import Ints, Priced
from costsim.summary.simulation.parts import Parts, spread
from costsim.summary.simulation.sums import BUCKET_COLUMNS, buckets_of
from costsim.summary.sums import Sums
from costsim.summary.tally import Tally, crossed, sums_by

PROMPT = "prompt"
FEW_PROMPTS = 2_000
"""A baseline of no more different prompts keeps each one's cost without being asked."""
AS_REPORTED = "as reported"
"""The unit of calls whose cost is the log's own: one each."""
COLUMNS_READ = (
    *COLUMNS, *links.NAMES, *BUCKET_COLUMNS, "route", "task", "status", "retry_of", "attempt", "fallback_of", "tags",
    "prompt_hash", "tokens_basis", "task_confidence", "operation", "user",
)  # fmt: skip

Name = TypeVar("Name", Scope, ModelKey)
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
    """Work and cost by bucket."""
    levels: dict[ModelKey, Ints] = field(default_factory=dict)
    """Logarithms by bucket."""
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
            _add_to(self.buckets, scope, found)
        for model, found in other.levels.items():
            _add_to(self.levels, model, found)
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


class Summing:
    """What turns priced calls into figures."""

    def __init__(self, prices: PriceTable, question: Question, pairs: Pairs, groupings: Sequence[str] = ()) -> None:
        self._prices, self._question, self._pairs, self._groupings = prices, question, pairs, groupings

    def take(self, found: Figures, calls: pa.Table) -> None:
        """Add some calls with the columns `COLUMNS_READ`."""
        replay = history(calls, self._prices, self._question.as_of, self._question.mode)
        priced = Priced(calls, replay, self._prices, self._question.mode)
        found.basis.take_basis(priced)
        found.calls += len(priced)
        rows = np.flatnonzero(priced.replay.known)
        again = tried_again(priced)[rows].astype(np.int64)
        model = self._models(priced)
        self._take_cells(found, priced, rows, again, model)
        self._take_buckets(found, priced, rows, again, model)
        self._take_spent(found, priced, rows)
        if found.cases is not None:
            self._take_cases(found, priced, rows)

    def empty(self) -> Figures:
        """Return the figures of no calls."""
        return Figures(cases=None if self._pairs.most == 0 else {})

    def _take_cells(self, found: Figures, priced: Priced, rows: Ints, again: Ints, model: Codes) -> None:
        scope = [_at(priced.word("route"), rows), _at(priced.word("task"), rows), _at(model, rows)]
        codes, keys = crossed([*scope, (again, ["", "again"])], len(rows))
        columns = {name: values[rows] for name, values in self._measures(priced).items()}
        sums = {name: sums_by(codes, len(keys), values) for name, values in columns.items()}
        for place, (route, task, name, repeat) in enumerate(keys):
            cell = found.cells.setdefault((route, task, name, bool(repeat)), {})
            for measure, values in sums.items():
                if values[place]:
                    cell[measure] = cell.get(measure, 0) + values[place]

    def _models(self, priced: Priced) -> Codes:
        """The model of each call, by the name that the price table has for it, else the log's."""
        index = priced.usage.model.astype(np.int64)
        logged, labels = priced.word("model")
        known = self._prices.book.keys
        return np.where(index >= 0, index, len(known) + logged), [*known, *labels]

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

    def _take_buckets(self, found: Figures, priced: Priced, rows: Ints, again: Ints, model: Codes) -> None:
        bucket = buckets_of(Columns(priced.calls)) % BUCKETS
        scope = [_at(priced.word("route"), rows), _at(priced.word("task"), rows)]
        cost = priced.replay.cost
        codes, scopes = crossed(scope, len(rows))
        for each, sums in zip(scopes, sums_of_scopes(codes, len(scopes), bucket[rows], cost[rows], again), strict=True):
            _add_to(found.buckets, (each[0], each[1]), sums)
        rows = rows[again == 0]
        of_model = [_at(priced.word("route"), rows), _at(priced.word("task"), rows), _at(model, rows)]
        codes, keys = crossed(of_model, len(rows))
        counts = [cost[rows], priced.count("input_tokens")[rows], priced.count("output_tokens")[rows]]
        for key, sums in zip(keys, sums_of_levels(codes, len(keys), bucket[rows], counts), strict=True):
            _add_to(found.levels, (key[0], key[1], key[2]), sums)

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


def _add_to(sums: dict[Name, Ints], key: Name, more: Ints) -> None:
    sums[key] = sums[key] + more if key in sums else more


def _at(dimension: Codes, rows: Ints) -> Codes:
    return dimension[0][rows], dimension[1]


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
        [level_of(key, found.levels[key]) for key in sorted(found.levels, key=_order)],
        _pairing(pairs, found),
    )


def _order(key: CellKey | ModelKey | Scope) -> tuple[tuple[bool, str], ...]:
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
