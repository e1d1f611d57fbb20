"""A table's prices as plain values, for people: what one model costs, and what changed between two tables."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from costsim.prices.table import PriceTable
from costsim.prices.units import PER, TIERS, TRILLION, UNITS


class Entry(msgspec.Struct, frozen=True):
    """The rates of one model in one tier, from one moment, prompt size and daily window on."""

    tier: str
    start: int | None
    """UTC microseconds from which it holds; None = always, as far as is known."""
    tokens: int
    """Prompt size from which (inclusive) it holds."""
    window: int
    """Which of the period's daily windows; 0 = outside every window."""
    row: int
    """Row of `PriceTable.rates`."""
    rates: dict[str, Decimal]
    """Unit -> USD per `PER`, as in the YAML, with the units that only repeat another."""


def entries(table: PriceTable, index: int) -> list[Entry]:
    """Return every price of a model, in the order of tiers, time, windows and prompt sizes."""
    return [entry for code in range(len(TIERS)) for entry in _of_tier(table, index, code)]


def rates_of(table: PriceTable, row: int) -> dict[str, Decimal]:
    """Return one row's rates as the YAML says them: USD per million tokens, thousand searches, or thing."""
    known = ((unit, int(rate)) for unit, rate in zip(UNITS, table.rates[row], strict=True) if rate >= 0)
    return {unit: Decimal(f"{(Decimal(rate) * PER[unit] / TRILLION).normalize():f}") for unit, rate in known}


def changes(before: PriceTable, after: PriceTable) -> Iterator[str]:
    """Yield one line per model that was added, removed or has other prices, in the order of their names."""
    old, new = ({key: i for i, key in enumerate(table.book.keys)} for table in (before, after))
    for key in sorted({*old, *new}):
        if key not in new:
            yield f"- {key}"
        elif key not in old:
            yield f"+ {key}"
        else:
            yield from (f"~ {key} {line}" for line in _changed(entries(before, old[key]), entries(after, new[key])))


def _of_tier(table: PriceTable, index: int, code: int) -> Iterator[Entry]:
    arrays = table.arrays
    cell = index * len(TIERS) + code
    first = int(arrays.cell_period[cell])
    for period in range(first, first + int(arrays.cell_periods[cell])):
        start, week = int(arrays.period_from[period]), int(arrays.period_week[period])
        levels, row = int(arrays.period_levels[period]), int(arrays.period_row[period])
        windows = int(arrays.weeks[week].max()) + 1 if week >= 0 else 1
        for place in range(windows * levels):
            tokens, rates = int(arrays.level_start[row + place]), rates_of(table, row + place)
            since = None if start < -(2**61) else start
            yield Entry(TIERS[code], since, tokens, place // levels, row + place, rates)


def _changed(before: list[Entry], after: list[Entry]) -> Iterator[str]:
    old, new = ({(e.tier, e.start, e.tokens, e.window): e.rates for e in found} for found in (before, after))
    for place in sorted({*old, *new}, key=str):
        was, now = old.get(place, {}), new.get(place, {})
        for unit in UNITS:
            if was.get(unit) != now.get(unit):
                yield f"{place[0]} from {place[2]} tokens: {unit} {was.get(unit)} -> {now.get(unit)}"
