"""Models in three bands by what a typical call costs on them: a log's own, and the cheaper ones of their providers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from costsim.app.policies.traffic import Traffic
from costsim.cost import Usage, price
from costsim.policies import ready
from costsim.policies.loading import parse
from costsim.policies.naming import name_of
from costsim.policies.policy import Policy
from costsim.prices import NO_TIME, PriceTable, tier_code

BANDS = ("cheap", "balanced", "frontier")
_PATTERN = "three-tier"
"""The ready policy whose models are looked for at a log's own providers, and stand in where those have none."""
_CHEAP, _FRONTIER = 0.3, 0.7
"""Bands end at these parts of the price of the log's dearest model that counts."""
_COUNTS = 0.01
"""The part of the cost from which a model counts: a single call of a giant must not make all others cheap."""
_MOST = 4
"""Models in a tier; more are no choice but a list."""


@dataclass(frozen=True)
class Model:
    """A model that a policy may name."""

    index: int
    name: str
    """As a policy names it."""
    cost: int
    """Of a typical call, in 10^-12 USD."""
    spent: int
    """What it costs in the log; 0 for one that the log does not have."""
    retired: bool
    """Whether it is no longer served: it has a band, and is in no tier."""


@dataclass(frozen=True)
class Bands:
    """The models of each band, those that cost most in the log first."""

    tiers: dict[str, list[Model]]
    of: dict[int, str]
    """Index of a model of the log -> its band."""
    borrowed: tuple[str, ...]
    """Bands for which neither the log nor its providers have a model."""
    dearest: bool
    """Whether some of the log's models cost much more than the cheapest that could do their work."""


def bands_of(traffic: Traffic, prices: PriceTable) -> Bands:
    """Return the bands of the models of a log, and of what their providers sell beside them."""
    typical = _Typical(traffic, prices)
    spent = {index: part.cost for index, part in traffic.by_model().items()}
    pattern = parse(ready.text_of(_PATTERN), _PATTERN, prices)
    own = [model for index, cost in spent.items() if (model := typical.model(index, cost))]
    siblings = [model for index in _siblings(spent, pattern, prices) if (model := typical.model(index, 0))]
    least = sum(spent.values()) * _COUNTS
    top = max((model.cost for model in own if model.spent >= least), default=0)
    dearest = any(2 * model.cost <= top for model in (*own, *siblings))
    if dearest:
        siblings = [model for model in siblings if model.cost < top]
    else:
        top = max((model.cost for model in (*own, *siblings)), default=0)
    tiers = _divided([*own, *siblings], top)
    of = {model.index: band for band, models in tiers.items() for model in models if model.spent}
    tiers = {band: [model for model in models if not model.retired] for band, models in tiers.items()}
    borrowed = tuple(band for band in BANDS if not tiers[band])
    for band in borrowed:
        indices = (prices.index_of(None, name) for name in pattern.tiers[band])
        tiers[band] = [model for index in indices if (model := typical.model(index, 0))]
    return Bands({band: models[:_MOST] for band, models in tiers.items()}, of, borrowed, dearest)


def _divided(models: list[Model], top: int) -> dict[str, list[Model]]:
    """The bands; where one of the outer has several models and the middle none, it gives one away."""
    ranked = sorted(models, key=lambda model: (-model.spent, model.cost))
    tiers: dict[str, list[Model]] = {band: [] for band in BANDS}
    for model in ranked:
        place = 0 if model.cost <= _CHEAP * top else 2 if model.cost > _FRONTIER * top else 1
        tiers[BANDS[place]].append(model)
    cheap, balanced, frontier = (tiers[band] for band in BANDS)
    if not balanced and _differ(frontier):
        balanced.append(min(frontier, key=lambda model: model.cost))
        frontier.remove(balanced[0])
    elif not balanced and _differ(cheap):
        balanced.append(max(cheap, key=lambda model: model.cost))
        cheap.remove(balanced[0])
    return tiers


def _differ(models: list[Model]) -> bool:
    return len({model.cost for model in models}) > 1


def _siblings(spent: dict[int, int], pattern: Policy, prices: PriceTable) -> Iterator[int]:
    """Models that the providers of a log sell and the log does not have: their small ones, and those of the pattern."""
    seen = set(spent)
    for provider, models in _by_provider(spent, prices).items():
        small = [found for each in models if (found := prices.small_model(provider, each)) is not None]
        sold = [prices.index_of(provider, name) for name in pattern.models()]
        for index in (*small, *sold):
            if index >= 0 and index not in seen and prices.facts(index).provider == provider:
                seen.add(index)
                yield index


def _by_provider(spent: dict[int, int], prices: PriceTable) -> dict[str, list[str]]:
    """The models of a log, by their providers."""
    found: dict[str, list[str]] = {}
    for facts in map(prices.facts, spent):
        found.setdefault(facts.provider, []).append(facts.model)
    return found


class _Typical:
    """What a typical call of a log costs on any model."""

    def __init__(self, traffic: Traffic, prices: PriceTable) -> None:
        whole = traffic.total()
        self._prices = prices
        self._input = max(1, whole.input_tokens // max(1, whole.calls))
        self._output = max(1, whole.output_tokens // max(1, whole.calls))

    def model(self, index: int, spent: int) -> Model | None:
        """Return a chat model with its price for a typical call; None where a policy cannot name it or it has none."""
        facts = self._prices.facts(index)
        name = name_of(index, self._prices)
        retired = facts.retires is not None and facts.retires <= self._prices.newest
        if name is None or facts.mode != "chat":
            return None
        costs = price(
            Usage(
                model=np.array([index]),
                at=np.array([NO_TIME]),
                tier=np.array([tier_code(None)]),
                input_tokens=np.array([self._input]),
                output_tokens=np.array([self._output]),
            ),
            self._prices,
        )
        if not costs.known[0] or costs.cost[0] <= 0:
            return None
        return Model(index, name, int(costs.cost[0]), spent, retired)
