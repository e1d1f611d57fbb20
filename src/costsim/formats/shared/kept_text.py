"""Requests and answers as tracers keep them: a text, messages, or a provider's whole body, as JSON or a text of it."""

import re
from collections.abc import Iterator
from typing import Any

from costsim.formats.shared import chat_text, tool_calls
from costsim.formats.shared.attributes import encoded
from costsim.formats.shared.cells import opened
from costsim.formats.shared.kept_answer import Said
from costsim.formats.shared.kept_request import AROUND_PARAMETERS, LIMITS, OF_A_REQUEST
from costsim.formats.shared.numbers import real, whole
from costsim.schema import REFUSAL, Call, Message

_ANSWERS = ("choices", "output", "messages", "content", "message", "text", "generations", "response", "candidates")
_BESIDE = ("tool_calls", "function_call", "refusal")
_FINISHES = ("finish_reason", "stop_reason", "stopReason", "finishReason")
_TELLING = frozenset({*_ANSWERS, *_BESIDE, *_FINISHES})
"""Names in a kept answer of all that is looked at."""
_OF_A_MESSAGE = frozenset({"content", "finish_reason", "stop_reason", *_BESIDE})
_AROUND_ONE = frozenset({"message", "finish_reason", "stop_reason"})
_PARAMETERS = frozenset(AROUND_PARAMETERS)
_OF_A_REQUEST = frozenset(OF_A_REQUEST)
_MOST_NESTED = 6
_PLAIN = frozenset({"role", "content", "name", "id", "timestamp"})
_FIELDS = len(_PLAIN)
_OF_LANGCHAIN = ("human", "ai", "system", "tool")
_MORE = frozenset({"text", "arguments", "refusal", "output", "images", "attachments", "experimental_attachments"})
_OF_TEXTS = frozenset({"type", "text", "citations", "annotations", "cache_control"})
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>$")
"""What Python writes in place of an object that has no text, as of a stream that nobody had read yet."""


def fill(
    call: Call, given: Any, answered: Any, messages: list[Message] | None = None, said: Said | None = None
) -> None:
    """Put what was asked and what came back into the call: messages, tools and parameters, and all of the answer.

    `messages`, and what was `said`, where they are known already, are no longer in what was `given` and `answered`.
    """
    given = opened(given)
    if messages is None:
        messages = messages_in(given, call)
    if messages is not None:
        call.messages = messages
    if isinstance(given, dict):
        fill_parameters(call, given)
    call.has_tools = call.tool_definitions > 0
    if said is None:
        _fill_answer(call, answered)
    else:
        call.answer, call.finish_reason = said[0], call.finish_reason or said[1]


def _fill_answer(call: Call, answered: Any) -> None:
    if answered is None:
        return
    if (plain := _plain_answer(answered)) is not None:
        call.answer, finish = plain
        call.finish_reason = call.finish_reason or finish
        return
    if (answer := answer_in(opened(answered))) is not None:
        call.answer = answer
    call.finish_reason = call.finish_reason or finish_in(answered)
    fill_tool_calls(call, answered)


def _plain_answer(answered: Any) -> tuple[str, str | None] | None:
    """The text of an answer that is one message of text, and why it ended; None where there may be more to it."""
    if isinstance(answered, dict) and "choices" in answered:
        if len(_TELLING & answered.keys()) > 1:
            return None
        answered = answered["choices"]
    if isinstance(answered, list) and len(answered) == 1:
        answered = answered[0]
    if not isinstance(answered, dict):
        return None
    message, told = answered.get("message", answered), _TELLING & answered.keys()
    finish = answered.get("finish_reason") or answered.get("stop_reason")
    if not isinstance(message, dict) or not (finish is None or isinstance(finish, str)):
        return None
    if not (_OF_A_MESSAGE if message is answered else _AROUND_ONE).issuperset(told):
        return None
    if message is not answered and not _OF_A_MESSAGE.issuperset(_TELLING & message.keys()):
        return None
    content = message.get("content")
    text = _plain_parts(content) if isinstance(content, list) else content
    if not isinstance(text, str) or not text or message.get("type") in _TOOL_CALLS or any(map(message.get, _BESIDE)):
        return None
    return text, finish or None


def messages_in(given: Any, call: Call, depth: int = 0) -> list[Message] | None:
    """Return the messages of a kept request; LangChain's lists of lists of messages are one list."""
    if isinstance(given, dict) and isinstance(given.get("messages"), list | str):
        system = given.get("system")
        said = messages_in(given["messages"], call, depth)
        return [("system", text), *(said or ())] if (text := answer_in(system)) else said
    if isinstance(given, list) and given and isinstance(given[0], list) and depth < _MOST_NESTED:
        return messages_in(given[0], call, depth + 1)
    if isinstance(given, list):
        if (plain := _plain_messages(given)) is not None:
            return plain
        given = [_as_others_write_it(item) for item in given]
        if (plain := _spoken_messages(given)) is not None:
            return plain
    return chat_text.messages_in(given, call)


def _plain_messages(items: list[Any]) -> list[Message] | None:
    """Messages of a role and a text alone, which most are; None where one is of more."""
    found: list[Message] = []
    for item in items:
        if not isinstance(item, dict) or len(item) > _FIELDS or "role" not in item:
            return None
        role, text = item["role"], item.get("content")
        if isinstance(text, list):
            text = _plain_parts(text)
        if not isinstance(text, str) or not isinstance(role, str) or (len(item) > 2 and not _PLAIN.issuperset(item)):
            return None
        found.append((chat_text.role_of(role), text))
    return found or None


def _spoken_messages(items: list[Any]) -> list[Message] | None:
    """Messages that each say a text, or else call tools, and that is all that is taken of them; else None."""
    found: list[Message] = []
    for item in items:
        if not isinstance(item, dict) or not _MORE.isdisjoint(item):
            return None
        role, text, kind = item.get("role"), item.get("content"), item.get("type")
        if not text and (called := item.get("tool_calls") or item.get("function_call")):
            text = encoded(called).decode("utf-8", "replace")
        if not isinstance(text, str) or not text or str(kind) in chat_text.ITEMS_OF_TOOLS:
            return None
        if not (isinstance(role, str | None) and isinstance(kind, str | None)):
            return None
        found.append((chat_text.role_of(role), text))
    return found or None


def _plain_parts(parts: list[Any]) -> str | None:
    """The text of a content in parts that are nothing but texts; None where one is of more."""
    texts: list[str] = []
    for part in parts:
        text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        if not isinstance(text, str) or not text or not _OF_TEXTS.issuperset(part):
            return None
        texts.append(text)
    return "\n".join(texts) or None


def _as_others_write_it(item: Any) -> Any:
    """A message that LangChain serialised ({"kwargs": {"content": ...}, "id": [..., "HumanMessage"]}) as others are."""
    if not isinstance(item, dict):
        return item
    inner = item.get("kwargs", item.get("data"))
    if isinstance(inner, dict) and "content" in inner:
        path = item.get("id")
        kind = path[-1] if isinstance(path, list) and path else item.get("type") or inner.get("type")
        item = {**inner, "role": chat_text.serialised_role(str(kind or "user"))}
    if isinstance(item.get("parts"), list) and "content" not in item:
        item = {**item, "content": item["parts"]}
    if "role" not in item and str(item.get("type")) in _OF_LANGCHAIN:
        item = {**item, "role": item["type"]}
    return item


def fill_parameters(call: Call, given: dict[str, Any]) -> None:
    """Put the parameters of a kept request into the call, as far as it does not know them."""
    _fill_from(call, given)
    for name in () if _PARAMETERS.isdisjoint(given) else AROUND_PARAMETERS:
        if isinstance(inner := given.get(name), dict):
            _fill_from(call, inner)


def _fill_from(call: Call, holder: dict[str, Any]) -> None:
    if _OF_A_REQUEST.isdisjoint(holder):
        return
    for name in LIMITS if call.max_output_tokens is None else ():
        if name in holder and (most := whole(holder[name]) or 0) > 0:  # -1: no limit
            call.max_output_tokens = most
            break
    if call.temperature is None and "temperature" in holder:
        call.temperature = real(holder["temperature"])
    if call.streamed is None and isinstance(streamed := holder.get("stream"), bool):
        call.streamed = streamed
    tools = holder.get("tools") or holder.get("functions")
    if tools and not call.tool_definitions:
        call.tool_definitions = len(encoded(tools).decode("utf-8", "replace"))
    if call.wants_json is None and isinstance(form := holder.get("response_format"), dict):
        call.wants_json = form.get("type") in ("json_object", "json_schema")


def answer_in(value: Any, depth: int = 0) -> str | None:
    """Return the text of a kept answer; None where it holds none."""
    if depth > _MOST_NESTED:
        return None
    if isinstance(value, dict):
        inner = next((value[name] for name in _ANSWERS if value.get(name)), None)
        if isinstance(inner, str):
            return inner
        return _said([value]) if inner is None or "role" in value else answer_in(inner, depth + 1) or _said([value])
    if isinstance(value, list):
        items = [_as_others_write_it(item.get("message") or item) if isinstance(item, dict) else item for item in value]
        return _said(items) or next((text for item in items if (text := answer_in(item, depth + 1))), None)
    return value if isinstance(value, str) and value and not _OBJECT.match(value) else None


def _said(items: list[Any]) -> str | None:
    if len(items) == 1 and isinstance(items[0], dict) and (content := items[0].get("content")):
        text = _plain_parts(content) if isinstance(content, list) else content
        if isinstance(text, str):
            return text
    if (text := _plain_parts(items)) is not None:
        return text
    return chat_text.text_in([item for item in items if isinstance(item, dict)]) or None


def fill_tool_calls(call: Call, answered: Any) -> None:
    """Note in `call` whether a kept answer calls tools, in whatever shape, and whether with arguments in JSON."""
    called = list(_called(answered))
    call.answer_has_tool_calls = bool(called)
    call.answer_check = REFUSAL if refuses(answered) else tool_calls.worst(map(tool_calls.check_plain, called))


def refuses(value: Any) -> bool:
    """Return whether a kept answer is a refusal, as OpenAI puts it in the place of an answer."""
    if isinstance(value, dict):
        if isinstance(said := value.get("refusal"), str) and said:
            return True
        return any(refuses(value[name]) for name in _ANSWERS if name in value and not isinstance(value[name], str))
    return isinstance(value, list) and any(map(refuses, value))


def _called(value: Any) -> Iterator[Any]:
    """All calls of tools in a kept answer: lists of them, or single ones."""
    if isinstance(value, dict):
        if (called := value.get("tool_calls") or value.get("function_call")) or value.get("type") in _TOOL_CALLS:
            yield called or value
            return
        for name in _ANSWERS:
            if name in value and not isinstance(value[name], str):
                yield from _called(value[name])
    elif isinstance(value, list):
        for item in value:
            yield from _called(item)


_TOOL_CALLS = ("tool_use", "function_call")


def finish_in(value: Any) -> str | None:
    """Return why a kept answer ended, where it is a provider's whole body."""
    if isinstance(value, list):
        value = value[0] if value else None
        while isinstance(value, list):
            value = value[0] if value else None
    if not isinstance(value, dict):
        return None
    for name in _FINISHES:
        found = value.get(name)
        if isinstance(found, dict):  # a client that put the whole last chunk there
            found = found.get("finish_reason")
        if isinstance(found, str) and found:
            return found
    inner = next((value[name] for name in ("choices", "candidates", "generations") if value.get(name)), None)
    return finish_in(inner) if isinstance(inner, list) else None
