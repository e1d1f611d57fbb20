"""Langfuse's ingestion API, as its SDKs send it: events that begin a generation and events that add to it.

What a later event states replaces what an earlier one did; what is null in it stays. An event may stand in a batch or
alone, and the one that adds in another line than the one that began, so a file is read in order.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.platforms import langfuse
from costsim.formats.shared.attributes import decoded, encoded
from costsim.formats.shared.envelope import NO_RAW, Scalar, word
from costsim.formats.shared.halves import Begun, Fields, fields_of, word_in
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
_OF_CALLS = ("generation", "embedding")
_OF_TRACES = {"sessionId": "sessionId", "userId": "userId", "name": "traceName", "tags": "traceTags"}
"""What a trace says of all observations in it, and where an observation has it."""
_COSTS = ("totalCost", "inputCost", "outputCost")
_ENDED = ("endTime", "usage", "usageDetails", "output", "statusMessage")
"""What is said of an observation once something came of it; its text is read then, and not when it begins."""


class Event(msgspec.Struct, gc=False):
    """What is created, or what is added to it."""

    id: Scalar = None
    type: str | None = None
    body: msgspec.Raw = NO_RAW


class Batch(Event, gc=False):
    """Several events, or one."""

    batch: list[Event] | None = None


class Sent(Batch, gc=False):
    """What is sent, or an exchange in which it was."""

    request: Batch | None = None


_sent = TolerantDecoder(Sent).decode


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
        self._begun = Begun()

    def read(self, record: bytes) -> list[Call]:
        touched: dict[str, Fields] = {}
        scores: dict[str, float] = {}
        sent = _sent(record)
        for event in sent.batch or (sent.request.batch if sent.request is not None else None) or [sent]:
            kind, body = _kind(event.type or ""), fields_of(event.body)
            if kind == "trace":
                self._begun.add(f"trace {word_in(body, 'id')}", body)
            elif kind == "score" and (score := real(decoded(body.get("value", b"null")))) is not None:
                scores[word_in(body, "observationId") or ""] = score
            elif kind in _KINDS and body and (name := word_in(body, "id") or word(event.id)) is not None:
                own = {} if kind == "observation" else {"type": msgspec.Raw(encoded(kind.upper()))}
                touched[name] = self._begun.add(name, {**body, **own, "id": msgspec.Raw(encoded(name))})
        return [call for name, fields in touched.items() for call in self._calls(name, fields, scores)]

    def _calls(self, name: str, fields: Fields, scores: dict[str, float]) -> Iterator[Call]:
        if (word_in(fields, "type") or "").lower() not in _OF_CALLS:
            return
        told = self._begun.told(f"trace {word_in(fields, 'traceId')}")
        around = {there: told[here] for here, there in _OF_TRACES.items() if here in told}
        if fields.keys().isdisjoint(_ENDED):
            fields = {there: value for there, value in fields.items() if there != "input"}
        for call in langfuse.read(msgspec.json.encode({**around, **_with_costs(fields)})):
            call.quality = scores.get(name, call.quality)
            yield call


def _with_costs(fields: Fields) -> Fields:
    """An observation with the costs that the SDKs put into its usage beside its cost details."""
    usage = fields_of(fields.get("usage", b""))
    if _COSTS[0] not in usage or fields_of(fields.get("costDetails", b"")):
        return fields
    counts = {name: value for name, value in usage.items() if name not in _COSTS}
    return {**fields, "usage": msgspec.Raw(msgspec.json.encode(counts)), "totalCost": usage[_COSTS[0]]}
