"""genai-prices' data.json (dated, tiered and conditional prices), as sheets."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from costsim.prices.foreign.exact import money
from costsim.prices.sheets.sheet import Level, ModelSheet, Price, Rates, TierPrice, Window

Entry = Mapping[str, Any]

_EACH: dict[str, tuple[str, int]] = {
    "input_mtok": ("input", 10**6),
    "output_mtok": ("output", 10**6),
    "cache_read_mtok": ("cache_read", 10**6),
    "cache_write_mtok": ("cache_write", 10**6),
    "cache_write_1h_mtok": ("cache_write_1h", 10**6),
    "output_reasoning_mtok": ("reasoning", 10**6),
    "output_citation_mtok": ("citation", 10**6),
    "input_audio_mtok": ("audio_input", 10**6),
    "output_audio_mtok": ("audio_output", 10**6),
    "cache_audio_read_mtok": ("audio_cache_read", 10**6),
    "input_image_mtok": ("image_input", 10**6),
    "output_image_mtok": ("image_output", 10**6),
    "cache_image_read_mtok": ("image_cache_read", 10**6),
    "input_video_mtok": ("video_input", 10**6),
    "output_video_mtok": ("video_output", 10**6),
    "input_mchars": ("character_input", 10**6),
    "requests_kcount": ("request", 10**3),
    "web_searches_kcount": ("web_search", 10**3),
    "storage_searches_kcount": ("file_search", 10**3),
    "input_text_messages_kcount": ("message", 10**3),
    "input_document_kpages": ("page", 10**3),
    "input_annotated_document_kpages": ("annotated_page", 10**3),
    "audio_hours": ("second_input", 3600),
    "input_audio_hours": ("second_input", 3600),
}
"""Their price keys -> our unit, and how many of it their price buys."""

_TESTS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda name, what: name == what,
    "starts_with": lambda name, what: name.startswith(what),
    "ends_with": lambda name, what: name.endswith(what),
    "contains": lambda name, what: what in name,
}


class Listed(msgspec.Struct, frozen=True):
    """One of their models, with their own test of what names it answers to."""

    provider: str
    sheet: ModelSheet
    match: Entry

    def answers_to(self, name: str) -> bool:
        """Whether their engine would give a lower-case name this model."""
        return _answers(self.match, name)


def read(content: bytes) -> Iterator[Listed]:
    """Yield every model of every provider, in their order, which is the order in which they match."""
    for provider in json.loads(content):
        source = next(iter(provider.get("pricing_urls", ())), "")
        for model in provider["models"]:
            yield Listed(provider["id"], _sheet(model, source), model["match"])


def _sheet(model: Entry, source: str) -> ModelSheet:
    names = [name for name in dict.fromkeys(_spelled(model["match"])) if name != model["id"]]
    return ModelSheet(
        model=model["id"],
        names=names,
        match=list(_patterns(model["match"])),
        mode="embedding" if "embed" in model["id"] else "chat",
        context_window=model.get("context_window"),
        prices=_prices(model, source),
    )


def _prices(model: Entry, source: str) -> list[Price]:
    dated: list[Price] = []
    windows: list[Entry] = []
    conditional = model["prices"] if isinstance(model["prices"], list) else [{"prices": model["prices"]}]
    for one in conditional:
        condition = one.get("constraint") or {}
        if "start_time" in condition:
            windows.append(one)
            continue
        dated.append(_price(one["prices"], _day(condition.get("start_date")), source))
    dated[-1] = msgspec.structs.replace(dated[-1], windows=[_window(one) for one in windows])
    for variant in model.get("price_variants", ()):
        dated = _with_variant(dated, variant)
    return dated


def _price(prices: Entry, start: date | None, source: str) -> Price:
    rates, above = _levels(prices)
    return Price(from_=start, rates=rates, above=above, source=source)


def _levels(prices: Entry) -> tuple[Rates, list[Level]]:
    base: Rates = {}
    steps: dict[tuple[int, bool], Rates] = {}
    for key, price in prices.items():
        unit, each = _EACH[key]
        tiered = price if isinstance(price, dict) else {"base": price, "tiers": ()}
        base[unit] = money(unit, Decimal(tiered["base"]) / each)
        for step in tiered["tiers"]:
            steps.setdefault(_threshold(step["start"]), {})[unit] = money(unit, Decimal(step["price"]) / each)
    return base, [Level(tokens=n, at_least=least, rates=rates) for (n, least), rates in sorted(steps.items())]


def _threshold(start: int) -> tuple[int, bool]:
    """They only know 'more than': 'more than 199,999' is how they say 'at least 200,000'."""
    return (start + 1, True) if start % 1000 == 999 else (start, False)


def _window(one: Entry) -> Window:
    start, end = (one["constraint"][side][:5] for side in ("start_time", "end_time"))
    rates, above = _levels(one["prices"])
    return Window(hours=(f"{start}-{end}",), rates=rates, above=above)


def _with_variant(dated: list[Price], variant: Entry) -> list[Price]:
    """Put a tier's price into the period it was seen in; a second one of that tier begins a new period.

    Their dates of tier prices are mostly the day on which they looked, not the day on which the price began.
    """
    tier = _tier(variant["when"])
    rates, above = _levels(variant["prices"])
    if tier is None or not rates:
        return dated
    start = _day((variant.get("constraint") or {}).get("start_date"))
    place = max(
        (i for i, price in enumerate(dated) if not price.from_ or not start or price.from_ <= start),
        default=0,
    )
    period, special = dated[place], TierPrice(rates=rates, above=above)
    if tier not in period.tiers:
        tiers = {**period.tiers, tier: special}
        return [*dated[:place], msgspec.structs.replace(period, tiers=tiers), *dated[place + 1 :]]
    later = msgspec.structs.replace(period, from_=start, tiers={**period.tiers, tier: special})
    return [*dated[: place + 1], later, *dated[place + 1 :]]


def _tier(when: Entry) -> str | None:
    found = when.get("service_tier") or when.get("processing") or when.get("speed")
    return found if found in ("batch", "flex", "priority", "fast") else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _answers(match: Entry, name: str) -> bool:
    ((how, what),) = match.items()
    if how in ("or", "and"):
        return (any if how == "or" else all)(_answers(one, name) for one in what)
    if how == "regex":
        return re.search(what, name) is not None
    return _TESTS[how](name, what.lower())


def _spelled(match: Entry) -> Iterator[str]:
    """The names that a match spells out; a beginning such as `claude-2@` is not a name."""
    ((how, what),) = match.items()
    if how in ("or", "and"):
        for one in what:
            yield from _spelled(one)
    elif how in _TESTS and what[-1].isalnum():
        yield what.lstrip("/")


def _patterns(match: Entry) -> Iterator[str]:
    """Whole-name patterns that leave only a date open."""
    ((how, what),) = match.items()
    if how in ("or", "and"):
        for one in what:
            yield from _patterns(one)
    elif how == "regex" and what.startswith("^") and what.endswith("$") and not re.search(r"\.[*+]|\(\?[!<=]", what):
        yield what[1:-1]
