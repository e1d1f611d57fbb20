"""Files of decisions: which model another router chose for each call, as it chose."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from costsim.errors import ConfigError, nearest, refusal
from costsim.policies.columns import Columns, Ints
from costsim.prices import PriceTable

IDS, MODELS = ("call_id", "id"), ("model", "decision", "route")


@dataclass
class Decisions:
    """The decisions of the files that policies name."""

    _files: dict[str, tuple[pa.Array, Ints]] = field(default_factory=dict)
    """Name -> the ids of calls, and the model of each."""

    def read(self, name: str, prices: PriceTable) -> None:
        """Read a file of call ids and models: CSV, JSONL or Parquet."""
        path = Path(name)
        table = read_table(path, "decisions")
        ids, models = column(table, IDS, path), column(table, MODELS, path)
        self._files[name] = ids.cast(pa.string()).combine_chunks(), models_of(models, path, prices)

    def models(self, name: str, columns: Columns, rows: Ints) -> Ints:
        """Return the model that was decided for each of these calls; -1 where the file has none."""
        ids, models = self._files[name]
        asked = columns.calls.column("call_id").take(pa.array(rows))
        place = pc.fill_null(pc.index_in(asked, ids), len(models)).to_numpy().astype(np.int64)
        found: Ints = np.append(models, -1)[place]
        return found


def models_of(names: pa.ChunkedArray, path: Path, prices: PriceTable) -> Ints:
    """Return the index of each model that a file names; -1 for none, ConfigError for one that is unknown."""
    words = names.cast(pa.string()).combine_chunks().dictionary_encode()
    indices = []
    for word in words.dictionary.to_pylist():
        found = prices.resolve(None, word)
        if not found.known:
            raise ConfigError(f"unknown model '{word}'", where=str(path), hint=nearest(word, found.nearest))
        indices.append(found.index)
    codes = pc.fill_null(words.indices, len(indices)).to_numpy(zero_copy_only=False)
    models: Ints = np.array([*indices, -1], np.int64)[codes]
    return models


def read_table(path: Path, what: str) -> pa.Table:
    """Return a table of a user's (CSV, JSONL or Parquet); `what` it holds, for the mistake that it is none."""
    from pyarrow import csv, json, parquet  # slow to load, and few policies name a file

    readers = {".csv": csv.read_csv, ".jsonl": json.read_json, ".json": json.read_json, ".parquet": parquet.read_table}
    reader = readers.get(path.suffix)
    if reader is None:
        raise ConfigError(f"is no file of {what}", where=str(path), hint="CSV, JSONL or Parquet by its suffix")
    try:
        return reader(str(path))
    except (OSError, pa.ArrowException) as problem:
        raise ConfigError(f"cannot be read: {refusal(problem)}", where=str(path)) from problem


def column(table: pa.Table, names: tuple[str, ...], path: Path) -> pa.ChunkedArray:
    """Return the first of some columns that a table has; ConfigError where it has none."""
    for name in names:
        if name in table.column_names:
            return table.column(name)
    hint = f"it has {', '.join(table.column_names[:5])}"
    raise ConfigError(f"has no column '{names[0]}'", where=str(path), hint=hint)
