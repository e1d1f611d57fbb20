"""What `costsim prices list` and `show` say, as plain values; the JSON is these structs as they are.

Money is exact text: USD per `per` of a unit. Days are YYYY-MM-DD, with a time where a price began within a day.
"""

from collections.abc import Mapping

import msgspec

from costsim.prices.units import PER, STANDS_IN, TOKEN_UNITS

_THINGS = {
    "character_input": "1M characters",
    "character_output": "1M characters",
    "pixel_input": "1M pixels",
    "pixel_output": "1M pixels",
    "request": "1,000 requests",
    "message": "1,000 messages",
    "web_search": "1,000 searches",
    "file_search": "1,000 searches",
    "map_search": "1,000 searches",
    "image_request": "image",
    "second_input": "second",
    "second_output": "second",
    "video_second_input": "second",
    "video_second_output": "second",
    "reserved_second": "second",
    "annotated_page": "page",
    "code_session": "session",
    "code_session_large": "session",
    "guardrail_content": "1,000 text units",
    "guardrail_topic": "1,000 text units",
    "guardrail_sensitive": "1,000 text units",
    "guardrail_grounding": "1,000 text units",
    "guardrail_reasoning": "1,000 text units",
    "guardrail_image": "image",
}


class Rate(msgspec.Struct, frozen=True):
    """What one unit costs."""

    unit: str
    usd: str
    per: str
    same_as: str | None = None
    """The unit whose rate this one repeats, as one does that has no rate of its own."""


class PriceLine(msgspec.Struct, frozen=True):
    """The rates of one tier, from one day, prompt size and hour on."""

    tier: str
    from_: str | None = msgspec.field(name="from")
    """None: as far back as is known."""
    from_tokens: int
    """Prompt size from which (inclusive) the whole request has these rates."""
    hours: str
    """In UTC; '' = at every hour that has no rates of its own."""
    usd: dict[str, str]


class Why(msgspec.Struct, frozen=True):
    """Why these rates and no others, step by step."""

    name: str
    day: str
    tier: str
    prompt: str
    region: str
    hours: str
    contract: str


class Origin(msgspec.Struct, frozen=True):
    """Where a price comes from."""

    file: str
    source: str
    checked: str
    note: str = ""


class RateCard(msgspec.Struct, frozen=True, kw_only=True):
    """One model's rates at one day, and everything that is known beside them."""

    schema_version: str = "1"
    command: str = "prices show"
    provider: str
    model: str
    region: str | None
    as_of: str
    tier: str
    input_tokens: int
    rates: list[Rate]
    why: Why
    origin: Origin
    prices: list[PriceLine]
    """Every tier, prompt size and hour of that day."""
    history: list[PriceLine]
    """The served tier through time."""
    mode: str
    context_window: int | None
    max_output_tokens: int | None
    cache_automatic: bool | None
    cache_min_tokens: int | None
    cache_seconds: int | None
    cache_lifetimes: list[str]
    capabilities: list[str]
    minimums: dict[str, int]
    free: dict[str, int]
    free_per: str
    released: str | None
    retires: str | None
    retires_source: str
    """Who says so, or that no day is announced; empty where a price list gave the day."""
    retires_checked: str
    retires_note: str
    also_called: list[str]
    elsewhere: list[str]
    """The same name at other providers."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One model in a list: what a million tokens cost, or what else it is billed by."""

    provider: str
    model: str
    mode: str
    input: str | None
    cache_read: str | None
    output: str | None
    other: dict[str, str]
    """Unit -> USD, for a model that is not billed by input and output tokens."""
    context_window: int | None
    from_: str | None = msgspec.field(name="from")
    checked: str


class PriceList(msgspec.Struct, frozen=True, kw_only=True):
    """Many models on one day."""

    schema_version: str = "1"
    command: str = "prices list"
    as_of: str
    models: list[Listed]


def per(unit: str) -> str:
    """Return how much of a unit its price buys, in words: '1M tokens', '1,000 searches', 'page'."""
    return "1M tokens" if unit in TOKEN_UNITS else _THINGS.get(unit, unit)


def rates_with_units(usd: Mapping[str, str]) -> list[Rate]:
    """Return rates in the order of the units, each that only repeats another marked as such."""
    return [Rate(unit, usd[unit], per(unit), _repeated(unit, usd)) for unit in PER if unit in usd]


def own(usd: Mapping[str, str]) -> dict[str, str]:
    """Return the rates that do not only repeat another."""
    return {unit: rate for unit, rate in usd.items() if _repeated(unit, usd) is None}


def _repeated(unit: str, usd: Mapping[str, str]) -> str | None:
    found = None
    for one, other in reversed(STANDS_IN):
        if one == (found or unit) and other in usd and usd[other] == usd[unit]:
            found = other
    return found
