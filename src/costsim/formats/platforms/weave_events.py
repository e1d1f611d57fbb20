"""What Weave's clients send: the start of a call and its end, one by one or in batches, to be joined by the call's id.

The end states the usage, and the start which operation it was; they may stand in different lines, so a file is read in
order. Shapes: Weave's trace server interface.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.platforms import weave
from costsim.formats.platforms.weave import Row
from costsim.formats.shared.attributes import encoded
from costsim.formats.shared.halves import Begun, fields_of, joined_rows, on_its_own
from costsim.schema import Call

NAME = "weave-events"
KEEPS_LAST = True
NESTS = True
ABOUT = "Weave's calls as they are sent: a `start` (`op_name`) and an `end` (`summary.usage`), alone or in a `batch`"

_OWN = {"start": frozenset({"id", "op_name", "started_at"}), "end": frozenset({"id", "ended_at", "summary"})}
"""The halves, and what each has in any case."""


class Halves(msgspec.Struct, gc=False):
    """The start of a call, or its end."""

    start: Row | None = None
    end: Row | None = None


class Item(Halves, gc=False):
    """A half, bare or as a request of a batch."""

    req: Halves | None = None


class Sent(Item, gc=False):
    """What is sent."""

    batch: list[Item] | None = None


_UNNAMED = "litellm"
"""What stands for the operation of a call of which only the end was there: it may have gone to any provider."""

_sent = msgspec.json.Decoder(Sent, strict=False).decode
_plain = TolerantDecoder(dict[str, Any]).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a half of a call, or a batch of such."""
    held = _held(next(iter(_listed(record)), None))
    return any(own <= held[name].keys() for name, own in _OWN.items() if name in held)


def _listed(record: dict[str, Any]) -> list[Any]:
    batch = record.get("batch")
    return batch if isinstance(batch, list) else [record]


def _held(item: Any) -> dict[str, dict[str, Any]]:
    """The halves of calls that an item holds, bare or as a request of a batch (`mode`, `req`)."""
    if not isinstance(item, dict):
        return {}
    holder = item["req"] if isinstance(item.get("req"), dict) else item
    return {name: half for name in _OWN if isinstance(half := holder.get(name), dict)}


def read(record: bytes) -> list[Call]:
    """Return the calls of which both halves stand in one record."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a function like `read` that joins the halves of a call in whatever records they stand."""
    return session_and_rest()[0]


def session_and_rest() -> tuple[Callable[[bytes], list[Call]], Callable[[], list[Call]]]:
    """Return what `session` returns, and what returns the calls of which only one half was there."""
    begun: Begun[Row] = Begun()

    def read_in_order(record: bytes) -> list[Call]:
        return [call for half in _halves(record) if (row := _joined(begun, half)) for call in weave.calls_of(row)]

    def rest() -> list[Call]:
        return [call for row in begun.unfinished() if _is_of_model(row) for call in weave.calls_of(row)]

    return read_in_order, rest


def _is_of_model(row: Row) -> bool:
    """Whether half a call is of a request to a model; an end alone is where its output is what a provider answers."""
    if row.op_name is not None:
        return weave.client_of(row.op_name) is not None
    output = fields_of(row.output)
    if {"usage", "model"} <= output.keys():
        row.op_name = _UNNAMED
    return row.op_name is not None


def _halves(record: bytes) -> list[Row]:
    """The halves that a record holds; where one has a field of an unexpected type, each is read on its own."""
    try:
        sent = _sent(record)
    except (msgspec.ValidationError, UnicodeDecodeError):
        listed = _listed(_plain(record))
        return [weave.row_of(encoded(half)) for each in listed for half in _held(each).values()]
    holders = [item.req or item for item in sent.batch or [sent]]
    return [half for holder in holders for half in (holder.start, holder.end) if half is not None]


def _joined(begun: Begun[Row], half: Row) -> Row | None:
    """The call with its two halves, in whatever order they came; None while one is missing.

    Of an operation that only calls others no more is remembered than that it is one.
    """
    name = half.id
    if not name:
        return None
    known = begun.get(name)
    row = half if known is None else joined_rows(known, half)
    if row.op_name is not None and row.ended_at is not None:
        begun.forget(name)
        return row
    if row.op_name is not None and weave.client_of(row.op_name) is None:
        row = Row(id=name, op_name=row.op_name)
    begun.keep(name, row, on_its_own(row))
    return None
