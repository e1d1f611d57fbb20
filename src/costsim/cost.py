"""Where a token count meets a price, and nowhere else: columns of counts and prices in, exact money out.

Money is int64 in 10^-12 USD. Every token is billed in exactly one unit: the parts of `input_tokens` and
`output_tokens` are taken out of their totals, and the parts of a cost add up to it. What cannot be priced
is not known, with a reason; it is never zero.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import asdict

from costsim.prices import UNIT_CODE, UNITS, PriceTable, Rows

Counts = npt.NDArray[np.signedinteger[Any]]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

REASONS: tuple[str, ...] = (
    "",
    "no price for this model",
    "no price for this service tier",
    "no token counts",
    "token counts that contradict each other",
    "absurd token counts",
    "no rate for something that was used",
)
"""Why a cost is not known; `Costs.reason` holds the places."""

PRICED, NO_PRICE, NO_TIER, NO_TOKENS, INCONSISTENT, ABSURD, NO_RATE = range(len(REASONS))

MOST_TOKENS = 10**9
"""More tokens than this in one call are absurd; rates are limited so that no cost below it leaves int64."""
MOST_THINGS = 10**5
"""The same for searches and other things that are billed one by one."""

_CHUNK = 1 << 14
"""Calls priced at once: their columns fit in the processor's cache, and their memory is used again by the next ones."""


class Usage(msgspec.Struct, frozen=True):
    """What many calls used: one column per count, all of one length; -1, or no column, is 'the log does not say'.

    Counts are inclusive: input holds reads, writes, audio and images; writes hold the 1 h part; output
    holds reasoning and audio. `model` is an index of the table (-1 unknown), `at` UTC microseconds or
    NO_TIME, `tier` a code of TIERS.
    """

    model: Counts
    at: Ints
    tier: Counts
    input_tokens: Counts
    output_tokens: Counts
    cache_read_tokens: Counts | None = None
    cache_write_tokens: Counts | None = None
    cache_write_1h_tokens: Counts | None = None
    reasoning_tokens: Counts | None = None
    audio_input_tokens: Counts | None = None
    audio_output_tokens: Counts | None = None
    image_input_tokens: Counts | None = None
    image_output_tokens: Counts | None = None
    web_searches: Counts | None = None
    things: Mapping[str, Counts] = msgspec.field(default_factory=dict)
    """Unit -> how many, for what is not billed in tokens: seconds, pages, images; requests, where a call is several."""

    def __len__(self) -> int:
        return len(self.model)

    def part(self, which: Ints | Bools) -> "Usage":
        """Return the usage of some of the calls."""
        columns: dict[str, Any] = {
            name: column[which] for name, column in asdict(self).items() if isinstance(column, np.ndarray)
        }
        return Usage(**columns, things={unit: counts[which] for unit, counts in self.things.items()})


class Costs(msgspec.Struct, frozen=True):
    """What each call cost, in 10^-12 USD."""

    cost: Ints
    """0 where not known."""
    known: Bools
    reason: npt.NDArray[np.int8]
    """Places in REASONS; 0 where known."""
    before_first: Bools
    """Priced with the model's first known price, although older than that."""
    parts: dict[str, Ints]
    """Unit -> what it cost, for the units that any call used; the parts of a known cost add up to it."""


def price(usage: Usage, table: PriceTable, *, parts: bool = True) -> Costs:
    """Return the cost of every call by the price of its own time, tier and prompt size.

    Pricing rules 1 to 7, 10, 12, 14, 17 and 20. `parts=False` leaves out the parts, which take eight bytes
    per call and unit.
    """
    calls = len(usage)
    costs = Costs(
        cost=np.zeros(calls, np.int64),
        known=np.zeros(calls, np.bool_),
        reason=np.zeros(calls, np.int8),
        before_first=np.zeros(calls, np.bool_),
        parts={},
    )
    for where in _chunks(usage):
        _price_chunk(usage, table, where, costs, parts)
    return costs


def billed_units(usage: Usage, table: PriceTable) -> dict[str, Ints]:
    """Return how many of each unit every call is billed for: unit -> counts, for the units that any call used.

    Every token is in one unit, whether it has a rate or not; a count below zero is part of a contradiction. Calls of
    models that the table lacks are billed for no requests.
    """
    found: dict[str, Ints] = {}
    for where in _chunks(usage):
        counts, rate = _looked_up(usage, table, where)[:2]
        for unit, count in [*_partition(counts)[0], *_requests(counts, rate)]:
            found.setdefault(UNITS[unit], np.zeros(len(usage), np.int64))[where] = count
    return {unit: count for unit, count in found.items() if count.any()}


def _chunks(usage: Usage) -> Iterator[slice]:
    for start in range(0, len(usage), _CHUNK):
        yield slice(start, min(start + _CHUNK, len(usage)))


def _looked_up(usage: Usage, table: PriceTable, where: slice) -> tuple["_Counts", "_RatesOf", Rows]:
    """What the calls of a slice used, and where their rates stand."""
    counts = _Counts(usage, where)
    counts.raise_to_minimums(table, usage.model[where])
    found = table.rows(usage.model[where], usage.at[where], usage.tier[where], counts.at_least_zero(counts.input))
    return counts, _RatesOf(table, found.row), found


def _price_chunk(usage: Usage, table: PriceTable, where: slice, costs: Costs, parts: bool) -> None:
    """Price one slice of the calls, into the same slice of `costs`."""
    counts, rate, found = _looked_up(usage, table, where)
    units, contradiction = _partition(counts)
    cost, reason, known = costs.cost[where], costs.reason[where], costs.known[where]
    products: list[tuple[int, Ints]] = []
    for unit, count in [*units, *_requests(counts, rate)]:
        rates = rate(unit)
        if rates.min(initial=0) < 0:
            reason[(count > 0) & (rates < 0)] = NO_RATE
        rates *= count
        cost += rates
        if parts:
            products.append((unit, rates))
    counts.mark_absurd(reason)
    reason[contradiction] = INCONSISTENT
    reason[_uncounted(counts, rate)] = NO_TOKENS
    if found.row.min(initial=0) < 0:
        reason[found.row < 0] = NO_TIER
        reason[usage.model[where] < 0] = NO_PRICE
    np.equal(reason, PRICED, out=known)
    cost[~known] = 0
    costs.before_first[where] = found.before_first & known
    for unit, product in products:
        part = costs.parts.setdefault(UNITS[unit], np.zeros(len(usage), np.int64))
        part[where] = product * known


class _Counts:
    """One slice of the columns as int64; null is 0 but for input and output, and an empty column is None."""

    def __init__(self, usage: Usage, where: slice) -> None:
        self.input = usage.input_tokens[where].astype(np.int64, copy=False)
        self.output = usage.output_tokens[where].astype(np.int64, copy=False)
        self.negative = np.zeros(len(self.input), np.bool_)
        for column in (self.input, self.output):
            if column.min(initial=0) < -1:
                self.negative |= column < -1
        self._where = where
        self.reads = self._column(usage.cache_read_tokens)
        self.writes = self._column(usage.cache_write_tokens)
        self.writes_1h = self._column(usage.cache_write_1h_tokens)
        self.reasoning = self._column(usage.reasoning_tokens)
        self.audio_input = self._column(usage.audio_input_tokens)
        self.audio_output = self._column(usage.audio_output_tokens)
        self.image_input = self._column(usage.image_input_tokens)
        self.image_output = self._column(usage.image_output_tokens)
        named = {"web_search": usage.web_searches, **usage.things}
        columns = {unit: counts for unit, column in named.items() if (counts := self._column(column)) is not None}
        self.requests = columns.pop("request", None)
        self.things = list(columns.items())

    def raise_to_minimums(self, table: PriceTable, model: Counts) -> None:
        """Bill what was used at no less than the model's minimum: ten seconds of a shorter recording (rule 15)."""
        for place, (unit, counts) in enumerate(self.things):
            if (least := table.least(unit)) is not None:
                self.things[place] = (unit, np.where(counts > 0, np.maximum(counts, least[model]), counts))

    def mark_absurd(self, reason: npt.NDArray[np.int8]) -> None:
        """Mark the calls that claim more than any call can have used."""
        for counts, most in [
            (self.input, MOST_TOKENS),
            (self.output, MOST_TOKENS),
            *((counts, MOST_THINGS) for _, counts in self.things),
            (self.requests, MOST_THINGS),
        ]:
            if counts is not None and counts.max(initial=0) > most:
                reason[counts > most] = ABSURD

    @staticmethod
    def at_least_zero(counts: Ints) -> Ints:
        """Return the counts with 0 for null and nonsense."""
        return np.maximum(counts, 0) if counts.min(initial=0) < 0 else counts

    def _column(self, column: Counts | None) -> Ints | None:
        if column is None:
            return None
        counts = column[self._where].astype(np.int64, copy=False)
        if counts.min(initial=0) < -1:
            self.negative |= counts < -1
        counts = self.at_least_zero(counts)
        return counts if counts.max(initial=0) else None


class _RatesOf:
    """The rates of one unit for every call of a slice; those of some row or other where a call has none."""

    def __init__(self, table: PriceTable, row: npt.NDArray[np.intp]) -> None:
        self._by_unit: Ints = table.arrays.by_unit
        self.row = row

    def __call__(self, unit: int, calls: npt.NDArray[np.intp] | None = None) -> Ints:
        row = self.row if calls is None else self.row.take(calls)
        if not self._by_unit.shape[1]:
            return np.full(len(row), -1, np.int64)
        rates: Ints = self._by_unit[unit].take(row)
        return rates


def _requests(counts: _Counts, rate: _RatesOf) -> Iterator[tuple[int, Ints]]:
    """Every call is one request, where its model bills requests and the log does not say that it was several."""
    rates = rate(UNIT_CODE["request"])
    if rates.max(initial=-1) >= 0:
        billed = ((rates >= 0) & (rate.row >= 0)).astype(np.int64)
        yield UNIT_CODE["request"], billed if counts.requests is None else billed * np.maximum(counts.requests, 1)


def _partition(counts: _Counts) -> tuple[list[tuple[int, Ints]], Bools]:
    """Return (unit, count) so that every token is in exactly one, and which calls contradict themselves."""
    units = {"input": counts.at_least_zero(counts.input), "output": counts.at_least_zero(counts.output)}
    contradiction = counts.negative
    for whole, unit, part in (
        ("input", "cache_read", counts.reads),
        ("input", "cache_write", counts.writes),
        ("cache_write", "cache_write_1h", counts.writes_1h),
        ("output", "reasoning", counts.reasoning),
        ("output", "audio_output", counts.audio_output),
        ("output", "image_output", counts.image_output),
    ):
        if part is not None:
            units[whole] = units.get(whole, 0) - part
            units[unit] = part
    contradiction = contradiction | _take_modality(units, "audio", counts.audio_input)
    contradiction |= _take_modality(units, "image", counts.image_input)
    for count in units.values():
        if count.min(initial=0) < 0:
            contradiction |= count < 0
    units.update(counts.things)
    return [(UNIT_CODE[unit], count) for unit, count in units.items()], contradiction


def _take_modality(units: dict[str, Ints], modality: str, count: Ints | None) -> Bools | bool:
    """Take a modality's tokens out of fresh input; what does not fit there was read from the cache."""
    if count is None:
        return False
    cached = np.maximum(count - np.maximum(units["input"], 0), 0)
    units["input"] = units["input"] - (count - cached)
    units[f"{modality}_input"] = count - cached
    if not cached.any():
        return False
    units["cache_read"] = units.get("cache_read", np.zeros_like(count)) - cached
    units[f"{modality}_cache_read"] = cached
    return units["cache_read"] < 0


def _uncounted(counts: _Counts, rate: _RatesOf) -> npt.NDArray[np.intp]:
    """Which calls lack a count that their model is billed by: input, output, or anything at all.

    A count is not needed where its rate is zero or the model is not sold by it: an embedding has no output.
    """
    calls = np.flatnonzero(((counts.input <= 0) | (counts.output < 0)) & ~counts.negative)
    if not len(calls):
        return calls
    given, made = counts.input.take(calls), counts.output.take(calls)
    of_input, of_output = rate(UNIT_CODE["input"], calls), rate(UNIT_CODE["output"], calls)
    nothing = (of_input < 0) & (given <= 0) & (made <= 0) & (rate(UNIT_CODE["request"], calls) < 0)
    for _, count in counts.things:
        nothing &= count.take(calls) == 0
    lacking: Bools = nothing | ((given < 0) & (of_input > 0)) | ((made < 0) & (of_output > 0))
    return calls.compress(lacking)
