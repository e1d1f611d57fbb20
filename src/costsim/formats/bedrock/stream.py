"""Recorded streams of Bedrock: the events of Converse, of Anthropic and of the other makers to one response."""

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.bedrock.rows import Block, Counts, Delta, Event, Response, Usage
from costsim.formats.shared import tool_calls
from costsim.formats.shared.envelope import NO_RAW


def joined(events: list[Event]) -> Response:
    """Return the response that the events add up to: texts joined, each later count replacing the earlier one."""
    whole, texts, arguments = Response(), list[str](), tool_calls.Pieces()
    for outer in events:
        event = outer.chunk or outer
        start = event.message
        if start is not None:
            whole.id, whole.model = start.id or whole.id, start.model or whole.model
        for usage in (start.usage if start else None, event.usage, event.metadata.usage if event.metadata else None):
            whole.usage = _overlaid(whole.usage, usage)
        if event.metadata is not None:
            whole.metrics = event.metadata.metrics or whole.metrics
            whole.tier = event.metadata.tier or whole.tier
            whole.trace = event.metadata.trace if event.metadata.trace is not NO_RAW else whole.trace
        whole.own_trace = event.own_trace if event.own_trace is not NO_RAW else whole.own_trace
        whole.counts = _merged(whole.counts, event.counts)
        whole.stop_reason = _stop(event) or whole.stop_reason
        whole.prompt_token_count = event.prompt_token_count or whole.prompt_token_count
        whole.generation_token_count = event.generation_token_count or whole.generation_token_count
        texts.append(_text(event))
        _take_arguments(event, arguments)
    text = "".join(texts)
    whole.content = [Block(text=msgspec.Raw(msgspec.json.encode(text)))] if text else None
    if arguments:
        is_whole = whole.stop_reason is not None and arguments.placed
        kind = "tool_use" if is_whole else None  # what was cut off says nothing of its tool
        called = [Block(type=kind, input=each) for each in arguments.joined()]
        whole.content = [*(whole.content or ()), *called]
    return whole


class _ToolUse(msgspec.Struct, gc=False):
    input: str | None = None


_tool_use = TolerantDecoder(_ToolUse).decode


def _take_arguments(event: Event, arguments: tool_calls.Pieces) -> None:
    """Add what an event of Converse's, or of Anthropic's, says of the arguments of a tool."""
    if event.piece is not None and event.piece.delta is not None and len(memoryview(event.piece.delta.tool_use)) > 2:
        arguments.add(event.piece.index, _tool_use(bytes(event.piece.delta.tool_use)).input)
    elif event.delta is not None:
        arguments.add(event.index, event.delta.partial_json)


def _stop(event: Event) -> str | None:
    reasons = (
        event.stop.reason if event.stop else None, event.delta.stop_reason if event.delta else None,
        event.stop_reason, event.converse_stop,
    )  # fmt: skip
    return next((reason for reason in reasons if reason), None)


def _text(event: Event) -> str:
    delta = event.piece.delta if event.piece else event.delta
    if isinstance(delta, Delta):
        return delta.text or delta.thinking or ""
    spoken = "".join(each.text or "" for each in event.outputs or event.generations or ())
    return event.completion or event.generation or event.output_text or spoken


def _overlaid(usage: Usage | None, later: Usage | None) -> Usage | None:
    if usage is None or later is None:
        return later or usage
    for field in usage.__struct_fields__:
        if (value := getattr(later, field)) is not None:
            setattr(usage, field, value)
    return usage


def _merged(counts: Counts | None, later: Counts | None) -> Counts | None:
    return later or counts
