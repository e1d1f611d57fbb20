"""One model's rates for one request, with the reasons: what `costsim prices show` tells."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from costsim import prices
from costsim.app.prices import origin as price_origin
from costsim.app.prices.lists import day
from costsim.app.prices.origin import WrittenPrice
from costsim.app.prices.rate_choice import (  # fmt: skip
    Choice,
    choose,
    day_sentence,
    in_force,
    line,
    places,
    prompt_sentence,
    tiers_of,
)
from costsim.errors import UsageError, nearest
from costsim.prices import TIERS, UNKNOWN_TIER, ModelFacts, PriceTable, Resolution, tier_code
from costsim.reports.prices.rate_card import Origin, PriceLine, RateCard, Why, rates_with_units


class RateQuestion(msgspec.Struct, frozen=True):
    """One model's rates, for a request as described."""

    model: str
    provider: str | None = None
    as_of: str = "today"
    tier: str = "standard"
    input_tokens: int = 0
    region: str | None = None
    prices: Sequence[Path] = ()


def shown(asked: RateQuestion) -> RateCard:
    """Return one model's rates for a request as asked, and why; UsageError where its name or tier is unknown."""
    at, tier = day(asked.as_of), tier_code(asked.tier)
    if tier == UNKNOWN_TIER:
        raise UsageError(f"unknown tier '{asked.tier}'", where="--tier", hint=nearest(asked.tier, TIERS))
    table = prices.load(tuple(asked.prices))
    provider, name, found = named(table, asked.provider, asked.model, at, asked.region)
    if not found.known:
        raise UsageError(found.why, where=asked.model, hint=how_to_map(table, name, provider, found))
    choice = choose(table, found.index, at, TIERS[tier], asked.input_tokens)
    if choice is None:
        key, sold = table.book.keys[found.index], ", ".join(tiers_of(table, found.index))
        raise UsageError(f"{key} has no price for the tier '{TIERS[tier]}'", where="--tier", hint=f"it has: {sold}")
    return _card(table, asked, found, choice)


def named(
    table: PriceTable, provider: str | None, model: str, at: int | None, region: str | None
) -> tuple[str | None, str, Resolution]:
    """Return what a name means; an unknown `provider/model` is also tried as those two."""
    found = table.resolve(provider, model, at, region)
    head, slash, rest = model.partition("/")
    if not found.known and provider is None and slash and table.book.provider_of(head):
        return head, rest, table.resolve(head, rest, at, region)
    return provider, model, found


def how_to_map(table: PriceTable, name: str, provider: str | None, found: Resolution) -> str:
    """Return what to do about a name without a price: who sells it, the nearest names, how to give it a meaning."""
    sellers = [key for key in found.nearest if table.resolve(key.partition("/")[0], name).known]
    if sellers:
        return f"say whose: {', '.join(sellers)}"
    near = f"nearest: {', '.join(found.nearest)}; " if found.nearest else ""
    if "alias:" in found.why:
        return f"{near}in a YAML file that --prices names"
    alias = f"`alias: {{{name}: {provider or 'azure'}/MODEL}}`"
    return f"{near}a deployment's or gateway's name gets a meaning by {alias} in a YAML file that --prices names"


def _card(table: PriceTable, asked: RateQuestion, found: Resolution, choice: Choice) -> RateCard:
    facts = table.facts(found.index)
    written = origin(table, found.index, choice, asked.prices)
    return RateCard(
        provider=facts.provider,
        model=facts.model,
        region=facts.region,
        as_of=asked.as_of,
        tier=choice.tier,
        input_tokens=asked.input_tokens,
        rates=rates_with_units(_text(choice)),
        why=why(table, found, choice, asked.tier, asked.region, written),
        origin=Origin(written.file, written.source, written.checked, written.note),
        prices=_at_this_day(table, found.index, choice.at),
        history=_history(table, found.index, choice.tier),
        mode=facts.mode,
        context_window=facts.context_window,
        max_output_tokens=facts.max_output_tokens,
        cache_automatic=facts.cache_automatic,
        cache_min_tokens=facts.cache_min_tokens,
        cache_seconds=facts.cache_seconds,
        cache_lifetimes=list(facts.cache_lifetimes),
        capabilities=list(facts.capabilities),
        minimums=facts.minimums,
        free=facts.free,
        free_per=facts.free_per,
        released=facts.released,
        retires=facts.retires,
        retires_source=facts.retires_source,
        retires_checked=facts.retires_checked,
        retires_note=facts.retires_note,
        also_called=_spellings(table, facts, found.index),
        elsewhere=_elsewhere(table, facts),
    )


def origin(table: PriceTable, index: int, choice: Choice, files: Sequence[Path]) -> WrittenPrice:
    """Return where a model's price stands; a moving alias has the price of what it meant then."""
    facts = table.facts(index)
    meanings = table.book.meanings.get(index, [])
    meant = [model for start, model in meanings if start <= choice.at] or [model for _, model in meanings[:1]]
    return price_origin.of(facts, meant[-1] if meant else facts.model, files, choice.at, choice.tier)


def why(
    table: PriceTable, found: Resolution, choice: Choice, tier: str | None, region: str | None,
    written: WrittenPrice,
) -> Why:  # fmt: skip
    """Return why these rates, one sentence for each thing that decided."""
    named_tier = f"{choice.tier}, as '{tier}' says" if tier and tier != choice.tier else choice.tier
    others = [one for one in tiers_of(table, found.index) if one != choice.tier]
    return Why(
        name=found.why,
        day=day_sentence(choice),
        tier=f"{named_tier} (also sold: {', '.join(others)})" if others else f"{named_tier}, the only one",
        prompt=prompt_sentence(choice),
        region=_region(table.facts(found.index), region, written),
        hours=choice.hours or "the same at all hours",
        contract=f"times {written.discount}, by a discount of yours" if written.discount else "list price",
    )


def _region(facts: ModelFacts, asked: str | None, written: WrittenPrice) -> str:
    if facts.region:
        return f"{facts.region}: every token's rate times {written.regions.get(facts.region, 1)}"
    known = ", ".join(f"{region} times {factor}" for region, factor in written.regions.items())
    if asked:
        return f"{asked} has no rates of its own" + (f" (others have: {known})" if known else "")
    return f"none named (with one: {known})" if known else "the same everywhere, as far as is known"


def _text(choice: Choice) -> dict[str, str]:
    return {unit: str(rate) for unit, rate in choice.rates.items()}


def _at_this_day(table: PriceTable, index: int, at: int) -> list[PriceLine]:
    found = (in_force(places(table, index, tier), at) for tier in tiers_of(table, index))
    lines = (line(table, place) for some in found for place in some)
    return [one for one in lines if one.usd]


def _history(table: PriceTable, index: int, tier: str) -> list[PriceLine]:
    found = places(table, index, tier)
    return [line(table, place) for place in found if not place.tokens and not place.window]


def _spellings(table: PriceTable, facts: ModelFacts, index: int) -> list[str]:
    exact = table.book.shelves[facts.provider].exact
    return sorted(name for name, found in exact.items() if found == index and name != facts.model.lower())


def _elsewhere(table: PriceTable, facts: ModelFacts) -> list[str]:
    shelves, name = table.book.shelves, facts.model.lower()
    found = [shelf.exact[name] for place, shelf in shelves.items() if place != facts.provider and name in shelf.exact]
    return [table.book.keys[index] for index in found]
