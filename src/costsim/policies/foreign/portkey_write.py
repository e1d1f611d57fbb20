"""A policy to Portkey's gateway configuration: a target for each rule, chosen by conditions."""

from typing import Any

from costsim.policies import durations
from costsim.policies.columns import TAGS
from costsim.policies.document import Condition, Document, Route, Rule, Target
from costsim.policies.foreign import portkey_words as theirs
from costsim.policies.foreign.contract import Models, Notes, not_carried

_KEEP = "as-requested"
_ALL = frozenset({"error", "timeout", "rate_limit"})


def write(document: Document, models: Models, notes: Notes) -> dict[str, Any]:
    """Return the configuration as plain values."""
    return _Writing(document, models, notes).config()


class _Writing:
    def __init__(self, document: Document, models: Models, notes: Notes) -> None:
        self._document, self._models, self._notes = document, models, notes

    def config(self) -> dict[str, Any]:
        """Return the whole of it."""
        config = self._routes()
        fallback = self._document.fallback
        codes = [code for failure in fallback.on for code in theirs.CODES[failure]] if fallback else []
        only_some = fallback is not None and set(fallback.on) != _ALL
        if fallback and fallback.then:
            strategy = {"mode": "fallback", **({"on_status_codes": codes} if only_some else {})}
            config = {"strategy": strategy, "targets": [config, *map(self._model, fallback.then)]}
        if fallback and fallback.retries:
            config["retry"] = {"attempts": fallback.retries, **({"on_status_codes": codes} if only_some else {})}
        cache = self._document.levers.response_cache
        if cache:
            config["cache"] = {"mode": "simple", "max_age": durations.seconds(cache.ttl)}
            if cache.when:
                self._notes.add("levers.response_cache.when: all calls are cached")
        not_carried(self._document, frozenset({"levers.response_cache", "fallback.on"}), self._notes)
        return config

    def _routes(self) -> dict[str, Any]:
        rules = self._document.rules
        if len(rules) == 1 and not rules[0].when:
            return self._target(rules[0].route, rules[0].name)
        conditions, targets = [], []
        default = _KEEP
        for rule in rules:
            query = _query(self._without_operation(rule))
            if query is None:
                self._leave_out(rule)
                continue
            targets.append({"name": rule.name, **self._target(rule.route, rule.name)})
            if query:
                conditions.append({"query": query, "then": rule.name})
            else:
                default = rule.name
        if not conditions:
            return {key: value for key, value in targets[0].items() if key != "name"} if targets else {}
        if default == _KEEP:
            targets.append({"name": _KEEP})
        strategy = {"mode": "conditional", "conditions": conditions, "default": default}
        return {"strategy": strategy, "targets": targets}

    def _without_operation(self, rule: Rule) -> Condition:
        """The conditions but for chat or not, which whoever sends the requests decides."""
        if "operation" in rule.when:
            self._notes.add(f"rule '{rule.name}' looks at operation: use the configuration for such calls only")
        return {column: asked for column, asked in rule.when.items() if column != "operation"}

    def _leave_out(self, rule: Rule) -> None:
        """A rule with a condition less would take other calls, so it is left out as a whole."""
        when = self._without_operation(rule)
        unknown = ", ".join(column for column, asked in when.items() if _asked(column, asked) is None)
        self._notes.add(f"rule '{rule.name}' is left out: Portkey cannot look at {unknown} (send it as metadata)")

    def _target(self, route: Route, rule: str) -> dict[str, Any]:
        if route.as_logged:
            return {}
        if route.decisions:
            self._notes.add(f"rule '{rule}': Portkey cannot be told to follow a file of decisions")
            return {}
        if route.split:
            parts = [{**self._model(self._of(each, rule)[0]), "weight": each.weight} for each in route.split]
            return {"strategy": {"mode": "loadbalance"}, "targets": parts}
        legs = route.cascade or [Target(route.model, route.tier)]
        models = route.cheapest or [model for leg in legs for model in self._of(leg, rule)]
        if route.cascade:
            self._notes.add(f"rule '{rule}': Portkey judges no answers; its cascade goes on only where a call fails")
        elif len(models) > 1:
            self._notes.add(f"rule '{rule}': Portkey takes the first model that answers, not the cheapest")
        if len(models) == 1:
            return self._model(models[0])
        return {"strategy": {"mode": "fallback"}, "targets": [self._model(model) for model in models]}

    def _of(self, target: Target, rule: str) -> list[str]:
        if target.model:
            return [target.model]
        models = self._document.tiers[target.tier or ""].models
        if len(models) > 1:
            self._notes.add(f"rule '{rule}': tier '{target.tier}' is tried in its order, not from the cheapest")
        return models

    def _model(self, model: str) -> dict[str, Any]:
        provider, name = self._models.home(model)
        return {"provider": theirs.PROVIDERS.get(provider, provider), "override_params": {"model": name}}


def _query(when: Condition) -> dict[str, Any] | None:
    """Conditions as a query; None where Portkey cannot ask one of them."""
    parts = [_asked(column, asked) for column, asked in when.items()]
    if any(part is None for part in parts):
        return None
    found = {word: operators for part in parts if part for word, operators in part.items()}
    return {"$and": [{word: operators} for word, operators in found.items()]} if len(found) > 1 else found


def _asked(column: str, asked: Any) -> dict[str, Any] | None:
    tag = column.removeprefix(TAGS)
    word = theirs.METADATA + tag if tag != column else theirs.COLUMNS.get(column)
    if word is None or not isinstance(asked, dict):
        return None
    operators: dict[str, Any] = {}
    for name, operand in asked.items():
        if name == "not" and isinstance(operand, list):
            operators[theirs.NOT_IN] = operand
        elif name == "between":
            operators |= {"$gte": operand[0], "$lte": operand[1]}
        elif name in theirs.OPERATORS:
            operators[theirs.OPERATORS[name]] = operand
        else:
            return None
    return {word: operators}
