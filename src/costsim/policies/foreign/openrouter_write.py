"""A policy to what OpenRouter's requests say about routing: one request body for each rule."""

from typing import Any

from costsim.policies.document import Document, Rule, Target
from costsim.policies.foreign.contract import Models, Notes, not_carried

_OPENROUTER = "openrouter"


def write(document: Document, models: Models, notes: Notes) -> dict[str, Any]:
    """Return the body of the only rule, or, of several rules, the body of each by its name."""
    bodies: dict[str, dict[str, Any]] = {}
    for rule in document.rules:
        body = _body(rule, document, models, notes)
        if body:
            bodies[rule.name] = body
        if body and rule.when:
            notes.add(f"rule '{rule.name}': send its body with the calls that it takes ({', '.join(rule.when)})")
    if document.fallback and document.fallback.retries:
        notes.add("fallback.retries: repeat failed requests where you send them")
    not_carried(document, frozenset(), notes)
    only = document.rules[0] if len(document.rules) == 1 else None
    return bodies.get(only.name, {}) if only and not only.when else bodies


def _body(rule: Rule, document: Document, models: Models, notes: Notes) -> dict[str, Any]:
    named = [slug for model in _models(rule, document, notes) if (slug := _slug(model, models, notes))]
    if not named:
        return {}
    after = document.fallback.then if document.fallback else []
    slugs = [*named, *(slug for model in after if (slug := _slug(model, models, notes)))]
    first, *rest = dict.fromkeys(slugs)
    return {"model": first, **({"models": rest} if rest else {})}


def _models(rule: Rule, document: Document, notes: Notes) -> list[str]:
    route = rule.route
    if route.as_logged:
        notes.add(f"rule '{rule.name}': every call keeps its model, so there is nothing to write")
        return []
    if route.decisions:
        notes.add(f"rule '{rule.name}': OpenRouter cannot be told to follow a file of decisions")
        return []
    targets: list[Target] = [*(route.cascade or route.split or [Target(route.model, route.tier)])]
    named = route.cheapest or [model for each in targets for model in _of(each, document)]
    if route.cascade:
        notes.add(f"rule '{rule.name}': OpenRouter judges no answers; its cascade goes on only where a call fails")
    elif route.split:
        notes.add(f"rule '{rule.name}': OpenRouter does not split calls; only the first model of the split is written")
        named = named[:1]
    elif len(named) > 1:
        notes.add(f"rule '{rule.name}': OpenRouter takes the first model that answers, not the cheapest")
    return named


def _of(target: Target, document: Document) -> list[str]:
    return [target.model] if target.model else document.tiers[target.tier or ""].models


def _slug(model: str, models: Models, notes: Notes) -> str | None:
    """OpenRouter's name of a model; the same model at its maker's is billed by OpenRouter instead."""
    provider, name = models.home(model)
    if provider == _OPENROUTER:
        return name
    maker = models.ours(None, name)
    for asked in (f"{provider}/{name}", name, "/".join(models.home(maker)) if maker else name):
        if (found := models.ours(_OPENROUTER, asked)) and models.home(found)[0] == _OPENROUTER:
            notes.add(f"{model} is billed by OpenRouter, as {models.home(found)[1]}")
            return models.home(found)[1]
    notes.add(f"{model} is left out: OpenRouter has no such model in the price table")
    return None
