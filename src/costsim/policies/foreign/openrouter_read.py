"""What OpenRouter requests say about routing, to a policy: models in order, and which providers serve them."""

from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from costsim.errors import ConfigError
from costsim.policies.document import Document, Fallback, Route, Rule
from costsim.policies.foreign.contract import Models, Notes, mapping, words
from costsim.prices import NO_TIME, UNIT_CODE, tier_code

_HINT = "a request with model or models, or several by name"
_CARRIED = {"order", "only", "sort", "max_price", "allow_fallbacks", "require_parameters"}
_PROVIDERS = {"google-vertex": "vertex", "google-ai-studio": "google", "amazon-bedrock": "bedrock", "x-ai": "xai",
              "z-ai": "zai", "moonshotai": "moonshot"}  # fmt: skip
_ROUTING = {"model", "models", "provider", "route"}
_NOT_A_POLICY = {"messages", "prompt", "stream", "temperature", "max_tokens", "top_p", "tools", "response_format",
                 "user", "seed", "stop", "usage", "tool_choice"}  # fmt: skip
_ALL = "all-calls"
_UNITS = {"prompt": "input", "completion": "output"}


def read(plain: Any, name: str, models: Models, notes: Notes) -> Document:
    """Return the policy of a request: all calls to its first model, the others where that fails.

    Of several requests by name, as `openrouter_write` writes them, each is for the calls of the route of that name.
    """
    body = mapping(plain, "OpenRouter", name, _HINT)
    bodies = {_ALL: body} if _slugs(body) else body
    if not bodies or not all(isinstance(each, dict) and _slugs(each) for each in bodies.values()):
        raise ConfigError("is no request of OpenRouter", where=name, hint=_HINT)
    routed = {which: _routed(each, name, models, notes) for which, each in bodies.items()}
    then = next(iter(routed.values()))[1]
    if len(routed) > 1:
        notes.add("no request says which calls it is for: each is taken for the calls of the route of its name")
    for which, (_, own) in routed.items():
        if own != then:
            notes.add(f"models after the first of '{which}': a policy has one fallback for all rules")
    return Document(
        version=1,
        name="from-openrouter",
        rules=[
            Rule(name=which, when={} if len(routed) == 1 else {"route": {"is": which}}, route=route)
            for which, (route, _) in routed.items()
        ],
        fallback=Fallback(then=then) if then else None,
    )


def _slugs(body: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys([*words(body.get("model")), *words(body.get("models"))]))


def _routed(body: dict[str, Any], name: str, models: Models, notes: Notes) -> tuple[Route, list[str]]:
    """The route of one request, and what follows where it fails."""
    slugs = _slugs(body)
    preferences = body.get("provider")
    wishes = preferences if isinstance(preferences, dict) else {}
    _note_rest(body, wishes, notes)
    asked = [_sellers(slug, wishes, models, notes) for slug in slugs]
    found = _affordable([each for each in asked if each], wishes.get("max_price"), models, notes)
    if not found:
        raise ConfigError("names no model with a price", where=name, hint="--prices adds your own")
    by_price = _sort(wishes) == "price" or any(slug.endswith(":floor") for slug in slugs[:1])
    first, rest = found[0], [model for each in found[1:] for model in each]
    if by_price and len(first) > 1:
        route = Route(cheapest=first)
    else:
        route = Route(model=first[0])
        rest = [*([] if wishes.get("allow_fallbacks") is False else first[1:]), *rest]
    return route, [model for model in dict.fromkeys(rest) if model != route.model]


def _sellers(slug: str, wishes: dict[str, Any], models: Models, notes: Notes) -> list[str]:
    """The model at each of the providers that the request names; at OpenRouter's own price where it names none."""
    name, _, variant = slug.partition(":")
    if variant and variant != "floor":
        notes.add(f"the variant ':{variant}' of {name}, but where it has a price of its own")
    wanted = words(wishes.get("only")) or words(wishes.get("order"))
    found: list[str] = []
    for provider in wanted:
        ours = _PROVIDERS.get(provider.lower(), provider.lower().partition("/")[0])
        if model := models.ours(ours, name.partition("/")[2]):
            found.append(model)
    if wanted and len(found) < len(wanted):
        notes.add(f"provider: not all of {', '.join(wanted)} have a price of their own for {name}")
    own = models.ours("openrouter", slug) or models.ours("openrouter", name) or models.ours(None, name)
    if not found and own is None:
        notes.add(f"model '{slug}' is not in the price table (--prices adds it); it is left out")
    return list(dict.fromkeys(found)) or ([own] if own else [])


def _affordable(asked: list[list[str]], limits: Any, models: Models, notes: Notes) -> list[list[str]]:
    """The models within `max_price`, which is in USD per million tokens."""
    if not isinstance(limits, dict):
        return asked
    for key in limits:
        if key not in _UNITS:
            notes.add(f"provider.max_price.{key}")
    kept = [[model for model in each if _within(model, limits, models, notes)] for each in asked]
    return [each for each in kept if each]


def _within(model: str, limits: dict[str, Any], models: Models, notes: Notes) -> bool:
    prices = models.prices
    index = np.array([prices.index_of(None, model)])
    rows = prices.rows(index, np.array([NO_TIME]), np.array([tier_code(None)]), np.array([0]))
    for key, unit in _UNITS.items():
        try:
            most = Decimal(str(limits[key])).scaleb(6)  # USD per million -> 10^-12 USD each
        except (KeyError, InvalidOperation):
            continue
        if most < int(prices.rates[rows.row[0], UNIT_CODE[unit]]):
            notes.add(f"{model} is left out: it is dearer than provider.max_price.{key}")
            return False
    return True


def _note_rest(body: dict[str, Any], wishes: dict[str, Any], notes: Notes) -> None:
    for key in body:
        if key in _NOT_A_POLICY:
            notes.add("what is asked (messages, temperature ...), which is no part of a policy")
        elif key not in _ROUTING:
            notes.add(key)
    for key in wishes:
        if key not in _CARRIED:
            notes.add(f"provider.{key}")
        elif key == "sort" and _sort(wishes) != "price":
            notes.add(f"provider.sort: '{_sort(wishes)}' is not in a price table, so the order given is kept")


def _sort(wishes: dict[str, Any]) -> str:
    """What providers are sorted by: a word, or {by: word}."""
    sort = wishes.get("sort", "")
    return str(sort.get("by", "") if isinstance(sort, dict) else sort)
