"""Calls with what they cost, as findings look at them: numpy columns, made when they are first asked for."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import replace
from numpy.typing import NDArray

from costsim import cost
from costsim.cost import Usage
from costsim.prices import ModelFacts, PriceTable
from costsim.replay import CostMode, Replay
from costsim.schema import whole_numbers, words
from costsim.summary.dimensions import Codes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Priced(msgspec.Struct, dict=True):
    """Some calls, in the order of the logs, with their replay."""

    calls: pa.Table
    replay: Replay
    prices: PriceTable
    mode: CostMode = "auto"
    _numbers: dict[str, Ints] = msgspec.field(default_factory=dict)
    _words: dict[str, Codes] = msgspec.field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.calls.num_rows)

    @property
    def usage(self) -> Usage:
        """What each call used; call and attempt are one in the past."""
        return self.replay.attempts.usage

    @cached_property
    def cost(self) -> Ints:
        """What the price table says of each call that has a cost; 0 where either says nothing."""
        return np.where(self.replay.known, self.replay.costs.cost, 0)

    def number(self, name: str) -> Ints:
        """Return a column of counts; -1 where the log does not say."""
        if name not in self._numbers:
            self._numbers[name] = whole_numbers(self.calls, name)
        return self._numbers[name]

    def count(self, name: str) -> Ints:
        """Return a column of counts; 0 where the log does not say."""
        return np.maximum(self.number(name), 0)

    def word(self, name: str) -> Codes:
        """Return a column of words as codes and labels."""
        if name not in self._words:
            self._words[name] = words(self.calls, name)
        return self._words[name]

    def flag(self, name: str) -> Bools:
        """Return a column of yes and no; no where the log does not say."""
        found: Bools = self.calls.column(name).fill_null(False).to_numpy()
        return found

    def stated(self, name: str) -> Bools:
        """Return for which calls the log says something in a column."""
        found: Bools = self.calls.column(name).is_valid().to_numpy()
        return found

    def first(self, name: str) -> Ints:
        """Return the first item of each list in a column of counts; 0 for an empty one."""
        lists = self.calls.column(name).combine_chunks()
        offsets, values = lists.offsets.to_numpy(), lists.values.to_numpy()
        found = np.zeros(len(lists), np.int64)
        filled = offsets[1:] > offsets[:-1]
        found[filled] = values[offsets[:-1][filled]]
        return found

    def among(self, name: str, wanted: set[str | None]) -> Bools:
        """Return whether each call's word in a column is one of those wanted."""
        codes, labels = self.word(name)
        return np.array([label in wanted for label in labels], dtype=bool)[codes]

    def spent_on(self, *units: str) -> Ints:
        """Return what each call that has a cost paid for these units, by the price table."""
        parts = self.replay.costs.parts
        spent = sum((parts[unit] for unit in units if unit in parts), np.zeros(len(self), np.int64))
        return np.where(self.replay.known, spent, 0)

    def saved_if(self, rows: Ints, **changed: Any) -> Ints:
        """Return what each of these calls would have cost less, had its usage been as changed; 0 where unknown."""
        usage = self.usage.part(rows)
        costs = cost.price(replace(usage, **changed), self.prices, parts=False)
        return np.where(costs.known & self.replay.costs.known[rows], self.cost[rows] - costs.cost, 0)

    def by_model(self, value: Callable[[ModelFacts], int | None], rows: Ints | None = None) -> Ints:
        """Return what `value` gives for the facts of the model of each of these calls (or all); -1 for none."""
        model = self.usage.model if rows is None else self.usage.model[rows]
        distinct, which = np.unique(model, return_inverse=True)
        found = [None if index < 0 else value(self.prices.facts(int(index))) for index in distinct]
        return np.array([-1 if each is None else each for each in found], np.int64)[which]


def cache_minimum(facts: ModelFacts) -> int:
    """Return the shortest prompt that the model caches; 1,024 tokens, the commonest minimum, where unknown."""
    return facts.cache_min_tokens if facts.cache_min_tokens is not None else 1024
