"""Files of decisions: which model another router chose for each call, as it chose."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, json, parquet

from costsim.errors import ConfigError, nearest
from costsim.policies.columns import Columns, Ints
from costsim.prices import PriceTable

_IDS, _MODELS = ("call_id", "id"), ("model", "decision", "route")
_READERS = {".csv": csv.read_csv, ".jsonl": json.read_json, ".json": json.read_json, ".parquet": parquet.read_table}


@dataclass
class Decisions:
    """The decisions of the files that policies name."""

    _files: dict[str, tuple[pa.Array, Ints]] = field(default_factory=dict)
    """Name -> the ids of calls, and the model of each."""

    def read(self, name: str, prices: PriceTable) -> None:
        """Read a file of call ids and models: CSV, JSONL or Parquet."""
        path = Path(name)
        table = _table(path)
        ids, models = _column(table, _IDS, path), _column(table, _MODELS, path)
        words = models.cast(pa.string()).combine_chunks().dictionary_encode()
        indices = []
        for word in words.dictionary.to_pylist():
            found = prices.resolve(None, word)
            if not found.known:
                raise ConfigError(f"unknown model '{word}'", where=str(path), hint=nearest(word, found.nearest))
            indices.append(found.index)
        codes = pc.fill_null(words.indices, len(indices)).to_numpy(zero_copy_only=False)
        self._files[name] = ids.cast(pa.string()).combine_chunks(), np.array([*indices, -1], np.int64)[codes]

    def models(self, name: str, columns: Columns, rows: Ints) -> Ints:
        """Return the model that was decided for each of these calls; -1 where the file has none."""
        ids, models = self._files[name]
        asked = columns.calls.column("call_id").take(pa.array(rows))
        place = pc.fill_null(pc.index_in(asked, ids), len(models)).to_numpy().astype(np.int64)
        found: Ints = np.append(models, -1)[place]
        return found


def _table(path: Path) -> pa.Table:
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise ConfigError("is no file of decisions", where=str(path), hint="CSV, JSONL or Parquet by its suffix")
    try:
        return reader(str(path))
    except (OSError, pa.ArrowException) as problem:
        raise ConfigError(f"cannot be read: {str(problem).splitlines()[0]}", where=str(path)) from problem


def _column(table: pa.Table, names: tuple[str, ...], path: Path) -> pa.ChunkedArray:
    for name in names:
        if name in table.column_names:
            return table.column(name)
    hint = f"it has {', '.join(table.column_names[:5])}"
    raise ConfigError(f"has no column '{names[0]}'", where=str(path), hint=hint)
