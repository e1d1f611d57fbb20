"""The text of Bedrock's bodies: messages of Converse and of the makers, and what came of them."""

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.bedrock.rows import Block, Message, Request, Response, Spoken
from costsim.formats.shared import attached, tool_calls
from costsim.schema import FINE, Call, text_of
from costsim.schema import Message as RoleAndText

_MEDIA = ("image", "document", "video", "audio")


class _Inner(msgspec.Struct, gc=False):
    """What stands inside a block that holds others: a tool's result, a guarded text, a piece of reasoning."""

    text: str | None = None
    reasoning_text: "_Inner | None" = msgspec.field(default=None, name="reasoningText")
    guarded: "_Inner | None" = None
    content: list[Block] | None = None


_inner = TolerantDecoder(_Inner).decode


def messages(request: Request, call: Call) -> list[RoleAndText] | None:
    """Return what a request says as (role, text), the system prompt first; None where it says nothing."""
    if request.texts is not None:
        return [("user", text) for text in request.texts]
    if (prompt := request.prompt if request.prompt is not None else request.input_text) is not None:
        return [("user", prompt)]
    if request.messages is None:
        return None
    found: list[RoleAndText] = [("system", said(request.system, call))] if request.system else []
    found += [each for message in request.messages for each in _messages(message, call)]
    attached.put(call, request.system, request.messages)
    return found


def _messages(message: Message, call: Call) -> list[RoleAndText]:
    """One message, with the results of tools apart from what the user wrote."""
    role = message.role if message.role in ("assistant", "system") else "user"
    content = message.content
    if not isinstance(content, list):
        return [(role, content or "")]
    if len(content) == 1 and bytes(content[0].text)[:1] == b'"':  # as a rule
        return [(role, bytes(content[0].text))]
    results = [block for block in content if _holds(block.tool_result) or block.type == "tool_result"]
    own = [block for block in content if block not in results]
    found: list[RoleAndText] = [("tool", said(results, call))] if results else []
    return [*found, (role, said(own, call))] if own or not results else found


def said(content: str | list[Block] | None, call: Call) -> str:
    """Return the text of a message's content, and note in `call` what it carries besides text."""
    if not isinstance(content, list):
        return content or ""
    return "\n".join([text for block in content if (text := _text(block, call))])


def _text(block: Block, call: Call) -> str:
    for kind in _MEDIA:
        if _holds(getattr(block, kind)) or block.type == kind:
            attached.note(call, {"file" if kind == "document" else kind})
    if block.thinking is not None:
        return block.thinking
    for raw in (block.text, block.tool_use, block.input):
        if _holds(raw):
            value = bytes(raw)
            return text_of(("", value)) if value[:1] == b'"' else value.decode("utf-8", "replace")
    for raw in (block.reasoning_content, block.guard_content, block.tool_result, block.content):
        if _holds(raw):
            return _within(bytes(raw), call)
    return ""


def _within(value: bytes, call: Call) -> str:
    if value[:1] == b'"':
        return text_of(("", value))
    wrapped = b'{"content":' + value + b"}" if value[:1] == b"[" else value
    try:
        inner = _inner(wrapped)
    except msgspec.DecodeError:
        return ""
    deeper = inner.reasoning_text
    return inner.text or (deeper.text if deeper else None) or said(inner.content, call)


def _holds(raw: msgspec.Raw) -> bool:
    return len(memoryview(raw)) > 2 and bytes(raw) != b"null"


def answer(response: Response, call: Call) -> str | None:
    """Return what a response says, whichever maker's shape it has; None where it says nothing."""
    message = response.output.message if response.output is not None else None
    content = message.content if message is not None else response.content
    if content is not None:
        if isinstance(content, list):
            called = [each for each in content if _holds(each.tool_use) or each.type == "tool_use"]
            call.answer_has_tool_calls = bool(called)
            call.answer_check = tool_calls.worst(
                FINE if _holds(each.tool_use) else tool_calls.of_arguments(each.input) for each in called
            )
        return said(content, Call())
    whole = response.completion if response.completion is not None else response.generation
    if whole is not None:
        return whole
    several = response.results or response.generations or response.completions or response.choices or response.outputs
    return "\n".join(_spoken(each) for each in several) if several else None


def _spoken(each: Spoken) -> str:
    if each.data is not None:
        return _spoken(each.data)
    if each.message is not None:
        return said(each.message.content, Call())
    return each.text or each.output_text or ""


def finish_reason(response: Response) -> str | None:
    """Return why an answer ended, in the maker's word."""
    if response.guardrail == "INTERVENED":
        return "guardrail_intervened"
    several = response.results or response.generations or response.choices or response.outputs or ()
    ends = [each.completion_reason or each.finish_reason or each.stop_reason for each in several]
    reason = response.converse_stop or response.stop_reason or next((end for end in ends if end), None)
    return str(reason) if reason is not None else None
