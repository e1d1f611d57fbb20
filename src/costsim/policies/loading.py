"""A policy file to a checked policy: everything that can be wrong with it is found here, before a log is read."""

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from costsim.decode import parse_yaml
from costsim.errors import ConfigError, ConfigMistakesError, nearest
from costsim.policies import conditions, names, ready
from costsim.policies.checks import Known, checked
from costsim.policies.document import Document, Levers
from costsim.policies.mistakes import Mistake, located
from costsim.policies.numbers import without_huge
from costsim.policies.policy import Policy, Rule
from costsim.policies.typed import typed
from costsim.prices import PriceTable
from costsim.tasks import TASKS


def load(path: Path, prices: PriceTable, tasks: Collection[str] | None = None) -> Policy:
    """Return the policy of a file, or the ready one of that name where there is no such file.

    ConfigMistakesError tells everything that is wrong, each with file and line. `tasks`: the task types that there are.
    """
    return parse(text_of(path), str(path), prices, tasks)


def text_of(path: Path) -> str:
    """Return the YAML of a file, or of the ready policy of that name where there is no such file."""
    if str(path) in ready.READY and not path.exists():
        return ready.text_of(str(path))
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as problem:
        raise ConfigError("there is no such file", where=str(path), hint=_ready_hint(str(path))) from problem
    except UnicodeDecodeError as problem:
        raise ConfigError("is no text in UTF-8", where=str(path)) from problem
    except OSError as problem:
        raise ConfigError(f"cannot be read: {problem.strerror}", where=str(path)) from problem


def _ready_hint(name: str) -> str:
    near = nearest(name, ready.READY)
    return near if near.startswith("did") else f"ready policies: {', '.join(ready.READY)}"


def parse(text: str, name: str, prices: PriceTable, tasks: Collection[str] | None = None) -> Policy:
    """Return the policy of YAML text; `name` is what errors call the file, and where the files that it names are."""
    document = read(text, name, prices, tasks)
    policy = _policy(document, name, Path(name).parent)
    return replace(policy, warnings=tuple(map(str, located(_warnings(document, prices), text, name))))


def read(text: str, name: str, prices: PriceTable, tasks: Collection[str] | None = None) -> Document:
    """Return YAML text as a document in which nothing is wrong; arguments and errors as for `parse`."""
    plain, huge = without_huge(_without_own(parse_yaml(text, Any, name), name))
    document, mistakes = typed(plain, Document)
    mistakes = [*huge, *(each for each in mistakes if each.path not in {number.path for number in huge})]
    if isinstance(document, Document):
        known = Known(prices, tasks if tasks is not None else TASKS, _tiers(document), Path(name).parent)
        mistakes += [each for each in checked(document, known) if not _follows(each, mistakes)]
    if mistakes:
        raise ConfigMistakesError(located(mistakes, text, name))
    assert isinstance(document, Document)
    return document


def _tiers(document: Document) -> Collection[str]:
    """The tiers that there are; where they are a misfit as a whole, every one that is named."""
    return [tier for _, tier in names.tiers(document)] if document.tiers is None else list(document.tiers)


def _without_own(plain: Any, name: str) -> Any:
    """The file without what users keep in it for anchors: keys that begin with `x-`."""
    if plain is None:
        raise ConfigError("the file is empty", where=name, hint="`costsim policy init` writes one to begin with")
    if not isinstance(plain, dict):
        return plain
    return {key: each for key, each in plain.items() if not str(key).startswith("x-")}


def _follows(mistake: Mistake, misfits: list[Mistake]) -> bool:
    """Whether something is only missing because a part of it was a misfit."""
    depth = len(mistake.path)
    return any(len(misfit.path) > depth and misfit.path[:depth] == mistake.path for misfit in misfits)


def _policy(document: Document, source: str, folder: Path) -> Policy:
    for rule in document.rules:
        if rule.route.decisions:
            rule.route.decisions = str(folder / rule.route.decisions)
    return Policy(
        name=document.name,
        hash=_hash(document),
        source=source,
        rules=tuple(
            Rule(rule.name, conditions.compile(rule.when), rule.route, _laid_over(rule.levers, document.levers))
            for rule in document.rules
        ),
        tiers={name: tuple(tier.models) for name, tier in document.tiers.items()},
        fallback=document.fallback,
        levers=document.levers,
        limits=document.limits,
        assume=document.assume,
    )


def _laid_over(own: Levers | None, below: Levers) -> Levers:
    """The rule's levers, and the policy's where the rule has none of its own."""
    if own is None:
        return below
    stated = {name: lever for name in own.__struct_fields__ if (lever := getattr(own, name)) is not None}
    return replace(below, **stated)


def _hash(document: Document) -> str:
    """A text that differs whenever the policy means something else."""
    digest = hashlib.blake2b(msgspec.json.encode(document, order="deterministic"), digest_size=8)
    for rule in document.rules:
        if rule.route.decisions:
            digest.update(Path(rule.route.decisions).read_bytes())
    return digest.hexdigest()


def _warnings(document: Document, prices: PriceTable) -> Iterator[Mistake]:
    """What is allowed, and yet hardly meant."""
    if not document.rules and document.levers == Levers():
        yield Mistake((), "the policy has no rules and no levers: it changes nothing")
    for place, model in names.models(document):
        retired = prices.facts(prices.index_of(None, model)).retires
        if retired and retired <= prices.newest:
            yield Mistake(place, f"model '{model}' was retired on {retired}", "later calls cannot be routed to it")
