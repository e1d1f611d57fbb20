"""The sums of one policy over calls, and how the sums of batches add up; all of them are exact integers.

A leg's cost is summed for each share and multiplied with it at the end, so that an expected cost is exact, whether its
rows are calls or cells of calls that are alike.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec
import numpy as np

from costsim.ingest.ties.buckets import BUCKETS
from costsim.policies.attempts import WHOLE, Bools, Ints, Kind
from costsim.policies.columns import Columns, renumbered
from costsim.replay.history import Replay
from costsim.replay.outcome import Simulated, Spent, billed_part, expected_cost
from costsim.summary.adding import add_all, add_to
from costsim.summary.simulation.quality import QualitySums
from costsim.summary.tally import sums_by, total

LegKey = tuple[int, int, int, int, int, int]
"""Rule, number, kind, model, share, and the part that is billed (10^-9)."""
CALLS, COST, INPUT, OUTPUT, ALONE = range(5)

FactorKey = tuple[int, int, str | None]
"""Model it was, model it is, task."""
RateKey = tuple[int, int, str | None]
"""Rule, first model, task."""
ObstacleKey = tuple[int, int, str]
"""Rule, model, what keeps calls from it."""

UNDATED_BASELINE, UNDATED_COST = range(2)

KEPT_CALLS, BASELINE, KEPT_COST, UNROUTABLE, UNPRICED, SERVED, ALL_CALLS = range(7)
_OF_RULE = 7
_SMALL = 1 << 16


class Past(Protocol):
    """What the rows of a batch were, each a call or a cell of calls that are alike."""

    @property
    def cost(self) -> Ints:
        """What the calls of each row cost, in 10^-12 USD."""

    @property
    def model(self) -> Ints:
        """The model of each row."""

    def counted(self, which: Ints, groups: int, rows: Ints) -> list[int]:
        """Return how many calls the rows of each group stand for."""


class OneByOne(msgspec.Struct, frozen=True):
    """Rows that are calls."""

    replay: Replay

    @property
    def cost(self) -> Ints:
        """What each call cost."""
        return self.replay.cost

    @property
    def model(self) -> Ints:
        """The model of each call."""
        return self.replay.attempts.usage.model.astype(np.int64)

    def counted(self, which: Ints, groups: int, rows: Ints) -> list[int]:  # noqa: ARG002  each row is one call
        """Return how many calls each group has."""
        found: list[int] = np.bincount(which, minlength=groups).tolist()
        return found


def expected_of_calls(simulated: Simulated, past: Replay) -> Ints:
    """Return what each call of a batch is expected to cost, as `expected_cost` has it."""
    stays = np.where(simulated.kept & ~simulated.served, billed_part(WHOLE), 0)
    found = expected_cost(simulated.cost_kept(past.cost), stays)
    for spent in simulated.spent:
        found[spent.leg.rows] += expected_cost(spent.cost, billed_part(spent.leg.billed))  # each row stands once
    return found


class PolicySums(msgspec.Struct):
    """What all calls come to under one policy."""

    legs: dict[LegKey, list[int]] = msgspec.field(default_factory=dict)
    """Requests, their cost in 10^-12 USD before shares, input and output tokens, cost without a carried answer."""
    rules: dict[int, list[int]] = msgspec.field(default_factory=dict)
    """Rule -> calls kept, baseline cost, cost of the calls kept, unroutable, unpriced, served from a cache, calls."""
    buckets: list[int] = msgspec.field(default_factory=lambda: [0] * BUCKETS)
    """Expected cost by bucket, in 10^-15 USD; only of what has an interval."""
    lost: list[int] = msgspec.field(default_factory=lambda: [0, 0, 0])
    """Calls that stay and find less in the cache than they did, tokens, and what these cost more, in 10^-12 USD."""
    hits: list[int] = msgspec.field(default_factory=lambda: [0, 0, 0])
    """Calls that stay and read from a cache as logged, tokens, and what these would cost more; only of policies."""
    undated: list[int] = msgspec.field(default_factory=lambda: [0, 0])
    """What calls without a time cost, in 10^-12 USD, and are expected to cost, in 10^-21; only of policies."""
    factors: dict[FactorKey, list[int]] = msgspec.field(default_factory=dict)
    """Requests on other models: expected cost of input, of output, in 10^-21 USD."""
    later: dict[RateKey, list[int]] = msgspec.field(default_factory=dict)
    """Requests that follow the first answers of cascades; of those that nobody knows to be made or not, the expected
    cost, in 10^-21 USD, and how many they are.
    """

    obstacles: dict[ObstacleKey, list[int]] = msgspec.field(default_factory=dict)
    """Calls that no model of their route can do."""
    outside: dict[tuple[int, str], list[int]] = msgspec.field(default_factory=dict)
    """Rule, and a word of `replay.outside` -> calls."""
    quality: QualitySums = msgspec.field(default_factory=QualitySums)
    compared: QualitySums = msgspec.field(default_factory=QualitySums)
    """Over the calls whose scores are known under the policy and its two ends, `judged.ends`, as well."""

    def add(self, other: "PolicySums") -> None:
        """Add the sums of other batches."""
        self.quality.add(other.quality)
        self.compared.add(other.compared)
        add_all(self.legs, other.legs)
        add_all(self.rules, other.rules)
        add_all(self.factors, other.factors)
        add_all(self.later, other.later)
        add_all(self.obstacles, other.obstacles)
        add_all(self.outside, other.outside)
        self.buckets = [mine + more for mine, more in zip(self.buckets, other.buckets, strict=True)]
        self.undated = [mine + more for mine, more in zip(self.undated, other.undated, strict=True)]
        self.lost = [mine + more for mine, more in zip(self.lost, other.lost, strict=True)]
        self.hits = [mine + more for mine, more in zip(self.hits, other.hits, strict=True)]

    def take_hits(self, stays: Bools, hits: Sequence[Ints]) -> None:
        """Add the cache reads of a batch, or of cells, that are taken to stay as logged: calls, tokens and cost."""
        self.hits = [known + total(each[stays]) for known, each in zip(self.hits, hits, strict=True)]

    def take_difference(self, simulated: Simulated, without: Simulated, past: Past, columns: Columns) -> None:
        """Add what a batch costs more than the same batch, already added, did without what its calls lost."""
        for sign, each in ((1, simulated), (-1, without)):
            sums = PolicySums()
            sums.take(each, past, columns)
            for name in ("legs", "rules", "factors", "later"):
                more = {key: [sign * amount for amount in row] for key, row in getattr(sums, name).items()}
                add_all(getattr(self, name), more)
            self.lost = [known + more for known, more in zip(self.lost, sums.lost, strict=True)]

    def take_buckets(self, expected: Ints, buckets: Ints, unit: int = 1) -> None:
        """Add what the calls of a batch are expected to cost, in units of 10^-15 USD, to the bucket of each."""
        more = sums_by(buckets, BUCKETS, expected)
        self.buckets = [known + each * unit for known, each in zip(self.buckets, more, strict=True)]

    def take_undated(self, simulated: Simulated, past: Past, columns: Columns) -> None:
        """Add what those calls of a batch, or cells, cost that have no time; of a cell all have one, or none has."""
        undated = columns.undated()
        if not undated.any():
            return
        expected = WHOLE * total(past.cost[undated & simulated.kept & ~simulated.served])
        for spent in simulated.spent:
            which, keys = _keys(spent.leg.billed)
            costs = sums_by(which, len(keys), np.where(undated[spent.leg.rows], spent.cost, 0))
            expected += sum(cost * billed for cost, (billed,) in zip(costs, keys, strict=True))
        more = total(past.cost[undated]), expected
        self.undated = [known + each for known, each in zip(self.undated, more, strict=True)]

    def take_obstacles(self, found: Iterable[tuple[int, int, str, Ints]], past: Past) -> None:
        """Add what is in the way of calls that no model of their route can do."""
        for rule, model, obstacle, rows in found:
            add_to(self.obstacles, (rule, model, obstacle), past.counted(np.zeros(len(rows), np.int64), 1, rows))

    def take_outside(self, found: Iterable[tuple[int, str, Ints]]) -> None:
        """Add what became of calls with decisions and budgets."""
        for rule, what, rows in found:
            add_to(self.outside, (rule, what), [len(rows)])

    def take(self, simulated: Simulated, past: Past, columns: Columns) -> None:
        """Add a batch of calls, or of cells."""
        self._take_rules(simulated, past)
        if (lost := simulated.lost) is not None:
            more = len(lost.rows), total(lost.tokens), total(lost.cost)
            self.lost = [known + each for known, each in zip(self.lost, more, strict=True)]
        first = _first_models(simulated)
        for spent in simulated.spent:
            self._take_leg(spent, past)
            self._take_factors(spent, past, columns)
            if spent.leg.number or spent.leg.kind == Kind.VERIFY:
                self._take_later(spent, past, first, columns)

    def _take_rules(self, simulated: Simulated, past: Past) -> None:
        flags = {
            KEPT_CALLS: simulated.kept & ~simulated.served,
            UNROUTABLE: simulated.unroutable,
            UNPRICED: simulated.unpriced,
            SERVED: simulated.served,
        }
        which, rules = _keys(simulated.rule)
        columns = {
            measure: past.counted(which[flag], len(rules), np.flatnonzero(flag)) for measure, flag in flags.items()
        }
        columns[ALL_CALLS] = past.counted(which, len(rules), np.arange(len(which)))
        columns[BASELINE] = sums_by(which, len(rules), past.cost)
        kept = np.where(flags[KEPT_CALLS], simulated.cost_kept(past.cost), 0)
        columns[KEPT_COST] = sums_by(which, len(rules), kept)
        for place, (rule,) in enumerate(rules):
            add_to(self.rules, rule, [columns[measure][place] for measure in range(_OF_RULE)])

    def _take_leg(self, spent: Spent, past: Past) -> None:
        leg, usage = spent.leg, spent.usage
        alone = spent.cost if spent.alone is None else spent.alone
        tokens = (np.maximum(column, 0).astype(np.int64) for column in (usage.input_tokens, usage.output_tokens))
        which, keys = _keys(leg.model.astype(np.int64), leg.share, leg.billed)
        calls = past.counted(which, len(keys), leg.rows)
        sums = zip(calls, *_sums(which, len(keys), (spent.cost, *tokens, alone)), strict=True)
        for (model, share, paid), row in zip(keys, sums, strict=True):
            add_to(self.legs, (spent.rule, leg.number, int(leg.kind), model, share, paid), list(row))

    def _take_factors(self, spent: Spent, past: Past, columns: Columns) -> None:
        if spent.output is None:
            return
        tasks, labels = columns.word("task")
        source = past.model[spent.leg.rows]
        of_input = spent.cost - spent.output
        which, keys = _keys(source, spent.leg.model.astype(np.int64), tasks[spent.leg.rows], spent.leg.billed)
        calls = past.counted(which, len(keys), spent.leg.rows)
        sums = zip(calls, *_sums(which, len(keys), (of_input, spent.output)), strict=True)
        for (before, after, task, billed), (count, *costs) in zip(keys, sums, strict=True):
            if before != after:
                add_to(self.factors, (before, after, labels[task]), [count, *(cost * billed for cost in costs)])

    def _take_later(self, spent: Spent, past: Past, first: Ints, columns: Columns) -> None:
        tasks, labels = columns.word("task")
        rows = spent.leg.rows
        unsure = ((spent.leg.share > 0) & (spent.leg.share < WHOLE)).astype(np.int64)
        which, keys = _keys(first[rows], tasks[rows], spent.leg.billed, unsure)
        sums = zip(past.counted(which, len(keys), rows), sums_by(which, len(keys), spent.cost), strict=True)
        for (model, task, billed, is_unsure), (count, cost) in zip(keys, sums, strict=True):
            more = [count, cost * billed * is_unsure, count * is_unsure]
            add_to(self.later, (spent.rule, model, labels[task]), more)


def _first_models(simulated: Simulated) -> Ints:
    """The model of each call's first answer."""
    first = np.full(len(simulated.rule), -1, np.int64)
    for spent in reversed(simulated.spent):
        if spent.leg.answers:
            first[spent.leg.rows] = spent.leg.model
    return first


def _keys(*columns: Ints) -> tuple[Ints, list[tuple[int, ...]]]:
    """The place of each row among the different rows, and those."""
    which = np.zeros(len(columns[0]), np.int64)
    keys: list[tuple[int, ...]] = [()] if len(which) else []
    for column in columns:
        values, codes = _values(column)
        if len(values) == 1:  # as most columns have
            keys = [(*key, *values) for key in keys]
            continue
        distinct, which = renumbered(which * len(values) + codes, len(keys) * len(values))
        before, at = np.divmod(distinct, len(values))
        keys = [(*keys[b], values[a]) for b, a in zip(before.tolist(), at.tolist(), strict=True)]
    return which, keys


def _values(column: Ints) -> tuple[list[int], Ints]:
    """The different numbers of a column, and the place of each among them; of small numbers without sorting."""
    low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    if low == high:
        return [low], np.zeros(len(column), np.int64)
    if high - low < _SMALL:
        distinct, which = renumbered(column - low, high - low + 1)
        return (distinct + low).tolist(), which
    distinct, which = np.unique(column, return_inverse=True)
    return distinct.tolist(), which.reshape(-1)


def _sums(which: Ints, groups: int, columns: Sequence[Ints]) -> list[list[int]]:
    """The sum of each column in each group."""
    return [sums_by(which, groups, column) for column in columns]
