"""Two logs whose calls were taken for different tasks: a route's tasks are compared together then.

A task is guessed from what is sent, and a prompt that changes may change the guess: that must not hide what it costs.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from costsim.summary.gate.baseline import Baseline, Cell, Kind, Level, Scope, Spread, amount
from costsim.summary.gate.kinds import LOGARITHMS
from costsim.summary.gate.spread import BUCKETS, ModelKey, short
from costsim.summary.printed import money

ALL_TASKS = "*"
"""Stands for the tasks of such a route."""
ALIKE = 0.75
"""The part of a route's calls whose tasks both logs must have in common."""

Part = TypeVar("Part", Spread, Level, Kind)
Fit = tuple[float, float, float]
"""Mean, slope and error."""


class _Mean(msgspec.Struct, frozen=True):
    """A mean over some calls."""

    calls: int
    mean: float
    error: float


def aligned(before: Baseline, now: Baseline) -> tuple[Baseline, Baseline, list[str | None]]:
    """Return both, and the routes whose tasks are taken together in them."""
    old, new = _tasks(before.cells), _tasks(now.cells)
    routes = {route for route in old.keys() & new.keys() if _in_common(old[route], new[route]) < ALIKE}
    return _joined(before, routes), _joined(now, routes), sorted(routes, key=str)


def _tasks(cells: Iterable[Cell]) -> dict[str | None, dict[str | None, int]]:
    found: dict[str | None, dict[str | None, int]] = {}
    for cell in cells:
        tasks = found.setdefault(cell.route, {})
        tasks[cell.task] = tasks.get(cell.task, 0) + cell.calls
    return found


def _in_common(old: dict[str | None, int], new: dict[str | None, int]) -> float:
    before, now = sum(old.values()), sum(new.values())
    return sum(min(old[task] / before, new[task] / now) for task in old.keys() & new.keys())


def _joined(side: Baseline, routes: set[str | None]) -> Baseline:
    if not routes:
        return side
    joining = _Joining(side.cells)
    cells = [msgspec.structs.replace(cell, task=ALL_TASKS) if cell.route in routes else cell for cell in side.cells]
    return msgspec.structs.replace(
        side,
        cells=cells,
        spreads=_grouped(side.spreads, routes, lambda part: (part.route,), joining.spread),
        levels=_grouped(side.levels, routes, lambda part: (part.route, part.model), joining.level),
        kinds=_grouped(side.kinds, routes, lambda part: (part.route, part.model, part.kind), _kind),
    )


class _Joining:
    """What the cells tell of the weight of each task."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._cost: Counter[Scope] = Counter()
        self._work: Counter[Scope] = Counter()
        self._first: Counter[ModelKey] = Counter()
        for cell in cells:
            self._cost[cell.route, cell.task] += amount(cell.cost_usd)
            if not cell.repeats:
                self._work[cell.route, cell.task] += cell.calls
                self._first[cell.route, cell.task, cell.model] += cell.calls

    def spread(self, parts: Sequence[Spread]) -> Spread:
        """Return how far the mean of several tasks is known."""
        means = []
        for part in parts:
            work = self._work[part.route, part.task]
            mean = self._cost[part.route, part.task] / work if work else 0.0
            means.append(_Mean(work, mean, mean * (part.error or 0.0)))
        whole = _together(means)
        known = whole.mean and all(part.error is not None for part in parts)
        return Spread(parts[0].route, ALL_TASKS, _clusters(parts), short(whole.error / whole.mean) if known else None)

    def level(self, parts: Sequence[Level]) -> Level:
        """Return where the logarithms of several tasks lie."""
        calls = [self._first[part.route, part.task, part.model] for part in parts]
        logarithms = [_levels(calls, [getattr(part, name) for part in parts]) for name in LOGARITHMS]
        return Level(parts[0].route, ALL_TASKS, parts[0].model, _clusters(parts), *logarithms)


def _grouped(
    parts: Sequence[Part],
    routes: set[str | None],
    key: Callable[[Part], object],
    join: Callable[[Sequence[Part]], Part],
) -> list[Part]:
    """The parts of other routes as they are, and those of these routes joined by key."""
    found = [part for part in parts if part.route not in routes]
    groups: dict[object, list[Part]] = {}
    for part in parts:
        if part.route in routes:
            groups.setdefault(key(part), []).append(part)
    found.extend(join(group) for group in groups.values())
    return found


def _clusters(parts: Sequence[Spread] | Sequence[Level] | Sequence[Kind]) -> int:
    return min(sum(part.clusters for part in parts), BUCKETS)


def _together(means: Sequence[_Mean]) -> _Mean:
    """One mean of several groups, whose shares of the calls are chance too."""
    calls = sum(each.calls for each in means)
    if not calls:
        return _Mean(0, 0.0, 0.0)
    mean = sum(each.calls * each.mean for each in means) / calls
    within = sum((each.calls * each.error) ** 2 for each in means)
    between = sum(each.calls * (each.mean - mean) ** 2 for each in means)
    return _Mean(calls, mean, math.sqrt(within + between) / calls)


def _levels(calls: Sequence[int], known: Sequence[tuple[float, float] | None]) -> tuple[float, float] | None:
    if any(each is None for each in known):
        return None
    whole = _together([_Mean(count, *each) for count, each in zip(calls, known, strict=True) if each is not None])
    return short(whole.mean), short(whole.error)


def _kind(parts: Sequence[Kind]) -> Kind:
    """Kinds of several tasks as one, with a slope over all of them."""
    sizes = _together([_Mean(part.calls, *part.size) for part in parts])
    spread = sum(part.calls * (part.size[1] ** 2 + (part.size[0] - sizes.mean) ** 2) for part in parts)
    costs = [amount(part.cost_usd) / part.calls for part in parts]
    dollars = [(mean, mean * part.cost[0], mean * part.cost[1]) for mean, part in zip(costs, parts, strict=True)]
    mean, slope, error = _fitted(parts, dollars, sizes.mean, spread)
    return Kind(
        parts[0].route,
        ALL_TASKS,
        parts[0].model,
        parts[0].kind,
        sizes.calls,
        _clusters(parts),
        money(sum(amount(part.cost_usd) for part in parts)),
        (short(sizes.mean), short(math.sqrt(spread / sizes.calls))),
        (short(slope / mean), short(error / mean)),
        *(_fitted(parts, [getattr(part, name) for part in parts], sizes.mean, spread) for name in LOGARITHMS),
    )


def _fitted(parts: Sequence[Kind], fits: Sequence[Fit], size: float, spread: float) -> Fit:
    """Mean, slope and error of several kinds together."""
    both = list(zip(parts, fits, strict=True))
    mean = _together([_Mean(part.calls, *fit[::2]) for part, fit in both]).mean
    products = (
        part.calls * (part.size[1] ** 2 * slope + (part.size[0] - size) * (level - mean))
        for part, (level, slope, _) in both
    )
    slope = sum(products) / spread if spread else 0.0
    left = (_Mean(part.calls, level - slope * (part.size[0] - size), error) for part, (level, _, error) in both)
    return short(mean), short(slope), short(_together(list(left)).error)
