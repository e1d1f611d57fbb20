"""Models in three bands by what a typical call costs on them: a log's own, and what its providers sell beside them."""

from collections.abc import Iterable, Iterator
from math import isqrt

import msgspec
import numpy as np

from costsim.app.policies.traffic import Sum, Traffic
from costsim.cost import Usage, price
from costsim.policies import ready
from costsim.policies.loading import parse
from costsim.policies.naming import name_of
from costsim.policies.policy import Policy
from costsim.prices import NO_TIME, PriceTable, tier_code

BANDS = ("cheap", "balanced", "frontier")
PATTERN = "three-tier"
"""The ready policy between whose tiers bands part, and whose models fill those for which a log has none."""
_COUNTS = 0.01
"""The part of the calls, or of the cost, from which a model counts as one that is in use."""
_MOST = 4
"""Models in a tier; more are no choice but a list."""


class Model(msgspec.Struct, frozen=True):
    """A model that a policy may name."""

    index: int
    name: str
    """As a policy names it."""
    cost: int
    """Of a typical call, in 10^-12 USD."""
    spent: int
    """What it costs in the log; 0 for one that the log does not have."""
    calls: int
    """How many the log has."""
    retires: str
    """The day from which it is no longer served (YYYY-MM-DD); empty where the price table has none."""
    retired: bool
    """Whether that day has come: it has a band, and is in no tier."""


Tiers = dict[str, list[Model]]
Ends = tuple[int, int]
"""The prices up to which models are cheap, and up to which they are balanced."""


class Bands(msgspec.Struct, frozen=True):
    """The models of each band, the cheapest first; every model of a band costs less than any of those after it."""

    tiers: Tiers
    of: dict[int, str]
    """Index of a model of the log -> its band."""
    borrowed: tuple[str, ...]
    """Bands for which neither the log nor its providers have a model."""
    dearest: bool
    """Whether a model that is in use is none of the cheap ones."""


def bands_of(traffic: Traffic, prices: PriceTable) -> Bands:
    """Return the bands of the models of a log, and of what their providers sell where it has none of a band."""
    typical = _Typical(traffic, prices)
    by_model = traffic.by_model()
    pattern: Tiers = {
        band: typical.models((prices.index_of(None, name), Sum()) for name in names)
        for band, names in _pattern(prices).tiers.items()
    }
    own = typical.models(by_model.items())
    siblings = typical.models((index, Sum()) for index in _siblings(by_model, prices))
    whole = traffic.total()
    used = [model for model in own if max(model.calls / whole.calls, model.spent / max(1, whole.cost)) >= _COUNTS]
    ends: Ends = _between(pattern["cheap"], pattern["balanced"]), _between(pattern["balanced"], pattern["frontier"])
    at_hand = _filled(_divided(used, ends), (_divided(siblings, ends), _divided(own, ends)))
    ends = _parted(at_hand, ends)
    tiers = _divided([model for models in at_hand.values() for model in models], ends)
    borrowed = tuple(band for band in BANDS if not tiers[band])
    of = {model.index: _band(model, ends) for model in own}
    return Bands(
        tiers={band: _most_used(models) for band, models in _filled(tiers, (pattern,)).items()},
        of=of,
        borrowed=borrowed,
        dearest=any(of[model.index] != "cheap" for model in used),
    )


def _pattern(prices: PriceTable) -> Policy:
    return parse(ready.text_of(PATTERN), PATTERN, prices)


def _between(below: list[Model], above: list[Model]) -> int:
    """The price that is as many times the dearest below as the cheapest above is times it."""
    return isqrt(max((model.cost for model in below), default=0) * min((model.cost for model in above), default=0))


def _band(model: Model, ends: Ends) -> str:
    return BANDS[sum(model.cost > end for end in ends)]


def _divided(models: list[Model], ends: Ends) -> Tiers:
    """The models that are still served, by band."""
    return {band: [model for model in models if not model.retired and _band(model, ends) == band] for band in BANDS}


def _filled(tiers: Tiers, others: Iterable[Tiers]) -> Tiers:
    """The tiers, and where one has no model those of the first of the others that has."""
    return {band: next((found for each in (tiers, *others) if (found := each[band])), []) for band in BANDS}


def _parted(tiers: Tiers, ends: Ends) -> Ends:
    """Where the bands end so that one without a model gets the nearest of a neighbour that has several prices."""
    cheap, balanced, frontier = (sorted({model.cost for model in tiers[band]}) for band in BANDS)
    low, high = ends
    if not balanced and len(frontier) > 1:
        high = frontier[0]
    elif not balanced and len(cheap) > 1:
        low = cheap[-1] - 1
    elif not cheap and len(balanced) > 1:
        low = balanced[0]
    elif not frontier and len(balanced) > 1:
        high = balanced[-1] - 1
    return low, high


def _most_used(models: list[Model]) -> list[Model]:
    """Those with the most calls, whatever these cost; the cheapest stands first, as it gets what it can do."""
    most = sorted(models, key=lambda model: (-model.calls, model.cost, model.name))[:_MOST]
    return sorted(most, key=lambda model: (model.cost, -model.calls, model.name))


def _siblings(seen: Iterable[int], prices: PriceTable) -> Iterator[int]:
    """Models that the providers of a log sell and the log does not have: their small ones, and those of the pattern."""
    seen = set(seen)
    names = _pattern(prices).models()
    for provider, models in _by_provider(sorted(seen), prices).items():
        small = [found for each in models if (found := prices.small_model(provider, each)) is not None]
        sold = [prices.index_of(provider, name) for name in names]
        for index in (*small, *sold):
            if index >= 0 and index not in seen and prices.facts(index).provider == provider and prices.is_own(index):
                seen.add(index)
                yield index


def _by_provider(models: Iterable[int], prices: PriceTable) -> dict[str, list[str]]:
    """The models of a log, by their providers."""
    found: dict[str, list[str]] = {}
    for facts in map(prices.facts, models):
        found.setdefault(facts.provider, []).append(facts.model)
    return found


def price_of(call: Sum, model: int, prices: PriceTable) -> int:
    """Return what a call of so many tokens costs on a model today, in 10^-12 USD; 0 where that is not known."""
    costs = price(
        Usage(
            model=np.array([model]),
            at=np.array([NO_TIME]),
            tier=np.array([tier_code(None)]),
            input_tokens=np.array([max(1, call.input_tokens)]),
            output_tokens=np.array([max(1, call.output_tokens)]),
            cache_read_tokens=np.array([call.cache_read_tokens]),
            cache_write_tokens=np.array([call.cache_write_tokens]),
        ),
        prices,
    )
    return max(0, int(costs.cost[0])) if costs.known[0] else 0


class _Typical:
    """What a typical call of a log costs on any model."""

    def __init__(self, traffic: Traffic, prices: PriceTable) -> None:
        self._prices = prices
        self._call = traffic.total().typical()
        self._today = max(prices.newest, traffic.last_day)

    def models(self, named: Iterable[tuple[int, Sum]]) -> list[Model]:
        """Return the chat models among these that a policy can name, with their prices for a typical call."""
        return [model for index, part in named if (model := self._model(index, part))]

    def _model(self, index: int, part: Sum) -> Model | None:
        facts, name = self._prices.facts(index), name_of(index, self._prices)
        if name is None or facts.mode != "chat":
            return None
        if not (cost := price_of(self._call, index, self._prices)):
            return None
        retires = facts.retires or ""
        retired = "" < retires <= self._today
        return Model(index, name, cost, part.cost, part.calls, retires, retired)
