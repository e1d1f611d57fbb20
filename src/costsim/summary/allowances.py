"""Fees that include tokens, and free quotas: from sums by month and day, so that no order of calls matters."""

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from costsim.prices import PriceTable
from costsim.prices.facts import Commitment, Quota
from costsim.prices.units import TOKEN_UNITS, TRILLION
from costsim.replay import REPORTED
from costsim.schema import DATED_FROM
from costsim.summary.dimensions import Codes
from costsim.summary.priced import Priced
from costsim.summary.tally import Tally

Ints = NDArray[np.int64]

COMMITTED, FREE = ("commitment", "month"), ("quota", "period")
MEASURES = ("calls", "units", "cost")

_EPOCH = date(1970, 1, 1)
_DAY = 86_400_000_000


class Used(msgspec.Struct):
    """What was used of each commitment by month, and of each quota by its day or month."""

    tally: Tally = msgspec.field(default_factory=lambda: Tally(MEASURES))

    def add(self, other: "Used") -> None:
        """Add other calls."""
        self.tally.add(other.tally)

    def take(self, priced: Priced) -> None:
        """Add a batch of calls; one without a time is in no month, and stays at list price."""
        if priced.prices.commitments:
            self._take_committed(priced)
        for quota in priced.prices.quotas:
            self._take_free(priced, quota)

    def _take_committed(self, priced: Priced) -> None:
        """A call belongs to the first commitment that covers its model on its day."""
        at = priced.number("started_at")
        left = (at >= DATED_FROM) & priced.replay.attempts.billed
        for commitment, covers in zip(priced.prices.commitments, priced.prices.committed, strict=True):
            first, last = _days(commitment)
            here = left & covers[priced.usage.model] & (at // _DAY >= first) & (at // _DAY <= last)
            rows = np.flatnonzero(here)
            name: Codes = (np.zeros(len(rows), np.int64), [commitment.name])
            self._count(priced, COMMITTED, rows, name, "month", _tokens(priced, rows))
            left &= ~here

    def _take_free(self, priced: Priced, quota: Quota) -> None:
        part = priced.replay.costs.parts.get(quota.unit)
        counts = priced.count("web_searches") if quota.unit == "web_search" else None
        if part is None or counts is None:
            return
        chosen = np.isin(priced.usage.model, quota.models) & (counts > 0) & (part > 0)
        dated = priced.number("started_at") >= DATED_FROM
        rows = np.flatnonzero(chosen & dated & (priced.replay.basis != REPORTED))
        name: Codes = (np.zeros(len(rows), np.int64), [_label(quota)])
        self._count(priced, FREE, rows, name, quota.per, (counts[rows], part[rows]))

    def _count(
        self, priced: Priced, grouping: tuple[str, str], rows: Ints, name: Codes, per: str, used: tuple[Ints, Ints]
    ) -> None:
        if len(rows):
            values = dict(zip(MEASURES, (np.ones(len(rows), np.int64), *used), strict=True))
            self.tally.count(grouping, [name, _periods(priced.number("started_at")[rows], per)], values)


def _tokens(priced: Priced, rows: Ints) -> tuple[Ints, Ints]:
    """How many tokens calls used, and what those cost at list price, or as the log reports it."""
    tokens: Ints = priced.count("input_tokens")[rows] + priced.count("output_tokens")[rows]
    at_list, paid = priced.spent_on(*TOKEN_UNITS)[rows], priced.replay.cost[rows]
    return tokens, np.where(priced.replay.basis[rows] == REPORTED, paid, at_list)


def _periods(at: Ints, per: str) -> Codes:
    unit = {"day": "D", "month": "M"}[per]
    distinct, which = np.unique(at.astype("datetime64[us]").astype(f"datetime64[{unit}]"), return_inverse=True)
    return which, [str(period) for period in distinct]


def _days(commitment: Commitment) -> tuple[int, int]:
    """The first and last day of a commitment, counted from 1970."""
    first, last = commitment.from_ or date.min, commitment.until or date.max
    return (first - _EPOCH).days, (last - _EPOCH).days


class Due(msgspec.Struct, frozen=True):
    """What one month of a commitment comes to, in 10^-12 USD."""

    fee: int
    included: int
    calls: int
    used: int
    listed: int
    """What the used tokens cost at list price."""

    @property
    def over(self) -> int:
        """The tokens above the included ones."""
        return max(self.used - self.included, 0)

    @property
    def overage(self) -> int:
        """What those cost, at what the tokens of the month cost on average."""
        return _part(self.listed, self.over, self.used)

    @property
    def cost(self) -> int:
        """Fee and overage."""
        return self.fee + self.overage


def months(prices: PriceTable, used: Used, first_at: int | None, last_at: int | None) -> Iterator[tuple[str, str, Due]]:
    """Yield (name, month, what is due) of every commitment, for every month between two moments."""
    for commitment in prices.commitments:
        for month in _months_due(commitment, first_at, last_at):
            calls, units, cost = (used.tally.of(COMMITTED, (commitment.name, month), measure) for measure in MEASURES)
            fee = int(commitment.fee_usd * TRILLION)
            yield commitment.name, month, Due(fee, commitment.tokens, calls, units, cost)


def free(prices: PriceTable, used: Used) -> Iterator[tuple[Quota, int, int, int]]:
    """Yield (quota, used, of these free, what those cost at list price) of every quota that was made use of."""
    for quota in prices.quotas:
        rows = [sums for (name, _), sums in used.tally.rows(FREE).items() if name == _label(quota)]
        gratis = [min(sums["units"], quota.count) for sums in rows]
        credit = sum(_part(sums["cost"], part, sums["units"]) for sums, part in zip(rows, gratis, strict=True))
        if rows:
            yield quota, sum(sums["units"] for sums in rows), sum(gratis), credit


def _part(cost: int, part: int, of: int) -> int:
    """A part of a cost by numbers, rounded half up to 10^-12 USD."""
    return (2 * cost * part + of) // (2 * of) if of else 0


def _label(quota: Quota) -> str:
    return f"{quota.name} {quota.unit}"


def _months_due(commitment: Commitment, first_at: int | None, last_at: int | None) -> Iterator[str]:
    """The months between two moments for which a commitment's fee is due."""
    if first_at is None or last_at is None:
        return
    first, last = (_EPOCH + timedelta(microseconds=at) for at in (first_at, last_at))
    first, last = max(first, commitment.from_ or first), min(last, commitment.until or last)
    if first <= last:
        for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
            yield f"{month // 12:04d}-{month % 12 + 1:02d}"
