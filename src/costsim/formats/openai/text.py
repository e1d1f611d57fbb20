"""The text of OpenAI messages: decoded where somebody needs it, the texts of parts joined, calls of tools as text."""

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.openai.rows import Answer, Choice, Message, Part, Parts
from costsim.formats.shared import attached, tool_calls
from costsim.formats.shared.envelope import NO_RAW
from costsim.schema import REFUSAL, Call, text_of
from costsim.schema import Message as RoleAndText

ROLES: dict[str | None, str] = {
    "system": "system", "developer": "system", "user": "user", "human": "user", "assistant": "assistant",
    "model": "assistant", "ai": "assistant", "tool": "tool", "function": "tool",
}  # fmt: skip
_MODALITIES = {"image_url": "image", "input_audio": "audio", "file": "file", "video_url": "video"}
_parts = TolerantDecoder(Parts).decode


def length(raw: msgspec.Raw) -> int:
    """Return the characters of a list that stands in the line undecoded; an empty list or null is none."""
    size = len(memoryview(raw))
    return size if size > 4 else 0


def role_and_text(message: Message, call: Call) -> RoleAndText:
    """Return role and text; calls of tools are text that the model wrote, and that is sent and billed again."""
    content = content_of(message, call)
    if length(message.tool_calls):
        called = bytes(message.tool_calls).decode("utf-8", "replace")
        content = f"{content}\n{called}" if content else called
    return ROLES.get(message.role, "user"), content or ""


def content_of(message: Message, call: Call) -> str:
    """Return the text of a message, the texts of its parts joined; '' where it has none."""
    raw = bytes(message.content)
    if raw[:1] == b'"':
        return text_of(("", raw))
    if raw[:1] != b"[":
        return ""
    parts = _parts(b'{"parts":' + raw + b"}").parts or []
    _note_modalities(call, parts)
    return "\n".join([part.text for part in parts if part.text])


def plain_answer(choices: list[Choice]) -> bytes | None:
    """Return the JSON of the one answer, where it is a text and nothing else, as a rule."""
    if len(choices) == 1 and (message := choices[0].message) is not None:
        answer = bytes(message.content)
        if answer[:1] == b'"' and message.tool_calls is NO_RAW and message.function_call is NO_RAW:
            return answer
    return None


def fill_answer(call: Call, choices: list[Choice]) -> None:
    """Put what the model said into the call, and why it stopped."""
    if (answer := plain_answer(choices)) is not None:
        call.answer, call.finish_reason = answer, choices[0].finish_reason
        return
    said = []
    for choice in choices:
        call.finish_reason = choice.finish_reason or call.finish_reason
        message = choice.message or choice.delta
        if message is None:
            said.append(choice.text or "")
        else:
            said.append(text_of(role_and_text(message, call)))
            call.answer_has_tool_calls |= length(message.tool_calls) > 0 or length(message.function_call) > 0
            if isinstance(message, Answer):  # of a fragment of an answer, arguments are none yet
                called = tool_calls.check(message.tool_calls, message.function_call)
                call.answer_check = REFUSAL if length(message.refusal) else called or call.answer_check
    call.answer = said[0] if len(said) == 1 else "\n".join(said)


def _note_modalities(call: Call, parts: list[Part]) -> None:
    found = {_MODALITIES[part.type] for part in parts if part.type in _MODALITIES}
    if found:
        attached.note(call, found)
