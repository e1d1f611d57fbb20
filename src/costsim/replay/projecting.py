"""What a batch of calls would use on other models: the tokens of every leg."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from msgspec.structs import replace

from costsim.cost import Usage
from costsim.policies.attempts import AS_SERVED, WHOLE, Bools, Ints, Kind, Leg
from costsim.policies.columns import renumbered
from costsim.prices import PriceTable
from costsim.projection import Factor

MILLION = 10**6
_STANDARD = 0

FactorOf = Callable[[int, int, str | None], Factor]
"""(model it was, model it would be, task) -> factor; models by their index, -1 unknown."""


class Projecting:
    """The usage of legs, from the usage of the calls that they stand for."""

    def __init__(self, usage: Usage, tasks: tuple[Ints, list[str | None]], prices: PriceTable, factor: FactorOf):
        self._usage, self._prices, self._factor = usage, prices, factor
        self._task, self._tasks = tasks
        models, source = renumbered(usage.model.astype(np.int64) + 1, len(prices) + 1)
        self._sources: list[int] = (models - 1).tolist()
        self._group = source * len(self._tasks) + self._task
        self._tables: dict[int, tuple[Ints, Ints]] = {}

    def __len__(self) -> int:
        return len(self._usage)

    def stay(self, leg: Leg) -> Bools:
        """Return which requests of a leg are on the model of the log."""
        stays: Bools = leg.model == self._usage.model[leg.rows]
        return stays

    def usage(self, leg: Leg) -> Usage:
        """Return what each request of a leg would use; cached tokens only where the call stays where it was."""
        logged = _rows_of(self._usage, leg.rows)
        stays = (leg.model == logged.model) & leg.answers
        tier = self.tier(leg, logged)
        if stays.all() and (leg.share == WHOLE).all() and leg.reads_more is None:
            return replace(logged, tier=tier)
        changed = self.tokens(leg, stays)
        changed |= {name: _only(column, stays & (leg.share == WHOLE)) for name, column in _cached(logged).items()}
        changed["reasoning_tokens"] = _only(logged.reasoning_tokens, stays)
        return replace(logged, model=leg.model, tier=tier, **changed)

    def tokens(self, leg: Leg, stays: Bools) -> dict[str, Any]:
        """Return input and output tokens of a leg; -1 where the log does not say what they are made of."""
        logged = _rows_of(self._usage, leg.rows)
        of_input, of_output = self.factors(leg.rows, leg.model)
        of_input, of_output = np.where(stays, MILLION, of_input), np.where(stays, MILLION, of_output)
        media = _known(logged.audio_input_tokens) + _known(logged.image_input_tokens)
        spoken = _known(logged.audio_output_tokens)
        reads = _times(logged.input_tokens, of_input, media)
        writes = _times(logged.output_tokens, of_output, spoken)
        if leg.reads is not None:
            reads = np.full(len(leg.rows), leg.reads, np.int64)
        if leg.reads_more is not None:
            reads = np.where(reads < 0, reads, reads + np.maximum(leg.reads_more, 0))
        if leg.writes is not None:
            writes = np.full(len(leg.rows), leg.writes, np.int64)
        found: dict[str, Any] = {"input_tokens": reads, "output_tokens": writes}
        if leg.kind == Kind.VERIFY:
            found |= dict.fromkeys(("audio_output_tokens", "web_searches")) | {"things": {}}
        return found

    def factors(self, rows: Ints, model: Ints) -> tuple[Ints, Ints]:
        """Return the factors of input and output tokens of these calls on these models, in millionths."""
        if not len(rows):
            return rows, rows
        targets, which = renumbered(model + 1, len(self._prices) + 1)
        tables = [self._table(target - 1) for target in targets.tolist()]
        of_input, of_output = (np.concatenate(columns) for columns in zip(*tables, strict=True))
        places = which * len(tables[0][0]) + self._group[rows]
        return of_input[places], of_output[places]

    def _table(self, target: int) -> tuple[Ints, Ints]:
        if target not in self._tables and target < 0:
            ones = np.full(len(self._sources) * len(self._tasks), MILLION)
            self._tables[target] = ones, ones
        if target not in self._tables:
            found = [self._factor(source, target, task) for source in self._sources for task in self._tasks]
            self._tables[target] = np.array([f.input for f in found]), np.array([f.output for f in found])
        return self._tables[target]

    def logged(self, rows: Ints) -> Usage:
        """Return what some calls used, as they were."""
        return _rows_of(self._usage, rows)

    def tier(self, leg: Leg, logged: Usage) -> Ints:
        """Return the tier of each request: that asked for, else the one served, where the model is sold in it."""
        if leg.tier != AS_SERVED:
            return np.full(len(leg.rows), leg.tier, np.int64)
        served = logged.tier.astype(np.int64)
        moved = leg.model != logged.model
        if not (moved & (served != _STANDARD)).any():
            return served
        return np.where(moved & ~self._prices.sells(leg.model, served), _STANDARD, served)


def _cached(usage: Usage) -> Mapping[str, Any]:
    names = ("cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens")
    return {name: getattr(usage, name) for name in names}


def _only(column: Any, where: Bools) -> Any:
    return None if column is None else np.where(where, column, -1)


def _known(column: Any) -> Any:
    return 0 if column is None else np.maximum(column, 0)


def _times(tokens: Any, factor: Ints, fixed: Any) -> Ints:
    """Tokens of text times a factor in millionths, to the nearest; what is no text stays; -1 stays unknown."""
    text = np.maximum(tokens - fixed, 0)
    projected: Ints = (text * factor + MILLION // 2) // MILLION + np.minimum(fixed, tokens)
    return np.where(tokens < 0, tokens, projected)


def _rows_of(usage: Usage, rows: Ints) -> Usage:
    everything = len(rows) == len(usage) and np.array_equal(rows, np.arange(len(rows)))
    return usage if everything else usage.part(rows)
