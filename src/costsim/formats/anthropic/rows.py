"""The typed rows of `anthropic_messages`: requests, responses, events and the lines that hold them."""

from typing import Any

import msgspec

from costsim.formats.shared.envelope import NO_RAW, Envelope, Scalar


class Block(msgspec.Struct, gc=False, omit_defaults=True):
    """One block of a message's content."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    content: Any = None
    input: msgspec.Raw = NO_RAW
    source: msgspec.Raw = NO_RAW
    """Of what is no text; not decoded."""
    file_id: str | None = None
    title: str | None = None
    context: str | None = None


class Message(msgspec.Struct, gc=False):
    """One message of a request."""

    role: str | None = None
    content: str | list[Block] | None = None


class Metadata(msgspec.Struct, gc=False):
    """Who the request is made for."""

    user_id: Scalar = None


class OutputFormat(msgspec.Struct, gc=False):
    """What form the answer shall have."""

    type: str | None = None


class OutputConfig(msgspec.Struct, gc=False):
    """The newer place of the answer's form."""

    format: OutputFormat | None = None


class Request(msgspec.Struct, gc=False):
    """The body of a request for a message."""

    model: str | None = None
    system: str | list[Block] | None = None
    messages: list[Message] | None = None
    prompt: str | None = None
    """What a text completion was asked, before there were messages."""
    tools: msgspec.Raw = NO_RAW
    max_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None
    metadata: Metadata | None = None
    output_config: OutputConfig | None = None
    output_format: OutputFormat | None = None


class CacheCreation(msgspec.Struct, gc=False):
    """Cache writes by lifetime."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class ServerTools(msgspec.Struct, gc=False):
    """Tools that the provider ran and bills on their own."""

    web_search_requests: int | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """Parts of `output_tokens`."""

    thinking_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The token counts of a message, or of one piece of work in it."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None


class Iteration(Usage):
    """One piece of work inside a message, perhaps of another model."""

    type: str | None = None
    model: str | None = None


class MessageUsage(Usage):
    """The token counts of a message, with its pieces of work."""

    iterations: list[Iteration] | None = None


class Error(msgspec.Struct, gc=False):
    """What the API says of a request that it refused."""

    type: str | None = None


class Response(msgspec.Struct, gc=False):
    """The body of an answer."""

    id: str | None = None
    type: str | None = None
    model: str | None = None
    content: str | list[Block] | None = None
    stop_reason: str | None = None
    usage: MessageUsage | None = None
    error: Error | str | None = None
    completion: str | None = None


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | None = None
    timestamp: float | str | None = None
    url: str | None = None


class LoggedResponse(Response):
    """A response as loggers of HTTP exchanges write it: its body apart."""

    body: Response | None = None
    body_raw: str | None = None
    status_code: int | None = None
    timestamp: float | str | None = None


class Line(Envelope):
    """One line of a log."""

    request: LoggedRequest | str | None = None
    request_body: Request | str | None = None
    response: LoggedResponse | str | None = None
    response_body: Response | str | None = None
    body: Response | None = None
    response_text: str | None = None
    error: Error | str | None = None


class Delta(msgspec.Struct, gc=False):
    """What an event of a stream adds."""

    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class Event(msgspec.Struct, gc=False):
    """One event of a stream."""

    type: str | None = None
    index: int | None = None
    """Which block of the answer it adds to."""
    message: Response | None = None
    delta: Delta | None = None
    usage: MessageUsage | None = None
    error: Error | None = None
