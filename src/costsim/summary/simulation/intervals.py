"""How sure a projection is: which calls happened to be in the log, token factors, and rates, drawn together.

Everything is drawn from sums that add up over batches, with a fixed seed, so that the same log gives the same digits.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from threading import Thread
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.ingest.ties.buckets import BUCKETS

LEVEL = 0.9
_DRAWS = 2000
_SEED = 20_260_101
_FEWEST = 2
"""Conversations below which the log says nothing about how much conversations differ."""
_SHARED = 0.5
"""The part of the variance of a factor that all factors of the same target share: a model that is more verbose than
thought on one task is so on others."""

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


class Doubt(msgspec.Struct, frozen=True):
    """A part of a cost that is only known up to a factor."""

    amount: float
    """USD."""
    sd: float
    """Standard deviation of the logarithm of the factor."""
    shared_by: str
    """Doubts of one name err together, as far as _SHARED."""


class Bounds(msgspec.Struct, frozen=True):
    """Cost and savings, low and high, in USD."""

    cost_low: float
    cost_high: float
    savings_low: float
    savings_high: float


def bounds(
    cost: float, baseline: float, buckets: Sequence[int], past: Sequence[int], doubts: Iterable[Doubt]
) -> Bounds | None:
    """Return the bounds of cost and savings (USD); None where the log holds too few conversations.

    `buckets` and `past` are cost under the policy and as it was, by bucket, in 10^-15 USD. The buckets are drawn anew
    with replacement (a Poisson bootstrap), each doubt is multiplied with a lognormal factor of mean 1.
    """
    after, before = (np.array(sums, np.float64) / 1e15 for sums in (buckets, past))
    filled = (after != 0) | (before != 0)
    if filled.sum() < _FEWEST:
        return None
    weights, random = _weights(int(filled.sum()))
    sampled = weights @ np.stack([after[filled], before[filled]], axis=1)
    error = _errors(list(doubts), random)
    costs = cost + sampled[:, 0] + error
    savings = baseline - cost + sampled[:, 1] - sampled[:, 0] - error
    (cost_low, cost_high), (low, high) = _tails(costs), _tails(savings)
    return Bounds(max(cost_low, 0.0), cost_high, low, high)


def _tails(draws: Floats) -> tuple[float, float]:
    """Below and above which the rest of LEVEL lies, as `np.quantile` finds them, which loads more than it needs."""
    places = [(len(draws) - 1) * part for part in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)]
    low, high = np.interp(places, np.arange(len(draws)), np.sort(draws)).tolist()
    return low, high


def _weights(buckets: int) -> tuple[NDArray[np.float64], np.random.Generator]:
    """How much more often than once each draw has each bucket, and what further lots are drawn with."""
    weights, state = _drawn(buckets)
    random = np.random.PCG64(_SEED)
    random.state = state
    return weights, np.random.Generator(random)


def draw_ahead() -> Thread:
    """Begin to draw what an interval of most logs needs, beside other work; whoever needs it waits for the thread."""
    thread = Thread(target=_drawn, args=(BUCKETS,))
    thread.start()
    return thread


@lru_cache(1)
def _drawn(buckets: int) -> tuple[NDArray[np.float64], Any]:
    """The same for every policy over a log; it takes a tenth of a second."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    weights = random.poisson(1.0, (_DRAWS, buckets)).astype(np.float64) - 1.0
    return weights, random.bit_generator.state


def _errors(doubts: list[Doubt], random: np.random.Generator) -> Floats:
    """How much each draw costs more than the projection says."""
    error = np.zeros(_DRAWS)
    common = {name: random.standard_normal(_DRAWS) for name in sorted({doubt.shared_by for doubt in doubts})}
    for doubt in doubts:
        own = random.standard_normal(_DRAWS)
        normal = np.sqrt(_SHARED) * common[doubt.shared_by] + np.sqrt(1 - _SHARED) * own
        error += doubt.amount * np.expm1(doubt.sd * normal - doubt.sd**2 / 2)
    return error
