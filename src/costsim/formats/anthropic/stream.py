"""The message that the events of a recorded stream add up to."""

from costsim.decode import TolerantDecoder
from costsim.formats.anthropic.rows import Block, Event, MessageUsage, Response
from costsim.formats.shared import event_stream, tool_calls

BEGUN = "message_start"
"""The event with which a stream begins; the type, too, of a message of which nothing else is counted."""

event = TolerantDecoder(Event).decode
"""Return an event of a stream; DecodeError where it is none."""


def joined(text: str) -> Response:
    """Return the message that a recorded stream adds up to: what a later event states replaces what an earlier did."""
    whole, ended = Response(), False
    said, arguments = list[str](), tool_calls.Pieces()
    for told in event_stream.decoded(event_stream.payloads(text), event):
        if told.message is not None:
            whole = told.message
        whole.error = told.error or whole.error
        if told.delta is not None:
            arguments.add(told.index, told.delta.partial_json)
            said.append(told.delta.text or told.delta.thinking or "")
            whole.stop_reason = told.delta.stop_reason or whole.stop_reason
        if told.usage is not None:
            whole.usage, ended = overlaid(whole.usage, told.usage), True
    if not ended and whole.type is not None:
        whole.type = BEGUN  # the output that it states is a placeholder
    whole.content = text = "".join(said)
    if arguments:
        is_whole = whole.stop_reason is not None and arguments.placed
        kind = "tool_use" if is_whole else ""  # what was cut off says nothing of its tool
        whole.content = [Block(text=text), *(Block(kind, input=each) for each in arguments.joined())]
    return whole


def overlaid(usage: MessageUsage | None, later: MessageUsage) -> MessageUsage:
    """Return the usage that was told at first with what was told later in its place."""
    if usage is None:
        return later
    for field in usage.__struct_fields__:
        if (value := getattr(later, field)) is not None:
            setattr(usage, field, value)
    return usage
