"""A policy to LiteLLM's configuration: a model group for each rule, which callers ask for by its name."""

from collections.abc import Sequence
from typing import Any

from costsim.policies import durations
from costsim.policies.document import Document, Portion, Route, Rule, Target
from costsim.policies.foreign.contract import Models, Notes, not_carried

_PROVIDERS = {
    "google": "gemini",
    "vertex": "vertex_ai",
    "together": "together_ai",
    "fireworks": "fireworks_ai",
}
"""What LiteLLM calls providers, where that is not what the price table calls them."""


def write(document: Document, models: Models, notes: Notes) -> dict[str, Any]:
    """Return the configuration as plain values."""
    return _Writing(document, models, notes).config()


class _Writing:
    def __init__(self, document: Document, models: Models, notes: Notes) -> None:
        self._document, self._models, self._notes = document, models, notes
        self._list: list[dict[str, Any]] = []
        self._fallbacks: list[dict[str, list[str]]] = []
        self._aliases: dict[str, str] = {}

    def config(self) -> dict[str, Any]:
        """Return the whole of it."""
        for rule in self._document.rules:
            self._rule(rule)
        router: dict[str, Any] = {"routing_strategy": self._strategy()}
        fallback = self._document.fallback
        if fallback and fallback.then:
            router["default_fallbacks"] = [self._group_of(model) for model in fallback.then]
        if fallback and fallback.retries:
            router["num_retries"] = fallback.retries
        if self._fallbacks:
            router["fallbacks"] = self._fallbacks
        if self._aliases:
            router["model_group_alias"] = self._aliases
        not_carried(self._document, frozenset({"levers.response_cache"}), self._notes)
        return {"model_list": self._list, "router_settings": router, **self._cache()}

    def _rule(self, rule: Rule) -> None:
        group = self._named(rule)
        route = rule.route
        if route.as_logged:
            self._notes.add(f"rule '{rule.name}': every call keeps its model, so there is nothing to write")
        elif route.decisions:
            self._notes.add(f"rule '{rule.name}': LiteLLM cannot be told to follow a file of decisions")
        elif route.cascade:
            self._cascade(group, rule.name, route.cascade)
        elif route.split:
            for portion in route.split:
                self._add(group, self._of(portion, rule.name)[0], portion.weight)
        else:
            for model in route.cheapest or self._of(Target(route.model, route.tier), rule.name, all_of_them=True):
                self._add(group, model)

    def _named(self, rule: Rule) -> str:
        """The group of a rule: the name that its callers ask for, where that is all that the rule looks at."""
        asked = rule.when.get("requested_model", {})
        names = [asked["is"]] if "is" in asked else list(asked.get("in", []))
        if names and len(rule.when) == 1 and len(asked) == 1:
            self._aliases |= dict.fromkeys(names[1:], names[0])
            return str(names[0])
        looks_at = ", ".join(rule.when) or "nothing: it takes all calls that are left"
        self._notes.add(f"rule '{rule.name}' looks at {looks_at}; send its calls to the model group '{rule.name}'")
        return rule.name

    def _cascade(self, group: str, rule: str, legs: Sequence[Target]) -> None:
        self._notes.add(f"rule '{rule}': LiteLLM judges no answers; its cascade goes on only where a call fails")
        later: list[str] = []
        for place, leg in enumerate(legs):
            name = group if place == 0 else f"{group}-leg-{place + 1}"
            later += [name] if place else []
            for model in self._of(leg, rule, all_of_them=True):
                self._add(name, model)
        self._fallbacks.append({group: later})

    def _of(self, target: Target | Portion, rule: str, *, all_of_them: bool = False) -> list[str]:
        if target.model:
            return [target.model]
        models = self._document.tiers[target.tier or ""].models
        if len(models) > 1 and not all_of_them:
            self._notes.add(f"rule '{rule}': of tier '{target.tier}' only {models[0]} is taken into the split")
        return models

    def _add(self, group: str, model: str, weight: float | None = None) -> None:
        provider, name = self._models.home(model)
        params: dict[str, Any] = {"model": self._theirs(provider, name, model)}
        if weight is not None:
            params["weight"] = weight
        self._list.append({"model_name": group, "litellm_params": params})

    def _theirs(self, provider: str, name: str, model: str) -> str:
        theirs = f"{_PROVIDERS.get(provider, provider)}/{name}"
        if self._models.ours(None, theirs) != model:
            self._notes.add(f"{model}: check its name '{theirs}' in the model_list")
        return theirs

    def _group_of(self, model: str) -> str:
        """A group of this model alone; one is added where there is none."""
        groups: dict[str, list[str]] = {}
        provider, name = self._models.home(model)
        theirs = self._theirs(provider, name, model)
        for entry in self._list:
            groups.setdefault(entry["model_name"], []).append(entry["litellm_params"]["model"])
        for group, deployed in groups.items():
            if deployed == [theirs]:
                return group
        self._add(model, model)
        return model

    def _strategy(self) -> str:
        cheapest = [rule.name for rule in self._document.rules if _several(rule.route, self._document)]
        split = [rule.name for rule in self._document.rules if rule.route.split]
        if cheapest and split:
            self._notes.add(f"rule '{cheapest[0]}': not the cheapest, for the whole router splits by weight")
        return "cost-based-routing" if cheapest and not split else "simple-shuffle"

    def _cache(self) -> dict[str, Any]:
        cache = self._document.levers.response_cache
        if cache is None:
            return {}
        if cache.when:
            self._notes.add("levers.response_cache.when: all calls are cached")
        return {"litellm_settings": {"cache": True, "cache_params": {"ttl": durations.seconds(cache.ttl)}}}


def _several(route: Route, document: Document) -> bool:
    """Whether the cheapest of several models is wanted."""
    tiers = [route.tier, *(leg.tier for leg in route.cascade or ())]
    return bool(route.cheapest) or any(len(document.tiers[tier].models) > 1 for tier in tiers if tier)
