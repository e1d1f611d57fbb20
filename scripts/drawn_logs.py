"""Logs to draw from for `evaluate_gate`: sample logs and public outcomes, drawn anew and made dearer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scripts.made_calls import table_of

from costsim import prices
from costsim.app.reading import Reading, calls_of
from costsim.replay import history
from costsim.summary.gate.summing import COLUMNS_READ

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ("support_assistant", "coding_agent", "document_pipeline")
CALLS_OF_A_ROUTE = 500
TOKENS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
ANSWERED = ("output_tokens", "reasoning_tokens")
MODELS = ("gpt-5.4", "gpt-5.4-mini", "claude-sonnet-4-6")

Ints = NDArray[np.int64]
Draw = np.random.Generator


@dataclass(frozen=True)
class Pool:
    """Calls to draw from."""

    name: str
    calls: pa.Table
    route: NDArray[np.object_]
    cluster: Ints
    """The conversation of each call."""

    def routes(self) -> list[str]:
        """Return the routes with enough calls to draw from."""
        counts = Counter(route for route in self.route if route is not None)
        return sorted(name for name, count in counts.items() if count >= 90)


def sample_pools(names: Sequence[str] = SAMPLES) -> Iterator[Pool]:
    """Yield the sample logs."""
    for name in names:
        path = str(ROOT / "sample_logs" / f"{name}.jsonl.gz")
        with calls_of([path], Reading(keep=False, workers=1)) as store:
            calls = pa.concat_tables(store.batches(sorted({*COLUMNS_READ}))).unify_dictionaries().combine_chunks()
        calls = calls.filter(pa.array(history(calls, prices.load(())).known))
        ids = np.array(calls.column("conversation_id").to_pylist(), object)
        named = [f"alone {number}" if each is None else str(each) for number, each in enumerate(ids)]
        cluster = np.unique(named, return_inverse=True)[1]
        yield Pool(name, calls, np.array(calls.column("route").to_pylist(), object), cluster)


def outcome_pool(path: Path) -> Pool:
    """Return public outcomes as a log: a route for each dataset and task, one real model's tokens at a list price."""
    table = pq.read_table(path)
    columns = {
        name: np.array(table.column(name).to_pylist(), object) for name in ("dataset", "task", "prompt_id", "model")
    }
    route = columns["dataset"].astype(str) + "/" + columns["task"].astype(str)
    chosen = np.zeros(len(route), np.bool_)
    for name in np.unique(route):
        models = Counter(columns["model"][route == name])
        chosen |= (route == name) & (columns["model"] == models.most_common(1)[0][0])
    given = [table.column(name).fill_null(-1).to_numpy() for name in ("input_tokens", "output_tokens")]
    rows = np.flatnonzero(chosen & (given[0] > 0) & (given[1] > 0))
    prompt = np.unique(columns["prompt_id"][rows].astype(str), return_inverse=True)[1].astype(np.uint64) + 1
    known = {
        "route": route[rows].tolist(),
        "task": columns["task"][rows].tolist(),
        "model": [MODELS[hash_of % len(MODELS)] for hash_of in map(len, route[rows])],
        "input_tokens": given[0][rows],
        "user_tokens": given[0][rows],
        "output_tokens": given[1][rows],
        "prompt_hash": prompt,
        "billed": np.ones(len(rows), np.bool_),
        "status": ["ok"] * len(rows),
        "operation": ["chat"] * len(rows),
        "started_at": 1_790_000_000_000_000 + np.arange(len(rows)) * 600_000_000,
    }
    return Pool("outcomes", table_of(known, len(rows)), route[rows].astype(object), np.arange(len(rows)))


def drawn(pool: Pool, draw: Draw, calls: int) -> pa.Table:
    """Return a log of about so many calls: whole conversations, drawn with replacement."""
    order = np.argsort(pool.cluster, kind="stable")
    starts = np.flatnonzero(np.diff(pool.cluster[order], prepend=-1))
    sizes = np.diff([*starts, len(order)])
    chosen = draw.integers(0, len(starts), max(1, round(calls * len(starts) / len(order))))
    rows = np.concatenate([order[starts[each] : starts[each] + sizes[each]] for each in chosen])
    return _anew(pool.calls.take(rows), np.repeat(np.arange(len(chosen)), sizes[chosen]))


def drawn_of_routes(pool: Pool, draw: Draw, counts: dict[str, int]) -> pa.Table:
    """Return a log with so many single calls of each route."""
    rows = np.concatenate([draw.choice(np.flatnonzero(pool.route == route), count) for route, count in counts.items()])
    return _anew(pool.calls.take(rows), np.arange(len(rows)))


def _anew(calls: pa.Table, conversation: Ints) -> pa.Table:
    """Drawn calls with conversations of their own: the same one drawn twice is two."""
    kind = calls.schema.field("conversation_id").type
    names = pa.array([str(each) for each in conversation])
    names = names.dictionary_encode() if pa.types.is_dictionary(kind) else names
    return calls.set_column(calls.schema.get_field_index("conversation_id"), "conversation_id", names)


def dearer(
    calls: pa.Table,
    route: str,
    factor: float,
    draw: Draw | None = None,
    noise: float = 0.0,
    tokens: Sequence[str] = TOKENS,
) -> pa.Table:
    """Return the log with the tokens of one route multiplied, and all its answers written anew where there is noise."""
    here = np.array([each == route for each in calls.column("route").to_pylist()], np.bool_)
    anew = np.ones(len(here)) if draw is None else np.exp(draw.normal(0, noise, len(here)))
    for name in tokens:
        column = calls.column(name)
        counts = column.fill_null(0).to_numpy().astype(float)
        changed = np.round(counts * np.where(here, factor, 1.0) * (anew if name in ANSWERED else 1.0))
        values = pa.array(changed.astype(np.int64), mask=~column.is_valid().to_numpy(zero_copy_only=False))
        calls = calls.set_column(calls.schema.get_field_index(name), name, values.cast(column.type))
    return calls


def two_logs(pool: Pool, draw: Draw) -> tuple[pa.Table, pa.Table]:
    """Return two logs with 500 calls of each route, drawn apart."""
    counts = dict.fromkeys(pool.routes(), CALLS_OF_A_ROUTE)
    return drawn_of_routes(pool, draw, counts), drawn_of_routes(pool, draw, counts)
