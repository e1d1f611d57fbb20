"""A policy file as it is written: typed YAML, word for word; what the words mean is the business of other modules."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Condition = dict[str, Any]
"""Column, or `tags.NAME`, -> {operator: operand}, as `{gte: 0.6, lt: 0.9}`; `share` -> a number. All must hold."""

Fraction = Annotated[float, Meta(ge=0, le=1)]
Tokens = Annotated[int, Meta(ge=0)]


class _Part(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A mapping in which a word that is not known is an error."""


class Tier(_Part):
    """A band of approved models."""

    models: Annotated[list[str], Meta(min_length=1)]


class Target(_Part):
    """A model, or a tier of which the cheapest model that can do the call is taken; exactly one of them."""

    model: str | None = None
    tier: str | None = None


class Verifier(_Part):
    """A model that judges the answer of a leg before it is given out; it reads the prompt and the answer."""

    model: str
    output_tokens: Tokens = 20
    input_tokens: Tokens | None = None
    """Where it does not read the whole prompt and answer but so many tokens."""


class Escalate(_Part):
    """How many of the calls that a leg answers go on to the next leg, and what it costs to find out."""

    rate: Fraction | Literal["observed", "prior"] | dict[str, Fraction] = "observed"
    """One rate for all calls, or one by task."""
    floor: Fraction = 0.0
    """No observed rate is taken to be lower."""
    verifier: Verifier | None = None
    carry_answer: bool = False
    """True: the next leg reads the answer before it."""


class Portion(Target, kw_only=True):
    """One way of a split, with its weight."""

    weight: Annotated[float, Meta(gt=0)]


class Then(Target):
    """Where a call goes once its budget is spent."""

    as_logged: bool = False


class Budget(_Part, kw_only=True):
    """Tokens or dollars for each user, team or tag and period, spent in the order of time."""

    per: str = "user"
    every: Literal["day", "week", "month"] = "month"
    tokens: Tokens | None = None
    usd: Decimal | None = None
    then: Then


class Route(_Part):
    """Where the calls of a rule go: exactly one of model, tier, cascade, split, cheapest, decisions and as_logged."""

    model: str | None = None
    tier: str | None = None
    cascade: Annotated[list[Target], Meta(min_length=2)] | None = None
    escalate: Escalate | None = None
    split: Annotated[list[Portion], Meta(min_length=2)] | None = None
    cheapest: list[str] | None = None
    """Of these models the one that is cheapest for the call."""
    decisions: str | None = None
    """A file of call id and model: what another router decided."""
    as_logged: bool = False
    budget: Budget | None = None
    """While it lasts, the route above holds."""
    service_tier: str | None = None
    sticky: Literal["conversation"] | None = None
    """A conversation stays on the model that its first call got."""


class PromptCache(_Part):
    """Prompt caches, simulated in the order of time from the prefixes that calls share."""

    simulate: bool = True
    ttl: str | dict[str, str] | None = None
    """Lifetime as '5m' or '1h', of caches that must be asked for; or one by model or tier, of automatic caches too.

    Each model's own where not said; models that the policy names must sell it.
    """


class ResponseCache(_Part):
    """An answer that is given again to the same prompt, without asking a model."""

    match: Literal["exact"] = "exact"
    ttl: str = "24h"
    when: Condition = {}


class Batch(_Part):
    """Calls that can wait, at the batch price of their model."""

    when: Condition = {}


class Trim(_Part):
    """What is left of each part of a call, as a share of what was logged."""

    system_tokens: Fraction = 1.0
    history_tokens: Fraction = 1.0
    user_tokens: Fraction = 1.0
    tool_tokens: Fraction = 1.0
    output_tokens: Fraction = 1.0


class Levers(_Part):
    """Savings that are not routing; of the whole policy, or of one rule."""

    prompt_cache: PromptCache | None = None
    response_cache: ResponseCache | None = None
    batch: Batch | None = None
    trim: Trim | None = None


class Rule(_Part, kw_only=True):
    """Calls for which every condition holds, and where they go; the first rule that matches wins."""

    name: str
    when: Condition = {}
    route: Route
    levers: Levers | None = None


class Fallback(_Part):
    """What happens when an attempt fails."""

    on: tuple[Literal["error", "timeout", "rate_limit"], ...] = ("error", "timeout", "rate_limit")
    rate: Fraction | Literal["observed"] = "observed"
    retries: Annotated[int, Meta(ge=0, le=10)] = 0
    then: list[str] = []


class Limits(_Part):
    """What a model must keep to, to be given a call."""

    max_cost_per_call: Decimal | None = None
    """USD."""
    p95_latency_ms: Annotated[float, Meta(gt=0)] | None = None
    """Of the model in this log."""


MOST_TIMES = 1000
"""No model needs more times as many tokens as another; beyond, no cost could be reckoned."""
Tokenwise = Literal["projected", "same"] | dict[str, Annotated[float, Meta(gt=0, le=MOST_TIMES)]]
"""How many tokens a call has on another model: projected, the same, or a factor by model."""


class Assume(_Part):
    """Assumptions, each in its place; all of them are printed with the result."""

    input_tokens: Tokenwise = "projected"
    output_tokens: Tokenwise = "projected"

    @property
    def projects(self) -> bool:
        """Whether tokens on other models are projected."""
        return self.input_tokens != "same" or self.output_tokens != "same"


class Document(_Part):
    """A policy file."""

    version: Literal[1]
    name: str
    description: str | None = None
    tiers: dict[str, Tier] = {}
    rules: list[Rule] = []
    fallback: Fallback | None = None
    levers: Levers = msgspec.field(default_factory=Levers)
    limits: Limits = msgspec.field(default_factory=Limits)
    assume: Assume = msgspec.field(default_factory=Assume)
