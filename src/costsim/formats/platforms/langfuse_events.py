"""Langfuse's ingestion API, as its SDKs send it: events that begin a generation and events that add to it.

What a later event states replaces what an earlier one did; what is null in it stays. An event may stand in a batch or
alone, and the one that adds in another line than the one that began, so a file is read in order.
"""

from collections.abc import Callable, Iterator
from typing import Any

from costsim.decode import TolerantDecoder
from costsim.formats.platforms import langfuse
from costsim.formats.shared.attributes import encoded
from costsim.formats.shared.envelope import word
from costsim.formats.shared.halves import Begun
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
_OF_TRACES = {"sessionId": "sessionId", "userId": "userId", "name": "traceName", "tags": "traceTags"}
"""What a trace says of all observations in it, and where an observation has it."""
_COSTS = ("totalCost", "inputCost", "outputCost")

_record = TolerantDecoder(dict[str, Any]).decode


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
        touched: dict[str, dict[str, Any]] = {}
        scores: dict[str, float] = {}
        for event in _listed(_record(record)):
            if not _is_event(event):
                continue
            kind, body = _kind(str(event["type"])), event["body"]
            if kind == "trace":
                self._begun.add(f"trace {word(body.get('id'))}", body)
            elif kind == "score" and (score := real(body.get("value"))) is not None:
                scores[str(body.get("observationId"))] = score
            elif kind in _KINDS and (name := word(body.get("id")) or word(event.get("id"))) is not None:
                own = {} if kind == "observation" else {"type": kind.upper()}
                touched[name] = self._begun.add(name, {**body, **own, "id": name})
        return list(self._calls(touched, scores))

    def _calls(self, touched: dict[str, dict[str, Any]], scores: dict[str, float]) -> Iterator[Call]:
        for name, observation in touched.items():
            told = self._begun.told(f"trace {word(observation.get('traceId'))}")
            around = {there: told[here] for here, there in _OF_TRACES.items() if told.get(here)}
            for call in langfuse.read(encoded({**around, **_with_costs(observation)})):
                call.quality = scores.get(name, call.quality)
                yield call


def _with_costs(observation: dict[str, Any]) -> dict[str, Any]:
    """An observation with the costs that the SDKs put into its usage beside its cost details."""
    usage = observation.get("usage")
    if not isinstance(usage, dict) or _COSTS[0] not in usage or observation.get("costDetails"):
        return observation
    counts = {name: value for name, value in usage.items() if name not in _COSTS}
    return {**observation, "usage": counts, "totalCost": usage[_COSTS[0]]}
