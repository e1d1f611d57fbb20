"""Two lists of one provider become one: today's rates of the first, the history and the missing rates of the second.

Where the two contradict each other about today, `settled` says which is right, and why is in docs/decisions.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec

from costsim.prices.foreign.genai import Listed
from costsim.prices.rates import Steps, Row, block
from costsim.prices.sheet import ModelSheet, Price, TierPrice
from costsim.prices.spelling import loose, plain, stem
from costsim.prices.units import UNIT_CODE

TODAY = date(2026, 11, 17)
"""The day of both lists."""

COMPARED = ("input", "output", "cache_read", "cache_write")
Choice = Callable[[str, str], str]
"""(provider, name) -> 'first' or 'second': whose price holds where the two contradict each other."""


@dataclass
class Merged:
    """What one provider's lists come to, and where they contradicted each other."""

    sheets: list[ModelSheet]
    contradictions: list[tuple[str, str, Price, Price]] = field(default_factory=list)


def merge(provider: str, first: list[ModelSheet], second: list[Listed], choose: Choice) -> Merged:
    """Return a provider's models; `first` holds the list of today's prices, `second` the dated one."""
    merged = Merged([])
    found = [(sheet, _answering(second, sheet.model)) for sheet in _unique(first)]
    taken: set[int] = set()
    for sheet, other in found:
        if other is None:
            merged.sheets.append(sheet)
            continue
        both = _combined(sheet, second[other].sheet)
        if both is None:
            pair = (provider, sheet.model, sheet.prices[0], _current(second[other].sheet.prices))
            merged.contradictions.append(pair)
            if choose(provider, sheet.model) == "second":
                both = _with_prices(sheet, second[other].sheet.prices)
                taken.add(other)
        else:
            taken.add(other)
        merged.sheets.append(both or sheet)
    _add_names(merged, found, second, taken)
    known = {plain(name) for sheet in merged.sheets for name in (sheet.model, *sheet.names)}
    merged.sheets += [_free_of(one.sheet, known) for i, one in enumerate(second) if i not in taken and plain(one.sheet.model) not in known]
    merged.sheets = grouped(merged.sheets)
    return merged


def _unique(sheets: Iterable[ModelSheet]) -> list[ModelSheet]:
    """One sheet per name; a second one of the same name is dropped, whose key had no prefix or another one."""
    kept: dict[str, ModelSheet] = {}
    for sheet in sheets:
        kept.setdefault(plain(sheet.model), sheet)
    return list(kept.values())


def _answering(second: list[Listed], name: str) -> int | None:
    return next((place for place, one in enumerate(second) if one.answers_to(plain(name))), None)


def _current(prices: list[Price]) -> Price:
    return [price for price in prices if price.from_ is None or price.from_ <= TODAY][-1] if prices[0].from_ is None or prices[0].from_ <= TODAY else prices[0]


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
    """Whether both charge the same at every prompt size that both speak of, for what text calls use."""
    for place in range(2):
        left, right = block(ours, "standard"), block(theirs, "standard")
        for starts, rows, other_starts, other_rows in ((left.starts, left.rows, right.starts, right.rows),):
            for start in sorted({*starts, *other_starts}):
                if not _same(_at(starts, rows, start), _at(other_starts, other_rows, start)):
                    return False
        if place or not (ours.windows or theirs.windows):
            break
    return True


def _at(starts: tuple[int, ...], rows: tuple[Row, ...], start: int) -> Row:
    return rows[max(place for place, known in enumerate(starts) if known <= start)]


def _same(left: Row, right: Row) -> bool:
    return all(left[UNIT_CODE[unit]] == right[UNIT_CODE[unit]] for unit in COMPARED)


def _richer(ours: Price, theirs: Price) -> Price:
    """Our price with their rates, tiers and start where we have none."""
    tiers = dict(theirs.tiers)
    for tier, special in ours.tiers.items():
        tiers[tier] = _richer_tier(special, tiers.get(tier))
    return msgspec.structs.replace(
        ours,
        from_=theirs.from_,
        rates={**theirs.rates, **ours.rates},
        above=ours.above or theirs.above,
        tiers=tiers,
        windows=ours.windows or theirs.windows,
    )


def _richer_tier(ours: TierPrice, theirs: TierPrice | None) -> TierPrice:
    if theirs is None:
        return ours
    return TierPrice(rates={**theirs.rates, **ours.rates}, above=ours.above or theirs.above)


def _add_names(merged: Merged, found: list[tuple[ModelSheet, int | None]], second: list[Listed], taken: set[int]) -> None:
    """Give each model of the second list's names to the nearest of the sheets that took its prices."""
    known = {plain(sheet.model) for sheet in merged.sheets}
    for place in sorted(taken):
        users = [i for i, (_, other) in enumerate(found) if other == place]
        other = second[place].sheet
        new = [name for name in (other.model, *other.names) if plain(name) not in known]
        nearest = min(users, key=lambda i: (loose(found[i][0].model) != loose(other.model), len(found[i][0].model)))
        sheet = merged.sheets[nearest]
        merged.sheets[nearest] = msgspec.structs.replace(sheet, names=[*sheet.names, *new], match=other.match)
        known.update(map(plain, new))


def _free_of(sheet: ModelSheet, known: set[str]) -> ModelSheet:
    return msgspec.structs.replace(sheet, names=[name for name in sheet.names if plain(name) not in known])


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
    import re

    return re.sub(r"-(20\d{6}|latest)$", "", re.sub(r"^(us|eu|apac|au|jp|ca)-", "", stem(plain(name))))


def _joined(left: ModelSheet, right: ModelSheet) -> ModelSheet:
    """The shorter name is the model's; what only one of them says is kept."""
    head, tail = sorted((left, right), key=lambda sheet: (len(sheet.model), sheet.model))
    names = dict.fromkeys((*head.names, tail.model, *tail.names))
    facts = {
        key: getattr(head, key) or getattr(tail, key)
        for key in ("context_window", "max_output_tokens", "cache", "can", "retires", "free", "match")
    }
    return msgspec.structs.replace(head, names=[name for name in names if plain(name) != plain(head.model)], **facts)
