"""Priced calls -> Figures: what the calls of a batch add to the sums of a log."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from costsim.cost import billed_units
from costsim.ingest.ties import buckets, links
from costsim.prices import PriceTable
from costsim.replay import COLUMNS, COMPUTED, REPORTED, history
from costsim.schema import DATED_FROM
from costsim.summary import dimensions
from costsim.summary.dimensions import Codes
from costsim.summary.gate import cases, kinds
from costsim.summary.gate.cases import Pairs
from costsim.summary.gate.figures import Figures
from costsim.summary.gate.spread import BUCKETS, sums_of_scopes
from costsim.summary.observed import tried_again
from costsim.summary.priced import Ints, Priced
from costsim.summary.question import Question
from costsim.summary.tally import crossed, sums_by

AS_REPORTED = "as reported"
"""The unit of calls whose cost is the log's own: one each."""
COLUMNS_READ = (
    *COLUMNS, *links.NAMES, *buckets.COLUMNS, *kinds.COLUMNS, "route", "task", "status", "retry_of", "attempt",
    "fallback_of", "tags", "prompt_hash", "tokens_basis", "task_confidence", "operation", "user",
)  # fmt: skip


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
        repeats = tried_again(priced)
        again = repeats[rows].astype(np.int64)
        bucket = (buckets.buckets_of(priced.calls) % BUCKETS)[rows]
        model = self._models(priced)
        self._take_cells(found, priced, rows, again, model)
        _take_buckets(found, priced, rows, again, bucket)
        paid = priced.replay.cost[rows] > 0
        _take_kinds(found, priced, rows[paid], bucket[paid], [model, kinds.kinds_of(priced, repeats)])
        self._take_spent(found, priced, rows)
        if found.cases is not None:
            cases.take(found.cases, priced, rows, self._pairs, self._question.timezone)
            found.cases = self._pairs.few(found.cases)

    def empty(self) -> Figures:
        """Return the figures of no calls."""
        return Figures(cases=None if self._pairs.most == 0 else {})

    def _take_cells(self, found: Figures, priced: Priced, rows: Ints, again: Ints, model: Codes) -> None:
        scope = [_at(priced.word("route"), rows), _at(priced.word("task"), rows), _at(model, rows)]
        codes, keys = crossed([*scope, (again, ["", "again"])], len(rows))
        columns = {name: values[rows] for name, values in self._measures(priced).items()}
        sums = {name: sums_by(codes, len(keys), values) for name, values in columns.items()}
        for place, (route, task, name, repeat) in enumerate(keys):
            of_cell = {measure: values[place] for measure, values in sums.items()}
            found.take_cell((route, task, name, bool(repeat)), of_cell)

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
            "undated": (priced.number("started_at") < DATED_FROM).astype(np.int64),
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


def _take_buckets(found: Figures, priced: Priced, rows: Ints, again: Ints, bucket: Ints) -> None:
    codes, scopes = crossed([_at(priced.word("route"), rows), _at(priced.word("task"), rows)], len(rows))
    sums = sums_of_scopes(codes, len(scopes), bucket, priced.replay.cost[rows], again)
    for (route, task), of_scope in zip(scopes, sums, strict=True):
        found.take_buckets((route, task), of_scope)


def _take_kinds(found: Figures, priced: Priced, rows: Ints, bucket: Ints, of_model: Sequence[Codes]) -> None:
    """Add the sums of some calls by route, task, model and kind."""
    words = [priced.word("route"), priced.word("task"), *of_model]
    codes, keys = crossed([_at(each, rows) for each in words], len(rows))
    measures = kinds.measures_of(priced, rows)
    sums = kinds.sums_of_kinds(codes, len(keys), bucket, priced.replay.cost[rows], measures)
    for (route, task, name, kind), of_kind in zip(keys, sums, strict=True):
        found.take_kind((route, task, name, str(kind)), of_kind)


def _at(dimension: Codes, rows: Ints) -> Codes:
    return dimension[0][rows], dimension[1]
