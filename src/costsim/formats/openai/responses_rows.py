"""The typed rows of `openai_responses`: requests, responses, events and the lines that hold them."""

import msgspec

from costsim.formats.shared.envelope import NO_RAW, Envelope, Scalar


class Part(msgspec.Struct, gc=False):
    """One part of an item's content, or of the summary of its reasoning."""

    type: str = ""
    text: msgspec.Raw = NO_RAW
    refusal: str | None = None


class Parts(msgspec.Struct, gc=False):
    """The content of an item that has several parts."""

    parts: list[Part] | None = None


class Action(msgspec.Struct, gc=False):
    """What a call of a provider's own tool did."""

    type: str | None = None


class Item(msgspec.Struct, gc=False):
    """One item of an input or an output: a message, a piece of reasoning, a call of a tool or what it returned."""

    type: str | None = None
    role: str | None = None
    content: msgspec.Raw = NO_RAW
    """A text or a list of parts, decoded when it is needed."""
    output: msgspec.Raw = NO_RAW
    summary: msgspec.Raw = NO_RAW
    name: str | None = None
    arguments: msgspec.Raw = NO_RAW
    input: msgspec.Raw = NO_RAW
    code: str | None = None
    status: str | None = None
    action: Action | None = None
    container_id: str | None = None


class Format(msgspec.Struct, gc=False):
    """What form the answer shall have."""

    type: str | None = None


class Text(msgspec.Struct, gc=False):
    """Where a request says what form the answer shall have."""

    format: Format | None = None


class Conversation(msgspec.Struct, gc=False):
    """The conversation that a response belongs to."""

    id: str | None = None


class Request(msgspec.Struct, gc=False):
    """The body of a request for a response."""

    model: str | None = None
    instructions: str | list[Item] | None = None
    input: str | list[Item] | None = None
    tools: msgspec.Raw = NO_RAW
    text: Text | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None
    user: Scalar = None
    safety_identifier: Scalar = None
    metadata: msgspec.Raw = NO_RAW
    previous_response_id: str | None = None
    conversation: Conversation | str | None = None


class InputDetails(msgspec.Struct, gc=False):
    """Parts of `input_tokens`."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """Parts of `output_tokens`."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The token counts of a response."""

    input_tokens: int | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens: int | None = None
    output_tokens_details: OutputDetails | None = None
    input_token_details: InputDetails | None = None
    """As the Realtime API spells the details."""
    output_token_details: OutputDetails | None = None
    cost: float | None = None
    """What OpenRouter charged, in USD."""
    cost_in_usd_ticks: int | None = None
    """What xAI charged, in 10^-10 USD."""


class Error(msgspec.Struct, gc=False):
    """What the API says of a request that it refused, or of a response that failed."""

    type: str | None = None
    code: Scalar = None


class Incomplete(msgspec.Struct, gc=False):
    """Why a response is incomplete."""

    reason: str | None = None


class Response(msgspec.Struct, gc=False):
    """The body of an answer."""

    id: str | None = None
    object: str | None = None
    created_at: float | None = None
    completed_at: float | None = None
    status: Scalar = None
    model: str | None = None
    output: list[Item] | None = None
    usage: Usage | None = None
    error: Error | str | None = None
    incomplete_details: Incomplete | None = None
    service_tier: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    text: Text | None = None
    tools: msgspec.Raw = NO_RAW
    metadata: msgspec.Raw = NO_RAW
    user: Scalar = None
    safety_identifier: Scalar = None
    previous_response_id: str | None = None
    conversation: Conversation | str | None = None


class Event(msgspec.Struct, gc=False):
    """One event of a stream: the response so far, one finished item, a piece of text, or an error."""

    type: str = ""
    response: Response | None = None
    item: Item | None = None
    delta: str | None = None
    code: Scalar = None


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | str | None = None


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
    body: Response | str | None = None
    response_text: str | None = None
    error: Error | str | None = None
    custom_id: str | None = None
    id: str | None = None
