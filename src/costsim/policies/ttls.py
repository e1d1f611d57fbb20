"""The lifetimes that a policy asks for its prompt caches, and whether the models that it names sell them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from costsim.policies import durations, names
from costsim.policies.document import Document, Levers, PromptCache
from costsim.policies.mistakes import Mistake, Place
from costsim.prices import ModelFacts, PriceTable


class Wish(NamedTuple):
    """One `ttl`, or one entry of it."""

    place: Place
    name: str
    """A tier or a model; empty for all caches that must be asked for."""
    ttl: str


def of_ttl(ttl: str | dict[str, str] | None, place: Place) -> Iterator[Wish]:
    """Yield what a `ttl` at a place asks for."""
    if isinstance(ttl, dict):
        yield from (Wish((*place, name), name, each) for name, each in ttl.items() if each is not None)
    elif ttl is not None:
        yield Wish(place, "", ttl)


def of_caches(levers: Iterable[tuple[Place, Levers]]) -> list[Wish]:
    """Return what levers, each with its place, ask of prompt caches."""
    return [
        wish
        for place, each in levers
        if each.prompt_cache
        for wish in of_ttl(each.prompt_cache.ttl, (*place, "prompt_cache", "ttl"))
    ]


def by_model(
    wishes: Sequence[Wish], tiers: Mapping[str, Sequence[str]], prices: PriceTable
) -> Iterator[tuple[Wish, list[int] | None]]:
    """Yield each wish with the models that it is for, those that count more later.

    First of all caches that must be asked for (None), then of tiers, then of single models.
    """
    yield from ((wish, None) for wish in wishes if not wish.name)
    for wish in sorted((wish for wish in wishes if wish.name), key=lambda wish: wish.name not in tiers):
        found = [prices.index_of(None, model) for model in tiers.get(wish.name, (wish.name,))]
        yield wish, [index for index in found if index >= 0]


def sold(facts: ModelFacts) -> tuple[str, ...]:
    """Return the lifetimes that caches of a model may have, the shortest first; none where that is not known.

    Those with a price, and the model's own. Where no lifetime has a price, an automatic cache may be kept for as long
    as its provider lets one ask, and one whose entries reading does not prolong is rented for as long as one likes.
    """
    own = () if facts.cache_seconds is None else (durations.text(facts.cache_seconds),)
    only_own = facts.cache_automatic is False and facts.cache_refreshed is True
    if not facts.cache_lifetimes and not only_own:
        return ()
    return tuple(sorted({*own, *facts.cache_lifetimes}, key=lambda each: durations.seconds(each) or 0))


def sells(facts: ModelFacts, ttl: str) -> bool:
    """Return whether caches of a model may live so long, by all that is known."""
    return not sold(facts) or _surely_sells(facts, ttl)


def _surely_sells(facts: ModelFacts, ttl: str) -> bool:
    return durations.seconds(ttl) in map(durations.seconds, sold(facts))


def unsold(document: Document, levers: Iterable[tuple[Place, Levers]], prices: PriceTable) -> Iterator[Mistake]:
    """Yield the lifetimes that a model which the policy names does not sell.

    Nothing is asked of a model without a cache, and of what only a log or a file of decisions names, nothing is known
    here: a replay keeps its own lifetime.
    """
    tiers = {name: tier.models or () for name, tier in (document.tiers or {}).items() if tier}
    spelled = {prices.index_of(None, model): model for _, model in names.models(document) if model}
    simulated = {prices.index_of(None, model) for model in _simulated(document)} - {-1}
    asked: dict[int, Wish] = {}
    for wish, models in by_model(of_caches(levers), tiers, prices):
        if durations.seconds(wish.ttl):
            on_request = (each for each in simulated if prices.facts(each).cache_automatic is False)
            asked |= dict.fromkeys(on_request if models is None else models, wish)
    having = {
        wish: index
        for index, wish in sorted(asked.items(), reverse=True)
        if _surely_sells(prices.facts(index), wish.ttl)
    }
    for index, wish in sorted(asked.items()):
        facts = prices.facts(index)
        if not sells(facts, wish.ttl):
            own = sold(facts)
            hint = f"say {' or '.join(own)}"
            if wish in having:
                hint += f", or ask it of single models: ttl: {{{spelled[having[wish]]}: {wish.ttl}}}"
            what = f"ttl: '{spelled.get(index, wish.name)}' has caches of {' and '.join(own)}, and none of {wish.ttl}"
            yield Mistake(wish.place, what, hint)


def _simulated(document: Document) -> Iterator[str]:
    """The models that a policy names whose cache is simulated: in no rule without the lever, and in no verifier."""
    below = document.levers.prompt_cache if document.levers else None
    caching = {place for place, rule in enumerate(document.rules or ()) if rule and _simulates(rule.levers, below)}
    if not caching and not _simulates(None, below):
        return
    used = [(tier, where[1] in caching) for where, tier in names.tiers(document)]
    idle = {tier for tier, _ in used} - {tier for tier, caches in used if caches}
    for (part, inner, *rest), model in names.models(document):
        answers = part == "rules" and inner in caching and "verifier" not in rest
        if part == "fallback" or (part == "tiers" and inner not in idle) or answers:
            yield model


def _simulates(own: Levers | None, below: PromptCache | None) -> bool:
    lever = own.prompt_cache if own and own.prompt_cache else below
    return lever is not None and bool(lever.simulate)
