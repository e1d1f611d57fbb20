"""How far a mean is known: the spread of sums over buckets of conversations, which were drawn independently."""

import math
from statistics import NormalDist

import numpy as np

from costsim.summary.gate.baseline import Level, Scope, Spread
from costsim.summary.priced import Ints

BUCKETS = 256
WORK, COST = range(2)
"""Of a scope: pieces of work, and their cost in 10^-9 USD."""
LOGGED = ("cost", "input_tokens", "output_tokens")
"""Of a model: for each, calls that have any, and the sum of their logarithms in 10^-6."""

ModelKey = tuple[str | None, str | None, str | None]
_MICRO = 1_000_000
_NANO = 1000
_NORMAL = NormalDist()


def sums_of_scopes(codes: Ints, scopes: int, bucket: Ints, cost: Ints, again: Ints) -> Ints:
    """Return work and cost by scope, measure and bucket."""
    return _by_bucket(codes, scopes, bucket, [1 - again, cost // _NANO])


def sums_of_levels(codes: Ints, models: int, bucket: Ints, counts: list[Ints]) -> Ints:
    """Return for each of the `LOGGED` counts how many are above zero, and the sum of their logarithms."""
    columns: list[Ints] = []
    for count in counts:
        columns += [(count > 0).astype(np.int64), np.round(np.log(np.maximum(count, 1)) * _MICRO).astype(np.int64)]
    return _by_bucket(codes, models, bucket, columns)


def _by_bucket(codes: Ints, groups: int, bucket: Ints, columns: list[Ints]) -> Ints:
    at = codes * BUCKETS + bucket
    sums = [np.bincount(at, column, groups * BUCKETS).astype(np.int64) for column in columns]
    return np.stack(sums).reshape(len(columns), groups, BUCKETS).swapaxes(0, 1)


def spread_of(scope: Scope, sums: Ints) -> Spread:
    """Return what the buckets of a scope tell of its mean."""
    used = sums[:, (sums[COST] > 0) | (sums[WORK] > 0)]
    found = _ratio(used[COST], used[WORK])
    error = None if found is None or not found[0] else _short(found[1] / found[0])
    return Spread(*scope, int(used.shape[1]), error)


def level_of(key: ModelKey, sums: Ints) -> Level:
    """Return what the buckets of a model tell of its logarithms."""
    found: list[tuple[float, float] | None] = []
    for place in range(0, 2 * len(LOGGED), 2):
        used = sums[place] > 0
        ratio = _ratio(sums[place + 1][used], sums[place][used])
        found.append(None if ratio is None else (_short(ratio[0] / _MICRO), _short(ratio[1] / _MICRO)))
    return Level(*key, int((sums[0] > 0).sum()), *found)


def _short(number: float) -> float:
    return float(f"{number:.8g}")


def _ratio(amounts: Ints, counts: Ints) -> tuple[float, float] | None:
    """A ratio of sums over clusters with its standard error (Cochran 1977, 6.19); None for fewer than two."""
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
