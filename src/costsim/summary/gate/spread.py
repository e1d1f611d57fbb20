"""How far a mean cost is known: the spread of sums over buckets of conversations, which were drawn independently."""

import math
from statistics import NormalDist

import numpy as np

from costsim.summary.gate.baseline import Scope, Spread
from costsim.summary.priced import Ints
from costsim.summary.simulation.sums import BUCKETS

BUCKET_MEASURES = ("work", "cost", "costly", "log_cost")
"""Pieces of work, their cost in 10^-9 USD, calls that cost anything, and their ln(cost / 10^-12 USD) in 10^-6."""
WORK, COST, COSTLY, LOG_COST = range(len(BUCKET_MEASURES))
_MICRO = 1_000_000
_NANO = 1000
_NORMAL = NormalDist()


def to_buckets(codes: Ints, scopes: int, bucket: Ints, cost: Ints, again: Ints) -> Ints:
    """Return the sums of a batch by scope, measure and bucket."""
    at = codes * BUCKETS + bucket
    costly = cost > 0
    log_cost = np.round(np.log(np.maximum(cost, 1)) * _MICRO)
    columns = (1 - again, cost // _NANO, costly, log_cost)
    sums = [np.bincount(at, column, scopes * BUCKETS).astype(np.int64) for column in columns]
    return np.stack(sums).reshape(len(BUCKET_MEASURES), scopes, BUCKETS).swapaxes(0, 1)


def spread_of(scope: Scope, sums: Ints) -> Spread:
    """Return what the buckets of a scope tell of its means."""
    used = sums[:, (sums[COST] > 0) | (sums[WORK] > 0)]
    error, _ = _ratio(used[COST], used[WORK])
    log_error, log_mean = _ratio(used[LOG_COST], used[COSTLY])
    mean = float(used[COST].sum()) / max(float(used[WORK].sum()), 1.0)
    return Spread(
        *scope,
        clusters=int(used.shape[1]),
        error=None if error is None or not mean else _short(error / mean),
        log_mean=None if log_mean is None else _short(log_mean / _MICRO),
        log_error=None if log_error is None else _short(log_error / _MICRO),
    )


def _short(number: float) -> float:
    return float(f"{number:.6g}")


def _ratio(amounts: Ints, counts: Ints) -> tuple[float | None, float | None]:
    """The standard error of a ratio of sums over clusters (Cochran 1977, 6.19), and the ratio."""
    clusters, total = len(counts), float(counts.sum())
    if not total:
        return None, None
    mean = float(amounts.sum()) / total
    if clusters < 2:
        return None, mean
    residuals = amounts - mean * counts
    return math.sqrt(clusters / (clusters - 1) * float(residuals @ residuals)) / total, mean


def p_above(difference: float, error: float, clusters: float) -> float:
    """Return the chance of so large a difference where there is none: Student's t with clusters − 1 degrees.

    By the normal approximation of Abramowitz and Stegun, 26.7.8.
    """
    if error <= 0:
        return 0.0 if difference > 0 else 1.0
    degrees, t = max(clusters - 1, 1.0), difference / error
    z = t * (1 - 1 / (4 * degrees)) / math.sqrt(1 + t * t / (2 * degrees))
    return 1 - _NORMAL.cdf(z)
