"""Every call's attempts as rows of a Parquet file: what `simulate --per-call` writes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from costsim.outputs import whole
from costsim.policies.attempts import WHOLE, Ints, Kind
from costsim.policies.columns import Columns
from costsim.prices import TIERS
from costsim.replay.history import Replay
from costsim.replay.outcome import NO_RULE, Simulated, Spent
from costsim.replay.simulating import Simulation
from costsim.schema import as_arrow, decimals

AS_IT_WAS = "as it was"
FROM_CACHE = "from cache"
NO_ROUTE = "(no rule)"
_KINDS = {kind: kind.name.lower() for kind in Kind}
_WORD = pa.dictionary(pa.int32(), pa.string())
_USD, _SHARE = pa.decimal128(20, 12), pa.decimal128(20, 9)

SCHEMA = pa.schema([
    ("policy", _WORD), ("call_id", pa.string()), ("rule", _WORD), ("attempt", pa.int32()), ("kind", _WORD),
    ("model", _WORD), ("service_tier", _WORD), ("share", _SHARE), ("billed_share", _SHARE),
    ("input_tokens", pa.int64()), ("cache_read_tokens", pa.int64()), ("cache_write_tokens", pa.int64()),
    ("output_tokens", pa.int64()), ("cost_usd", _USD), ("baseline_cost_usd", _USD),
])  # fmt: skip
"""One row for each attempt. `cost_usd` is what the attempt costs if it is made; the expected cost is that times
`billed_share`. `baseline_cost_usd` is the call's cost as it was, on each of its rows; null where it is not known."""


def tables(simulation: Simulation, simulated: Simulated, past: Replay, columns: Columns) -> Iterator[pa.Table]:
    """Yield the attempts of a batch under one policy: those that it makes, and the calls that stay as they were."""
    names = [rule.name for rule in simulation.policy.rules] + [NO_ROUTE]
    ids = columns.calls.column("call_id").combine_chunks()
    common = _Common(simulation.policy.name, names, ids, past)
    for spent in simulated.spent:
        yield _attempts(common, spent, simulation.prices.book.keys)
    for kind, rows in ((AS_IT_WAS, simulated.kept & ~simulated.served), (FROM_CACHE, simulated.served)):
        yield _as_they_were(common, np.flatnonzero(rows), simulated, columns, kind)


class _Common:
    """What every row of a batch needs."""

    def __init__(self, policy: str, rules: Sequence[str], ids: pa.Array, past: Replay) -> None:
        self._policy, self._rules, self._ids, self.past = policy, rules, ids, past

    def table(self, rows: Ints, rule: Ints, known: dict[str, pa.Array]) -> pa.Table:
        """Return rows with what is the same for all kinds of them."""
        past = self.past
        columns = known | {
            "policy": _words(np.zeros(len(rows), np.int64), [self._policy]),
            "call_id": self._ids.take(as_arrow(rows)),
            "rule": _words(np.where(rule == NO_RULE, len(self._rules) - 1, rule), self._rules),
            "baseline_cost_usd": decimals(past.cost[rows], past.known[rows]),
        }
        return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _attempts(common: _Common, spent: Spent, models: Sequence[str]) -> pa.Table:
    leg, usage = spent.leg, spent.usage
    made = np.flatnonzero(leg.share > 0)
    rows = leg.rows[made]
    number = np.full(len(rows), leg.number, np.int32)
    return common.table(rows, np.full(len(rows), spent.rule), {
        "attempt": as_arrow(number),
        "kind": _words(np.zeros(len(rows), np.int64), [_KINDS[leg.kind]]),
        "model": _words(leg.model[made], models),
        "service_tier": _words(usage.tier[made].astype(np.int64), TIERS),
        "share": _shares(leg.share[made]),
        "billed_share": _shares(leg.billed[made]),
        **{name: _counts(getattr(usage, name), made) for name in _TOKENS},
        "cost_usd": decimals(spent.cost[made], spent.known[made]),
    })  # fmt: skip


_TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")


def _as_they_were(common: _Common, rows: Ints, simulated: Simulated, columns: Columns, kind: str) -> pa.Table:
    past, calls = common.past, columns.calls
    usage = past.attempts.usage if simulated.used is None else simulated.used
    cost = simulated.cost_kept(past.cost)[rows] if kind == AS_IT_WAS else np.zeros(len(rows), np.int64)
    known = past.known[rows] if kind == AS_IT_WAS else np.ones(len(rows), np.bool_)
    words = {
        name: calls.column(name).combine_chunks().cast(_WORD).take(as_arrow(rows)) for name in ("model", "service_tier")
    }
    whole = _shares(np.full(len(rows), WHOLE if kind == AS_IT_WAS else 0))
    return common.table(rows, simulated.rule[rows], words | {
        "attempt": as_arrow(np.zeros(len(rows), np.int32)),
        "kind": _words(np.zeros(len(rows), np.int64), [kind]),
        "share": whole,
        "billed_share": whole,
        **{name: _counts(getattr(usage, name), rows) for name in _TOKENS},
        "cost_usd": decimals(cost, known),
    })  # fmt: skip


def _words(codes: Ints, labels: Sequence[str]) -> pa.Array:
    valid = (codes >= 0) & (codes < len(labels))
    return pa.DictionaryArray.from_arrays(as_arrow(codes.astype(np.int32), valid), pa.array(labels))


def _counts(counts: Ints | None, rows: Ints) -> pa.Array:
    if counts is None:
        return pa.nulls(len(rows), pa.int64())
    return as_arrow(counts[rows].astype(np.int64), counts[rows] >= 0)


def _shares(shares: Ints) -> pa.Array:
    """Shares of 10^-9 as exact decimals."""
    halves = np.stack([shares, shares >> 63], axis=1)
    return pa.Array.from_buffers(_SHARE, len(shares), [None, pa.py_buffer(np.ascontiguousarray(halves))])


class PartFile:
    """The rows of one batch in a file of their own, until all batches are written."""

    def __init__(self, folder: Path, number: int) -> None:
        self._path = folder / f"attempts-{number:08}.parquet"

    def write(self, found: Sequence[pa.Table]) -> None:
        """Write the rows."""
        from pyarrow import parquet  # slow to load, and seldom asked for

        parquet.write_table(_plain(pa.concat_tables(found)), self._path, compression="zstd")


def _plain(table: pa.Table) -> pa.Table:
    return table.unify_dictionaries()


def joined(folder: Path, path: Path) -> None:
    """Write all parts as one file, in the order of the log; nothing is there until it is whole."""
    from pyarrow import parquet

    with whole(path) as place, parquet.ParquetWriter(place, SCHEMA, compression="zstd") as writer:
        for part in sorted(folder.glob("attempts-*.parquet")):
            writer.write_table(parquet.read_table(part).cast(SCHEMA))
