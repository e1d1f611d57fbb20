"""Where a price stands: its file, its source, the day it was checked, and a contract of the user's over it."""

import fnmatch
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from costsim.prices import ModelFacts
from costsim.prices.sheets.files import SHIPPED, Source, sources
from costsim.prices.sheets.layers import read
from costsim.prices.sheets.rates import has_tier
from costsim.prices.sheets.schedule import start_of
from costsim.prices.sheets.sheet import ModelSheet, Price, ProviderSheet, UserSheet


class WrittenPrice(msgspec.Struct, frozen=True):
    """What the price file says beside the rates."""

    file: str
    source: str
    checked: str
    note: str = ""
    regions: Mapping[str, Decimal] = msgspec.field(default_factory=dict)
    discount: str = ""
    """The multiplier of the user's contract; '' where there is none."""


def of(facts: ModelFacts, name: str, extra: Sequence[Path], at: int, tier: str) -> WrittenPrice:
    """Return where the price of a model, written under `name`, at a moment (UTC microseconds) and tier comes from."""
    own = [(str(source.path), read(source)) for source in sources(extra) if not source.shipped] if extra else []
    discount = _discount([sheet for _, sheet in own], facts)
    for file, sheet in [*reversed(own), *_shipped(facts.provider)]:
        if sheet.provider == facts.provider and (model := _model(sheet, name)):
            price = _price(model, at, tier)
            return WrittenPrice(
                file=file,
                source=price.source or sheet.source,
                checked=str(price.checked or sheet.checked or ""),
                note=price.note,
                regions=price.regions,
                discount=discount,
            )
    return WrittenPrice(f"{facts.provider}.yaml", facts.source, facts.checked, discount=discount)


def _shipped(provider: str) -> list[tuple[str, ProviderSheet]]:
    path = SHIPPED / f"{provider}.yaml"
    return [(f"{path.name}, shipped", read(Source(path, path.read_bytes(), True)))] if path.is_file() else []


def _model(sheet: ProviderSheet, name: str) -> ModelSheet | None:
    return next((model for model in sheet.models if model.model == name), None)


def _price(model: ModelSheet, at: int, tier: str) -> Price:
    sold = [price for price in model.prices if has_tier(price, tier)] or model.prices
    return next((price for price in reversed(sold) if start_of(price) <= at), sold[0])


def _discount(sheets: Sequence[ProviderSheet], facts: ModelFacts) -> str:
    """The last discount that matches, as the table takes it."""
    key = f"{facts.provider}/{facts.model}".lower()
    found = [discount for sheet in sheets if isinstance(sheet, UserSheet) for discount in sheet.discounts]
    return next((f"{one.multiply:f}" for one in reversed(found) if fnmatch.fnmatchcase(key, one.match.lower())), "")
