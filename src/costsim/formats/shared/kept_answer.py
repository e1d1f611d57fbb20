"""Answers as tracers keep them, of which the usual one, a text or one message of text, is taken as it stands."""

from typing import Any

import msgspec

from costsim.formats.shared.attributes import Json, value_of
from costsim.formats.shared.envelope import NO_RAW
from costsim.formats.shared.kept_request import is_plain_text, json_in, plain_content

Said = tuple[bytes, str | None]
"""The JSON of an answer's text, and why the answer ended."""


class _Telling(msgspec.Struct, gc=False):
    """What else than a message of text would be the answer."""

    output: msgspec.Raw = NO_RAW
    messages: msgspec.Raw = NO_RAW
    text: msgspec.Raw = NO_RAW
    generations: msgspec.Raw = NO_RAW
    response: msgspec.Raw = NO_RAW
    candidates: msgspec.Raw = NO_RAW
    stop_camel: msgspec.Raw = msgspec.field(default=NO_RAW, name="stopReason")
    finish_camel: msgspec.Raw = msgspec.field(default=NO_RAW, name="finishReason")


class _Message(_Telling, gc=False):
    """One message; another message in it, or choices, were more than that."""

    content: msgspec.Raw = NO_RAW
    type: Any = None
    tool_calls: Any = None
    function_call: Any = None
    refusal: Any = None
    finish_reason: Any = None
    stop_reason: Any = None
    message: Any = msgspec.UNSET
    choices: Any = msgspec.UNSET


class _Choice(_Message, gc=False):
    """One choice of several, or a message alone."""

    message: _Message | msgspec.UnsetType | None = msgspec.UNSET


class _Body(_Choice, gc=False):
    """The body of a provider's answer, or a message alone."""

    choices: list[_Choice] | msgspec.UnsetType | None = msgspec.UNSET
    id: Any = None
    model: Any = None
    usage: Any = None
    usage_camel: Any = msgspec.field(default=None, name="usageMetadata")


class KeptAnswer(msgspec.Struct):
    """A kept answer."""

    said: Said | None = None
    """Where it is a text or one message of text, and nothing else of it is looked at."""
    value: Any = None
    """Any other answer, decoded."""
    id: Any = None
    model: Any = None
    usage: Any = None
    """Of a provider's body, whichever answer it holds."""


_body = msgspec.json.Decoder(_Body).decode
_choices = msgspec.json.Decoder(list[_Choice]).decode
_NOT_SO = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NONE_OF_IT = (NO_RAW,) * len(_Telling.__struct_fields__)
_OF_TOOLS = ("tool_use", "function_call")


def kept_answer(raw: Json) -> KeptAnswer:
    """Return an answer, as JSON or a text of it, decoded as far as it has to be."""
    text = json_in(raw)
    if is_plain_text(text):
        return KeptAnswer((text, None))
    try:
        if text[:1] == b"{":
            body = _body(text)
            said = _in_choices(body) if isinstance(body.choices, list) else _in_choice(body)
            usage = body.usage if body.usage is not None else body.usage_camel
            return KeptAnswer(said, None if said else value_of(text), body.id, body.model, usage)
        if text[:1] == b"[" and len(choices := _choices(text)) == 1 and (said := _in_choice(choices[0])):
            return KeptAnswer(said)
    except _NOT_SO:
        pass
    return _decoded(raw)


def _decoded(raw: Json) -> KeptAnswer:
    value = value_of(raw)
    told: dict[str, Any] = value if isinstance(value, dict) else {}
    usage = told.get("usage") if told.get("usage") is not None else told.get("usageMetadata")
    return KeptAnswer(None, value, told.get("id"), told.get("model"), usage)


def _in_choices(body: _Body) -> Said | None:
    """The text of a body that has one choice, and no other answer beside it."""
    beside = (body.content, body.tool_calls, body.function_call, body.refusal, body.finish_reason, body.stop_reason)
    if not isinstance(body.choices, list) or len(body.choices) != 1 or body.message is not msgspec.UNSET:
        return None
    return _in_choice(body.choices[0]) if _is_alone(body) and beside == _NOTHING_BESIDE else None


_NOTHING_BESIDE = (NO_RAW, None, None, None, None, None)


def _in_choice(choice: _Choice) -> Said | None:
    """The text of a choice, or of a message alone, if there is no more to it."""
    finish = choice.finish_reason or choice.stop_reason
    if not _is_alone(choice) or not (finish is None or isinstance(finish, str)):
        return None
    if choice.message is msgspec.UNSET:
        return _in_message(choice, finish) if choice.choices is msgspec.UNSET else None
    message = choice.message
    if not isinstance(message, _Message) or choice.content is not NO_RAW or not _is_alone(message):
        return None
    if message.message is not msgspec.UNSET or message.choices is not msgspec.UNSET or _calls_tools(choice):
        return None
    return _in_message(message, finish)


def _is_alone(part: _Telling) -> bool:
    found = (part.output, part.messages, part.text, part.generations, part.response, part.candidates, part.stop_camel,
             part.finish_camel)  # fmt: skip
    return found == _NONE_OF_IT


def _calls_tools(message: _Message) -> bool:
    return bool(message.tool_calls or message.function_call or message.refusal)


def _in_message(message: _Message, finish: str | None) -> Said | None:
    if _calls_tools(message) or message.type in _OF_TOOLS:
        return None
    text = plain_content(bytes(message.content))
    return (text, finish) if text is not None and len(text) > len(b'""') else None
