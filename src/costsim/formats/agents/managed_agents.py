"""Anthropic's managed agents: the events of a session, of which the ends of model requests have usage.

Which model was asked stands in the session's own record, as it was made; a file is read in order. Events may stand
alone or behind the name of the method that returned them. Counts are Anthropic's: input leaves out what was cached.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import chat_text
from costsim.formats.shared.chat_text import ChatMessage
from costsim.formats.shared.envelope import NO_RAW, Number, Scalar
from costsim.formats.shared.kept_request import plain_content
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import counts_of, put
from costsim.schema import Call, Message, Text, one_text

NAME = "anthropic-agents"
ABOUT = "Anthropic managed agents: events of sessions (`span.model_request_end`, `model_usage`)"

_KINDS = ("session.", "span.", "agent.", "user.")
_SAID = {"user.message": "user", "agent.message": "assistant", "user.custom_tool_result": "tool"}


class Model(msgspec.Struct, gc=False):
    """The model of an agent."""

    id: str | None = None


class Agent(msgspec.Struct, gc=False):
    """What a session runs."""

    name: str | None = None
    system: str | None = None
    model: Model | str | None = None


class Event(msgspec.Struct, gc=False):
    """One event, or the session's record."""

    id: str | None = None
    type: str | None = None
    processed_at: Number = None
    model_request_start_id: str | None = None
    model_usage: dict[str, Any] | None = None
    is_error: Scalar = None
    content: msgspec.Raw = NO_RAW
    agent: Agent | None = None


_event = TolerantDecoder(Event).decode
_message = TolerantDecoder(ChatMessage).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is an event of a session, or the session."""
    if isinstance(record.get("agent"), dict) and str(record.get("id")).startswith("sesn_"):
        return True
    return "processed_at" in record and str(record.get("type")).startswith(_KINDS)


def read(record: bytes) -> list[Call]:
    """Return the call that one event tells of, without what earlier ones tell."""
    return session()(record)


def session() -> Callable[[bytes], list[Call]]:
    """Return a function like `read` for the events of one file, from the first to the last."""
    known = _Session()

    def read_in_order(record: bytes) -> list[Call]:
        nonlocal known
        if record[:1] == b'"':
            return []  # the name of a method
        event = _event(record)
        if event.agent is not None:
            known = _Session(event.id, event.agent)
            return []
        return known.take(event)

    return read_in_order


class _Session:
    """What earlier events said."""

    def __init__(self, name: str | None = None, agent: Agent | None = None) -> None:
        self._id, self._agent = name, agent or Agent()
        self._began: dict[str, int | None] = {}
        self._said: list[Message] = []
        self._asked = 0
        """How much had been said when the model was asked."""

    def take(self, event: Event) -> list[Call]:
        """Remember an event; return the call where it is the end of one."""
        if event.type == "span.model_request_start" and event.id is not None:
            self._began = {event.id: microseconds(event.processed_at)}
            self._asked = len(self._said)
        elif event.type in _SAID:
            content = bytes(event.content)
            text: Text | None = plain_content(content)
            if text is None:
                text = chat_text.said(_message(b'{"content":' + (content or b"null") + b"}"))
            self._said.append((_SAID[event.type], text))
        elif event.model_usage is not None:
            return [self._call(event)]
        return []

    def _call(self, event: Event) -> Call:
        model = self._agent.model
        end, start = microseconds(event.processed_at), self._began.get(event.model_request_start_id or "")
        call = Call(
            call_id=event.model_request_start_id or event.id,
            started_at=start or end,
            provider="anthropic",
            model=model.id if isinstance(model, Model) else model,
            conversation_id=self._id,
            route=self._agent.name,
        )
        if start is not None and end is not None and end >= start:
            call.duration_ms = (end - start) / 1000
        if (counts := counts_of(event.model_usage or {})) is not None:
            counts.includes_cached = False
            put(call, counts)
        if event.is_error is True:
            call.status, call.error_type = "error", "error"
            call.billed = bool(call.input_tokens or call.output_tokens)
        system: list[Message] = [("system", self._agent.system)] if self._agent.system else []
        call.messages = [*system, *self._said[: self._asked]] or None
        call.answer = one_text([text for role, text in self._said[self._asked :] if role == "assistant"]) or None
        return call
