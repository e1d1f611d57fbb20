"""What changed between two price files or folders, or against the shipped prices."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from costsim import prices
from costsim.app.prices.rate_choice import Place, in_force, line, moment, places, tiers_of
from costsim.prices import ModelFacts, PriceTable
from costsim.prices.compiling.assemble import assemble
from costsim.prices.entries import rates_of
from costsim.prices.sheets.files import sources
from costsim.prices.sheets.layers import read
from costsim.prices.sheets.sheet import UserSheet
from costsim.reports.numbers import percent
from costsim.reports.prices.changes import Difference, ModelChange, RateChange, signed_percent
from costsim.reports.prices.rate_card import own

SHIPPED = "shipped"
"""The word for the prices that come with costsim."""

_Where = tuple[int, str, str]
"""Prompt size from which, hours, unit."""
_Pair = tuple[str | None, str | None]
"""A rate before and after."""
_Sets = dict[tuple[int, str], dict[str, str]]

_BESIDES = (
    *("source", "checked", "thresholds", "provider", "model", "region", "tokenizer"),
    *("cache_lifetimes", "cache_automatic", "cache_min_tokens", "cache_step", "cache_seconds", "cache_refreshed"),
)
"""Facts that are no news, or that follow from the rates."""


def difference(before: str, after: str) -> Difference:
    """Return what changed from one price file or folder to another; `shipped` stands for the shipped prices.

    Two paths are compared by what they say themselves. Against the shipped prices, and where a file has discounts or
    aliases, which mean nothing alone, each is laid over the shipped ones, as --prices does.
    """
    over = SHIPPED in (before, after) or any(_leans(Path(path)) for path in (before, after))
    old, new = (_table(path, over) for path in (before, after))
    models = list(changes(old, new))
    kinds = [model.change for model in models]
    return Difference(
        before=before,
        after=after,
        compared="laid over the shipped prices" if over else "each by itself",
        added=kinds.count("added"),
        removed=kinds.count("removed"),
        changed=kinds.count("changed"),
        models=models,
    )


def changes(old: PriceTable, new: PriceTable) -> Iterator[ModelChange]:
    """Yield what was added, removed or changed, by the names of the models; regions that did likewise are told once."""
    last: ModelChange | None = None
    for change in _each(old, new):
        if last is not None and change.model.startswith(f"{last.model} (") and _alike(last, change):
            last = msgspec.structs.replace(last, likewise=[*last.likewise, change.model[len(last.model) + 2 : -1]])
            continue
        if last is not None:
            yield last
        last = change
    if last is not None:
        yield last


def _each(old: PriceTable, new: PriceTable) -> Iterator[ModelChange]:
    before, after = ({key: index for index, key in enumerate(table.book.keys)} for table in (old, new))
    for key in sorted({*before, *after}):
        if key not in after or key not in before:
            yield ModelChange(model=key, change="added" if key in after else "removed")
        elif _written(old, before[key]) != _written(new, after[key]):
            rates = _rate_changes(old, before[key], new, after[key])
            facts = _fact_changes(old.facts(before[key]), new.facts(after[key]))
            if rates or facts:
                yield ModelChange(model=key, change="changed", rates=rates, facts=facts)


def _alike(one: ModelChange, other: ModelChange) -> bool:
    """Whether two models changed at the same places by the same percentages."""
    steps = [
        [(rate.tier, rate.from_, rate.from_tokens, rate.hours, rate.unit, rate.percent) for rate in change.rates]
        for change in (one, other)
    ]
    whole = all(rate.percent is not None for rate in one.rates)
    return one.change == other.change and steps[0] == steps[1] and whole and one.facts == other.facts


def _leans(path: Path) -> bool:
    """Whether a file says something about other prices."""
    sheets = [read(source) for source in sources([path]) if not source.shipped]
    return any(isinstance(sheet, UserSheet) and (sheet.discounts or sheet.alias) for sheet in sheets)


def _table(path: str, over: bool) -> PriceTable:
    if path == SHIPPED:
        return prices.load()
    if over:
        return prices.load((Path(path),))
    return assemble([source for source in sources([Path(path)]) if not source.shipped], "")


def _written(table: PriceTable, index: int) -> tuple[object, ...]:
    """Everything about a model that can change, quick to compare."""
    rates = (
        (place.tier, place.start, place.tokens, place.window, _week(table, place), table.rates[place.row].tobytes())
        for tier in tiers_of(table, index)
        for place in places(table, index, tier)
    )
    return *rates, table.facts(index)


def _week(table: PriceTable, place: Place) -> bytes:
    week = int(table.arrays.period_week[place.period])
    return table.arrays.weeks[week].tobytes() if week >= 0 else b""


def _rate_changes(old: PriceTable, before: int, new: PriceTable, after: int) -> list[RateChange]:
    tiers = list(dict.fromkeys([*tiers_of(old, before), *tiers_of(new, after)]))
    return [
        change for tier in tiers for change in _of_tier(old, places(old, before, tier), new, places(new, after, tier))
    ]


def _of_tier(old: PriceTable, before: Sequence[Place], new: PriceTable, after: Sequence[Place]) -> Iterator[RateChange]:
    """Compare what holds at each day on which either changes; a difference is told once, when it begins."""
    tier = (before or after)[0].tier
    told: dict[_Where, _Pair] = {}
    for start in sorted({place.start for place in (*before, *after)}):
        pairs = _differences(_sets(old, before, start), _sets(new, after, start))
        for where, pair in pairs.items():
            if told.get(where) != pair:
                yield _change(tier, start, where, pair)
        told = pairs


def _differences(was: _Sets, now: _Sets) -> dict[_Where, _Pair]:
    """Each unit's rates before and after where they differ, and do not only do as at the smallest prompts."""
    found: dict[_Where, _Pair] = {}
    for tokens, hours in sorted({*was, *now}):
        one, other = _in_set(was, tokens, hours), _in_set(now, tokens, hours)
        for unit in dict.fromkeys([*own(one), *own(other)]):
            pair = (one.get(unit), other.get(unit))
            if pair[0] != pair[1] and found.get((0, "", unit)) != pair:
                found[tokens, hours, unit] = pair
    return found


def _sets(table: PriceTable, places: Sequence[Place], at: int) -> _Sets:
    """(prompt size, hours) -> rates, of the price that holds at a moment; nothing before the first one."""
    if not places or places[0].start > at:
        return {}
    return {
        (place.tokens, line(table, place).hours if place.window else ""): _text(table, place)
        for place in in_force(places, at)
    }


def _text(table: PriceTable, place: Place) -> dict[str, str]:
    return {unit: str(rate) for unit, rate in rates_of(table, place.row).items()}


def _in_set(rates: _Sets, tokens: int, hours: str) -> dict[str, str]:
    """The rates for a prompt size and hours, where one side may have fewer of either."""
    for window in (hours, ""):
        passed = [size for size, other in rates if other == window and size <= tokens]
        if passed:
            return rates[max(passed), window]
    return {}


def _change(tier: str, start: int, where: _Where, pair: _Pair) -> RateChange:
    tokens, hours, unit = where
    return RateChange(
        tier=tier,
        from_=moment(start),
        from_tokens=tokens,
        hours=hours,
        unit=unit,
        old=pair[0],
        new=pair[1],
        percent=_percent(*pair),
    )


def _percent(old: str | None, new: str | None) -> str | None:
    if old is None or new is None or not Decimal(old):
        return None
    return signed_percent(percent((Decimal(new) - Decimal(old)) / Decimal(old)))


def _fact_changes(old: ModelFacts, new: ModelFacts) -> dict[str, tuple[str | None, str | None]]:
    was, now = (msgspec.structs.asdict(facts) for facts in (old, new))
    return {
        name: (_words(was[name]), _words(now[name])) for name in was if name not in _BESIDES and was[name] != now[name]
    }


def _words(value: object) -> str | None:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or None
    return None if value is None else str(value)
