"""What is known better than the lists: whose price holds where they contradict each other, and what both
lack.

Every rule has its reason beside it; the longer ones are in docs/decisions/pricing-disagreements.md.
"""

import fnmatch
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import msgspec
from scripts.price_lists import by_hand
from scripts.price_lists.tiers import with_whole_tiers

from costsim.prices.sheets.sheet import Level, ModelSheet, Price, ProviderSheet, Rates
from costsim.prices.units import STANDS_IN


class Verdict(NamedTuple):
    """Which prices hold: `first` or `second` list's, the `us` profile's, or both by day."""

    kind: str
    day: date | None = None


FIRST = Verdict("first")
SECOND = Verdict("second")
US = Verdict("us")

VERDICTS: tuple[tuple[str, Verdict, str], ...] = (
    (
        "anthropic/claude-sonnet-4-5*",
        SECOND,
        "above 200k was sold until 2026-04-30; a call that long is of that time",
    ),
    ("bedrock/us-gov*", FIRST, "GovCloud has its own price list, about 1.2 times"),
    ("bedrock/*/*", FIRST, "a region of its own in AWS' price list; the other list knows us-east-1 only"),
    ("bedrock/anthropic.claude-3-opus*", FIRST, "explicit against absent"),
    ("bedrock/anthropic.*", US, "an id without a geography is in-region: ten percent above global"),
    ("bedrock/claude-*", US, "an id without a geography is in-region: ten percent above global"),
    (
        "bedrock/openai.gpt-6*",
        SECOND,
        "an id without a geography is in-region: ten percent above global (model cards)",
    ),
    ("mistral/mistral-large-4*", SECOND, "1.36 was the price of 20 to 28 October only"),
    ("mistral/open-mistral-nemo*", SECOND, "0.30 was the launch price of July 2024"),
    ("groq/openai/gpt-oss-safeguard-20b", SECOND, "half of 0.075, as for gpt-oss-20b; the list rounds"),
    (
        "xai/grok-code-fast*",
        Verdict("dated", date(2026, 5, 15)),
        "retired that day: its names now mean grok-build-0.1",
    ),
)
"""Glob over provider/name -> verdict, and why; the first that matches. Everything else: first."""


def verdict(provider: str, name: str) -> Verdict:
    """Return whose price of today holds for a name that the lists contradict each other about."""
    key = f"{provider}/{name}"
    return next((held for glob, held, _ in VERDICTS if fnmatch.fnmatchcase(key, glob)), FIRST)


def settle(provider: str, name: str, ours: Price, theirs: list[Price], all_ours: Mapping[str, Price]) -> list[Price]:
    """Return the prices of a contradicted name."""
    held = verdict(provider, name)
    if held.kind == "us":
        spellings = (f"us.{name}", f"us.anthropic.{name}", f"us.{name.replace('@', '-')}-v1:0")
        profile = next((all_ours[one] for one in spellings if one in all_ours), None)
        return [profile] if profile else theirs
    if held.kind == "dated":
        before = [price for price in theirs if price.from_ is None or (held.day and price.from_ < held.day)]
        return [*before, msgspec.structs.replace(ours, from_=held.day)]
    return theirs if held.kind == "second" else [ours]


def alone(provider: str, name: str, prices: list[Price], all_ours: Mapping[str, Price]) -> list[Price]:
    """Return the prices of a name that only the first list has; a place in a region is not a matter of opinion."""
    held = verdict(provider, name)
    return settle(provider, name, prices[0], prices, all_ours) if held.kind == "us" else prices


PLACEHOLDERS = (
    *("gigachat/*", "volcengine/*", "sagemaker/*", "nvidia_nim/*", "fireworks/*", "scaleway/*", "together/*"),
    *(
        "vertex/meta/*",
        "cohere/command-a-plus-*",
        "databricks/ai_decide",
        "microsoft_365_copilot/*",
        "azure/standard/*",
    ),
)
"""Where a list's zero means 'not known' or 'billed elsewhere': a paid service must not silently cost nothing."""


def is_elsewhere(name: str) -> bool:
    """Whether the second list gives a name a commercial region's price that is GovCloud's."""
    return name.startswith("us-gov")


def is_placeholder(provider: str, model: ModelSheet) -> bool:
    """Whether a model's only prices are zeros that stand for 'not known'."""
    free = not any(usd for price in model.prices for rates in _places(price) for usd in rates.values())
    return free and any(fnmatch.fnmatchcase(f"{provider}/{model.model}", glob) for glob in PLACEHOLDERS)


def corrected(sheet: ProviderSheet) -> ProviderSheet:
    """Return a provider's file with what the lists lack, and without what cannot be."""
    models = [_tidied(_without_slip(model)) for model in sheet.models if not is_placeholder(sheet.provider, model)]
    if sheet.provider == "openai":
        models = [_with_first_o3(model) for model in models]
    whole = by_hand.added(msgspec.structs.replace(sheet, models=models))
    return msgspec.structs.replace(whole, models=[_redirected(model, whole) for model in whole.models])


def first_price(provider: str, price: Price) -> Price:
    """Return a price of the first list without its known slips, so that the two lists can be compared.

    A cache write at zero: DeepSeek and Z.ai bill no storage, but every token that is not a cache hit is
    input. xAI's threshold holds from 200,000 tokens on, not only above.
    """
    rates = dict(price.rates)
    if not rates.get("cache_write", 1) and rates.get("input"):
        del rates["cache_write"]
    above = price.above
    if provider == "xai":
        above = [msgspec.structs.replace(level, at_least=True) for level in above]
    return msgspec.structs.replace(price, rates=rates, above=above)


def with_free_prices(sheet: ModelSheet) -> ModelSheet | None:
    """Return a model whose `:free` variant costs an explicit nothing; None for one without any price.

    The dated list leaves the prices of free variants empty, where an empty price must stay unknown.
    """
    if any(price.rates for price in sheet.prices):
        prices = [price for price in sheet.prices if price.rates]
    elif sheet.model.endswith(":free"):
        free = {"input": Decimal(0), "output": Decimal(0)}
        prices = [msgspec.structs.replace(price, rates=free) for price in sheet.prices]
    else:
        return None
    return msgspec.structs.replace(sheet, prices=prices)


def with_real_name(sheet: ModelSheet) -> ModelSheet:
    """Return a model under a name that its provider gave it; the second list calls in-region rows `regional.x`."""
    name = sheet.model.removeprefix("regional.")
    names = [other for other in (*sheet.names, sheet.model) if other != name]
    return sheet if name == sheet.model else msgspec.structs.replace(sheet, model=name, names=names)


def _tidied(model: ModelSheet) -> ModelSheet:
    prices = [with_whole_tiers(tidy_price(price, model.context_window)) for price in model.prices]
    return msgspec.structs.replace(model, prices=prices)


def tidy_price(price: Price, window: int | None) -> Price:
    """Return a price without levels that no prompt can reach and rates that only repeat another's."""
    price = _within(price, window)
    for unit, other in reversed(STANDS_IN):
        if unit not in ("cache_write_1h", "cache_write_12h") and _only_repeats(price, unit, other):
            price = _without_unit(price, unit)
    return price


def _within(price: Price, window: int | None) -> Price:
    def reachable(levels: list[Level]) -> list[Level]:
        return [one for one in levels if window is None or one.tokens <= window]

    tiers = {
        tier: msgspec.structs.replace(special, above=reachable(special.above)) for tier, special in price.tiers.items()
    }
    return msgspec.structs.replace(price, above=reachable(price.above), tiers=tiers)


def _places(price: Price) -> list[Rates]:
    """Every mapping of rates in a price."""
    tiers = [rates for t in price.tiers.values() for rates in (t.rates, *(level.rates for level in t.above))]
    windows = [rates for w in price.windows for rates in (w.rates, *(level.rates for level in w.above))]
    return [price.rates, *(level.rates for level in price.above), *tiers, *windows]


def _only_repeats(price: Price, unit: str, other: str) -> bool:
    """Whether a unit has, wherever it has a rate, that of the unit which would stand in for it anyway."""
    return unit in price.rates and all(rates[unit] == rates.get(other) for rates in _places(price) if unit in rates)


def _without_unit(price: Price, unit: str) -> Price:
    def less(rates: Rates) -> Rates:
        return {name: usd for name, usd in rates.items() if name != unit}

    def lower(levels: list[Level]) -> list[Level]:
        return [msgspec.structs.replace(level, rates=less(level.rates)) for level in levels]

    tiers = {
        tier: msgspec.structs.replace(special, rates=less(special.rates), above=lower(special.above))
        for tier, special in price.tiers.items()
    }
    windows = [msgspec.structs.replace(w, rates=less(w.rates), above=lower(w.above)) for w in price.windows]
    return msgspec.structs.replace(
        price, rates=less(price.rates), above=lower(price.above), tiers=tiers, windows=windows
    )


def _without_slip(model: ModelSheet) -> ModelSheet:
    """Slips of the first list: a price per thousand, a read called a write, a cached price not sold."""
    price = model.prices[-1]
    if model.model.startswith("gpt-4o-search-preview"):
        price = _without_unit(price, "cache_read")
    elif model.model == "jais-30b-chat":
        rates = {unit: usd / 1000 for unit, usd in price.rates.items()}
        price = msgspec.structs.replace(price, rates=rates, note="listed a thousand times too high")
    elif model.model == "ft:gpt-4o-2024-11-20" and "cache_write" in price.rates:
        rates = {{"cache_write": "cache_read"}.get(unit, unit): usd for unit, usd in price.rates.items()}
        price = msgspec.structs.replace(price, rates=rates)
    return msgspec.structs.replace(model, prices=[*model.prices[:-1], price])


def _with_first_o3(model: ModelSheet) -> ModelSheet:
    """The second list has o3's cached price of today, 0.50, for the time before its cut, too; it was 2.50."""
    if model.model != "o3":
        return model
    note = "cached input as openai.com/api/pricing had it in April 2025"
    first = model.prices[0]
    first = msgspec.structs.replace(first, rates=first.rates | {"cache_read": Decimal("2.5")}, note=note)
    return msgspec.structs.replace(model, prices=[first, *model.prices[1:]])


def _redirected(model: ModelSheet, sheet: ProviderSheet) -> ModelSheet:
    """A model with the price of the one that answers under its names since; what that costs has not changed so far."""
    if (found := by_hand.REDIRECTED.get(f"{sheet.provider}/{model.model}")) is None:
        return model
    day, hour, name = found
    (price,) = next(other.prices for other in sheet.models if other.model == name)
    price = msgspec.structs.replace(price, from_=day, hour=hour, note=f"{name} answers in its place")
    return msgspec.structs.replace(model, prices=[*model.prices, _within(price, model.context_window)])
