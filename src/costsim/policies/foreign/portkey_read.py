"""Portkey's gateway configuration to a policy: strategies of targets, conditions on metadata and parameters."""

from collections.abc import Iterator
from typing import Any, Literal

from costsim.errors import ConfigError
from costsim.policies import conditions
from costsim.policies.columns import TAGS
from costsim.policies.document import Condition, Document, Fallback, Levers, Portion, ResponseCache, Route, Rule
from costsim.policies.foreign import portkey_words as theirs
from costsim.policies.foreign.contract import Models, Notes, items, mapping, retries

_HINT = "it has no strategy, targets, provider or override_params"
_MARKS = {"strategy", "targets", "provider", "virtual_key", "override_params", "cache", "retry"}
_TARGET = {"name", "provider", "virtual_key", "api_key", "weight", "strategy", "targets", "override_params", "cache",
           "retry"}  # fmt: skip
_REST = "all-calls"
_COLUMN_OF = {word: column for column, word in theirs.COLUMNS.items()}
_OPERATOR_OF = {word: name for name, word in theirs.OPERATORS.items()} | {theirs.NOT_IN: "not"}

Failure = Literal["error", "timeout", "rate_limit"]


def read(plain: Any, name: str, models: Models, notes: Notes) -> Document:
    """Return the policy of a configuration."""
    config = mapping(plain, "Portkey", name, _HINT)
    if not _MARKS & config.keys():
        raise ConfigError("is no configuration of Portkey", where=name, hint=_HINT)
    return _Reading(config, models, notes).document()


class _Reading:
    def __init__(self, config: dict[str, Any], models: Models, notes: Notes) -> None:
        self._config, self._models, self._notes = config, models, notes
        self._then: list[str] = []
        self._on: list[Failure] = []

    def document(self) -> Document:
        """Return the policy."""
        self._note_keys(self._config, "the configuration")
        rules = list(self._rules(self._config))
        retry = self._config.get("retry") or {}
        self._on += self._failures(retry.get("on_status_codes"))
        repeated = retries(retry.get("attempts"), self._notes)
        fallback = Fallback(retries=repeated, then=self._then) if self._then or repeated else None
        if fallback and self._on:
            fallback.on = tuple(dict.fromkeys(self._on))
        return Document(
            version=1, name="from-portkey", rules=rules, fallback=fallback, levers=Levers(response_cache=self._cache())
        )

    def _rules(self, config: dict[str, Any]) -> Iterator[Rule]:
        mode, targets = _mode(config), items(config.get("targets"))
        if mode == "fallback" and targets:
            self._on += self._failures(config["strategy"].get("on_status_codes"))
            self._then += [model for target in targets[1:] for model in self._single(target)]
            yield from self._rules(targets[0])
        elif mode == "conditional":
            self._note_keys(config, "a conditional strategy")
            yield from self._conditional(config, targets)
        else:
            route = self._route(config)
            if not route.as_logged:
                yield Rule(name=_REST, route=route)

    def _conditional(self, config: dict[str, Any], targets: list[dict[str, Any]]) -> Iterator[Rule]:
        named = {str(target.get("name")): target for target in targets}
        strategy = config["strategy"]
        taken: set[str] = set()
        for condition in items(strategy.get("conditions")):
            to = str(condition.get("then"))
            for when in self._alternatives(condition.get("query"), to):
                yield Rule(name=_unique(to, taken), when=when, route=self._route(named.get(to, {})))
        default = str(strategy.get("default", ""))
        if default and not (route := self._route(named.get(default, {}))).as_logged:
            yield Rule(name=_unique(default, taken), route=route)

    def _alternatives(self, query: Any, to: str) -> Iterator[Condition]:
        """The conditions of a query; a query with $or has several."""
        branches = query["$or"] if isinstance(query, dict) and list(query) == ["$or"] else [query]
        for branch in branches:
            when = _understood(branch)
            if when and not conditions.read(when)[1]:
                yield when
            else:
                self._notes.add(f"conditions: the query for '{to}' ({branch}) cannot be asked of a log; it is left out")

    def _route(self, target: dict[str, Any]) -> Route:
        mode, targets = _mode(target), items(target.get("targets"))
        self._note_keys(target, str(target.get("name", "a target")))
        if mode == "loadbalance" and len(targets) > 1:
            portions = [
                Portion(model=model, weight=float(each.get("weight", 1)))
                for each in targets
                if each.get("weight", 1) > 0
                for model in self._single(each)[:1]
            ]
            if len(portions) > 1:
                return Route(split=portions)
            targets = [each for each in targets if self._single(each)]
        if mode == "fallback" and len(targets) > 1:
            self._notes.add("strategy: a fallback inside a target; its first target is taken")
        found = self._single(targets[0] if targets else target)
        return Route(model=found[0]) if found else Route(as_logged=True)

    def _single(self, target: dict[str, Any]) -> list[str]:
        """The model of a target; none where it takes the request's own, or one without a price."""
        if targets := items(target.get("targets")):
            return self._single(targets[0])
        self._note_keys(target, str(target.get("name", "a target")))
        parameters = target.get("override_params") or {}
        for key in parameters:
            if key != "model":
                self._notes.add(f"override_params.{key}")
        if not (name := parameters.get("model")):
            return []
        provider = str(target.get("provider") or "").lstrip("@") or None
        if str(name).startswith("@"):  # @provider/model
            provider, _, name = str(name)[1:].partition("/")
        found = self._models.ours(theirs.OURS.get(provider or "", provider), name) or self._models.ours(None, name)
        if found is None:
            self._notes.add(f"model '{name}' is not in the price table (--prices adds it); its calls keep their model")
        return [found] if found else []

    def _note_keys(self, target: dict[str, Any], what: str) -> None:
        what = "the configuration" if target is self._config else what
        for key in target:
            if key not in _TARGET or key in ("api_key", "virtual_key"):
                self._notes.add(f"{key} of {what}")
        if target is not self._config:
            for key in {"cache", "retry"} & target.keys():
                self._notes.add(f"{key} of {what}: only the whole configuration's is")

    def _failures(self, codes: Any) -> Iterator[Failure]:
        for code in codes if isinstance(codes, list) else ():
            yield "rate_limit" if code == 429 else "timeout" if code in theirs.CODES["timeout"] else "error"

    def _cache(self) -> ResponseCache | None:
        cache = self._config.get("cache")
        if not isinstance(cache, dict):
            return None
        if cache.get("mode") != "simple":
            self._notes.add("cache: a semantic cache; only exact repetitions are simulated")
            return None
        age = cache.get("max_age")
        if not isinstance(age, int) or age < 1:
            self._notes.add("cache: no max_age is stated; 24h is assumed")
            return ResponseCache()
        return ResponseCache(ttl=f"{age}s")


def _mode(target: dict[str, Any]) -> str:
    strategy = target.get("strategy")
    return str(strategy.get("mode", "single")) if isinstance(strategy, dict) else "single"


def _understood(query: Any) -> Condition | None:
    """A query as conditions; None where a policy cannot ask so."""
    found: Condition = {}
    for word, asked in query.items() if isinstance(query, dict) else ():
        if word == "$and" and isinstance(asked, list):
            parts = [_understood(each) for each in asked]
        else:
            parts = [_of_column(str(word), asked)]
        for part in parts:
            if part is None or any(operator in found.get(column, {}) for column in part for operator in part[column]):
                return None
            for column, operators in part.items():
                found.setdefault(column, {}).update(operators)
    return found


def _of_column(word: str, asked: Any) -> Condition | None:
    column = TAGS + word.removeprefix(theirs.METADATA) if word.startswith(theirs.METADATA) else _COLUMN_OF.get(word)
    operators = asked if isinstance(asked, dict) else {"$eq": asked}
    if column is None or not all(operator in _OPERATOR_OF for operator in operators):
        return None
    return {column: {_OPERATOR_OF[operator]: operand for operator, operand in operators.items()}}


def _unique(name: str, taken: set[str]) -> str:
    """The name of a rule: two rules may lead to one target."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    taken.add(found)
    return found
