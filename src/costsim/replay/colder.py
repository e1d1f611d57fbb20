"""A batch under a policy, of which some calls that stay find less in the cache: those that stored it moved."""

from typing import Any

import numpy as np
from msgspec.structs import replace

from costsim import cost
from costsim.cost import Usage
from costsim.policies.attempts import WHOLE, Bools, Ints, Leg
from costsim.prices import PriceTable
from costsim.replay.history import Replay
from costsim.replay.outcome import Lost, Simulated, Spent
from costsim.replay.warmed import counted, must_be_asked


def colder(simulated: Simulated, lost: Ints, past: Replay, prices: PriceTable) -> Simulated:
    """Return the batch with what calls cost more that stay and read so many tokens less, of each call of the batch.

    What a call costs more is the difference of two list prices, whatever its own cost comes from.
    """
    logged, more = past.attempts.usage, np.zeros(len(lost), np.int64)
    found, spent = [], []
    for each in simulated.spent:
        at = np.flatnonzero(staying(each.leg, logged) & (lost[each.leg.rows] > 0))
        used, which, dearer = _dearer(each.usage.part(at), lost[each.leg.rows[at]], prices)
        found.append(Lost(each.leg.rows[at[which]], lost[each.leg.rows[at[which]]], dearer[which]))
        spent.append(_with(each, at[which], used.part(which), dearer[which]) if which.any() else each)
    rows = np.flatnonzero(simulated.kept & ~simulated.served & past.known & (lost > 0))
    used, which, more[rows] = _dearer(logged.part(rows), lost[rows], prices)
    kept = _changed(logged, rows[which], used.part(which))
    found.append(Lost(rows[which], lost[rows[which]], more[rows[which]]))
    rows_, tokens, costs = (np.concatenate([getattr(each, name) for each in found]) for name in Lost.__struct_fields__)
    return replace(simulated, spent=spent, lost=Lost(rows_, tokens, costs), more=more, used=kept)


def staying(leg: Leg, usage: Usage) -> Bools:
    """Return which requests of a leg are calls that stay, as a whole, on the model that they were on."""
    stays: Bools = (leg.model == usage.model[leg.rows]) & (leg.share == WHOLE) & leg.answers
    return stays & (leg.reads_more is None)


def _without_hits(usage: Usage, lost: Ints, prices: PriceTable) -> Usage:
    """Return the usage of calls that read so many tokens less; caches that must be asked for write them anew."""
    read, wrote, long = (counted(usage, f"cache_{name}_tokens") for name in ("read", "write", "write_1h"))
    lost = np.minimum(lost, read)
    written = np.where(must_be_asked(usage, prices), lost, 0)
    changed: dict[str, Any] = {
        "cache_read_tokens": read - lost,
        "cache_write_tokens": wrote + written,
        "cache_write_1h_tokens": long + np.where(long > 0, written, 0),
    }
    return replace(usage, **changed)


def _dearer(usage: Usage, lost: Ints, prices: PriceTable) -> tuple[Usage, Bools, Ints]:
    """The usage of calls that read less, which of them cost more for it by known prices, and how much (else 0)."""
    used = _without_hits(usage, lost, prices)
    then, now = (cost.price(each, prices, parts=False) for each in (usage, used))
    more = np.where(then.known & now.known, now.cost - then.cost, 0)
    return used, more != 0, more


def _with(spent: Spent, at: Ints, used: Usage, dearer: Ints) -> Spent:
    """A leg with other cached tokens in some of its rows, which cost more."""
    costs = spent.cost.copy()
    costs[at] += dearer
    return replace(spent, usage=_changed(spent.usage, at, used), cost=costs)


def _changed(usage: Usage, at: Ints, used: Usage) -> Usage:
    """The usage with other cached tokens in some of its rows."""
    columns: dict[str, Any] = {}
    for name in ("cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens"):
        known = getattr(usage, name)
        columns[name] = np.full(len(usage), -1, np.int64) if known is None else known.astype(np.int64)
        columns[name][at] = getattr(used, name)
    return replace(usage, **columns)
