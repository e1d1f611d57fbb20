"""Langfuse's ingestion API, as its SDKs send it: events that begin a generation and events that add to it.

What a later event states replaces what an earlier one did; what is null in it stays. An event may stand in a batch or
alone, and the one that adds in another line than the one that began, so a file is read in order.
"""

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.platforms import langfuse
from costsim.formats.platforms.langfuse_rows import Observation, Trace
from costsim.formats.shared.attributes import encoded
from costsim.formats.shared.envelope import NO_RAW, Scalar, word
from costsim.formats.shared.halves import Begun, joined_rows, on_its_own, states
from costsim.formats.shared.numbers import real
from costsim.schema import Call

NAME = "langfuse-events"
KEEPS_LAST = True
NESTS = True
ABOUT = "Langfuse's ingestion events (`generation-create`, `generation-update`), in a `batch` or one by one"

_CREATED, _UPDATED = "-create", "-update"
_KINDS = frozenset({
    "generation", "span", "event", "observation", "embedding", "agent", "tool", "chain", "retriever", "evaluator",
    "guardrail",
})  # fmt: skip
_OF_CALLS = ("generation", "embedding", "observation")
_TRACES_REMEMBERED = 1 << 22
"""Bytes."""
_COSTS = ("totalCost", "inputCost", "outputCost")


class Body(Observation, rename="camel", gc=False):
    """What is said of an observation, of the trace around it, or in a score of it."""

    observation_id: str | None = None
    value: Any = None

    @property
    def has_ended(self) -> bool:
        """Whether something came of it; its text is read then, and not when it begins."""
        said = (self.end_time, self.usage, self.usage_details, self.status_message)
        return any(each is not None for each in said) or states(self.output)


class Event(msgspec.Struct, gc=False):
    """What is created, or what is added to it."""

    id: Scalar = None
    type: str | None = None
    body: Body | None = None


class Batch(Event, gc=False):
    """Several events, or one."""

    batch: list[Event] | None = None


class Sent(Batch, gc=False):
    """What is sent, or an exchange in which it was."""

    request: Batch | None = None


_sent = msgspec.json.Decoder(Sent, strict=False).decode
_plain, _event = TolerantDecoder(dict[str, Any]).decode, TolerantDecoder(Event).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is an event, or a batch of them."""
    return any(_is_event(each) for each in _listed(record)[:1])


def _listed(record: dict[str, Any]) -> list[Any]:
    """The events of a record: of a batch, of a request that sent one, or the record itself."""
    asked = record.get("request")
    for holder in (record, asked if isinstance(asked, dict) else {}):
        if isinstance(batch := holder.get("batch"), list):
            return batch
    return [record]


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict) or not isinstance(event.get("body"), dict):
        return False
    kind = str(event.get("type"))
    known = _kind(kind) in _KINDS or kind in ("trace-create", "score-create", "sdk-log")
    return known and (kind.endswith((_CREATED, _UPDATED)) or kind == "sdk-log")


def _kind(kind: str) -> str:
    return kind.removesuffix(_CREATED).removesuffix(_UPDATED)


def read(record: bytes) -> list[Call]:
    """Return the calls that the events of one record tell of by themselves."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a function like `read` that adds events to those before them, of other records too."""
    return _Session().read


class _Session:
    """The events of one file, as far as they were read."""

    def __init__(self) -> None:
        self._observations: Begun[Body] = Begun()
        self._traces: Begun[Trace] = Begun(_TRACES_REMEMBERED)

    def read(self, record: bytes) -> list[Call]:
        touched: dict[str, Body] = {}
        scores: dict[str, float] = {}
        for event in _events(record):
            kind, body = _kind(event.type or ""), event.body
            if body is None:
                continue
            if kind == "trace":
                self._add_trace(body)
            elif kind == "score" and (score := real(body.value)) is not None:
                scores[body.observation_id or ""] = score
            elif kind in _OF_CALLS and (name := body.id or word(event.id)) is not None:
                body.id, body.type = name, body.type if kind == "observation" else kind
                known = touched.get(name) or self._observations.get(name)
                touched[name] = body if known is None else joined_rows(known, body)
        return [call for name, body in touched.items() for call in self._calls(name, body, scores)]

    def _add_trace(self, body: Body) -> None:
        if body.id is None:
            return
        said = Trace(name=body.name, user_id=body.user_id, session_id=body.session_id, tags=body.tags)
        known = self._traces.get(body.id)
        self._traces.keep(body.id, said if known is None else joined_rows(known, said), 0)

    def _calls(self, name: str, body: Body, scores: dict[str, float]) -> Iterator[Call]:
        _apart_from_usage(body)
        trace = self._traces.get(body.trace_id or "") or _NO_TRACE
        for call in langfuse.calls_of(body if body.has_ended else _without_text(body), trace):
            call.quality = scores.get(name, call.quality)
            yield call
        self._observations.keep(name, body, on_its_own(body), ended=body.end_time is not None)


_NO_TRACE = Trace()


def _events(record: bytes) -> list[Event]:
    """The events of a record; where one has a field of an unexpected type, each is read on its own."""
    try:
        sent = _sent(record)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return [_event(encoded(each)) for each in _listed(_plain(record)) if isinstance(each, dict)]
    return sent.batch or (sent.request.batch if sent.request is not None else None) or [sent]


def _without_text(body: Body) -> Body:
    begun = copy(body)
    begun.input = NO_RAW
    return begun


def _apart_from_usage(body: Body) -> None:
    """Take the costs that the SDKs put into the usage out of it."""
    usage = body.usage
    if isinstance(usage, dict) and _COSTS[0] in usage and not body.cost_details:
        body.usage = {name: count for name, count in usage.items() if name not in _COSTS}
        body.total_cost = usage[_COSTS[0]]
