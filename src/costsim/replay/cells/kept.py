"""Calls between the pass that finds their cells and the one that replays them, when factors and rates are known.

Both passes need the same few numbers of a call; its other columns are read once.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from costsim.policies.attempts import Ints
from costsim.replay.cells.alike import Cells
from costsim.replay.cells.rates import PARTS
from costsim.replay.cells.runs import Runs
from costsim.replay.cells.tokens import Tokens
from costsim.schema import SCHEMA, as_arrow

_WHICH, _CALLS, _BUCKET = "cell", "calls", "counted in"
_NAMES = b"columns"
"""All columns of the calls; those that are left out are null."""
_KINDS = {each.name: each.type for each in SCHEMA}


class Kept(msgspec.Struct, frozen=True):
    """The calls of a part; the plain ones in the order of the cells of the first world, the calls as they are."""

    calls: Ints
    """How many plain calls each cell of the first world has."""
    which: Sequence[Ints]
    """The cell of each plain call in each further world: with tasks that are drawn anew."""
    ones: Sequence[pa.Table]
    """One call of each cell, with all columns of a replay; of each world."""
    tokens: Tokens
    """What the plain calls used."""
    buckets: Ints
    """Where the plain calls are counted for intervals."""
    rest: pa.Table
    """All other calls, with all columns of a replay."""
    rest_buckets: Ints

    def in_order(self, world: int) -> tuple[Ints | None, Runs]:
        """Return the order of the plain calls by their cells, None where they stand so, and their runs."""
        cells = len(self.calls)
        if not world:
            return None, Runs.of(np.arange(cells), self.calls, cells)
        return Runs.in_order(Cells(self.which[world - 1], np.arange(len(self.ones[world]))))


class Shelf:
    """Files of kept calls in a folder: one for each part, with its tables one after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, number: int, kept: Kept) -> None:
        """Keep the calls of a part."""
        columns: dict[str, Any] = {_BUCKET: kept.buckets}
        columns |= {f"{_WHICH}-{world}": which.astype(np.int32) for world, which in enumerate(kept.which)}
        stated = {name: counts for name in PARTS if (counts := getattr(kept.tokens, name)) is not None}
        columns |= stated
        rest = _small(kept.rest).append_column(_BUCKET, as_arrow(kept.rest_buckets))
        calls = pa.table({name: as_arrow(column) for name, column in columns.items()})
        cells = pa.table({_CALLS: as_arrow(kept.calls)})
        _write(self._file(number), [calls, cells, rest, *map(_small, kept.ones)])

    def get(self, number: int) -> Kept:
        """Return the calls of a part."""
        calls, cells, rest, *ones = _read(self._file(number))
        columns = {name: calls.column(name).to_numpy() for name in calls.column_names}
        return Kept(
            cells.column(_CALLS).to_numpy(),
            [columns[f"{_WHICH}-{world}"] for world in range(len(ones) - 1)],
            ones,
            Tokens(**{name: columns[name] for name in PARTS if name in columns}),
            columns[_BUCKET],
            rest.drop_columns([_BUCKET]),
            rest.column(_BUCKET).to_numpy(),
        )

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.arrows"


def together(some: Sequence[Kept]) -> Kept:
    """Return the calls of several parts as those of one; cells that are alike stay apart."""
    return Kept(
        np.concatenate([each.calls for each in some]),
        [_renumbered(some, world) for world in range(len(some[0].which))],
        [_joined([each.ones[world] for each in some]) for world in range(len(some[0].ones))],
        Tokens.together([each.tokens for each in some]),
        np.concatenate([each.buckets for each in some]),
        _joined([each.rest for each in some]),
        np.concatenate([each.rest_buckets for each in some]),
    )


def _renumbered(some: Sequence[Kept], world: int) -> Ints:
    sizes = [len(each.ones[world + 1]) for each in some]
    starts = np.cumsum([0, *sizes[:-1]])
    return np.concatenate([each.which[world] + start for each, start in zip(some, starts, strict=True)])


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """All of these calls, with columns of nulls where `of_interest` left them out."""
    found = pa.concat_tables(tables, promote_options="default").unify_dictionaries().combine_chunks()
    names = tables[0].schema.metadata[_NAMES].decode().split(",")
    return pa.table({name: _column(found, name) for name in names})


def _column(calls: pa.Table, name: str) -> pa.ChunkedArray:
    here = name in calls.column_names
    return calls.column(name) if here else pa.nulls(calls.num_rows, _KINDS[name])


def of_interest(calls: pa.Table) -> pa.Table:
    """Return the calls of a part with those columns alone that say something, as they are kept."""
    names = calls.column_names
    stated = [name for name in names if name not in _KINDS or calls.column(name).null_count < calls.num_rows]
    return calls.select(stated).replace_schema_metadata({_NAMES: ",".join(names).encode()})


def _small(calls: pa.Table) -> pa.Table:
    """Some calls of a batch without the words of many others; each column as `SCHEMA` has it."""
    columns = (_as_stored(each.combine_chunks(), _KINDS.get(name, each.type)) for name, each in _columns(calls))
    return pa.table(list(columns), names=calls.column_names, metadata=calls.schema.metadata)


def _columns(calls: pa.Table) -> Iterable[tuple[str, pa.ChunkedArray]]:
    return zip(calls.column_names, calls.columns, strict=True)


def _as_stored(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(column.type) and not (column.type == kind and len(column.dictionary) <= len(column)):
        plain = column.cast(column.type.value_type)
        column = plain.dictionary_encode() if pa.types.is_dictionary(kind) else plain
    return column.cast(kind) if column.type != kind else column


def _write(path: Path, tables: Iterable[pa.Table]) -> None:
    with pa.OSFile(str(path), "wb") as file:
        for table in tables:
            with pa.ipc.new_stream(file, table.schema) as out:
                out.write_table(table)


def _read(path: Path) -> list[pa.Table]:
    tables = []
    with pa.memory_map(str(path)) as file:
        while file.tell() < file.size():
            tables.append(pa.ipc.open_stream(file).read_all().combine_chunks())
    return tables
