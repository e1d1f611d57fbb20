"""Calls as they would be on other models, worked out once for all policies that are replayed over a batch."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from costsim import cost
from costsim.cost import Costs, Usage
from costsim.policies.attempts import AS_SERVED, Ints, Kind, Leg, whole
from costsim.policies.document import Limits
from costsim.prices import UNIT_CODE, PriceTable
from costsim.replay.projecting import Projecting

_OF_OUTPUT = [unit for unit in UNIT_CODE if unit in ("output", "reasoning") or unit.endswith("_output")]


class Moved(msgspec.Struct, frozen=True):
    """Requests that answer, on models that they were not on; columns of one length."""

    usage: Usage
    cost: Ints
    known: np.ndarray[tuple[int], np.dtype[np.bool_]]
    output: Ints
    """The part of the cost that is paid for output."""

    def part(self, rows: Ints) -> "Moved":
        """Return some of the requests."""
        return Moved(self.usage.part(rows), self.cost[rows], self.known[rows], self.output[rows])


class Moves(msgspec.Struct):
    """All calls of a batch on each model that some policy asks about."""

    projecting: Projecting
    prices: PriceTable
    costs: dict[tuple[int, str], Ints] = msgspec.field(default_factory=dict)
    """Model, limits of the policy -> what each call would cost there, as a desk says it."""
    _on: dict[int, Moved] = msgspec.field(default_factory=dict)

    def on(self, model: int) -> Moved:
        """Return all calls on a model."""
        if model not in self._on:
            rows = np.arange(len(self.projecting))
            usage = self.projecting.usage(Leg(rows, np.full(len(rows), model, np.int64), whole(len(rows))))
            costs = cost.price(usage, self.prices)
            self._on[model] = Moved(usage, costs.cost, costs.known, of_output(costs))
        return self._on[model]

    def hold(self, leg: Leg) -> bool:
        """Return whether the requests of a leg are among these: all on other models than in the log, as the call is."""
        as_it_is = leg.reads is None and leg.writes is None and leg.reads_more is None and leg.tier == AS_SERVED
        return as_it_is and leg.kind != Kind.VERIFY and not self.projecting.stay(leg).any()

    def of(self, leg: Leg) -> Moved:
        """Return the requests of a leg."""
        models = np.flatnonzero(np.bincount(leg.model)).tolist()
        if len(models) == 1:
            moved = self.on(models[0])
            return moved if len(leg.rows) == len(self.projecting) else moved.part(leg.rows)
        places = [np.flatnonzero(leg.model == model) for model in models]
        parts = [self.on(model).part(leg.rows[at]) for model, at in zip(models, places, strict=True)]
        return _together(parts).part(np.argsort(np.concatenate(places)))


class Shared(msgspec.Struct):
    """What policies have in common that are replayed over one batch."""

    _moves: dict[tuple[int, int, int], Moves] = msgspec.field(default_factory=dict)

    def moves(self, made_of: tuple[object, object, object], make: Callable[[], Moves]) -> Moves:
        """Return the moves of calls by what they are made of, the very same objects: usage, tasks and factors."""
        usage, tasks, factors = map(id, made_of)
        key = usage, tasks, factors
        if key not in self._moves:
            self._moves[key] = make()
        return self._moves[key]


def key_of(limits: Limits) -> str:
    """Return a text that is the same for the same limits."""
    return repr(limits)


def of_output(costs: Costs) -> Ints:
    """Return the part of each cost that is paid for output."""
    parts = [costs.parts[unit] for unit in _OF_OUTPUT if unit in costs.parts]
    return sum(parts, np.zeros(len(costs.cost), np.int64))


def _together(some: Sequence[Moved]) -> Moved:
    usages = [each.usage for each in some]
    names = [name for name in Usage.__struct_fields__ if name != "things"]
    columns = {name: _joined([getattr(usage, name) for usage in usages]) for name in names}
    things = {unit: _joined([usage.things[unit] for usage in usages]) for unit in usages[0].things}
    rest = (_joined([getattr(each, name) for each in some]) for name in ("cost", "known", "output"))
    return Moved(Usage(**columns, things=things), *rest)


def _joined(columns: Sequence[Any]) -> Any:
    return None if columns[0] is None else np.concatenate(columns)
