"""New Relic's events of AI monitoring: of each call one that sums it up, beside those of its messages.

`LlmChatCompletionSummary` and `LlmEmbedding` are calls; `LlmChatCompletionMessage` holds a text of one. The counts are
the provider's own words for its usage, of which only the headlines are kept. Shapes: New Relic's agents, as a query
of events or a table of it shows them.
"""

from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.attributes import decoded, tags_of
from costsim.formats.shared.cells import truth
from costsim.formats.shared.envelope import NO_RAW, Number, Scalar, word
from costsim.formats.shared.numbers import real, whole
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "new-relic"
ABOUT = "New Relic's AI monitoring: events of summed-up completions (`vendor`, `response.model`, `response.usage.*`)"

_MODELS = frozenset({"request.model", "response.model"})
_OF_CALLS = frozenset({
    "response.usage.prompt_tokens", "response.usage.total_tokens", "response.number_of_messages", "duration",
    "response.choices.finish_reason", "ingest_source",
})  # fmt: skip
_OF_MESSAGES = frozenset({"completion_id", "sequence"})
_TAGS = "llm."
_CONVERSATIONS = ("llm.conversation_id", "llm.session_id", "llm.thread_id", "conversation_id")


class Event(msgspec.Struct, gc=False):
    """A call, summed up."""

    id: Scalar = None
    request_id: Scalar = None
    trace_id: Scalar = None
    timestamp: Number = None
    duration: Number = None
    first_ms: Number = msgspec.field(default=None, name="time_to_first_token")
    vendor: str | None = None
    asked: str | None = msgspec.field(default=None, name="request.model")
    served: str | None = msgspec.field(default=None, name="response.model")
    temperature: Number = msgspec.field(default=None, name="request.temperature")
    max_tokens: Number = msgspec.field(default=None, name="request.max_tokens")
    prompt: Number = msgspec.field(default=None, name="response.usage.prompt_tokens")
    completion: Number = msgspec.field(default=None, name="response.usage.completion_tokens")
    total: Number = msgspec.field(default=None, name="response.usage.total_tokens")
    finish: str | None = msgspec.field(default=None, name="response.choices.finish_reason")
    messages: Number = msgspec.field(default=None, name="response.number_of_messages")
    error: Scalar = None
    app: Scalar = msgspec.field(default=None, name="appName")
    input: msgspec.Raw = NO_RAW
    completion_id: Scalar = None


_event = TolerantDecoder(Event).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is an event of a model's vendor, of a call or of a message in one."""
    if "vendor" not in record or _MODELS.isdisjoint(record):
        return False
    return not _OF_CALLS.isdisjoint(record) or record.keys() >= _OF_MESSAGES


def read(record: bytes) -> list[Call]:
    """Return the call that an event sums up; none where it is a message of one."""
    event = _event(record)
    if event.completion_id not in (None, "") or (event.served is None and event.asked is None):
        return []
    attributes = decoded(record)
    return [_call(event, attributes if isinstance(attributes, dict) else {})]


def _call(event: Event, attributes: dict[str, Any]) -> Call:
    is_embedding = event.messages is None and event.finish is None and event.input is not NO_RAW
    call = Call(
        call_id=word(event.id) or word(event.request_id),
        started_at=microseconds(event.timestamp),
        duration_ms=real(event.duration),
        time_to_first_token_ms=real(event.first_ms),
        provider=provider_named(event.vendor),
        model=event.served or event.asked or None,
        requested_model=event.asked or None,
        operation="embedding" if is_embedding else "chat",
        temperature=real(event.temperature),
        max_output_tokens=whole(event.max_tokens),
        finish_reason=event.finish or None,
        trace_id=word(event.trace_id),
        route=word(event.app),
    )
    _fill_usage(call, event)
    if truth(event.error):
        call.status, call.error_type = "error", "error"
        call.billed = bool(call.input_tokens or call.output_tokens)
    named = {name: value for name in _CONVERSATIONS if isinstance(value := attributes.get(name), str | int)}
    call.conversation_id = word(next(iter(named.values()), None))
    own = {name.removeprefix(_TAGS): value for name, value in attributes.items() if name.startswith(_TAGS)}
    call.user = word(own.pop("user_id", None)) or word(own.pop("user", None))
    call.tags = tags_of({name: value for name, value in own.items() if _TAGS + name not in named}) or None
    return call


def _fill_usage(call: Call, event: Event) -> None:
    prompt, completion, total = whole(event.prompt), whole(event.completion), whole(event.total)
    if call.operation == "embedding":
        prompt, completion = prompt if prompt is not None else total, completion or 0
    if prompt is None and total is not None and completion is not None:
        prompt = total - completion
    if prompt is not None:
        call.input_tokens, call.output_tokens, call.tokens_basis = prompt, completion, "logged"
