"""The models and tiers that a policy names, each with its place in the file."""

from collections.abc import Iterator

from costsim.policies.document import Document, Portion, Route, Target
from costsim.policies.mistakes import Place

Aim = Target | Route
"""What may name a model or a tier."""
Named = Iterator[tuple[Place, str]]


def aims(route: Route) -> Iterator[tuple[Place, Aim]]:
    """Yield the route itself, its legs, its portions, and where it goes once its budget is spent."""
    yield (), route
    legs: dict[str, list[Target] | list[Portion] | None] = {"cascade": route.cascade, "split": route.split}
    for way, targets in legs.items():
        yield from (((way, place), target) for place, target in enumerate(targets or ()) if target)
    if route.budget and route.budget.then:
        yield ("budget", "then"), route.budget.then


def models_of(route: Route) -> Named:
    """Yield the models that a route names."""
    for place, aim in aims(route):
        if aim.model:
            yield (*place, "model"), aim.model
    yield from _listed(("cheapest",), route.cheapest)
    if route.escalate and route.escalate.verifier and route.escalate.verifier.model:
        yield ("escalate", "verifier", "model"), route.escalate.verifier.model


def tiers_of(route: Route) -> Named:
    """Yield the tiers that a route names."""
    return (((*place, "tier"), aim.tier) for place, aim in aims(route) if aim.tier)


def routes(document: Document) -> Iterator[tuple[Place, Route]]:
    """Yield the route of every rule that has one."""
    for place, rule in enumerate(document.rules or ()):
        if rule and rule.route:
            yield ("rules", place, "route"), rule.route


def models(document: Document) -> Named:
    """Yield every model that a policy names."""
    for name, tier in (document.tiers or {}).items():
        if tier:
            yield from _listed(("tiers", name, "models"), tier.models)
    for place, route in routes(document):
        yield from (((*place, *inner), model) for inner, model in models_of(route))
    if document.fallback:
        yield from _listed(("fallback", "then"), document.fallback.then)
    for assumed in ("input_tokens", "output_tokens"):
        factors = getattr(document.assume, assumed, None)
        if isinstance(factors, dict):
            yield from ((("assume", assumed, model), model) for model in factors)


def tiers(document: Document) -> Named:
    """Yield every tier that a route of a policy names."""
    for place, route in routes(document):
        yield from (((*place, *inner), tier) for inner, tier in tiers_of(route))


def _listed(place: Place, names: list[str] | None) -> Named:
    return (((*place, number), name) for number, name in enumerate(names or ()) if name)
