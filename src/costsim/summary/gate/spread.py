"""How far a mean is known: the spread of sums over buckets of conversations, which were drawn independently."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from costsim.summary.gate.baseline import Scope, Spread
from costsim.summary.priced import Ints

BUCKETS = 256
WORK, COST = range(2)
"""Of a scope: pieces of work, and their cost in 10^-9 USD."""

ModelKey = tuple[str | None, str | None, str | None]
_NANO = 1000
_NORMAL = NormalDist()
CHANCE_ERRORS = _NORMAL.inv_cdf(0.995)
"""Errors beyond which the kinds and sizes of calls in two logs differ by more than chance (1 % of runs)."""


def sums_of_scopes(codes: Ints, scopes: int, bucket: Ints, cost: Ints, again: Ints) -> Ints:
    """Return work and cost by scope, measure and bucket."""
    return by_bucket(codes, scopes, bucket, [1 - again, cost // _NANO])


def by_bucket(codes: Ints, groups: int, bucket: Ints, columns: Sequence[Ints]) -> Ints:
    """Return the sums of columns by group, column and bucket."""
    at = codes * BUCKETS + bucket
    sums = [np.bincount(at, column, groups * BUCKETS).astype(np.int64) for column in columns]
    return np.stack(sums).reshape(len(columns), groups, BUCKETS).swapaxes(0, 1)


def spread_of(scope: Scope, sums: Ints) -> Spread:
    """Return what the buckets of a scope tell of its mean."""
    used = sums[:, (sums[COST] > 0) | (sums[WORK] > 0)]
    found = ratio(used[COST], used[WORK])
    error = None if found is None or not found[0] else short(found[1] / found[0])
    return Spread(*scope, int(used.shape[1]), error)


def short(number: float) -> float:
    """Return a number with the eight digits that a file keeps."""
    return float(f"{number:.8g}")


def ratio(amounts: Ints, counts: Ints) -> tuple[float, float] | None:
    """Return a ratio of sums over clusters with its standard error (Cochran 1977, 6.19); None for fewer than two."""
    clusters, total = len(counts), float(counts.sum())
    if not total or clusters < 2:
        return None
    mean = float(amounts.sum()) / total
    residuals = amounts - mean * counts
    return mean, math.sqrt(clusters / (clusters - 1) * float(residuals @ residuals)) / total


def p_above(difference: float, error: float, clusters: float) -> float:
    """Return the chance of so large a difference where there is none: Student's t with clusters − 1 degrees.

    By the normal approximation of Abramowitz and Stegun, 26.7.8.
    """
    if error <= 0:
        return 0.0 if difference > 0 else 1.0
    degrees, t = max(clusters - 1, 1.0), difference / error
    z = t * (1 - 1 / (4 * degrees)) / math.sqrt(1 + t * t / (2 * degrees))
    return 1 - _NORMAL.cdf(z)


class Difference:
    """A sum of independent differences with its error."""

    def __init__(self) -> None:
        self.amount = 0.0
        self.variance = 0.0
        self.by_clusters = 0.0
        """The sum of what Satterthwaite's degrees of freedom divide by."""

    @property
    def error(self) -> float:
        """The standard error of the sum."""
        return math.sqrt(self.variance)

    def add(self, amount: float, errors: Sequence[tuple[float, int]]) -> None:
        """Add a difference whose errors rest on so many clusters."""
        self.amount += amount
        for error, clusters in errors:
            self.variance += error * error
            self.by_clusters += error**4 / max(clusters - 1, 1)

    def take(self, other: "Difference") -> None:
        """Add another sum."""
        self.amount += other.amount
        self.variance += other.variance
        self.by_clusters += other.by_clusters

    def p_value(self) -> float:
        """Return the chance of so large a sum by noise (Satterthwaite's degrees of freedom)."""
        if not self.by_clusters:
            return p_above(self.amount, self.error, 2.0) if self.amount else 1.0
        return p_above(self.amount, self.error, self.variance**2 / self.by_clusters + 1)
