"""One call among all that are kept, by its id or the beginning of it."""

from collections.abc import Iterator
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc

from costsim.errors import UsageError
from costsim.ingest.kept.store import Store

_SHOWN = 3
_MOST_COMPARED = 1000


def find(store: Store, call_id: str) -> pa.Table:
    """Return the one call whose id is, or alone begins with, `call_id`, as a table of one row."""
    number, row, _ = place(store, call_id)
    return store.batch(number).slice(row, 1)


def place(store: Store, call_id: str) -> tuple[int, int, str]:
    """Return the batch and row of the one call whose id is, or alone begins with, `call_id`, and its whole id."""
    found = list(_beginning(store, call_id))
    exact = [place for place in found if place[2] == call_id]
    if len(exact or found) != 1:
        raise _not_one(store, call_id, [name for _, _, name in exact or found])
    return (exact or found)[0]


def _beginning(store: Store, prefix: str) -> Iterator[tuple[int, int, str]]:
    """(batch, row, id) of every call whose id begins so."""
    for number in range(len(store.manifest.batches)):
        ids = store.batch(number, ["call_id"]).column("call_id")
        rows = pc.indices_nonzero(pc.fill_null(pc.starts_with(ids, prefix), False))
        names = ids.take(rows).to_pylist()
        yield from ((number, row, name) for row, name in zip(rows.to_pylist(), names, strict=True))


def _not_one(store: Store, call_id: str, found: list[str]) -> UsageError:
    if found:
        some = ", ".join(found[:_SHOWN]) + (", ..." if len(found) > _SHOWN else "")
        return UsageError(f"{len(found):,} calls have ids that begin so", where=call_id, hint=some)
    near = _nearest(store, call_id)
    hint = f"did you mean {' or '.join(near)}?" if near else "ids stand in the log, and in what `costsim ingest` writes"
    return UsageError(f"no such call among {store.manifest.calls:,}", where=call_id, hint=hint)


def _nearest(store: Store, call_id: str) -> list[str]:
    """The ids most like one that does not exist, among those that share the longest beginning with it."""
    shared, beyond = 0, len(call_id)
    while beyond - shared > 1:
        middle = (shared + beyond) // 2
        if next(_beginning(store, call_id[:middle]), None) is None:
            beyond = middle
        else:
            shared = middle
    some = [name for _, (_, _, name) in zip(range(_MOST_COMPARED), _beginning(store, call_id[:shared]), strict=False)]
    return get_close_matches(call_id, some, n=_SHOWN, cutoff=0.6)
