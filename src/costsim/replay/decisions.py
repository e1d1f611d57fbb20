"""Files of decisions: which model another router chose for each call, as it chose."""

from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from costsim.errors import ConfigError, nearest, refusal
from costsim.policies.columns import Columns, Ints
from costsim.prices import PriceTable
from costsim.schema import as_arrow, distinct

IDS, MODELS = ("call_id", "id"), ("model", "decision", "route")


class Decisions(msgspec.Struct):
    """The decisions of the files that policies name."""

    _files: dict[str, tuple[pa.Array, Ints]] = msgspec.field(default_factory=dict)
    """Name -> the ids of calls, and the model of each."""

    def read(self, name: str, prices: PriceTable) -> None:
        """Read a file of call ids and models: CSV, JSONL or Parquet."""
        path = Path(name)
        table = read_table(path, "decisions")
        ids = column(table, IDS, path, pa.string())
        models = models_of(column(table, MODELS, path, pa.string()), path, prices)
        insist_on_one(ids, models, path, "two decisions")
        self._files[name] = ids, models

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def calls(self, name: str) -> int:
        """Return for how many calls a file has a decision."""
        ids, models = self._files[name]
        return len(pc.unique(ids.filter(as_arrow(models >= 0))))

    def chosen(self, name: str) -> list[int]:
        """Return the models that a file names, in the order of the price table."""
        models = self._files[name][1]
        found: list[int] = distinct(models[models >= 0]).tolist()
        return found

    def models(self, name: str, columns: Columns, rows: Ints) -> Ints:
        """Return the model that was decided for each of these calls; -1 where the file has none."""
        ids, models = self._files[name]
        asked = columns.calls.column("call_id").take(as_arrow(rows))
        place = pc.fill_null(pc.index_in(asked, ids), len(models)).to_numpy().astype(np.int64)
        found: Ints = np.append(models, -1)[place]
        return found


def insist_on_one(ids: pa.Array, values: Ints, path: Path, two: str) -> None:
    """Raise ConfigError where a file says different things of one call; `two` names them."""
    said = pa.table({"id": ids, "value": values}).group_by("id").aggregate([("value", "min"), ("value", "max")])
    twice = said.filter(pc.not_equal(said.column("value_min"), said.column("value_max")))
    if len(twice):
        more = f"; so do {len(twice) - 1:,} more" if len(twice) > 1 else ""
        raise ConfigError(
            f"call '{twice.column('id')[0].as_py()}' has {two}{more}", where=str(path), hint="one for each"
        )


def models_of(names: pa.Array, path: Path, prices: PriceTable) -> Ints:
    """Return the index of each model that a file names; -1 for none, ConfigError for one that is unknown."""
    words = names.dictionary_encode()
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

    words = csv.ConvertOptions(column_types=dict.fromkeys((*IDS, *MODELS), pa.string()), strings_can_be_null=True)
    read_csv = partial(csv.read_csv, convert_options=words)  # '0012' is no number, and nothing no name
    readers = {".csv": read_csv, ".jsonl": json.read_json, ".json": json.read_json, ".parquet": parquet.read_table}
    reader = readers.get(path.suffix)
    if reader is None:
        raise ConfigError(f"is no file of {what}", where=str(path), hint="CSV, JSONL or Parquet by its suffix")
    try:
        return reader(str(path))
    except (OSError, pa.ArrowException) as problem:
        raise ConfigError(f"cannot be read: {refusal(problem)}", where=str(path)) from problem


def column(table: pa.Table, names: tuple[str, ...], path: Path, kind: pa.DataType) -> pa.Array:
    """Return the first of some columns that a table has, as values of a kind; ConfigError where that cannot be."""
    for name in names:
        if name in table.column_names:
            try:
                return table.column(name).cast(kind).combine_chunks()
            except pa.ArrowException as problem:
                what = "numbers" if pa.types.is_floating(kind) else "names"
                raise ConfigError(f"column '{name}' holds no {what}: {refusal(problem)}", where=str(path)) from problem
    hint = f"it has {', '.join(table.column_names[:5])}"
    raise ConfigError(f"has no column '{names[0]}'", where=str(path), hint=hint)
