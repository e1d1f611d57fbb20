"""What a policy file says, checked against what there is: models, tiers, tasks, columns, files."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from costsim.errors import nearest
from costsim.policies import conditions, durations, kinds, names, ttls
from costsim.policies.document import Budget, Condition, Document, Escalate, Levers, Route, Rule, Then
from costsim.policies.mistakes import Mistake, Place
from costsim.policies.names import Aim, aims
from costsim.policies.routes import WAYS
from costsim.policies.wording import name_of
from costsim.prices import TIERS, UNKNOWN_TIER, PriceTable, tier_code


class Known(msgspec.Struct, frozen=True):
    """What the words of a policy can mean."""

    prices: PriceTable
    tasks: Collection[str]
    tiers: Collection[str]
    folder: Path
    """From which files are named."""


def checked(document: Document, known: Known) -> Iterator[Mistake]:
    """Yield everything that the file's form allows and that cannot be; parts that are None were misfits already."""
    if document.name is not None and not document.name.strip():
        yield Mistake(("name",), "the policy has no name")
    yield from _unknown_names(document, known)
    for place, rule in enumerate(document.rules or ()):
        if rule:
            yield from _in_rule(rule, ("rules", place), known)
    yield from _of_each_other(document.rules or ())
    if document.levers:
        yield from _in_levers(document.levers, ("levers",), known)
    yield from _of_lifetimes(document, known)
    yield from ttls.unsold(document, _all_levers(document), known.prices)
    if document.limits and document.limits.max_cost_per_call is not None and document.limits.max_cost_per_call <= 0:
        yield Mistake(("limits", "max_cost_per_call"), "max_cost_per_call: expected an amount above 0 (USD)")


def _unknown_names(document: Document, known: Known) -> Iterator[Mistake]:
    for place, model in names.models(document):
        found = known.prices.resolve(None, model)
        if not found.known:
            yield Mistake(place, *_unknown_model(model, found.nearest, known))
    for place, tier in names.tiers(document):
        if tier not in known.tiers:
            yield Mistake(place, f"tier '{tier}' is not defined", _instead_of_tier(tier, known))


def _unknown_model(name: str, near: Sequence[str], known: Known) -> tuple[str, str]:
    if name in known.tiers:
        return f"'{name}' is a tier, not a model", f"write tier: {name}"
    sellers = [key for key in near if key.partition("/")[2].lower() == name.lower()]
    if len(sellers) > 1:
        return f"model '{name}' is sold by several providers", f"say which, such as {', '.join(sellers)}"
    return f"model '{name}' is not in the price table", _nearest_model(near, known.prices)


def _nearest_model(near: Sequence[str], prices: PriceTable) -> str:
    """The names most like it; without their provider, where that says enough."""
    if not near:
        return "see `costsim prices list`; --prices adds your own"
    short = dict.fromkeys(_short(key, prices) for key in near)
    return f"did you mean {' or '.join(repr(name) for name in short)}?"


def _short(key: str, prices: PriceTable) -> str:
    bare = key.partition("/")[2]
    return bare if prices.resolve(None, bare).known else key


def _instead_of_tier(tier: str, known: Known) -> str:
    if known.prices.resolve(None, tier).known:
        return f"it is a model: write model: {tier}"
    return nearest(tier, known.tiers) if known.tiers else "the policy defines no tiers"


def _in_rule(rule: Rule, path: Place, known: Known) -> Iterator[Mistake]:
    if rule.name is not None and not rule.name.strip():
        yield Mistake((*path, "name"), "the rule has no name")
    yield from _in_conditions(rule.when, (*path, "when"), known)
    if rule.route:
        yield from _in_route(rule.route, (*path, "route"), known)
    if rule.levers:
        yield from _in_levers(rule.levers, (*path, "levers"), known)


def _of_each_other(rules: Sequence[Rule]) -> Iterator[Mistake]:
    """Rules of one name, and rules that no call reaches."""
    names: set[str] = set()
    before: list[tuple[str, Condition]] = []
    for place, rule in enumerate(rules):
        if not rule or rule.name is None:
            continue
        if rule.name in names:
            yield Mistake(("rules", place, "name"), f"two rules are called '{rule.name}'", "reports show rules by name")
        names.add(rule.name)
        if rule.when is None or conditions.read(rule.when)[1]:
            continue
        if taker := next((name for name, when in before if _takes_all_of(when, rule.when)), None):
            hint = f"rule '{taker}' before it takes all its calls"
            yield Mistake(("rules", place), f"rule '{rule.name}' is never reached", hint)
        before.append((rule.name, rule.when))


def _takes_all_of(earlier: Condition, later: Condition) -> bool:
    """Whether the earlier conditions ask for nothing that the later ones do not ask for too; shares nest."""
    share = conditions.SHARE
    return bool(earlier.get(share, 1) >= later.get(share, 1)) and all(
        column in later and asked.items() <= later[column].items()
        for column, asked in earlier.items()
        if column != share
    )


def _in_conditions(when: Condition | None, path: Place, known: Known) -> Iterator[Mistake]:
    for mistake in conditions.read(when or {}, known.tasks)[1]:
        yield mistake.under(path)


def _in_route(route: Route, path: Place, known: Known) -> Iterator[Mistake]:
    ways = [way for way in WAYS if getattr(route, way)]
    if len(ways) != 1:
        said = " and ".join(ways) if ways else "none"
        yield Mistake(path, f"a route names one way, and this one {said}", f"one of {', '.join(WAYS)}")
    for place, aim in aims(route):
        if aim is not route:
            yield from _exactly_one(aim, (*path, *place))
    if route.escalate:
        yield from _in_escalate(route.escalate, (*path, "escalate"), known, cascade=bool(route.cascade))
    if route.budget:
        yield from _in_budget(route.budget, (*path, "budget"))
    if route.decisions and not (known.folder / route.decisions).is_file():
        yield Mistake((*path, "decisions"), f"there is no file '{route.decisions}'", "as seen from the policy's folder")
    if route.sticky is not None and route.cascade:
        hint = "it decides call by call which model answers"
        yield Mistake((*path, "sticky"), "sticky: a cascade keeps no conversation on one model", hint)
    if route.service_tier is not None and tier_code(route.service_tier) == UNKNOWN_TIER:
        hint = nearest(route.service_tier, TIERS)
        yield Mistake((*path, "service_tier"), f"unknown service tier '{route.service_tier}'", hint)


def _exactly_one(target: Aim, path: Place) -> Iterator[Mistake]:
    ways = [way for way in ("model", "tier", "as_logged") if getattr(target, way, None)]
    if len(ways) != 1:
        choice = "model, tier and as_logged" if isinstance(target, Then) else "model and tier"
        hint = f"here: {', '.join(ways) or 'none'}"
        yield Mistake(path, f"{name_of(path)}: expected exactly one of {choice}", hint)


def _in_escalate(escalate: Escalate, path: Place, known: Known, *, cascade: bool) -> Iterator[Mistake]:
    if not cascade:
        yield Mistake(path, "escalate belongs to a cascade, and this route has none")
    if isinstance(escalate.rate, dict):
        for task in escalate.rate:
            if task not in known.tasks:
                yield Mistake((*path, "rate", task), f"unknown task '{task}'", nearest(task, known.tasks))


def _in_budget(budget: Budget, path: Place) -> Iterator[Mistake]:
    if budget.per is not None and kinds.kind_of(budget.per) not in ("word", "tag"):
        of_words = [name for name in kinds.known_columns() if kinds.kind_of(name) == "word"]
        hint = conditions.column_meant(budget.per, of_words)
        yield Mistake((*path, "per"), f"there is no column of words '{budget.per}'", hint)
    if (budget.tokens is None) == (budget.usd is None):
        yield Mistake(path, "a budget is either of tokens or of usd")
    if budget.usd is not None and budget.usd < 0:
        yield Mistake((*path, "usd"), "usd: expected an amount of at least 0")


def _in_levers(levers: Levers, path: Place, known: Known) -> Iterator[Mistake]:
    for name in ("prompt_cache", "response_cache"):
        for wish in ttls.of_ttl(getattr(getattr(levers, name), "ttl", None), (*path, name, "ttl")):
            if not durations.seconds(wish.ttl):
                yield Mistake(wish.place, f"ttl: '{wish.ttl}' is no duration", "such as 30s, 5m, 24h or 7d")
    for name in ("response_cache", "batch"):
        if lever := getattr(levers, name):
            yield from _in_conditions(lever.when, (*path, name, "when"), known)


def _of_lifetimes(document: Document, known: Known) -> Iterator[Mistake]:
    """Lifetimes of prompt caches that name what is not there, or a second one: a model has one cache for all rules."""
    stated: dict[tuple[bool, str], str] = {}
    for place, name, ttl in ttls.of_caches(_all_levers(document)):
        tier = (document.tiers or {}).get(name)
        if name and not tier and not (found := known.prices.resolve(None, name)).known:
            near = nearest(name, known.tiers)
            hint = near if near.startswith("did") else _nearest_model(found.nearest, known.prices)
            yield Mistake(place, f"ttl: '{name}' is neither a tier nor a model", hint)
            continue
        of_models = [(True, model) for model in tier.models or ()] if tier else [(False, name)]
        others = {stated.setdefault(model, ttl) for model in of_models} - {ttl}
        if others:
            whose = f"models of '{name}'" if tier else f"'{name}'" if name else "all caches"
            hint = f"elsewhere {', '.join(sorted(others))}; a model has one cache: ttl: {{MODEL: {ttl}}}"
            yield Mistake(place, f"ttl: a second lifetime for {whose}", hint)


def _all_levers(document: Document) -> Iterator[tuple[Place, Levers]]:
    if document.levers:
        yield ("levers",), document.levers
    for place, rule in enumerate(document.rules or ()):
        if rule and rule.levers:
            yield ("rules", place, "levers"), rule.levers
