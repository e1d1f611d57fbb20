"""Messages of LangChain, as people log what their chains and graphs return: alone, beside an input, or in a state.

`usage_metadata` is the same whichever provider answered, and includes what was cached; what the provider itself said
is in `response_metadata`. A state of a graph holds the messages before an answer too, and again those of earlier turns,
under the same ids. Shapes: langchain-core's AIMessage by model_dump, dumps and messages_to_dict, and LangChain.js.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import envelope, exchange, kept_text
from costsim.formats.shared.cells import plain
from costsim.formats.shared.chat_text import role_of
from costsim.formats.shared.envelope import Envelope
from costsim.formats.shared.numbers import trillionths
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.usage import Counts, counts_of, put
from costsim.schema import Call, Message

NAME = "langchain"
ABOUT = "LangChain messages (`usage_metadata`, `response_metadata`), alone, beside an input or in a graph's state"

_ANSWERS = (
    "output", "outputs", "response", "answer", "result", "results", "message", "messages", "completion", "generation",
    "generations", "ai_message", "aiMessage", "reply", "llm_response", "raw", "value", "values", "update", "state",
)  # fmt: skip
"""Names under which an answer stands, or what holds one."""
_ASKED = ("input", "inputs", "prompt", "question", "query", "request", "messages")
_OF_REQUESTS = frozenset({"messages", "input", "prompt"})
_OF_TRACERS = frozenset({"traceId", "spanId", "span_id", "spans", "info", "data", "scope", "span_data"})
_MODELS = ("model_name", "model", "model_id", "modelName")
_USAGES = ("token_usage", "tokenUsage", "usage", "usage_metadata", "estimatedTokenUsage")
_FINISHES = ("finish_reason", "stop_reason", "stopReason", "finishReason", "done_reason")
_MOST_NESTED, _NODES_WITHIN = 5, 2
"""Layers in which an answer is looked for, and those in which it may stand under any name."""


class Answer(NamedTuple):
    """A message of a model, and what was used for it."""

    message: dict[str, Any]
    counts: Counts


Held = tuple[Answer, list[Any]]
"""An answer, and the messages that stand before it."""


class Line(Envelope, gc=False):
    """What stands around an answer."""


_line = TolerantDecoder(Line).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is or holds a message that a model answered; spans that do are their tracer's."""
    if exchange.is_platform_row(record) or not _OF_TRACERS.isdisjoint(record):
        return False
    return next(_answers(record), None) is not None


def read(record: bytes) -> list[Call]:
    """Return the call of each answer in a record."""
    line, row = _line(record), _plain(record)
    found = list(_answers(row))
    asked = _asked(row) if len(found) == 1 else None
    return [_call(line, answer, before or asked) for answer, before in found]


def _plain(record: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(record)
    except UnicodeDecodeError:
        found = msgspec.json.decode(record.decode("utf-8", "replace"))
    return found if isinstance(found, dict) else {}


def _asked(row: dict[str, Any]) -> Any:
    """What stands beside an answer as its request: messages, a text, or the fields that a prompt was filled with."""
    asked = next((row[name] for name in _ASKED if name in row), None)
    if isinstance(asked, dict) and _OF_REQUESTS.isdisjoint(asked):
        return next((each for each in asked.values() if isinstance(each, str)), None)
    return asked


def _answers(value: Any, depth: int = 0) -> Iterator[Held]:
    """The answers that a value is or holds; of LangGraph's updates, under the name of a node."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            for answer, before in _answers(item, depth + 1) if depth < _MOST_NESTED else ():
                yield answer, before or value[:place]
    if not isinstance(value, dict):
        return
    if (found := _answer(value)) is not None:
        yield found, []
    elif depth < _MOST_NESTED:
        inside = [value[name] for name in _ANSWERS if name in value and isinstance(value[name], dict | list)]
        for inner in inside or (_updates(value) if depth < _NODES_WITHIN else ()):
            yield from _answers(inner, depth + 1)


def _updates(value: dict[str, Any]) -> list[dict[str, Any]]:
    """What nodes of a graph, whatever their names, made of its messages."""
    return [each for each in value.values() if isinstance(each, dict) and "messages" in each]


def _answer(value: dict[str, Any]) -> Answer | None:
    """A message of a model with what was used: as it is, as a constructor or typed; or the old result of a model."""
    inner = value.get("kwargs", value.get("data", value.get("lc_kwargs")))
    message = inner if isinstance(inner, dict) and "content" in inner else value
    if "content" in message and (counts := _counts(message)) is not None:
        return Answer(message, counts)
    told = value.get("llm_output", value.get("llmOutput"))
    if isinstance(told, dict) and (counts := _of_provider(told)) is not None:
        deeper = next(_answers(value.get("generations"), _MOST_NESTED - 2), None)
        text = kept_text.answer_in(value.get("generations"))
        return deeper[0] if deeper is not None else Answer({"content": text, "response_metadata": told}, counts)
    return None


def _counts(message: dict[str, Any]) -> Counts | None:
    used, told = message.get("usage_metadata"), message.get("response_metadata")
    if isinstance(used, dict) and "input_tokens" in used:
        return counts_of(used)
    return _of_provider(told) if isinstance(told, dict) else None


def _of_provider(told: dict[str, Any]) -> Counts | None:
    usages = [told[name] for name in _USAGES if isinstance(told.get(name), dict)]
    return next((found for usage in usages if (found := counts_of(usage)) is not None), None)


def _call(line: Line, answer: Answer, asked: Any) -> Call:
    message = answer.message
    told = message["response_metadata"] if isinstance(message.get("response_metadata"), dict) else {}
    used = message["usage_metadata"] if isinstance(message.get("usage_metadata"), dict) else {}
    call = Call(
        call_id=plain(told.get("id")) or plain(message.get("id")),
        model=_first(told, _MODELS) or _first(message, _MODELS),
        service_tier=_first(told, ("service_tier",)),
        finish_reason=_first(told, _FINISHES),
        reported_cost=trillionths(used.get("total_cost")),
    )
    envelope.fill(call, line)
    call.provider = call.provider or provider_named(_first(told, ("model_provider",)))
    put(call, answer.counts)
    messages = _plain_messages(asked)
    kept_text.fill(call, None if messages else asked, message, messages)
    return call


def _plain_messages(asked: Any) -> list[Message] | None:
    """Messages that are texts and no more; None where one calls tools, or has parts."""
    found: list[Message] = []
    for item in asked if isinstance(asked, list) else ():
        text = item.get("content") if isinstance(item, dict) else None
        role = item.get("role") or item.get("type") if isinstance(item, dict) else None
        if not isinstance(text, str) or not isinstance(role, str | None):
            return None
        if item.get("tool_calls") or item.get("additional_kwargs"):
            return None
        found.append((role_of(role), text))
    return found or None


def _first(holder: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := plain(holder.get(name))) is not None), None)
