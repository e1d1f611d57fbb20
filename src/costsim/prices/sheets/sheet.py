"""The shape of the price files: what `pricing/*.yaml` and a user's own file may say, as typed structs."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from costsim.prices.facts import Capability, Commitment

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Rates = dict[str, Decimal]
"""Unit -> USD per million tokens (characters, pixels), thousand searches (requests), or thing."""
Tokens = Annotated[int, msgspec.Meta(gt=0)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Hours = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$")]


class Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates of requests whose whole prompt is above (or, with `at_least`, not below) so many tokens."""

    tokens: Tokens
    at_least: bool = False
    rates: Rates


class TierPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates of one service tier, with its own long-context levels."""

    rates: Rates
    above: list[Level] = []


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates that hold at some hours of some weekdays; hours are UTC, the weekday is that of `zone`."""

    hours: tuple[Hours, ...] = ("00:00-24:00",)
    weekdays: list[Day] = []
    zone: str = "UTC"
    rates: Rates
    above: list[Level] = []


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model costs from a day on, until the next price of the list."""

    from_: date | None = msgspec.field(name="from", default=None)
    """The first day (UTC); without one the price has always held, as far as is known."""
    hour: Clock | None = None
    """The UTC time of that day at which it began to hold."""
    rates: Rates
    above: list[Level] = []
    tiers: dict[str, TierPrice] = {}
    windows: list[Window] = []
    regions: dict[str, Decimal] = {}
    """Region -> what every token rate is multiplied by there; `other` is any region but `global`."""
    source: str = ""
    checked: date | None = None
    note: str = ""


class CacheFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a prompt cache applies; what a model leaves open, its provider's rules may say."""

    automatic: bool | None = None
    """Whether prompts are cached without being asked to."""
    min_tokens: Tokens | None = None
    step: Tokens | None = None
    """Reads are whole multiples of so many tokens."""
    lifetime: Tokens | None = None
    """Seconds that an entry is kept if nothing else is asked for."""
    refreshed: bool | None = None
    """Whether every read of an entry begins its lifetime anew."""


class CacheRule(CacheFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the provider caches prompts of the models that match one of the globs."""

    match: list[str]
    source: str = ""
    checked: date | None = None
    note: str = ""


class Retirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day from which the provider no longer serves the models that match one of the globs."""

    match: list[str]
    day: date | None = None
    """Without one none is announced, whatever lists say: they give the earliest day on which it could be."""
    source: str = ""
    checked: date | None = None
    note: str = ""


class Fee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the provider bills besides tokens, whatever the model, from a day on: sessions of code, guarded text."""

    from_: date | None = msgspec.field(name="from", default=None)
    rates: Rates
    source: str = ""
    checked: date | None = None
    note: str = ""


class Free(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is free every day or month (UTC), over all models that name the same group."""

    units: dict[str, int]
    per: Literal["day", "month"] = "day"
    group: str = ""


class ModelSheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model: its names, what it can do, and its prices in order of time."""

    model: str
    names: list[str] = []
    """Other spellings that providers and logs use."""
    match: list[str] = []
    """Regular expressions for whole names, where a family of names is documented to have one price."""
    mode: str = "chat"
    context_window: Tokens | None = None
    max_output_tokens: Tokens | None = None
    cache: CacheFacts | None = None
    can: list[Capability] = []
    minimums: dict[str, int] = {}
    free: Free | None = None
    released: date | None = None
    retires: date | None = None
    prices: Annotated[list[Price], msgspec.Meta(min_length=1)]


class Meaning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a moving alias means from a day on."""

    from_: date | None = msgspec.field(name="from", default=None)
    model: str


class Alias(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name that meant different models on different days."""

    name: str
    meant: Annotated[list[Meaning], msgspec.Meta(min_length=1)]


class ProviderSheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file: a provider's models with their prices."""

    provider: str
    name: str = ""
    also: list[str] = []
    """Other names of the provider in logs."""
    makes: list[str] = []
    """Globs of the models whose first-party API this is: where such names are looked up without one."""
    then: list[str] = []
    """Providers to ask for a name that this file lacks, because logs call them by the same name."""
    hint: str = ""
    """What to tell a user whose model's name this provider does not know."""
    source: str = ""
    checked: date | None = None
    small_model: str | None = None
    """The model that this provider's simple tasks are compared with."""
    small_models: dict[str, str] = {}
    """The same for models whose name a glob matches, where one provider sells those of several makers."""
    reports_charge: bool = False
    """What it reports with an answer is its bill: a router's price depends on whom it passed the call on to."""
    caching: list[CacheRule] = []
    """Of two rules that say the same of a model, the first holds."""
    fees: list[Fee] = []
    """In order of time; a later one replaces the same units of an earlier one."""
    retirements: list[Retirement] = []
    """Of two that match a model the first holds; a model's own `retires` goes before them."""
    aliases: list[Alias] = []
    models: list[ModelSheet] = []


class Discount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A negotiated multiplier on every rate of the models that match."""

    match: str
    """A glob over provider/model."""
    multiply: Decimal


class UserSheet(ProviderSheet, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user's own file: rows of its own, and changes to the shipped ones."""

    provider: str = ""
    discount: Discount | list[Discount] = []
    alias: dict[str, str] = {}
    """A deployment's or gateway's name -> provider/model."""
    commitment: Commitment | list[Commitment] = []

    @property
    def discounts(self) -> list[Discount]:
        """The discounts, in the order in which the later one wins."""
        return self.discount if isinstance(self.discount, list) else [self.discount]

    @property
    def commitments(self) -> list[Commitment]:
        """The commitments, whether one is written or several."""
        return self.commitment if isinstance(self.commitment, list) else [self.commitment]
