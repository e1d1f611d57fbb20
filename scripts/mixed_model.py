"""A mixed model of how much models read or write: family, model, model in a task, and model in a set of prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.projection.names import kin_of
from costsim.projection.prior import Effect, Effects, Spread

Floats = NDArray[np.float64]
T = TypeVar("T")

LEAST_SD = 0.005


@dataclass(frozen=True)
class Figure:
    """How much a model writes or reads in one set of prompts, as a logarithm relative to the set's other models."""

    dataset: str
    task: str
    model: str
    log: float
    error: float
    """Standard error, from the spread over prompts."""
    prompts: int


class Mixed:
    """Figures as sums of random effects: family, model, model in a task, and model in a set; sets are fixed."""

    def __init__(self, some: list[Figure]) -> None:
        self.figures = some
        self.logs = np.array([each.log for each in some])
        self.errors = np.array([each.error for each in some]) ** 2
        self.family = _same([family_of(each.model) or each.model for each in some])
        self.model = _same([each.model for each in some])
        self.task = _same([(each.model, each.task) for each in some])
        names = sorted({(each.dataset, each.task) for each in some})
        self.sets = np.array([[(each.dataset, each.task) == name for name in names] for each in some], float)

    def covariance(self, spread: Spread) -> Floats:
        """Return the covariance of the figures."""
        chance = np.diag(self.errors + spread.prompts**2)
        found: Floats = (
            self.family * spread.family**2 + self.model * spread.model**2 + self.task * spread.task**2 + chance
        )
        return found

    def likelihood(self, spread: Spread) -> float:
        """Return the restricted log likelihood."""
        inverse = np.linalg.inv(self.covariance(spread))
        within = self.sets.T @ inverse @ self.sets
        rest = self.logs - self.sets @ np.linalg.solve(within, self.sets.T @ inverse @ self.logs)
        halves = np.linalg.slogdet(inverse)[1] - np.linalg.slogdet(within)[1] - rest @ inverse @ rest
        return float(halves / 2)

    def likeliest(self, start: Spread, free: Sequence[str] = Spread.__struct_fields__) -> Spread:
        """Return the most likely standard deviations; those that are not free stay as they are in `start`."""
        starts = [
            msgspec.structs.replace(start, **dict(zip(free, at, strict=True)))
            for at in product((LEAST_SD * 4, LEAST_SD * 32), repeat=len(free))
        ]
        return max((self._climb(at, free) for at in starts), key=self.likelihood)

    def _climb(self, at: Spread, free: Sequence[str]) -> Spread:
        """Go uphill along each of the free ones in turn."""
        step, best = 1.5, self.likelihood(at)
        while step > 1.05:
            moved = False
            for name in free:
                for factor in (step, 1 / step):
                    other = msgspec.structs.replace(at, **{name: max(getattr(at, name) * factor, LEAST_SD)})
                    if (likelihood := self.likelihood(other)) > best + 1e-6:
                        at, best, moved = other, likelihood, True
            if not moved:
                step = step**0.5
        return at

    def effects(self, spread: Spread) -> Effects:
        """Return the best linear unbiased predictions, with the standard deviations of their errors."""
        inverse = np.linalg.inv(self.covariance(spread))
        within = np.linalg.inv(self.sets.T @ inverse @ self.sets)
        without_sets = inverse - inverse @ self.sets @ within @ self.sets.T @ inverse
        weighted = without_sets @ self.logs

        def predicted(share: Floats, variance: float, prompts: int) -> Effect:
            """`share` is the covariance of the effect with each figure."""
            left = max(variance - float(share @ without_sets @ share), 0.0)
            return Effect(round(float(share @ weighted), 4), round(left**0.5, 4), prompts)

        prompts = np.array([each.prompts for each in self.figures])
        families: dict[str, Effect] = {}
        models: dict[str, Effect] = {}
        tasks: dict[str, dict[str, Effect]] = {}
        for place, each in enumerate(self.figures):
            family, model, task = self.family[place], self.model[place], self.task[place]
            if name := family_of(each.model):
                families[name] = predicted(family * spread.family**2, spread.family**2, int(prompts @ family))
            both = family * spread.family**2 + model * spread.model**2
            models[each.model] = predicted(both, spread.family**2 + spread.model**2, int(prompts @ model))
            of_task = tasks.setdefault(each.model, {})
            of_task[each.task] = predicted(task * spread.task**2, spread.task**2, int(prompts @ task))
        return Effects(rounded(spread), _in_order(families), _in_order(models), _in_order(tasks))


def _in_order(items: dict[str, T]) -> dict[str, T]:
    return dict(sorted(items.items()))


def _same(labels: Sequence[object]) -> Floats:
    """Which two have the same label, as 1 and 0."""
    return np.array([[float(one == other) for other in labels] for one in labels])


def family_of(model: str) -> str | None:
    """Return the family of a short name; None where it has none."""
    kin = kin_of(model)
    return kin.family if kin else None


def rounded(spread: Spread) -> Spread:
    """Return standard deviations with as many digits as they deserve."""
    return Spread(*(round(getattr(spread, name), 4) for name in Spread.__struct_fields__))
