"""Where the cheapest of several models is not the same for all calls of a cell, the cell is divided by it.

A model on which input and output both are cheaper than on another is cheaper for every call. Where that does not
decide, the costs of the calls do.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from costsim.policies.attempts import Bools, Ints, Leg, whole
from costsim.projection import ONE
from costsim.replay.cells.alike import Code
from costsim.replay.cells.rates import PARTS, CellRates, priced, rates
from costsim.replay.cells.runs import Places, Runs
from costsim.replay.cells.simulating import CellDesk, CellSimulation
from costsim.replay.cells.tokens import Tokens, times
from costsim.replay.moving import key_of

_NEVER = np.iinfo(np.int64).max
_HALF = 0.5
_SIDES = (("input", "cache_read", "cache_write", "cache_write_1h"), ("output", "reasoning"))
Reals = np.ndarray[tuple[int], np.dtype[np.float64]]


class _Span(NamedTuple):
    """What one token of a call costs at least and at most, rounded to whole tokens as calls are."""

    least: Reals
    most: Reals


class _Candidate(msgspec.Struct, frozen=True):
    """One model for some cells."""

    own: Bools
    """Cells that are on it in the log, with what they have cached."""
    can: Bools
    """Cells that it can do, at a price that is known."""
    rates: CellRates
    factors: tuple[Ints, Ints]

    def span(self, side: int) -> _Span:
        """Return what a token of input (0) or output (1) costs, where there is more than none."""
        of_units = np.stack([self.rates.of(unit) for unit in _SIDES[side]])
        factor, rate = self.factors[side] / ONE, of_units[0]
        return _Span(
            np.where(self.own, of_units.min(axis=0), rate * (factor - _HALF)),
            np.where(self.own, of_units.max(axis=0), rate * (factor + _HALF)),
        )

    def below(self, other: "_Candidate") -> Bools:
        """Return for which cells this costs less than another, however many tokens a call has."""
        found = self.can & (self.rates.of("request") <= other.rates.of("request"))
        for side in (0, 1):
            rate, others = (each.rates.of(_SIDES[side][0]) for each in (self, other))
            factor, its = self.factors[side], other.factors[side]
            fewer = ~self.own & ~other.own & (factor <= its) & (its >= ONE * _HALF) & (rate < others)
            found &= fewer | (self.span(side).most < other.span(side).least)
        return found

    def costs(self, runs: Runs, usage: Tokens) -> Ints:
        """Return what calls cost that used so much, in runs of these cells."""
        found = np.empty(len(runs), np.int64)
        for own in (True, False):
            places, some = runs.only(self.own == own)
            if len(some.calls):
                found[slice(None) if places is None else places] = self._costs(some, _picked(usage, places), own)
        return found

    def _costs(self, runs: Runs, usage: Tokens, own: bool) -> Ints:
        tokens = {name: counts for name in PARTS if (counts := getattr(usage, name)) is not None}
        counts = {name: np.maximum(each, 0) for name, each in tokens.items()}
        if not own:
            sides = ("input_tokens", self.factors[0]), ("output_tokens", self.factors[1])
            counts = {name: times(counts[name], runs.spread(factor.astype(np.float64))) for name, factor in sides}
        return priced(self.rates, runs.which, counts, np.ones(len(runs), np.int64))[0]


def _picked(usage: Tokens, places: Places) -> Tokens:
    return usage if places is None else Tokens.of(usage, places)


def choices(runs: Runs, simulations: Sequence[CellSimulation], usage: Tokens) -> list[Code]:
    """Return by what the cells of calls that used `usage` are divided: models that the policies choose for some."""
    found = [_choices(runs, *asked, usage) for asked in _asked(simulations)]
    return [code for code in found if code is not None]


def _asked(simulations: Sequence[CellSimulation]) -> Iterator[tuple[CellDesk, tuple[int, ...], Ints]]:
    """Each list of models that is compared, with all cells that it is compared for."""
    found: dict[tuple[object, ...], tuple[CellDesk, tuple[int, ...], list[Ints]]] = {}
    for desk in (each.desk for each in simulations):
        for models, rows in desk.asked:
            key = models, id(desk.projecting), key_of(desk.policy.limits)
            found.setdefault(key, (desk, models, []))[2].append(rows)
    for desk, models, some in found.values():
        yield desk, models, np.flatnonzero(np.bincount(np.concatenate(some)))


def _choices(runs: Runs, desk: CellDesk, models: Sequence[int], rows: Ints, usage: Tokens) -> Code | None:
    """The place of the model that each call of the undecided cells would get, from 1 on; 0 for all others."""
    candidates = [_candidate(desk, model, rows) for model in models]
    left: list[Bools] = [
        each.can & ~np.any([other.below(each) for other in candidates if other is not each], axis=0)
        for each in candidates
    ]
    undecided = np.sum(left, axis=0) > 1
    if not undecided.any():
        return None
    place = np.full(runs.cells, -1, np.int64)
    place[rows[undecided]] = np.flatnonzero(undecided)
    calls, some = runs.only(place >= 0)
    undecided_runs, used = some.renamed(place, len(rows)), _picked(usage, calls)
    costs = [
        np.where(undecided_runs.spread(alive), each.costs(undecided_runs, used), _NEVER)
        for each, alive in zip(candidates, left, strict=True)
    ]
    chosen = np.argmin(costs, axis=0)
    if undecided_runs.are_alike(chosen):
        return None  # as in most logs: nothing of a cell goes elsewhere than the rest of it
    code = np.zeros(len(usage), np.int64)
    code[slice(None) if calls is None else calls] = 1 + chosen
    return code, len(models) + 1


def _candidate(desk: CellDesk, model: int, rows: Ints) -> _Candidate:
    """A model for cells, in the service tier that it would serve them in."""
    logged, there = desk.projecting.logged(rows), np.full(len(rows), model, np.int64)
    leg = Leg(rows, there, whole(len(rows)))
    of_model = rates(desk.prices, there, logged.at, desk.projecting.tier(leg, logged))
    can = (desk.able(there, rows) >= 0) & desk.welcomes(model, rows) & of_model.known
    return _Candidate(desk.projecting.stay(leg), can, of_model, desk.projecting.factors(rows, there))
