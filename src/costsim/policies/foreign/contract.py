"""What a translator takes and gives, and what all of them share."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from costsim.errors import ConfigError
from costsim.policies.document import Document, Levers
from costsim.policies.naming import name_of
from costsim.prices import PriceTable

MOST_RETRIES = 10


class Notes(msgspec.Struct):
    """What is carried over in part or not at all, each thing once, in the order of finding it."""

    lines: list[str] = msgspec.field(default_factory=list)

    def add(self, line: str) -> None:
        """Add a line, unless it was said before."""
        if line not in self.lines:
            self.lines.append(line)


class Models(msgspec.Struct, frozen=True):
    """Names of models in the words of policies and of other programs."""

    prices: PriceTable

    def ours(self, provider: str | None, name: str) -> str | None:
        """Return what a policy calls the model that another program calls so; None where it has no price."""
        index = self.prices.index_of(provider, name)
        return name_of(index, self.prices) if index >= 0 else None

    def home(self, name: str) -> tuple[str, str]:
        """Return provider and model of a name in a policy."""
        facts = self.prices.facts(self.prices.index_of(None, name))
        return facts.provider, facts.model

    def context_window(self, name: str) -> int | None:
        """Return how many tokens fit into a model of a policy."""
        return self.prices.facts(self.prices.index_of(None, name)).context_window


Read = Callable[[Any, str, Models, Notes], Document]
"""(plain YAML or JSON, name of the file, models, notes) -> the policy; ConfigError where it is something else."""
Write = Callable[[Document, Models, Notes], Any]
"""(policy, models, notes) -> plain values, to be written as YAML or JSON."""


def mapping(plain: Any, what: str, name: str, hint: str) -> dict[str, Any]:
    """Return a configuration that is a mapping; ConfigError where it is none."""
    if not isinstance(plain, dict):
        raise ConfigError(f"is no configuration of {what}", where=name, hint=hint)
    return {str(key): value for key, value in plain.items()}


def items(value: Any) -> list[dict[str, Any]]:
    """Return the mappings of a list, whatever else is there."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words(value: Any) -> list[str]:
    """Return a word, or the words of a list."""
    return (
        [str(each) for each in value if each] if isinstance(value, list) else [value] if isinstance(value, str) else []
    )


def retries(count: Any, notes: Notes) -> int:
    """Return how often a failed attempt is repeated."""
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        return 0
    if count > MOST_RETRIES:
        notes.add(f"{count} retries: a policy has at most {MOST_RETRIES}")
    return min(count, MOST_RETRIES)


def not_carried(document: Document, carried: frozenset[str], notes: Notes) -> None:
    """Note every part of a policy that no other program has, but for those that this one carries."""
    for part, said in _parts(document):
        if part not in carried:
            notes.add(f"{part}: {said}")


def _parts(document: Document) -> Iterator[tuple[str, str]]:
    yield from _levers(document.levers, "")
    for rule in document.rules:
        if rule.levers:
            yield from _levers(rule.levers, f"rule '{rule.name}': ")
        if rule.route.service_tier:
            yield f"rule '{rule.name}': service_tier", "ask for it in each request"
        if rule.route.budget:
            yield f"rule '{rule.name}': budget", "calls go on when it is spent"
        if rule.route.sticky:
            yield f"rule '{rule.name}': sticky", "a conversation may change its model"
    if document.fallback:
        if document.fallback.rate != "observed":
            yield "fallback.rate", "how often attempts fail is for the provider to say"
        if set(document.fallback.on) != {"error", "timeout", "rate_limit"}:
            yield "fallback.on", "every failure is answered alike"
    for name in document.limits.__struct_fields__:
        if getattr(document.limits, name) is not None:
            yield f"limits.{name}", "a model is not passed over for it"
    for name in document.assume.__struct_fields__:
        if getattr(document.assume, name) != "projected":
            yield f"assume.{name}", "an assumption of the simulation only"


def _levers(levers: Levers, before: str) -> Iterator[tuple[str, str]]:
    said = {
        "prompt_cache": "mark prefixes in the requests, where the provider asks for it",
        "response_cache": "there is no such cache",
        "batch": "send these calls to the provider's batch API",
        "trim": "shorten the requests where they are made",
    }
    for name, how in said.items():
        if getattr(levers, name) is not None:
            yield f"{before}levers.{name}", how
