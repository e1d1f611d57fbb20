"""What a foreign list states about a model, laid over what is known here: what it does not state stays as it is."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import msgspec

from costsim.prices.foreign.exact import tidy
from costsim.prices.sheets.rates import NO_RATE, Row, block, has_tier
from costsim.prices.sheets.schedule import week_of
from costsim.prices.sheets.sheet import Level, Price, Rates, TierPrice, Window
from costsim.prices.units import PER, STANDS_IN, TRILLION, UNIT_CODE, UNITS

_STAND_IN = dict(STANDS_IN)

Charge = tuple[object, ...]
"""What a tier charges at every prompt size and minute of a week, however it is written."""


def stated_over(ours: Price, theirs: Price) -> Price:
    """Our price with the units, levels, tiers, hours and regions that the list states in the place of ours.

    A unit that is new here is added, unless it only says what stands in for it; where the list does not state it, in a
    tier, level or window, what stood in for it there is written down, so that it stays.
    """
    fresh = {unit: usd for unit, usd in theirs.rates.items() if unit not in ours.rates}
    known = {unit: usd for unit, usd in theirs.rates.items() if unit in ours.rates}
    if not ours.rates:  # only tiers or hours have rates here
        fresh, known = {}, theirs.rates
    merged = _merged(ours, msgspec.structs.replace(theirs, rates=known))
    whole = {**merged.rates, **fresh}
    added = {unit: usd for unit, usd in fresh.items() if usd != _stand_in(whole, unit)}
    return _with_units(merged, added) if added else merged


def same_charges(one: Price, other: Price) -> bool:
    """Whether two prices charge the same for every call; a rate that only says what stands in for it is no change."""
    if _bare(one) == _bare(other):
        return True
    return one.regions == other.regions and dict(_charges(one)) == dict(_charges(other))


def differing(kept: Price, left: Price) -> tuple[str, str]:
    """The rates in which two prices differ, in words, as the one and as the other says them; at most three."""
    one, other = dict(_said(kept)), dict(_said(left))
    places = [place for place in dict.fromkeys([*one, *other]) if one.get(place) != other.get(place)]
    shown = places[:3]
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    first, second = (", ".join(f"{at} {said.get(at, 'not stated')}" for at in shown) + more for said in (one, other))
    return first or "other hours", second or "other hours"


def _merged(ours: Price, theirs: Price) -> Price:
    return msgspec.structs.replace(
        ours,
        rates={**ours.rates, **theirs.rates},
        above=_levels(ours.above, theirs.above),
        tiers={tier: _tier(ours, theirs, tier) for tier in (*ours.tiers, *_whole_tiers(ours, theirs))},
        windows=_windows(ours.windows, theirs.windows),
        regions={**ours.regions, **theirs.regions},
    )


def _stand_in(rates: Rates, unit: str) -> Decimal | None:
    """The rate that a unit would have without one of its own."""
    other = _STAND_IN.get(unit)
    return None if other is None else rates[other] if other in rates else _stand_in(rates, other)


def _with_units(price: Price, added: Rates) -> Price:
    """The price with units of its own at the smallest prompts, charging as before everywhere else."""
    standard = _rows(price, "standard")
    tiers = {}
    for tier, special in price.tiers.items():
        own = _rows(price, tier)
        above = _kept_levels(special.above, own, added)
        tiers[tier] = msgspec.structs.replace(special, rates=_kept(special.rates, own[0], added), above=above)
    windows = []
    for place, window in enumerate(price.windows, start=1):
        rows = _rows(price, "standard", place)
        above = _kept_levels(window.above, rows, added)
        windows.append(msgspec.structs.replace(window, rates=_kept(window.rates, rows[0], added), above=above))
    above = _kept_levels(price.above, standard, added)
    return msgspec.structs.replace(price, rates={**price.rates, **added}, above=above, tiers=tiers, windows=windows)


def _rows(price: Price, tier: str, window: int = 0) -> dict[int, Row]:
    """Prompt size -> what holds from it on, outside every window or in one of them."""
    found = block(price, tier)
    first = window * len(found.starts)
    return dict(zip(found.starts, found.rows[first : first + len(found.starts)], strict=True))


def _kept_levels(levels: Iterable[Level], rows: dict[int, Row], added: Rates) -> list[Level]:
    return [
        msgspec.structs.replace(level, rates=_kept(level.rates, rows[level.tokens + (not level.at_least)], added))
        for level in levels
    ]


def _kept(rates: Rates, row: Row, added: Rates) -> Rates:
    """Rates of one place with what stood in there for the units that are added elsewhere."""
    stood = {unit: row[UNIT_CODE[unit]] for unit in added if unit not in rates}
    kept = {unit: tidy(Decimal(rate) * PER[unit] / TRILLION) for unit, rate in stood.items() if rate != NO_RATE}
    return {**rates, **kept}


def _bare(price: Price) -> Price:
    """A price without what costs nothing: its start, its source and words about it."""
    return msgspec.structs.replace(price, from_=None, hour=None, source="", checked=None, note="")


def _whole_tiers(ours: Price, theirs: Price) -> list[str]:
    """The tiers that only the list has; half a tier would charge the other half at the standard rate."""
    standard = {**ours.rates, **theirs.rates}
    needed = [unit for unit in ("input", "output") if standard.get(unit)]
    return [
        tier
        for tier, special in theirs.tiers.items()
        if tier not in ours.tiers and all(unit in special.rates for unit in needed)
    ]


def _tier(ours: Price, theirs: Price, tier: str) -> TierPrice:
    one, other = (price.tiers.get(tier) or TierPrice(rates={}) for price in (ours, theirs))
    return TierPrice(rates={**one.rates, **other.rates}, above=_levels(one.above, other.above))


def _levels(ours: Iterable[Level], theirs: Iterable[Level]) -> list[Level]:
    """Levels by their size; not every list can say whether the size itself is above."""
    found = {level.tokens: level for level in ours}
    for level in theirs:
        known = found.get(level.tokens, level)
        rates = {**known.rates, **level.rates}
        found[level.tokens] = Level(tokens=level.tokens, at_least=known.at_least or level.at_least, rates=rates)
    return [found[tokens] for tokens in sorted(found)]


def _windows(ours: list[Window], theirs: list[Window]) -> list[Window]:
    """Hours that both have keep what the list does not state; a list with other hours states another schedule."""
    if not theirs:
        return ours
    known = {_hours(window): window for window in ours}
    if {_hours(window) for window in theirs} - {*known}:
        return theirs
    stated = {_hours(window): window for window in theirs}
    return [
        msgspec.structs.replace(
            window,
            rates={**window.rates, **other.rates},
            above=_levels(window.above, other.above),
        )
        for hours, window in known.items()
        for other in [stated.get(hours, window)]
    ]


def _hours(window: Window) -> tuple[object, ...]:
    return tuple(sorted(window.hours)), tuple(sorted(window.weekdays)), window.zone


def _charges(price: Price) -> Iterator[tuple[str, Charge]]:
    for tier in ("standard", *price.tiers):
        if has_tier(price, tier):
            yield tier, _charge(price, tier)


def _charge(price: Price, tier: str) -> Charge:
    """Steps of prompt size at which a rate changes, the rows of each stretch of the week, and the week."""
    found = block(price, tier)
    size = len(found.starts)
    variants = [found.rows[place : place + size] for place in range(0, len(found.rows), size)]
    hourly = tier == "standard" and bool(price.windows)
    week = week_of(price.windows).tolist() if hourly else [0]
    codes: dict[tuple[Row, ...], int] = {}
    minutes = tuple(codes.setdefault(variants[place], len(codes)) for place in week)
    steps = [
        place for place in range(size) if not place or any(rows[place] != rows[place - 1] for rows in codes)
    ]  # fmt: skip
    starts = tuple(found.starts[place] for place in steps)
    rows = tuple(tuple(rows[place] for place in steps) for rows in codes)
    return starts, rows, minutes if len(codes) > 1 else ()


def _said(price: Price) -> Iterator[tuple[str, str]]:
    """(where, USD) of every rate that a price says itself."""
    yield from _said_in("", price.rates, price.above)
    for tier, special in price.tiers.items():
        yield from _said_in(f"{tier} ", special.rates, special.above)
    for window in price.windows:
        yield from _said_in(f"{', '.join(window.hours)} ", window.rates, window.above)
    for region, factor in price.regions.items():
        yield f"region {region}", f"x {factor}"


def _said_in(head: str, rates: Rates, above: Iterable[Level]) -> Iterator[tuple[str, str]]:
    yield from ((f"{head}{unit}", f"{rates[unit]:f}") for unit in UNITS if unit in rates)
    for level in above:
        yield from (
            (f"{head}{unit} above {level.tokens:,} tokens", f"{level.rates[unit]:f}")
            for unit in UNITS
            if unit in level.rates
        )
