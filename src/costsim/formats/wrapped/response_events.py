"""Streams of OpenAI's responses of which each event is a line: kept until their last event comes, or none is left.

Only the events with a whole response in them, and all of the Realtime API, name it; the others are told apart by the
items that they are of, and by their numbers, which count up in each stream. Shapes: OpenAI API reference.
"""

from collections.abc import Callable

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.wrapped.events import MOST_KEPT, edges, recorded
from costsim.schema import PARTIAL, Call

_MARKS = (b'"response.', b'"error"')
_STATES = ("response.created", "response.queued", "response.in_progress")
_LAST = ("response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done")
_MOST_OPEN = 256
"""Streams that are asked whose an event is; of more, those that were told of long ago broke off."""
_NEEDED = ("response.output_item.done", "error")
"""What of a stream that broke off is read, besides its states and pieces of text."""


class _Named(msgspec.Struct, gc=False):
    id: str | None = None


class _Event(msgspec.Struct, gc=False):
    """What tells of which stream an event is."""

    type: str = ""
    response: _Named | None = None
    response_id: str | None = None
    item: _Named | None = None
    item_id: str | None = None
    number: int | None = msgspec.field(default=None, name="sequence_number")


_event = TolerantDecoder(_Event).decode


class _Stream(msgspec.Struct, gc=False):
    """A stream that goes on, as far as it was read."""

    events: list[bytes] = msgspec.field(default_factory=list)
    items: set[str] = msgspec.field(default_factory=set)
    number: int = -1
    """Of its last event."""


class ResponseEvents:
    """The streams of one file that go on, the one that was told of last at the end."""

    def __init__(self, read: Callable[[bytes], list[Call]]) -> None:
        self._read = read
        self._open: dict[str, _Stream] = {}
        self._size = 0

    def joined(self, record: bytes, calls: list[Call]) -> list[Call] | None:
        """Return the calls that are complete with a line, given those that it comes to alone; None if it is no event.

        Those are the call of a stream with its last event, and the one of a stream for which there is no more room.
        """
        if not self._open and calls and calls[0].tokens_basis not in (None, PARTIAL):  # as a rule: a whole response
            return None
        ends = edges(record)
        if not any(mark in ends for mark in _MARKS):
            return None
        event = _event(record)
        if not event.type.startswith("response.") and event.type != "error":
            return None
        if calls and event.type not in (*_STATES, *_LAST):  # an exchange, of which a logger says so
            return None
        name = self._name_of(event)
        if name is None:  # nothing can be told by it, or it is a logger's own, with a response in it
            return None
        if event.type in _LAST:
            return self._ended(name, record, calls)
        is_kept = self._keep(name, event, bytes(record))
        is_full = self._size > MOST_KEPT or len(self._open) > _MOST_OPEN
        return self._taken(next(iter(self._open))) if is_full else [] if is_kept else None

    def rest(self) -> list[Call]:
        """Return the calls of streams that broke off, with what they had said until then."""
        return [call for name in list(self._open) for call in self._taken(name)]

    def _name_of(self, event: _Event) -> str | None:
        """The id of the stream that an event is of; None where the beginning of that was not read."""
        if event.response is not None and event.response.id:
            return event.response.id
        if event.response_id is not None:
            return event.response_id if event.response_id in self._open else None
        latest = list(reversed(self._open))
        item = _item_of(event)
        if item is not None and (known := next((name for name in latest if item in self._open[name].items), None)):
            return known
        if event.number is None:
            return next(iter(latest), None)
        earlier = [name for name in latest if self._open[name].number < event.number]
        following = [name for name in earlier if self._open[name].number == event.number - 1]
        return next(iter(following or earlier), None)

    def _keep(self, name: str, event: _Event, record: bytes) -> bool:
        """Note an event of a stream; return whether it is one that is read."""
        stream = self._open.pop(name, None) or _Stream()
        self._open[name] = stream
        stream.number = stream.number if event.number is None else event.number
        if (item := _item_of(event)) is not None:
            stream.items.add(item)
        is_read = event.type in (*_STATES, *_NEEDED) or event.type.endswith(".delta")
        if is_read:
            stream.events.append(record)
            self._size += len(record)
        return is_read

    def _ended(self, name: str, record: bytes, calls: list[Call]) -> list[Call]:
        """The call of a stream by its last event; by all of them where that does not say what was used."""
        stream = self._open.pop(name, None) or _Stream()
        self._size -= sum(map(len, stream.events))
        if not stream.events or (calls and calls[0].tokens_basis is not None):
            return calls
        return self._read(recorded([*stream.events, bytes(record)])) or calls

    def _taken(self, name: str) -> list[Call]:
        events = self._open.pop(name).events
        self._size -= sum(map(len, events))
        return self._read(recorded(events))


def _item_of(event: _Event) -> str | None:
    return event.item_id or (event.item.id if event.item is not None else None)
