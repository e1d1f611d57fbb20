"""What is known about one model besides its rates, and what a name lookup answers."""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

Capability = Literal["tools", "json", "vision", "audio", "reasoning"]


class ModelFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One model of one provider; None is 'the table does not say'.

    Dates are YYYY-MM-DD, sizes are tokens.
    """

    provider: str
    model: str
    region: str | None = None
    mode: str = "chat"
    context_window: int | None = None
    max_output_tokens: int | None = None
    cache_automatic: bool | None = None
    """Whether prompts are cached without being asked to."""
    cache_min_tokens: int | None = None
    """Prompts shorter than this are never cached."""
    cache_step: int | None = None
    """Reads from the cache are whole multiples of so many tokens."""
    cache_seconds: int | None = None
    """How long an entry is kept if nothing else is asked for."""
    cache_refreshed: bool | None = None
    """Whether every read of an entry begins its lifetime anew."""
    cache_lifetimes: tuple[str, ...] = ()
    """Lifetimes of a cache write that have a price: some of '5m', '30m', '1h', '12h'."""
    capabilities: tuple[Capability, ...] = ()
    thresholds: tuple[int, ...] = ()
    """Prompt sizes from which (inclusive) another price holds for the whole request."""
    minimums: dict[str, int] = {}
    """Unit -> the least number of it that a request is billed for."""
    free: dict[str, int] = {}
    """Unit -> how many are free, over all models that share the quota."""
    free_per: str = "day"
    """Every day or every month (UTC)."""
    tokenizer: str | None = None
    """Models of one family count the same tokens in a text."""
    released: str | None = None
    retires: str | None = None
    """The first day on which it is no longer served."""
    retires_source: str = ""
    """Who says so, or that no day is announced; empty where a price list gave the day."""
    retires_checked: str = ""
    retires_note: str = ""
    source: str = ""
    checked: str = ""

    @property
    def key(self) -> str:
        """The name under which reports show the model: provider/model."""
        return f"{self.provider}/{self.model}" + (f" ({self.region})" if self.region else "")

    def can(self, capability: Capability) -> bool | None:
        """Whether the model has a capability; None where the table names none of its capabilities."""
        return capability in self.capabilities if self.capabilities else None


class Resolution(msgspec.Struct, frozen=True):
    """What a model's name means: the model's index in the table, or -1 with the nearest names."""

    index: int
    why: str
    """One sentence: how the name was read, or why it could not be."""
    nearest: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the name has prices."""
        return self.index >= 0


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """What is free every day or month, over all its models together."""

    name: str
    """provider/group, or provider/model for one that shares with no other."""
    unit: str
    count: int
    per: str
    """day or month, in UTC."""
    models: tuple[int, ...]
    """Indices in the table."""


class Commitment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee for every calendar month (UTC), with the tokens, input and output, that it includes."""

    name: str
    match: str
    """A glob over provider/model."""
    fee_usd: Decimal
    tokens: int
    from_: date | None = msgspec.field(name="from", default=None)
    until: date | None = None
    """The last day; the fee is due for every month of which a day is between the two."""
