"""Two lists of one provider become one: today's rates of the first, the history and the missing rates of
the second.

Where the two contradict each other about today, `settled` says which is right, and why is in docs/decisions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import msgspec
from scripts.price_lists import settled

from costsim.prices.foreign.genai import Listed
from costsim.prices.sheets.rates import Block, Row, block
from costsim.prices.sheets.sheet import ModelSheet, Price, TierPrice
from costsim.prices.spelling import loose, plain, stem
from costsim.prices.units import UNIT_CODE

TODAY = date(2026, 11, 17)
"""The day of both lists."""

NOT_COMPARED = ("web_search", "second_input")
"""Units that the lists state for different sizes or round differently."""


@dataclass
class Merged:
    """What one provider's lists come to, and where they contradicted each other."""

    sheets: list[ModelSheet]
    contradictions: list[tuple[str, str, Price, Price]] = field(default_factory=list)


def merge(provider: str, first: list[ModelSheet], second: list[Listed]) -> Merged:
    """Return a provider's models; `first` holds the list of today's prices, `second` the dated one."""
    merged = Merged([])
    found = [(sheet, _answering(second, sheet.model)) for sheet in _unique(provider, first)]
    ours = {sheet.model: sheet.prices[0] for sheet, _ in found}
    taken: set[int] = set()
    for sheet, other in found:
        if other is None:
            merged.sheets.append(_with_prices(sheet, settled.alone(provider, sheet.model, sheet.prices, ours)))
            continue
        theirs = second[other].sheet
        both = _combined(sheet, theirs)
        agreed = both is not None
        if both is None:
            merged.contradictions.append((provider, sheet.model, sheet.prices[0], _current(theirs.prices)))
            prices = settled.settle(provider, sheet.model, sheet.prices[0], theirs.prices, ours)
            both = _with_prices(sheet, prices)
        if agreed or settled.verdict(provider, sheet.model).kind in ("second", "us"):
            taken.add(other)
        merged.sheets.append(both)
    _add_names(merged, found, second, taken)
    _add_unanswered(merged, second, taken)
    merged.sheets = grouped(merged.sheets)
    return merged


def _add_unanswered(merged: Merged, second: list[Listed], taken: set[int]) -> None:
    """Take in the models that only the second list has."""
    known = {plain(name) for sheet in merged.sheets for name in (sheet.model, *sheet.names)}
    for place, one in enumerate(second):
        if place not in taken and plain(one.sheet.model) not in known:
            sheet = _free_of(one.sheet, known)
            merged.sheets.append(sheet)
            known.update(plain(name) for name in (sheet.model, *sheet.names))


def _unique(provider: str, sheets: Iterable[ModelSheet]) -> list[ModelSheet]:
    """One sheet per name, tidied so that the lists can be compared; a second of the same name is dropped."""
    kept: dict[str, ModelSheet] = {}
    for sheet in sheets:
        prices = [settled.tidy_price(settled.first_price(provider, price), None) for price in sheet.prices]
        kept.setdefault(plain(sheet.model), msgspec.structs.replace(sheet, prices=prices))
    return list(kept.values())


def _answering(second: list[Listed], name: str) -> int | None:
    return next((place for place, one in enumerate(second) if one.answers_to(plain(name))), None)


def _current(prices: list[Price]) -> Price:
    """The price of today, or the first that is announced."""
    held = [price for price in prices if price.from_ is None or price.from_ <= TODAY]
    return held[-1] if held else prices[0]


def _combined(sheet: ModelSheet, other: ModelSheet) -> ModelSheet | None:
    """Both lists' knowledge of one model; None where they contradict each other about today."""
    today, theirs = sheet.prices[0], _current(other.prices)
    if not _agree(today, theirs):
        return None
    prices = [_richer(today, price) if price is theirs else price for price in other.prices]
    return _with_prices(sheet, prices, other)


def _with_prices(sheet: ModelSheet, prices: list[Price], other: ModelSheet | None = None) -> ModelSheet:
    window = sheet.context_window or (other.context_window if other else None)
    return msgspec.structs.replace(sheet, prices=prices, context_window=window)


def _agree(ours: Price, theirs: Price) -> bool:
    """Whether both charge the same for what both have a price for, at every prompt size."""
    stated = [unit for unit in ours.rates if unit in theirs.rates and unit not in NOT_COMPARED]
    left, right = block(ours, "standard"), block(theirs, "standard")
    starts = sorted({*left.starts, *right.starts}) if ours.above and theirs.above else [0]
    if bool(ours.windows) != bool(theirs.windows) or not ours.rates.keys() & theirs.rates.keys():
        return False
    return all(_same(_at(left, start), _at(right, start), stated) for start in starts)


def _at(rows: Block, start: int) -> Row:
    return rows.rows[max(place for place, known in enumerate(rows.starts) if known <= start)]


def _same(left: Row, right: Row, units: Iterable[str]) -> bool:
    return all(left[UNIT_CODE[unit]] == right[UNIT_CODE[unit]] for unit in units)


def _richer(ours: Price, theirs: Price) -> Price:
    """Our price with their rates, tiers and start where we have none."""
    exact = {unit: usd for unit, usd in theirs.rates.items() if unit == "second_input"}
    tiers = dict(theirs.tiers)
    for tier, special in ours.tiers.items():
        tiers[tier] = _richer_tier(special, tiers.get(tier))
    return msgspec.structs.replace(
        ours,
        from_=theirs.from_,
        rates={**theirs.rates, **ours.rates, **exact},
        above=ours.above or theirs.above,
        tiers=tiers,
        windows=ours.windows or theirs.windows,
    )


def _richer_tier(ours: TierPrice, theirs: TierPrice | None) -> TierPrice:
    if theirs is None:
        return ours
    return TierPrice(rates={**theirs.rates, **ours.rates}, above=ours.above or theirs.above)


def _add_names(
    merged: Merged, found: list[tuple[ModelSheet, int | None]], second: list[Listed], taken: set[int]
) -> None:
    """Give each model of the second list's names to the nearest of the sheets that took its prices."""
    known = {plain(sheet.model) for sheet in merged.sheets}
    for place in sorted(taken):
        users = [i for i, (_, other) in enumerate(found) if other == place]
        other = second[place].sheet
        new = [
            name for name in (other.model, *other.names) if plain(name) not in known and not settled.is_elsewhere(name)
        ]
        nearest = min(users, key=lambda i: (loose(found[i][0].model) != loose(other.model), len(found[i][0].model)))
        sheet = merged.sheets[nearest]
        merged.sheets[nearest] = msgspec.structs.replace(sheet, names=[*sheet.names, *new], match=other.match)
        known.update(map(plain, new))


def _free_of(sheet: ModelSheet, known: set[str]) -> ModelSheet:
    names = [name for name in sheet.names if plain(name) not in known and not settled.is_elsewhere(name)]
    return msgspec.structs.replace(sheet, names=names)


def grouped(sheets: Iterable[ModelSheet]) -> list[ModelSheet]:
    """Models that differ only in the spelling or date of their name become one with several names."""
    groups: dict[tuple[str, bytes], ModelSheet] = {}
    for sheet in sheets:
        key = (_family(sheet.model), msgspec.json.encode(_comparable(sheet)))
        groups[key] = _joined(groups[key], sheet) if key in groups else sheet
    return sorted(groups.values(), key=lambda sheet: sheet.model.lower())


def _comparable(sheet: ModelSheet) -> list[Price]:
    return [msgspec.structs.replace(price, source="", note="") for price in sheet.prices]


def _family(name: str) -> str:
    return re.sub(r"-(20\d{6}|latest)$", "", re.sub(r"^(us|eu|apac|au|jp|ca)-", "", stem(plain(name))))


def _plainness(sheet: ModelSheet) -> tuple[bool, int, bool, str]:
    """What makes a name the better one to show: no at-sign, short, a well-known geography."""
    return "@" in sheet.model, len(sheet.model), not sheet.model.startswith("us."), sheet.model


def _joined(left: ModelSheet, right: ModelSheet) -> ModelSheet:
    """The shorter name is the model's; what only one of them says is kept."""
    head, tail = sorted((left, right), key=_plainness)
    names = dict.fromkeys((*head.names, tail.model, *tail.names))
    facts = {
        key: getattr(head, key) or getattr(tail, key)
        for key in ("context_window", "max_output_tokens", "cache", "can", "retires", "free", "match")
    }
    return msgspec.structs.replace(head, names=[name for name in names if plain(name) != plain(head.model)], **facts)
