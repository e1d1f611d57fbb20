"""Logged cache reads that go with the calls before them: what a call reads that stays, when those that stored it move.

Each call goes on from the latest earlier one of its model whose whole prompt its own begins with, or, where the log
has no text, from the one before it in its conversation. Where that one goes elsewhere, the next one before it that
stays is what is left in the cache, as far as it goes and for as long as it lives (docs/decisions/lost-hits.md).
"""

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import asdict
from xxhash import xxh3_64_intdigest

from costsim.cost import Usage
from costsim.policies.as_logged import attempts as as_logged
from costsim.policies.attempts import Bools, Ints
from costsim.policies.columns import Columns
from costsim.policies.levers.grouping import Hashes, mixed
from costsim.prices import PriceTable
from costsim.schema import dates, in_one_piece

COLUMNS = ("conversation_id", "trace_id", "prefix_hashes")
"""Columns of `calls` that are read for it, besides those of `as_logged`."""

_LOOKED_AT = 8
"""Prefixes in which an earlier prompt is looked for: the whole one, and those that are up to seven messages shorter."""
_HOUR = 3_600_000_000


class Turns(msgspec.Struct, frozen=True):
    """Calls that may go on from each other; columns of one length, by time once they are `linked`."""

    part: Ints
    row: Ints
    """Of the part."""
    at: Ints
    """UTC microseconds."""
    key: Hashes
    """What a later call must begin with that goes on from it."""
    begins: Hashes
    """[calls, up to _LOOKED_AT]: what it begins with, the longest first; 0 for nothing."""
    read: Ints
    """Tokens, as logged."""
    stores: Ints
    """Tokens of its prompt that are in the cache after it."""
    lives: Ints
    """For how long, in microseconds."""

    def __len__(self) -> int:
        return len(self.at)

    def only(self, rows: Ints | Bools) -> "Turns":
        """Return some of the calls."""
        return Turns(**{name: column[rows] for name, column in asdict(self).items()})

    @classmethod
    def together(cls, some: list["Turns"]) -> "Turns":
        """Return the calls of several parts."""
        columns = [asdict(each) for each in some]
        width = max(each.begins.shape[1] for each in some)
        for each in columns:
            each["begins"] = np.pad(each["begins"], ((0, 0), (0, width - each["begins"].shape[1])))
        return cls(**{name: np.concatenate([each[name] for each in columns]) for name in cls.__struct_fields__})


class Linked(msgspec.Struct, frozen=True):
    """Calls by time, and what each goes on from."""

    turns: Turns
    before: Ints
    """The place of the call that each goes on from; -1 for none."""
    begun_with: Ints
    """Tokens that the first call of each one's chain read, which others than these had stored."""

    def lost(self, stays: Bools) -> Ints:
        """Return how many of the tokens that each call read are not in the cache, when only some calls stay."""
        turns, before = self.turns, self.before
        left = before.copy()
        while (gone := np.flatnonzero((left >= 0) & ~stays[left])).size:
            left[gone] = left[left[gone]]
        since, logged = turns.at - turns.at[left], turns.at - turns.at[before]
        alive = (left >= 0) & (since <= np.maximum(turns.lives[left], logged))  # the log shows that it lived as long
        stored, still = turns.stores[before], np.where(alive, turns.stores[left], 0)
        had, has = (np.minimum(turns.read, np.maximum(each, self.begun_with)) for each in (stored, still))
        found: Ints = np.where(stays & (before >= 0), np.maximum(had - has, 0), 0)
        return found


def turns_of(part: int, calls: pa.Table, prices: PriceTable, seconds: Ints) -> Turns:
    """Return the calls of a part that may go on from each other; `seconds` are the lifetimes of each model's cache."""
    attempts, at = as_logged(calls, prices), dates(calls)
    usage = attempts.usage
    begins = _begins(Columns(calls), usage.model.astype(np.int64))
    rows = np.flatnonzero((at >= 0) & (usage.model >= 0) & attempts.billed & (begins[:, 0] != 0))
    used, begins = usage.part(rows), begins[rows]
    read, wrote, long = (counted(used, f"cache_{name}_tokens") for name in ("read", "write", "write_1h"))
    stores = np.where(must_be_asked(used, prices), read + wrote, np.maximum(used.input_tokens, 0))
    lives = np.maximum(seconds[used.model] * 1_000_000, np.where(long > 0, _HOUR, 0))
    return Turns(np.full(len(rows), part), rows, at[rows], begins[:, 0], begins, read, stores, lives)


def _begins(columns: Columns, model: Ints) -> Hashes:
    """What each call begins with, of its model and, where it is in one, its conversation; the longest first."""
    conversation, piece = _conversations(columns), _conversations(columns, "trace_id")
    lists = in_one_piece(columns.calls.column("prefix_hashes"))
    offsets, hashes = lists.offsets.to_numpy().astype(np.int64), lists.values.to_numpy()
    found = np.zeros((len(columns), _LOOKED_AT), np.uint64)
    for back in range(_LOOKED_AT):
        place = offsets[1:] - 1 - back
        has = np.flatnonzero(place >= offsets[:-1])
        found[has, back] = mixed(hashes[place[has]] ^ conversation[has], model[has])
    alone = np.where(conversation != 0, conversation, piece)
    bare = np.flatnonzero((found[:, 0] == 0) & (alone != 0))
    found[bare, 0] = mixed(alone[bare], model[bare])
    return found[:, : 1 + int(np.flatnonzero(found.any(axis=0)).max(initial=0))]


def _conversations(columns: Columns, name: str = "conversation_id") -> Hashes:
    """A hash of each call's word in a column; 0 where it has none."""
    codes, labels = columns.word(name)
    return np.array([0 if each is None else xxh3_64_intdigest(each.encode()) | 1 for each in labels], np.uint64)[codes]


def linked(turns: Turns) -> Linked:
    """Return those calls, by time, of chains in which some call reads more than the first one did."""
    turns = turns.only(np.lexsort((turns.row, turns.part, turns.at)))
    before = _before(turns)
    first = np.where(before >= 0, before, np.arange(len(turns)))
    while not np.array_equal(further := first[first], first):
        first = further
    begun_with = turns.read[first]
    wanted = np.zeros(len(turns), np.bool_)
    wanted[first[(before >= 0) & (turns.read > begun_with)]] = True
    rows = np.flatnonzero(wanted[first])
    place = np.full(len(turns) + 1, -1)
    place[rows] = np.arange(len(rows))
    return Linked(turns.only(rows), place[before[rows]], begun_with[rows])


def _before(turns: Turns) -> Ints:
    """The latest earlier call whose key is the longest of what each call begins with; -1 for none."""
    calls, found = len(turns), np.full(len(turns), -1)
    if not calls:
        return found
    keys, code = np.unique(turns.key, return_inverse=True)
    known = np.sort(code * calls + np.arange(calls))
    for begins in turns.begins.T:
        rows = np.flatnonzero((found < 0) & (begins != 0))
        wanted = np.minimum(np.searchsorted(keys, begins[rows]), len(keys) - 1)
        here = keys[wanted] == begins[rows]
        rows, wanted = rows[here], wanted[here]
        last = known[np.searchsorted(known, wanted * calls + rows) - 1]
        there = (last // calls == wanted) & (last % calls < rows)
        found[rows[there]] = last[there] % calls
    return found


def must_be_asked(usage: Usage, prices: PriceTable) -> Bools:
    """Return which calls have a cache that must be asked for, as their model's facts say, or that they wrote."""
    found: Bools = (prices.fact_columns.cache_automatic[usage.model] == 0) | (counted(usage, "cache_write_tokens") > 0)
    return found


def counted(usage: Usage, name: str) -> Ints:
    """Return a column of counts, 0 where the log does not say."""
    column = getattr(usage, name)
    return np.zeros(len(usage), np.int64) if column is None else np.maximum(column, 0).astype(np.int64)
