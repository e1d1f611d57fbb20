"""Kinds of calls: what calls of one route, task and model have in common, so that like is compared with like.

A cache hit, thinking, or a limit on the answer splits the calls of one route into some that cost many times as much as
others. How many of each came to a log is chance, and would drown what a change does to each of them.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from costsim.summary.dimensions import Codes
from costsim.summary.gate.baseline import Kind, Level
from costsim.summary.gate.spread import ModelKey, by_bucket, ratio, short
from costsim.summary.priced import Bools, Ints, Priced
from costsim.summary.printed import money
from costsim.summary.tally import sums_by

COLUMNS = ("user_tokens", "max_output_tokens", "reasoning_tokens")
PLAIN = "plain"
REPEAT = "repeat"
WORDS = ("cache read", "cache write", "limit", "reasoning", "no answer", REPEAT)
"""What is said of a kind, in this order."""

KindKey = tuple[str | None, str | None, str | None, str]
CALLS, SIZE, COST, LN_COST, LN_INPUT, LN_OUTPUT = range(6)
"""Calls; ln(1 + tokens of the user's message) in 10^-3; cost in 10^-9 USD; logarithms in 10^-6."""
LOGARITHMS = {"ln_cost": LN_COST, "ln_input": LN_INPUT, "ln_output": LN_OUTPUT}
_MILLI, _MICRO, _NANO = 1_000, 1_000_000, 1_000
_FEW = 4
"""So many calls, in as many clusters, tell a mean, a slope and an error."""
_ALIKE = 0.01
"""Messages whose sizes spread by less explain nothing of a cost."""


class KindSums(msgspec.Struct):
    """What the calls of a kind add up to."""

    buckets: Ints
    """Each of the six measures by bucket of conversations."""
    cost: int
    """10^-12 USD."""
    products: list[int]
    """Size times itself, and times each of the measures after it."""

    def add(self, other: "KindSums") -> None:
        """Add the sums of other calls."""
        self.buckets, self.cost = self.buckets + other.buckets, self.cost + other.cost
        self.products = [a + b for a, b in zip(self.products, other.products, strict=True)]


def kinds_of(priced: Priced, again: Bools) -> Codes:
    """Return the kind of each call; `again`: whether it repeats what was tried before."""
    flags = (
        priced.count("cache_read_tokens") > 0,
        priced.count("cache_write_tokens") > 0,
        priced.stated("max_output_tokens"),
        priced.count("reasoning_tokens") > 0,
        priced.count("output_tokens") == 0,
        again,
    )
    codes = sum((flag.astype(np.int64) << place for place, flag in enumerate(flags)), np.zeros(len(priced), np.int64))
    return codes, [_named(code) for code in range(1 << len(WORDS))]


def _named(code: int) -> str:
    return ", ".join(word for place, word in enumerate(WORDS) if code >> place & 1) or PLAIN


def measures_of(priced: Priced, rows: Ints) -> list[Ints]:
    """Return the six measures of some calls, all of which cost something."""
    cost = priced.replay.cost[rows]
    counts = [cost, priced.count("input_tokens")[rows], priced.count("output_tokens")[rows]]
    size = np.round(np.log1p(priced.count("user_tokens")[rows]) * _MILLI).astype(np.int64)
    logarithms = [np.round(np.log(np.maximum(count, 1)) * _MICRO).astype(np.int64) for count in counts]
    return [np.ones(len(rows), np.int64), size, cost // _NANO, *logarithms]


def sums_of_kinds(codes: Ints, kinds: int, bucket: Ints, cost: Ints, measures: Sequence[Ints]) -> list[KindSums]:
    """Return the sums of each kind; cost in 10^-12 USD."""
    buckets, costs = by_bucket(codes, kinds, bucket, measures), sums_by(codes, kinds, cost)
    products = zip(*(sums_by(codes, kinds, measures[SIZE] * each) for each in measures[SIZE:]), strict=True)
    return [KindSums(sums, paid, list(each)) for sums, paid, each in zip(buckets, costs, products, strict=True)]


def first_tries(kind: str) -> bool:
    """Return whether the calls of a kind try something for the first time."""
    return not kind.endswith(REPEAT)


def level_of(key: ModelKey, kinds: Sequence[KindSums]) -> Level:
    """Return what the buckets of a model, some kinds together, tell of its logarithms."""
    sums = np.sum([kind.buckets for kind in kinds], axis=0)
    used = sums[:, sums[CALLS] > 0]
    found = [ratio(used[place], used[CALLS]) for place in LOGARITHMS.values()]
    pairs = [None if each is None else (short(each[0] / _MICRO), short(each[1] / _MICRO)) for each in found]
    return Level(*key, int(used.shape[1]), *pairs)


def kind_of(key: KindKey, sums: KindSums) -> Kind | None:
    """Return what the buckets of a kind tell of its mean cost and its logarithms; None of too few calls."""
    used = sums.buckets[:, sums.buckets[CALLS] > 0]
    calls, clusters = int(used[CALLS].sum()), used.shape[1]
    if min(calls, clusters) < _FEW:
        return None
    mean, spread = used[SIZE].sum() / calls, _centred(sums.products[0], used[SIZE], used[SIZE], calls)
    spread = spread if spread > calls * (_ALIKE * _MILLI) ** 2 else 0.0
    fits = {place: _fitted(used, sums.products[place - SIZE], spread, place) for place in range(COST, LN_OUTPUT + 1)}
    cost_mean, cost_slope, cost_error = fits[COST]
    if not cost_mean:  # less than 10^-9 USD a call
        return None
    return Kind(
        *key,
        calls,
        clusters,
        money(sums.cost),
        (short(mean / _MILLI), short((spread / calls) ** 0.5 / _MILLI)),
        (short(cost_slope / cost_mean), short(cost_error / cost_mean)),
        *(_in_units(fits[place]) for place in LOGARITHMS.values()),
    )


def _in_units(fit: tuple[float, float, float]) -> tuple[float, float, float]:
    mean, slope, error = (short(each / _MICRO) for each in fit)
    return mean, slope, error


def _centred(product: int, first: Ints, second: Ints, calls: int) -> float:
    """A sum of products around the means, exact before it is rounded."""
    return float(product * calls - int(first.sum()) * int(second.sum())) / calls


def _fitted(used: Ints, product: int, spread: float, place: int) -> tuple[float, float, float]:
    """Mean of a measure, its slope on the size (by one unit of ln), and the error of the mean at a given size."""
    calls, clusters = float(used[CALLS].sum()), used.shape[1]
    mean, size = used[place].sum() / calls, used[SIZE].sum() / calls
    slope = _centred(product, used[SIZE], used[place], int(calls)) / spread if spread > 0 else 0.0
    rest = used[place] - mean * used[CALLS] - slope * (used[SIZE] - size * used[CALLS])
    free = clusters - 1 - (slope != 0)
    return mean, slope * _MILLI, float(clusters / free * (rest @ rest)) ** 0.5 / calls
