"""What Weave's clients send: the start of a call and its end, one by one or in batches, to be joined by the call's id.

The end states the usage, and the start which operation it was; they may stand in different lines, so a file is read in
order. Shapes: Weave's trace server interface.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.platforms import weave
from costsim.formats.shared.envelope import NO_RAW
from costsim.formats.shared.halves import Begun, Fields, fields_of, word_in
from costsim.schema import Call

NAME = "weave-events"
KEEPS_LAST = True
NESTS = True
ABOUT = "Weave's calls as they are sent: a `start` (`op_name`) and an `end` (`summary.usage`), alone or in a `batch`"

_HALVES = ("start", "end")
_OWN = (frozenset({"id", "op_name", "started_at"}), frozenset({"id", "ended_at", "summary"}))


class Halves(msgspec.Struct, gc=False):
    """The start of a call, or its end."""

    start: msgspec.Raw = NO_RAW
    end: msgspec.Raw = NO_RAW


class Item(Halves, gc=False):
    """A half, bare or as a request of a batch."""

    req: Halves | None = None


class Sent(Item, gc=False):
    """What is sent."""

    batch: list[Item] | None = None


_sent = TolerantDecoder(Sent).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a half of a call, or a batch of such."""
    return any(_half(each) is not None for each in _listed(record)[:1])


def _listed(record: dict[str, Any]) -> list[Any]:
    batch = record.get("batch")
    return batch if isinstance(batch, list) else [record]


def _half(item: Any) -> dict[str, Any] | None:
    """The half of a call that an item holds, bare or as a request of a batch (`mode`, `req`)."""
    if not isinstance(item, dict):
        return None
    holder = item["req"] if isinstance(item.get("req"), dict) else item
    for name, own in zip(_HALVES, _OWN, strict=True):
        half = holder.get(name)
        if isinstance(half, dict) and own <= half.keys():
            return half
    return None


def read(record: bytes) -> list[Call]:
    """Return the calls of which both halves stand in one record."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a function like `read` that joins the halves of a call in whatever records they stand."""
    begun = Begun()

    def read_in_order(record: bytes) -> list[Call]:
        touched: dict[str, Fields] = {}
        sent = _sent(record)
        for item in sent.batch or [sent]:
            holder = item.req or item
            for half in (fields_of(holder.start), fields_of(holder.end)):
                if (name := word_in(half, "id")) is not None:
                    touched[name] = begun.add(name, half)
        ended = [msgspec.json.encode(whole) for whole in touched.values() if "ended_at" in whole]
        return [call for whole in ended for call in weave.read(whole)]

    return read_in_order
