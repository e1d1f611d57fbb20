"""One log replayed under the policy and prices of two versions: what differs is what the versions do, without noise."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np

from costsim.ingest.kept.store import Manifest, Store
from costsim.policies.attempts import WHOLE
from costsim.policies.policy import Policy
from costsim.prices import PriceTable
from costsim.replay import COLUMNS, history
from costsim.replay.decisions import Decisions
from costsim.schema import DATED_FROM
from costsim.summary import dimensions
from costsim.summary.adding import add_to
from costsim.summary.gate.baseline import KIND, SCHEMA_VERSION, Baseline, Cell, Counted, PricesUsed, Scope, Span
from costsim.summary.gate.budgets import Spending, Spent
from costsim.summary.gate.parts import ORDER, PRICES, ROUTING, Amounts
from costsim.summary.gate.undated import Undated
from costsim.summary.priced import Bools, Ints, Priced
from costsim.summary.printed import money, window_of
from costsim.summary.question import Question
from costsim.summary.simulation.asking import Ask
from costsim.summary.simulation.one_pass import Pass
from costsim.summary.simulation.parts import Parts
from costsim.summary.simulation.runs import runs_of
from costsim.summary.sums import BASIS, Sums
from costsim.summary.tally import crossed, sums_by

_LOOKED_AT = (*BASIS, "operation", "status", "route", "task")
REPLAYED = "replayed"


class Version(msgspec.Struct, frozen=True):
    """A policy (None: as logged) and a price table."""

    policy: Policy | None
    prices: PriceTable
    decisions: Decisions = msgspec.field(default_factory=Decisions)


class Versions(msgspec.Struct):
    """Sums of one log under the old version, the new policy at the old prices, and the new version."""

    cost: dict[Scope, list[int]] = msgspec.field(default_factory=dict)
    """Scope -> calls, and the cost under each version in 10^-12 USD."""
    undated: dict[Scope, list[int]] = msgspec.field(default_factory=dict)
    """The same of calls without a time."""
    basis: Sums = msgspec.field(default_factory=Sums)
    calls: int = 0
    dearest: Spent = msgspec.field(default_factory=dict)
    by: dict[str, Spent] = msgspec.field(default_factory=dict)

    def parts(self) -> dict[Scope, Amounts]:
        """Return why each scope's cost differs: by the policy first, at the old prices, then by the prices."""
        return _parts(self.cost)

    def side(self, place: int, manifest: Manifest, prices: PriceTable, as_of: str) -> Baseline:
        """Return one version's figures as those of a log."""
        window = window_of(self.basis)
        calls = sum(sums[0] for sums in self.cost.values())
        rejected, lines = (sum(getattr(each, name) for each in manifest.sources) for name in ("rejected", "lines"))
        cells = [
            Cell(*scope, None, False, sums[0], 0, money(sums[place]), {REPLAYED: (sums[0], money(sums[place]))})
            for scope, sums in sorted(self.cost.items(), key=str)
        ]
        return Baseline(
            SCHEMA_VERSION,
            KIND,
            Span(window.start, window.to, window.days),
            PricesUsed(prices.hash, prices.newest, as_of),
            Counted(self.calls, calls, rejected, lines),
            cells,
            [],
            [],
            [],
        )

    def spending(self) -> Spending:
        """Return what budgets are compared with, under the new version; and what of it is of calls without a time."""
        of_scope = {scope: sums[0] for scope, sums in self.undated.items()}
        cost = sum(sums[-1] for sums in self.undated.values())
        undated = Undated(self.basis.basis.undated, cost, of_scope, _parts(self.undated))
        return Spending(self.dearest, self.by, undated)


def _parts(cost: Mapping[Scope, Sequence[int]]) -> dict[Scope, Amounts]:
    """Why costs differ, by scope."""
    found = {}
    for scope, (_, old, moved, new) in cost.items():
        found[scope] = dict.fromkeys(ORDER, Fraction(0)) | {
            ROUTING: Fraction(moved - old),
            PRICES: Fraction(new - moved),
        }
    return found


class _Replays:
    """The versions of a log, part by part: old, new policy at old prices, new; the last two are one at one price."""

    def __init__(self, store: Store, question: Question, versions: Sequence[Version], groupings: Sequence[str]) -> None:
        self._store, self._question, self._versions, self._groupings = store, question, versions, groupings
        columns = {*COLUMNS, *_LOOKED_AT, *dimensions.columns(groupings), *question.selection.columns()}
        self._parts = Parts(store, question, sorted(columns))

    def sums(self, workers: int | None) -> Versions:
        """Return what all parts come to."""
        found = Versions()
        with ExitStack() as stack:
            passes = [self._prepared(version, workers, stack) for version in self._versions]
            for number in range(len(self._parts)):
                self._take(found, number, passes)
        return found

    def _prepared(self, version: Version, workers: int | None, stack: ExitStack) -> Pass | None:
        if version.policy is None:
            return None
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="costsim-"))
        runs = runs_of([version.policy], version.prices, controls=False)
        ask = Ask(runs, self._question, version.decisions)
        return Pass.prepared(self._store, version.prices, ask, workers, Path(folder))

    def _take(self, found: Versions, number: int, passes: Sequence[Pass | None]) -> None:
        calls = self._parts.calls(number)
        if not calls.num_rows:
            return
        costs, known = [], np.ones(calls.num_rows, np.bool_)
        for version, replays in zip(self._versions, passes, strict=True):
            past = history(calls, version.prices, self._question.as_of, self._question.mode)
            costs.append(past.cost if replays is None else _expected(replays, number))
            known &= past.known
        priced = Priced(calls, past, self._versions[-1].prices, self._question.mode)
        found.basis.take_basis(priced)
        found.calls += len(priced)
        self._add(found, priced, np.flatnonzero(known), [costs[0], costs[1], costs[-1]])

    def _add(self, found: Versions, priced: Priced, rows: Ints, costs: Sequence[Ints]) -> None:
        _add_by_scope(found.cost, priced, rows, costs)
        _add_by_scope(found.undated, priced, rows[priced.number("started_at")[rows] < DATED_FROM], costs)
        for label, most in _largest(priced.word("route"), rows, costs[-1]):
            found.dearest[label] = max(found.dearest.get(label, 0), most)
        for name in self._groupings:
            which, labels = dimensions.codes(priced.calls, name, self._question.timezone)
            spent = found.by.setdefault(name, {})
            for label, cost in zip(labels, sums_by(which[rows], len(labels), costs[-1][rows]), strict=True):
                if cost:
                    spent[label] = spent.get(label, 0) + cost


def _add_by_scope(found: dict[Scope, list[int]], priced: Priced, rows: Ints, costs: Sequence[Ints]) -> None:
    words = [priced.word("route"), priced.word("task")]
    codes, keys = crossed([(which[rows], labels) for which, labels in words], len(rows))
    columns = [np.ones(len(rows), np.int64), *(cost[rows] for cost in costs)]
    for key, *sums in zip(keys, *(sums_by(codes, len(keys), column) for column in columns), strict=True):
        add_to(found, (key[0], key[1]), sums)


def _largest(dimension: dimensions.Codes, rows: Ints, cost: Ints) -> Iterator[tuple[str | None, int]]:
    most = np.zeros(len(dimension[1]), np.int64)
    np.maximum.at(most, dimension[0][rows], cost[rows])
    yield from zip(dimension[1], most.tolist(), strict=True)


def _expected(replays: Pass, number: int) -> Ints:
    """What each call of a part is expected to cost, each request rounded to 10^-12 USD."""
    batch, _, simulated = replays.replayed(number, 0)
    kept: Bools = simulated.kept & ~simulated.served
    found = np.where(kept, simulated.cost_kept(batch.past.cost), 0)
    for spent in simulated.spent:
        whole, rest = np.divmod(spent.cost, WHOLE)
        share = spent.leg.billed
        np.add.at(found, spent.leg.rows, whole * share + (rest * share + WHOLE // 2) // WHOLE)
    return found


def replay(
    store: Store,
    question: Question,
    old: Version,
    new: Version,
    workers: int | None = None,
    groupings: Sequence[str] = (),
) -> Versions:
    """Return what the log comes to under both versions, and with the new policy at the old prices between them."""
    if old.prices.hash == new.prices.hash:
        return _Replays(store, question, (old, new), groupings).sums(workers)
    between = Version(new.policy, old.prices, new.decisions)
    return _Replays(store, question, (old, between, new), groupings).sums(workers)
