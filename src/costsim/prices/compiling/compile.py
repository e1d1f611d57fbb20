"""From checked price files to the flat arrays of a PriceTable."""

import fnmatch
from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec
import numpy as np
from msgspec.structs import replace

from costsim.prices.compiling.caching import cache_of
from costsim.prices.compiling.fees import with_fees
from costsim.prices.compiling.names import NameIndex
from costsim.prices.compiling.retiring import retirement_of
from costsim.prices.compiling.tokenizers import tokenizer_of
from costsim.prices.facts import ModelFacts, Quota
from costsim.prices.sheets.rates import NO_RATE, Block, block, has_tier
from costsim.prices.sheets.schedule import FOREVER, NEVER, day_at, start_of, week_of
from costsim.prices.sheets.sheet import Alias, CacheFacts, Discount, Fee, Free, ModelSheet, Price, ProviderSheet, Window
from costsim.prices.table import Arrays
from costsim.prices.units import TIERS, UNITS

_ANSWERING = ("chat", "responses", "completion")
_LIFETIMES = {"cache_write_30m": "30m", "cache_write_1h": "1h", "cache_write_12h": "12h"}
_SHORTEST = {1800: "30m"}
"""Seconds that a cache entry is kept -> what the shortest lifetime is called, where that is not five minutes."""


class Period(msgspec.Struct, frozen=True):
    """One stretch of time of one tier of one model."""

    start: int
    row: int
    levels: int
    week: int = -1


class Compiler(msgspec.Struct):
    """Collects models one by one, then gives the arrays."""

    discounts: Sequence[Discount] = ()
    names: NameIndex = msgspec.field(default_factory=NameIndex)
    models: list[bytes] = msgspec.field(default_factory=list)
    small_models: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    minimums: dict[str, dict[int, int]] = msgspec.field(default_factory=dict)
    _cells: list[list[Period]] = msgspec.field(default_factory=list)
    _rows: list[tuple[int, ...]] = msgspec.field(default_factory=list)
    _starts: list[int] = msgspec.field(default_factory=list)
    _blocks: dict[Block, int] = msgspec.field(default_factory=dict)
    _weeks: dict[bytes, int] = msgspec.field(default_factory=dict)
    _charged: list[bool] = msgspec.field(default_factory=list)
    _quotas: dict[tuple[str, str, int, str], list[int]] = msgspec.field(default_factory=dict)
    """(name, unit, count, per) -> the models that share it."""

    def add(self, sheet: ProviderSheet) -> None:
        """Take in every model and alias of a provider."""
        self.names.add_provider(sheet)
        indices: dict[str, int] = {}
        for model in sheet.models:
            indices[model.model] = self._add_model(sheet, model)
        for alias in sheet.aliases:
            indices[alias.name] = self._add_alias(sheet, alias, indices)
        small = sheet.small_models | ({"*": sheet.small_model} if sheet.small_model else {})
        self.small_models[sheet.provider] = {glob.lower(): indices[name] for glob, name in small.items()}
        self._charged += [sheet.reports_charge] * (len(self.models) - len(self._charged))

    def quotas(self) -> tuple[Quota, ...]:
        """Return everything that is free every day or month."""
        return tuple(
            Quota(name=name, unit=unit, count=count, per=per, models=tuple(models))
            for (name, unit, count, per), models in self._quotas.items()
        )

    def arrays(self) -> Arrays:
        """Return everything as flat arrays."""
        periods = [period for cell in self._cells for period in cell]
        counts = np.array([*(len(cell) for cell in self._cells), 0], np.intp)
        return Arrays(
            by_unit=np.ascontiguousarray(np.array(self._rows, np.int64).reshape(-1, len(UNITS)).T),
            level_start=np.array(self._starts, np.int64),
            cell_period=np.where(counts > 0, np.cumsum(counts) - counts, 0),
            cell_periods=counts,
            period_from=np.array([period.start for period in periods], np.int64),
            period_row=np.array([period.row for period in periods], np.intp),
            period_levels=np.array([period.levels for period in periods], np.intp),
            period_week=np.array([period.week for period in periods], np.int32),
            charged=np.array([*self._charged, False], np.bool_),
            weeks=np.array([np.frombuffer(week, np.int8) for week in self._weeks], np.int8).reshape(-1, 7 * 24 * 60),
        )

    def _add_model(self, sheet: ProviderSheet, model: ModelSheet) -> int:
        model = replace(model, prices=with_fees(model, _fees(sheet, model)))
        base = self._add_variant(sheet, model, None)
        for region in sorted({region for price in model.prices for region in price.regions}):
            self._add_variant(sheet, model, region)
        return base

    def _add_variant(self, sheet: ProviderSheet, model: ModelSheet, region: str | None) -> int:
        index = len(self.models)
        contract = self._contract(f"{sheet.provider}/{model.model}")
        self.models.append(msgspec.msgpack.encode(_facts(sheet, model, region)))
        for tier in TIERS:
            self._cells.append(
                [self._period(price, tier, region, contract) for price in model.prices if has_tier(price, tier)]
            )
        if model.free:
            self._share(f"{sheet.provider}/{model.free.group or model.model}", model.free, index)
        for unit, least in model.minimums.items():
            self.minimums.setdefault(unit, {})[index] = least
        self.names.add_model(sheet.provider, model, region, index)
        return index

    def _share(self, name: str, free: Free, index: int) -> None:
        for unit, count in free.units.items():
            self._quotas.setdefault((name, unit, count, free.per), []).append(index)

    def _contract(self, key: str) -> Decimal:
        factor = Decimal(1)
        for discount in self.discounts:
            if fnmatch.fnmatchcase(key.lower(), discount.match.lower()):
                factor = discount.multiply
        return factor

    def _period(self, price: Price, tier: str, region: str | None, contract: Decimal) -> Period:
        rows = block(price, tier, price.regions.get(region or "", Decimal(1)), contract)
        windows = price.windows if tier == "standard" else []
        return Period(start_of(price), self._place(rows), len(rows.starts), self._week(windows))

    def _place(self, rows: Block) -> int:
        if (place := self._blocks.get(rows)) is None:
            place = self._blocks[rows] = len(self._rows)
            self._rows += rows.rows
            self._starts += rows.starts * (len(rows.rows) // len(rows.starts))
        return place

    def _week(self, windows: list[Window]) -> int:
        if not windows:
            return -1
        return self._weeks.setdefault(week_of(windows).tobytes(), len(self._weeks))

    def _add_alias(self, sheet: ProviderSheet, alias: Alias, indices: dict[str, int]) -> int:
        index = len(self.models)
        spans = _spans(alias, indices)
        newest = msgspec.msgpack.decode(self.models[spans[-1][2]], type=ModelFacts)
        self.models.append(msgspec.msgpack.encode(replace(newest, model=alias.name)))
        for tier in range(len(TIERS)):
            sold = any(self._cells[model * len(TIERS) + tier] for _, _, model in spans)
            self._cells.append([one for span in spans for one in self._clipped(span, tier)] if sold else [])
        meanings = [(start, meaning.model) for (start, _, _), meaning in zip(spans, alias.meant, strict=True)]
        self.names.add_alias(sheet.provider, alias, meanings, index)
        return index

    def _clipped(self, span: tuple[int, int, int], tier: int) -> Iterator[Period]:
        """The periods of the model that an alias means from one moment to another; no rate where it lacks the tier."""
        start, end, model = span
        cell = self._cells[model * len(TIERS) + tier]
        if not cell:
            yield Period(start, self._place(Block((0,), ((NO_RATE,) * len(UNITS),))), 1)
        for place, period in enumerate(cell):
            until = cell[place + 1].start if place + 1 < len(cell) else NEVER
            if until > start and period.start < end:
                yield replace(period, start=max(start, period.start))


def _fees(sheet: ProviderSheet, model: ModelSheet) -> Sequence[Fee]:
    """The fees of models that answer; nothing else is sold with tools and guardrails."""
    return sheet.fees if model.mode in _ANSWERING else ()


def _spans(alias: Alias, indices: dict[str, int]) -> list[tuple[int, int, int]]:
    """(from, until, model index) of everything that an alias has meant."""
    starts = [FOREVER if meaning.from_ is None else day_at(meaning.from_) for meaning in alias.meant]
    ends = [*starts[1:], NEVER]
    return [(start, end, indices[m.model]) for start, end, m in zip(starts, ends, alias.meant, strict=True)]


def _facts(sheet: ProviderSheet, model: ModelSheet, region: str | None) -> ModelFacts:
    newest = model.prices[-1]
    cache, retirement = cache_of(sheet, model), retirement_of(sheet, model)
    return ModelFacts(
        provider=sheet.provider,
        model=model.model,
        region=region,
        mode=model.mode,
        context_window=model.context_window,
        max_output_tokens=model.max_output_tokens,
        cache_automatic=cache.automatic,
        cache_min_tokens=cache.min_tokens,
        cache_step=cache.step,
        cache_seconds=cache.lifetime,
        cache_refreshed=cache.refreshed,
        cache_lifetimes=tuple(_lifetimes(newest, cache)),
        capabilities=tuple(model.can),
        thresholds=tuple(start for start in block(newest, "standard").starts if start),
        minimums=model.minimums,
        free=model.free.units if model.free else {},
        free_per=model.free.per if model.free else "day",
        tokenizer=tokenizer_of(model.model),
        released=model.released.isoformat() if model.released else None,
        retires=retirement.day.isoformat() if retirement.day else None,
        retires_source=retirement.source,
        retires_checked=str(retirement.checked or ""),
        retires_note=retirement.note,
        source=newest.source or sheet.source,
        checked=str(newest.checked or sheet.checked or ""),
    )


def _lifetimes(price: Price, cache: CacheFacts) -> Iterator[str]:
    if "cache_write" in price.rates:
        yield _SHORTEST.get(cache.lifetime or 0, "5m")
    yield from (name for unit, name in _LIFETIMES.items() if unit in price.rates)
