"""The compiled price table: every fall-back, tier and threshold already worked out, so that a look-up is
array indexing.

A model has one cell per tier; a cell has periods in order of time; a period has levels in order of prompt
size, once for each of its daily windows; a level is one row of `rates`.
"""

import fnmatch
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from costsim.prices.fact_columns import FactColumns
from costsim.prices.facts import Commitment, ModelFacts, Quota, Resolution
from costsim.prices.lookup import UNKNOWN, Book, find, resolve
from costsim.prices.units import TIERS

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
"""Indices into arrays, of the size that numpy looks up without converting."""

NO_TIME = np.iinfo(np.int64).min
"""The time of a call that has none: priced as on the day on which the table was last checked."""

_WEEK = 7 * 24 * 60
_MINUTE = 60_000_000
_EPOCH_MINUTE_OF_WEEK = 3 * 24 * 60
"""1970-01-01 was a Thursday; weeks begin on Monday."""


class Rows(msgspec.Struct, frozen=True):
    """Where each call's rates stand."""

    row: Places
    """Row of `PriceTable.rates`; -1 where the model or the tier has no price."""
    before_first: Bools
    """The call is older than the first known price, and has that price."""


class Arrays(msgspec.Struct, frozen=True):
    """The numbers of a compiled table, as flat arrays; how they hang together stands above."""

    by_unit: Ints
    """[len(UNITS), rows] rates in 10^-12 USD; -1 = no such rate."""
    level_start: Ints
    """[rows] the prompt size from which (inclusive) the row holds."""
    cell_period: Places
    """[models * tiers + 1] the cell's first period; the last cell is empty."""
    cell_periods: Places
    """[models * tiers + 1] how many periods; 0 = the model has no such tier."""
    period_from: Ints
    """[periods] UTC microseconds."""
    period_row: Places
    """[periods] the first row of the period's first level."""
    period_levels: Places
    """[periods] how many levels."""
    period_week: npt.NDArray[np.int32]
    """[periods] row of `weeks`, or -1 where the price is the same at every hour."""
    charged: Bools
    """[models + 1] whether what the provider reports with an answer is its bill; not so for the last, model -1."""
    weeks: npt.NDArray[np.int8]
    """[schedules, minutes of a UTC week from Monday] which window's rates hold; 0 = outside every window."""


class PriceTable(msgspec.Struct, frozen=True, dict=True):
    """Dated prices of many models, ready for look-ups."""

    arrays: Arrays
    fact_columns: FactColumns
    """What is known about every model."""
    book: Book
    models: tuple[bytes, ...]
    """ModelFacts of each model, undecoded: a run asks for few of them."""
    small_models: dict[str, dict[str, int]]
    """Provider -> glob of its models -> the small one that their simple tasks are compared with; the first holds."""
    minimums: dict[str, dict[int, int]]
    """Unit -> model index -> the least number of it that a request is billed for (rule 15)."""
    newest: str
    """The newest day on which a price was checked (YYYY-MM-DD)."""
    newest_at: int
    """The end of that day in UTC microseconds."""
    hash: str
    sources: tuple[str, ...]
    commitments: tuple[Commitment, ...] = ()
    quotas: tuple[Quota, ...] = ()
    _known: dict[tuple[str | None, str | None, str | None], int] = msgspec.field(default_factory=dict)

    @property
    def rates(self) -> Ints:
        """Rates of every row: int64 [rows, len(UNITS)], 10^-12 USD per token or thing; -1 = no rate known."""
        return self.arrays.by_unit.T

    def __len__(self) -> int:
        return len(self.models)

    def resolve(
        self, provider: str | None, model: str | None, at: int | None = None, region: str | None = None
    ) -> Resolution:
        """Return which model a log's words mean, and why; no guess (rule 18). `at`: UTC microseconds."""
        return resolve(self.book, provider, model, at, region)

    def index_of(self, provider: str | None, model: str | None, region: str | None = None) -> int:
        """Return the model's index, or -1 for unknown; remembered, for many calls name few models."""
        asked = (provider, model, region)
        if (index := self._known.get(asked)) is None:
            found = find(self.book, provider, model, region)
            index = self._known[asked] = found[0] if found else UNKNOWN
        return index

    def facts(self, index: int) -> ModelFacts:
        """Return what is known about the model at `index`."""
        return decode_facts(self.models[index])

    @cached_property
    def regional(self) -> dict[int, dict[str, int]]:
        """A model at its usual price -> the same one in each region in which it has a price of its own."""
        places = {key: index for index, key in enumerate(self.book.keys)}
        found: dict[int, dict[str, int]] = {}
        for key in (key for key in self.book.keys if key.endswith(")")):
            usual, _, region = key.removesuffix(")").rpartition(" (")
            if usual in places:
                found.setdefault(places[usual], {})[region] = places[key]
        return found

    def everywhere(self, models: Iterable[str]) -> list[int]:
        """Return the models of these names, and each in the regions in which it has a price of its own."""
        found = (self.index_of(None, name) for name in models)
        return list(dict.fromkeys(each for index in found for each in (index, *self.regional.get(index, {}).values())))

    @cached_property
    def committed(self) -> tuple[Bools, ...]:
        """Which models each commitment covers, as columns over the model's index; the last place is for model -1."""
        names = [key.partition(" (")[0].lower() for key in self.book.keys]
        return tuple(
            np.array([*(fnmatch.fnmatchcase(name, one.match.lower()) for name in names), False], np.bool_)
            for one in self.commitments
        )

    def least(self, unit: str) -> Ints | None:
        """Return the least number of a unit that a request of each model is billed for; None where no model has one."""
        if not (found := self.minimums.get(unit)):
            return None
        least = np.zeros(len(self) + 1, np.int64)
        least[list(found)] = list(found.values())
        return least

    def small_model(self, provider: str, model: str = "") -> int | None:
        """Return the index of the small model that simple tasks of a provider's model are compared with."""
        globs, name = self.small_models.get(self.book.provider_of(provider) or "", {}), model.lower()
        return next((index for glob, index in globs.items() if fnmatch.fnmatchcase(name, glob)), None)

    def sells(self, model: npt.NDArray[Any], tier: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Return whether each model has prices in each tier."""
        found: npt.NDArray[np.bool_] = self.arrays.cell_periods.take(self._cell(model, tier)) > 0
        return found

    def is_own(self, index: int) -> bool:
        """Return whether a model is one of its provider's making; a provider that makes none sells those of others."""
        facts = self.facts(index)
        makes = self.book.shelves[facts.provider].makes
        return not makes or any(fnmatch.fnmatchcase(facts.model.lower(), glob) for glob in makes)

    def rows(self, model: npt.NDArray[Any], at: Ints, tier: npt.NDArray[Any], prompt_tokens: Ints) -> Rows:
        """Return where the rates of each call stand, all arrays of one length.

        `model` indices (-1 unknown), `at` UTC microseconds or NO_TIME, `tier` codes of TIERS,
        `prompt_tokens` the whole prompt with its cached part. Pricing rules 4, 6, 11 and 12.
        """
        arrays = self.arrays
        cell = self._cell(model, tier)
        count = arrays.cell_periods.take(cell)
        sold = count > 0
        if not sold.any():
            return Rows(np.full(len(cell), -1), sold)
        if at.min() == NO_TIME:
            at = np.where(at == NO_TIME, self.newest_at, at)
        first = arrays.cell_period.take(cell)
        period = _last_reached(first, count, arrays.period_from, at)
        levels = arrays.period_levels.take(period)
        row = _last_reached(arrays.period_row.take(period), levels, arrays.level_start, prompt_tokens)
        self._add_window(row, period, levels, at)
        if not sold.all():
            row[~sold] = -1
        return Rows(row, sold & (at < arrays.period_from.take(first)))

    def _cell(self, model: npt.NDArray[Any], tier: npt.NDArray[Any]) -> Places:
        """The cell of each call; the last one, which is empty, for models and tiers that the table lacks."""
        cell: Places = model * np.intp(len(TIERS)) + tier
        if model.min(initial=0) < 0 or tier.min(initial=0) < 0 or tier.max(initial=0) >= len(TIERS):
            cell[(model < 0) | (tier < 0) | (tier >= len(TIERS))] = len(self.arrays.cell_period) - 1
        return cell

    def _add_window(self, row: Places, period: Places, levels: Places, at: Ints) -> None:
        """Move calls that fall into a daily window of their period to that window's rows."""
        if not len(self.arrays.weeks):
            return
        week = self.arrays.period_week.take(period)
        timed = np.flatnonzero(week >= 0)
        minute = (at.take(timed) // _MINUTE + _EPOCH_MINUTE_OF_WEEK) % _WEEK
        row[timed] += self.arrays.weeks[week.take(timed), minute] * levels.take(timed)


def decode_facts(packed: bytes) -> ModelFacts:
    """Return the facts that `compile` packed."""
    return msgspec.msgpack.decode(packed, type=ModelFacts)


def _last_reached(first: Places, count: Places, starts: Ints, value: Ints) -> Places:
    """Return, for runs of ascending `starts` (first, count), the last place whose start is not above the
    value; the run's first place for a value below the whole run.

    Runs of more than one place are searched together, in halves and without a branch.
    """
    moving = np.flatnonzero(count > 1)
    if not len(moving):
        return first.copy()
    here, asked = first.take(moving), value.take(moving)
    lengths = count.take(moving)
    end = here + lengths
    step = 1 << (int(lengths.max()) - 1).bit_length() - 1
    while step:
        further = here + step
        here += step * ((further < end) & (asked >= starts.take(further, mode="clip")))
        step >>= 1
    place = first.copy()
    place[moving] = here
    return place
