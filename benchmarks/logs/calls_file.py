"""Writes a file of calls as `costsim ingest` does, as large as wanted, from a seed: a month of a team without texts.

The same number of calls and the same seed give the same calls; a file that stands is used again.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.logs.generate import DATA
from costsim.ingest.kept.own_parquet import WRITTEN, writer
from costsim.ingest.ties import buckets, links

VERSION = 5
_GROUP = 100_000
_START, _MONTH = 1_790_812_800_000_000, 31 * 86_400_000_000
_MODELS = ("gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5-mini", "gpt-4o-mini", "gpt-4.1")
_TASKS = ("classification", "extraction", "chat", "summarization", "code", "rag_qa", "formatting", "unknown")
_COMPLEXITIES = ("simple", "medium", "complex")
_OPTIONAL = {"status": "ok", "operation": "chat", "source": "generic", "source_file": "calls.csv"}
Columns = dict[str, pa.Array]


def calls_file(calls: int, seed: int, folder: Path = DATA) -> Path:
    """The file of so many calls from this seed, written now unless it stands already."""
    path = folder / f"calls-{calls}-seed{seed}-v{VERSION}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial, random = path.with_suffix(".partial"), np.random.Generator(np.random.PCG64(seed))
        with writer(partial) as out:
            for start in range(0, calls, _GROUP):
                out.write_table(_group(start, min(_GROUP, calls - start), calls, random))
        partial.rename(path)
    return path


def _group(start: int, count: int, calls: int, random: np.random.Generator) -> pa.Table:
    number = np.arange(start, start + count)
    conversation = number - random.integers(0, 4, count) * 97 % np.maximum(number, 1)
    columns = {
        "call_id": pa.array(number).cast(pa.string()),
        "source_line": pa.array(number + 1),
        "started_at": pa.array(_START + number * (_MONTH // calls)).cast(pa.timestamp("us", "UTC")),
        "duration_ms": pa.array(np.round(random.gamma(2.0, 900.0, count), 1)),
        "conversation_id": pa.array(conversation // 4).cast(pa.string()),
        "billed": pa.array(np.ones(count, np.bool_)),
        "task_confidence": pa.array(random.beta(5, 2, count).astype(np.float32)),
        "provider": _words(np.zeros(count, np.int64), ("openai",)),
        "model": _words(random.choice(len(_MODELS), count, p=(0.15, 0.2, 0.25, 0.15, 0.15, 0.1)), _MODELS),
        "task": _words(random.integers(0, len(_TASKS), count), _TASKS),
        "complexity": _words(random.choice(len(_COMPLEXITIES), count, p=(0.6, 0.3, 0.1)), _COMPLEXITIES),
        "tokens_basis": _words(np.zeros(count, np.int64), ("logged",)),
        **{name: _words(np.zeros(count, np.int64), (word,)) for name, word in _OPTIONAL.items()},
        **_tokens(count, random),
        **{name: pa.array(np.full(count, links.NONE, np.int32)) for name in links.NAMES},
        "asked_again_ms": pa.array(_asked_again(count, random)),
    }
    table = pa.table([columns.get(each.name, pa.nulls(count, each.type)) for each in WRITTEN], schema=WRITTEN)
    of_calls = pa.array(buckets.buckets_of(table).astype(np.int32))
    return table.set_column(table.column_names.index(buckets.NAME), buckets.NAME, of_calls)


def _tokens(count: int, random: np.random.Generator) -> Columns:
    read = np.minimum(random.lognormal(6.8, 1.1, count), 180_000).astype(np.int64) + 20
    written = np.minimum(random.lognormal(5.0, 1.0, count), 16_000).astype(np.int64) + 1
    cached = np.where((read > 2_000) & (random.random(count) < 0.5), read // 2 // 128 * 128, 0)
    return {
        "input_tokens": pa.array(read),
        "cache_read_tokens": pa.array(cached),
        "output_tokens": pa.array(written),
    }


def _asked_again(count: int, random: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """One call in thirty is asked again within minutes."""
    return np.where(random.random(count) < 1 / 30, random.integers(1_000, 400_000, count), links.NONE).astype(np.int32)


def _words(codes: np.ndarray[tuple[int], np.dtype[np.int64]], words: tuple[str, ...]) -> pa.Array:
    return pa.array(words).take(pa.array(codes))
