"""Sheets as YAML that a person can read in a pull request: a block per model, rates on one line."""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from costsim.prices.sheets.sheet import (
    Alias,
    CacheFacts,
    CacheRule,
    Fee,
    Level,
    ModelSheet,
    Price,
    ProviderSheet,
    Rates,
    Retirement,
    TierPrice,
    Window,
)
from costsim.prices.units import UNITS

_PLAIN = re.compile(r"^[A-Za-z][A-Za-z0-9_./-]*$")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def to_yaml(sheet: ProviderSheet, comment: str) -> str:
    """Return a provider's file as text."""
    return "\n".join([*(f"# {line}".rstrip() for line in comment.splitlines()), *_provider(sheet)]) + "\n"


def _small_models(sheet: ProviderSheet) -> Iterator[str]:
    if sheet.small_model:
        yield f"small_model: {_text(sheet.small_model)}"
    if sheet.small_models:
        pairs = (f"{_text(glob)}: {_text(name)}" for glob, name in sheet.small_models.items())
        yield f"small_models: {{{', '.join(pairs)}}}"


def _provider(sheet: ProviderSheet) -> Iterator[str]:
    yield f"provider: {_text(sheet.provider)}"
    for key, value in (("name", sheet.name), ("hint", sheet.hint), ("source", sheet.source)):
        if value:
            yield f"{key}: {_text(value)}"
    if sheet.checked:
        yield f"checked: {sheet.checked}"
    yield from _small_models(sheet)
    for key, words in (("also", sheet.also), ("makes", sheet.makes), ("then", sheet.then)):
        if words:
            yield f"{key}: {_list(words)}"
    if sheet.reports_charge:
        yield "reports_charge: true"
    if sheet.caching:
        yield "\ncaching:"
        yield from (f"  - {line}" for line in map(_cache_rule, sheet.caching))
    if sheet.fees:
        yield "\nfees:"
        yield from (f"  - {line}" for line in map(_fee, sheet.fees))
    if sheet.retirements:
        yield "\nretirements:"
        yield from (f"  - {line}" for line in map(_retirement, sheet.retirements))
    if sheet.aliases:
        yield "\naliases:"
        for alias in sheet.aliases:
            yield from _alias(alias)
    yield "\nmodels:"
    for model in sheet.models:
        yield from _model(model)


def _alias(alias: Alias) -> Iterator[str]:
    yield f"  - name: {_text(alias.name)}"
    yield "    meant:"
    for meaning in alias.meant:
        start = f"from: {meaning.from_}, " if meaning.from_ else ""
        yield f"      - {{{start}model: {_text(meaning.model)}}}"


def _model(model: ModelSheet) -> Iterator[str]:
    yield f"  - model: {_text(model.model)}"
    for key, words in (("names", model.names), ("match", model.match)):
        if words:
            yield f"    {key}: {_list(words)}"
    if model.mode != "chat":
        yield f"    mode: {_text(model.mode)}"
    for key in ("context_window", "max_output_tokens"):
        if (count := getattr(model, key)) is not None:
            yield f"    {key}: {count}"
    if model.cache:
        yield f"    cache: {{{', '.join(_cache(model.cache))}}}"
    if model.can:
        yield f"    can: {_list(model.can)}"
    if model.minimums:
        yield f"    minimums: {{{', '.join(f'{unit}: {count}' for unit, count in model.minimums.items())}}}"
    if model.free:
        units = ", ".join(f"{unit}: {count}" for unit, count in model.free.units.items())
        group = f", group: {_text(model.free.group)}" if model.free.group else ""
        per = f", per: {model.free.per}" if model.free.per != "day" else ""
        yield f"    free: {{units: {{{units}}}{per}{group}}}"
    for key in ("released", "retires"):
        if (day := getattr(model, key)) is not None:
            yield f"    {key}: {day}"
    yield "    prices:"
    for price in model.prices:
        yield from _indented(_price(price))


def _cache_rule(rule: CacheRule) -> str:
    words = ((key, _text(value)) for key, value in (("source", rule.source), ("note", rule.note)) if value)
    told = [f"match: {_list(rule.match)}", *_cache(rule), *(f"{key}: {value}" for key, value in words)]
    return "{" + ", ".join([*told, *([f"checked: {rule.checked}"] if rule.checked else [])]) + "}"


def _fee(fee: Fee) -> str:
    rates = ", ".join(f'{unit}: "{rate}"' for unit, rate in fee.rates.items())
    words = ((key, _text(value)) for key, value in (("source", fee.source), ("note", fee.note)) if value)
    told = [*([f"from: {fee.from_}"] if fee.from_ else []), f"rates: {{{rates}}}", *(f"{key}: {v}" for key, v in words)]
    return "{" + ", ".join([*told, *([f"checked: {fee.checked}"] if fee.checked else [])]) + "}"


def _retirement(rule: Retirement) -> str:
    words = ((key, _text(value)) for key, value in (("source", rule.source), ("note", rule.note)) if value)
    told = [f"match: {_list(rule.match)}", *([f"day: {rule.day}"] if rule.day else [])]
    told += [f"{key}: {value}" for key, value in words]
    return "{" + ", ".join([*told, *([f"checked: {rule.checked}"] if rule.checked else [])]) + "}"


def _cache(facts: CacheFacts) -> Iterator[str]:
    for key in ("automatic", "min_tokens", "step", "lifetime", "refreshed"):
        if (value := getattr(facts, key)) is not None:
            yield f"{key}: {str(value).lower()}"


def _price(price: Price) -> Iterator[str]:
    if price.from_:
        yield f"from: {price.from_}"
    if price.hour:
        yield f'hour: "{price.hour}"'
    yield f"rates: {_rates(price.rates)}"
    if price.above:
        yield "above:"
        yield from (f"  - {_level(level)}" for level in price.above)
    if price.tiers:
        yield "tiers:"
        yield from (f"  {tier}: {_tier(special)}" for tier, special in price.tiers.items())
    if price.windows:
        yield "windows:"
        yield from (f"  - {_window(window)}" for window in price.windows)
    if price.regions:
        factors = ", ".join(f"{region}: {_number(times)}" for region, times in price.regions.items())
        yield f"regions: {{{factors}}}"
    for key, value in (("source", price.source), ("note", price.note)):
        if value:
            yield f"{key}: {_text(value)}"
    if price.checked:
        yield f"checked: {price.checked}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield ("        " if place else "      - ") + line


def _level(level: Level) -> str:
    least = ", at_least: true" if level.at_least else ""
    return f"{{tokens: {level.tokens}{least}, rates: {_rates(level.rates)}}}"


def _tier(special: TierPrice) -> str:
    above = f", above: [{', '.join(map(_level, special.above))}]" if special.above else ""
    return f"{{rates: {_rates(special.rates)}{above}}}"


def _window(window: Window) -> str:
    days = f", weekdays: {_list(window.weekdays)}" if window.weekdays else ""
    zone = f", zone: {window.zone}" if window.zone != "UTC" else ""
    above = f", above: [{', '.join(map(_level, window.above))}]" if window.above else ""
    return f"{{hours: {_list(window.hours)}{days}{zone}, rates: {_rates(window.rates)}{above}}}"


def _rates(rates: Rates) -> str:
    ordered = sorted(rates.items(), key=lambda pair: UNITS.index(pair[0]))
    return "{" + ", ".join(f"{unit}: {_number(usd)}" for unit, usd in ordered) + "}"


def _number(number: Decimal) -> str:
    return f'"{number:f}"'


def _list(words: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, words)) + "]"


def _text(text: str) -> str:
    return text if _PLAIN.match(text) and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)
