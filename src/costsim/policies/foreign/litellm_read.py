"""LiteLLM's proxy or router configuration to a policy: a rule for each model group that callers ask for."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from costsim.errors import ConfigError
from costsim.policies.document import Condition, Document, Fallback, Levers, Portion, ResponseCache, Route, Rule
from costsim.policies.foreign.contract import Models, Notes, items, mapping, retries, words

_HINT = "it has no model_list"
_CONNECTION = ("api_key", "api_base", "api_version", "organization", "custom_llm_provider", "base_url", "extra_headers")
_CONNECTION_STARTS = ("aws_", "vertex_", "azure_", "watsonx_", "client_", "tenant_")
_WEIGHTS = ("weight", "rpm", "tpm")
"""What LiteLLM shuffles by: the first of these that the first deployment of a group states."""
_CHEAPEST = "cost-based-routing"
_SHUFFLE = "simple-shuffle"
_CARRIED = {
    "router_settings": {"fallbacks", "default_fallbacks", "context_window_fallbacks", "num_retries",
                        "routing_strategy", "model_group_alias"},
    "litellm_settings": {"fallbacks", "default_fallbacks", "context_window_fallbacks", "num_retries", "cache",
                         "cache_params"},
}  # fmt: skip


class _Deployment(NamedTuple):
    model: str
    weight: float


class _Group(NamedTuple):
    deployments: list[_Deployment]
    asked_as: list[str]
    """The group's name and its aliases."""

    @property
    def models(self) -> list[str]:
        return [each.model for each in self.deployments]


def read(plain: Any, name: str, models: Models, notes: Notes) -> Document:
    """Return the policy of a configuration; calls for groups that it does not have keep their model."""
    config = mapping(plain, "LiteLLM", name, _HINT)
    if not isinstance(config.get("model_list"), list):
        raise ConfigError("is no configuration of LiteLLM", where=name, hint=_HINT)
    settings = _settings(config)
    groups = _groups(config, settings, models, notes)
    rules = [
        *_long_ones(settings, groups, models, notes),
        *(_rule(name, group, str(settings.get("routing_strategy", _SHUFFLE)), notes) for name, group in groups.items()),
    ]
    _note_rest(config, notes)
    return Document(
        version=1,
        name="from-litellm",
        rules=rules,
        fallback=_fallback(settings, groups, notes),
        levers=Levers(response_cache=_cache(settings, notes)),
    )


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    """The router's settings over those of the proxy: both may say the same things."""
    merged: dict[str, Any] = {}
    for section in ("litellm_settings", "router_settings"):
        if isinstance(config.get(section), dict):
            merged |= config[section]
    return merged


def _groups(config: dict[str, Any], settings: dict[str, Any], models: Models, notes: Notes) -> dict[str, _Group]:
    entries: dict[str, list[dict[str, Any]]] = {}
    for entry in items(config["model_list"]):
        name = str(entry.get("model_name", ""))
        if "*" in name or not name:
            notes.add(f"model_list: '{name}' stands for many models; calls for them keep their model")
        else:
            entries.setdefault(name, []).append(entry)
    aliases = _aliases(settings)
    found: dict[str, _Group] = {}
    for name, several in entries.items():
        deployments = _merged(_deployments(name, several, models, notes))
        if deployments:
            found[name] = _Group(deployments, [name, *aliases.get(name, [])])
        else:
            notes.add(f"model_list: '{name}' has no model with a price; calls for it keep their model")
    return found


def _aliases(settings: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    aliases = settings.get("model_group_alias")
    for alias, group in aliases.items() if isinstance(aliases, dict) else ():
        target = group.get("model") if isinstance(group, dict) else group
        found.setdefault(str(target), []).append(str(alias))
    return found


def _deployments(group: str, entries: list[dict[str, Any]], models: Models, notes: Notes) -> Iterator[_Deployment]:
    parameters = [_parameters(entry, group, notes) for entry in entries]
    by = next((key for key in _WEIGHTS if parameters[0].get(key)), None) if parameters else None
    for entry, params in zip(entries, parameters, strict=True):
        base = (entry.get("model_info") or {}).get("base_model")
        target = str(base or params.get("model", ""))
        _note_parameters(params, group, by, notes)
        if model := models.ours(None, target):
            yield _Deployment(model, float(params.get(by) or 0) if by else 1.0)
        else:
            notes.add(f"model_list: '{target}' of '{group}' is not in the price table (--prices adds it)")


def _parameters(entry: dict[str, Any], group: str, notes: Notes) -> dict[str, Any]:
    """What is said of a deployment: limits may stand beside its parameters or among them."""
    for key in entry:
        if key not in ("model_name", "litellm_params", "model_info", *_WEIGHTS):
            notes.add(f"model_list: {key} of '{group}'")
    beside = {key: entry[key] for key in _WEIGHTS if key in entry}
    return {**beside, **(entry.get("litellm_params") or {})}


def _note_parameters(params: dict[str, Any], group: str, by: str | None, notes: Notes) -> None:
    for key in params:
        if key in _CONNECTION or key.startswith(_CONNECTION_STARTS):
            notes.add("litellm_params: keys and addresses, which are no part of a policy")
        elif key in ("rpm", "tpm"):
            notes.add(f"litellm_params.{key} of '{group}'" + (", but as a weight" if key == by else ""))
        elif key not in ("model", "weight"):
            notes.add(f"litellm_params.{key} of '{group}'")


def _merged(deployments: Iterator[_Deployment]) -> list[_Deployment]:
    """Deployments of one model are one: they cost the same."""
    weights: dict[str, float] = {}
    for each in deployments:
        weights[each.model] = weights.get(each.model, 0) + each.weight
    used = {model: weight for model, weight in weights.items() if weight > 0}
    return [_Deployment(model, weight) for model, weight in used.items()]


def _rule(name: str, group: _Group, strategy: str, notes: Notes) -> Rule:
    return Rule(name=name, when=_asked(group), route=_route(name, group, strategy, notes))


def _asked(group: _Group) -> Condition:
    names = group.asked_as
    return {"requested_model": {"is": names[0]} if len(names) == 1 else {"in": names}}


def _route(name: str, group: _Group, strategy: str, notes: Notes) -> Route:
    if len(group.deployments) == 1:
        return Route(model=group.models[0])
    if strategy == _CHEAPEST:
        return Route(cheapest=group.models)
    if strategy != _SHUFFLE:
        notes.add(f"routing_strategy '{strategy}': '{name}' is split by weight, for its load is not in a log")
    return Route(split=[Portion(model=each.model, weight=each.weight) for each in group.deployments])


def _long_ones(settings: dict[str, Any], groups: dict[str, _Group], models: Models, notes: Notes) -> Iterator[Rule]:
    """Rules for calls that do not fit: LiteLLM finds out by an error, a policy by their length."""
    for name, targets in _pairs(settings.get("context_window_fallbacks")):
        target = next((groups[each] for each in targets if each in groups), None)
        windows = [models.context_window(model) for model in groups[name].models] if name in groups else []
        known = [window for window in windows if window]
        if target is None or not known:
            notes.add(f"context_window_fallbacks of '{name}': nothing with a price or a known window")
            continue
        when = {**_asked(groups[name]), "input_tokens": {"gt": min(known)}}
        yield Rule(name=f"{name} (too long)", when=when, route=_route(name, target, _SHUFFLE, notes))


def _pairs(fallbacks: Any) -> Iterator[tuple[str, list[str]]]:
    for each in items(fallbacks):
        yield from ((str(group), words(targets)) for group, targets in each.items())


def _fallback(settings: dict[str, Any], groups: dict[str, _Group], notes: Notes) -> Fallback | None:
    """The default fallbacks, else those of a group: a policy has one fallback for all its rules."""
    pairs = list(_pairs(settings.get("fallbacks")))
    default = words(settings.get("default_fallbacks"))
    chosen = default or next((targets for _, targets in pairs), [])
    for group, targets in pairs:
        if targets != chosen:
            notes.add(f"fallbacks of '{group}' ({', '.join(targets)}): a policy has one fallback for all rules")
        elif not default and len(groups) > len(pairs):
            notes.add(f"fallbacks of '{group}' now hold for all rules")
    then = [model for each in chosen if each in groups for model in groups[each].models]
    for each in chosen:
        if each not in groups:
            notes.add(f"fallbacks: there is no model group '{each}' with a price")
    repeated = retries(settings.get("num_retries"), notes)
    return Fallback(retries=repeated, then=list(dict.fromkeys(then))) if then or repeated else None


def _cache(settings: dict[str, Any], notes: Notes) -> ResponseCache | None:
    if settings.get("cache") is not True:
        return None
    params = settings.get("cache_params") or {}
    for key in params:
        if key not in ("ttl", "type"):
            notes.add(f"cache_params.{key}")
    if "semantic" in str(params.get("type", "")):
        notes.add("cache_params.type: a semantic cache; only exact repetitions are simulated")
    ttl = params.get("ttl")
    if not isinstance(ttl, int | float) or ttl < 1:
        notes.add("cache_params: no ttl is stated; 24h is assumed")
        return ResponseCache()
    return ResponseCache(ttl=f"{int(ttl)}s")


def _note_rest(config: dict[str, Any], notes: Notes) -> None:
    for section, value in config.items():
        if section in _CARRIED and isinstance(value, dict):
            for key in value:
                if key not in _CARRIED[section]:
                    notes.add(f"{section}.{key}")
        elif section != "model_list":
            notes.add(section)
