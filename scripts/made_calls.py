"""Calls made up column by column, as `check` reads them: for measuring it, and for its tests."""

import numpy as np
import pyarrow as pa

from costsim.ingest.ties import links
from costsim.schema import SCHEMA
from costsim.summary.gate.summing import COLUMNS_READ


def table_of(known: dict[str, object], rows: int) -> pa.Table:
    """Return a table of the columns that `check` reads, null where nothing is known, with nothing that ties calls."""
    found = {}
    for name in sorted({*COLUMNS_READ}):
        if name in links.NAMES:
            found[name] = pa.array(np.full(rows, links.NONE, np.int32))
            continue
        kind = SCHEMA.field(name).type
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        values = pa.array(known[name]).cast(plain) if name in known else pa.nulls(rows, plain)
        found[name] = values.dictionary_encode() if pa.types.is_dictionary(kind) else values
    return pa.table(found)
