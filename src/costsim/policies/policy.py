"""A policy, understood and checked: ordered rules, of which the first that takes a call decides."""

from collections.abc import Iterator, Mapping
from itertools import chain

import msgspec

from costsim.policies import document, names
from costsim.policies.columns import TAGS
from costsim.policies.conditions import Conditions, compile
from costsim.policies.document import Assume, Fallback, Levers, Limits, Route


class Rule(msgspec.Struct, frozen=True):
    """Calls for which the conditions hold, and where they go."""

    name: str
    conditions: Conditions
    route: Route
    levers: Levers
    """The rule's own, laid over the policy's."""


class Policy(msgspec.Struct, frozen=True):
    """Everything that a replay must know of a policy file; a call that no rule takes keeps its model."""

    name: str
    hash: str
    """Of what the policy means: comments and spaces do not count, the content of a decisions file does."""
    source: str
    """The file, as the user named it."""
    rules: tuple[Rule, ...]
    tiers: Mapping[str, tuple[str, ...]]
    fallback: Fallback | None
    levers: Levers
    limits: Limits
    assume: Assume
    warnings: tuple[str, ...] = ()
    """`file:line: what (hint)` of what is allowed, and yet hardly meant."""
    decided: tuple[str, ...] = ()
    """The models that its files of decisions name, where these have been read."""

    def columns(self) -> set[str]:
        """Return the columns of `calls` that its conditions, budgets, decisions and sticky routes read."""
        found: set[str] = set()
        for rule in self.rules:
            found |= rule.conditions.columns() | _of_route(rule.route)
        for levers in self.all_levers():
            for when in conditions_of(levers):
                found |= compile(when).columns()
        return found

    def all_levers(self) -> list[Levers]:
        """Return the levers of the calls that no rule takes, and of every rule."""
        return [self.levers, *(rule.levers for rule in self.rules)]

    def models(self) -> tuple[str, ...]:
        """Return every model that it names, itself or in a file of decisions, in the order of appearance."""
        in_routes = (name for rule in self.rules for _, name in names.models_of(rule.route))
        after = self.fallback.then if self.fallback else ()
        return tuple(dict.fromkeys((*chain.from_iterable(self.tiers.values()), *in_routes, *self.decided, *after)))

    def choices(self, route: Route) -> tuple[str, ...]:
        """Return every model that a route of this policy may choose, in the order of appearance."""
        targets = [route, *(route.cascade or ()), *(route.split or ()), *([route.budget.then] if route.budget else ())]
        found: list[str] = []
        for target in targets:
            found += [target.model] if target.model is not None else []
            found += self.tiers[target.tier] if target.tier is not None else ()
        return tuple(dict.fromkeys((*found, *(route.cheapest or ()))))


def conditions_of(levers: Levers) -> Iterator[document.Condition]:
    """Yield the conditions of those levers that have some."""
    if levers.response_cache:
        yield levers.response_cache.when
    if levers.batch:
        yield levers.batch.when


def _of_route(route: Route) -> set[str]:
    found: set[str] = set()
    if route.budget:
        per = route.budget.per
        found |= {"tags" if per.startswith(TAGS) else per, "started_at"}
    if route.sticky:
        found |= {"conversation_id", "started_at"}
    if route.decisions:
        found.add("call_id")
    return found
