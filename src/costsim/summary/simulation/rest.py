"""Calls that are in no cell: a few of each part, gathered, for to replay a few costs as much as to replay thousands."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa

from costsim.policies.attempts import Ints
from costsim.policies.columns import Columns

FEW = 5_000
"""So many are handed over to whoever gathers those of all processes."""


class Rest(msgspec.Struct):
    """Calls of some parts, and the bucket of each."""

    tables: list[pa.Table] = msgspec.field(default_factory=list)
    buckets: list[Ints] = msgspec.field(default_factory=list)

    def __len__(self) -> int:
        return sum(map(len, self.buckets))

    def put(self, calls: pa.Table, buckets: Ints) -> None:
        """Put calls to the others."""
        if len(buckets):
            self.tables.append(calls)
            self.buckets.append(buckets)

    def add(self, other: "Rest") -> None:
        """Put the calls of other parts to these."""
        self.tables += other.tables
        self.buckets += other.buckets

    def taken(self, at_once: int) -> Iterator[tuple[Columns, Ints]]:
        """Yield all calls and their buckets, about so many at once; none is left here."""
        tables, buckets = self.tables, self.buckets
        self.tables, self.buckets = [], []
        if not tables:
            return
        calls = pa.concat_tables(tables, promote_options="permissive").unify_dictionaries().combine_chunks()
        columns, bucket = Columns(calls), np.concatenate(buckets)
        for rows in np.array_split(np.arange(len(columns)), len(columns) // at_once + 1):
            yield columns.part(rows), bucket[rows]
