"""The typed rows of `cohere`: requests, responses, events and the lines that hold them, of both versions."""

import msgspec

from costsim.formats.shared.chat_text import ChatMessage, Conversation
from costsim.formats.shared.envelope import NO_RAW, Envelope


class Said(msgspec.Struct, gc=False):
    """One message of version 1."""

    role: str | None = None
    message: str | None = None


class Form(msgspec.Struct, gc=False):
    """What form the answer shall have."""

    type: str | None = None


class Request(msgspec.Struct, gc=False):
    """The body of a request."""

    model: str | None = None
    messages: Conversation | None = None
    preamble: str | None = None
    chat_history: list[Said] | None = None
    message: str | None = None
    prompt: str | None = None
    query: str | None = None
    texts: list[str] | None = None
    tools: msgspec.Raw = NO_RAW
    response_format: Form | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None


class Units(msgspec.Struct, gc=False):
    """What is billed, or what was used."""

    input_tokens: float | None = None
    output_tokens: float | None = None
    image_tokens: float | None = None
    search_units: float | None = None


class Usage(msgspec.Struct, gc=False):
    """The counts of an answer; version 1 has them in `meta`."""

    billed_units: Units | None = None
    tokens: Units | None = None


class Generation(msgspec.Struct, gc=False):
    """One answer of version 1's generate."""

    text: str | None = None
    finish_reason: str | None = None


class Response(msgspec.Struct, gc=False):
    """The body of an answer."""

    id: str | None = None
    response_id: str | None = None
    generation_id: str | None = None
    message: ChatMessage | str | None = None
    text: str | None = None
    generations: list[Generation] | None = None
    tool_calls: msgspec.Raw = NO_RAW
    finish_reason: str | None = None
    usage: Usage | None = None
    meta: Usage | None = None
    embeddings: msgspec.Raw = NO_RAW
    results: msgspec.Raw = NO_RAW


class Piece(msgspec.Struct, gc=False):
    """The text of an event of version 2."""

    text: str | None = None
    thinking: str | None = None


class Pieces(msgspec.Struct, gc=False):
    """The message of an event of version 2."""

    content: Piece | list[Piece] | None = None
    tool_calls: msgspec.Raw = NO_RAW
    tool_plan: str | None = None


class Delta(msgspec.Struct, gc=False):
    """What an event of version 2 adds."""

    message: Pieces | None = None
    finish_reason: str | None = None
    usage: Usage | None = None


class Event(msgspec.Struct, gc=False):
    """One event of a stream, of either version."""

    id: str | None = None
    type: str | None = None
    delta: Delta | None = None
    generation_id: str | None = None
    text: str | None = None
    response: Response | None = None


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | str | None = None
    url: str | None = None


class LoggedResponse(Response):
    """A response as loggers of HTTP exchanges write it: its body apart."""

    body: Response | str | None = None
    body_raw: str | None = None
    status_code: int | None = None


class Line(Envelope):
    """One line of a log."""

    request: LoggedRequest | str | None = None
    request_body: Request | str | None = None
    response: LoggedResponse | str | None = None
    response_body: Response | str | None = None
    response_text: str | None = None
    body: Response | None = None
