"""The typed rows of `openai_chat`: requests, responses and the lines that hold them; the rest is not decoded."""

from typing import Any

import msgspec

from costsim.formats.shared.envelope import NO_RAW, Envelope, Scalar
from costsim.formats.shared.numbers import trillionths

_SEARCHING = ("-search-preview", "-search-api")
_TICKS = 10**10
"""Of xAI's costs, in one USD."""


def searches(model: str | None) -> bool:
    """Return whether a model of OpenAI searches the web for every answer, which is billed besides."""
    return model is not None and any(part in model for part in _SEARCHING)


class Part(msgspec.Struct, gc=False):
    """One part of a message's content."""

    type: str = ""
    text: str | None = None


class Parts(msgspec.Struct, gc=False):
    """The content of a message that has several parts."""

    parts: list[Part] | None = None


class Function(msgspec.Struct, gc=False):
    """The function that a tool call names."""

    name: str | None = None
    arguments: str | None = None


class ToolCall(msgspec.Struct, gc=False):
    """One call of a tool that the model asks for, or a fragment of one in a stream."""

    index: int | None = None
    function: Function | None = None


class Message(msgspec.Struct, gc=False):
    """One message of a request, or the model's."""

    role: str | None = None
    content: msgspec.Raw = NO_RAW
    """A text or a list of parts, decoded when it is needed."""
    tool_calls: msgspec.Raw = NO_RAW
    function_call: msgspec.Raw = NO_RAW


class Answer(Message):
    """The model's message."""

    refusal: msgspec.Raw = NO_RAW
    """What it says in place of an answer that it will not give."""


class ResponseFormat(msgspec.Struct, gc=False):
    """What form the answer shall have."""

    type: str | None = None

    @property
    def is_json(self) -> bool:
        """Whether it shall be JSON."""
        return self.type in ("json_object", "json_schema")


class Request(msgspec.Struct, gc=False):
    """The body of a request for a chat, a completion or embeddings."""

    model: str | None = None
    messages: list[Message] | None = None
    prompt: str | list[Any] | None = None
    input: str | list[Any] | None = None
    tools: msgspec.Raw = NO_RAW
    functions: msgspec.Raw = NO_RAW
    response_format: ResponseFormat | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None
    service_tier: str | None = None
    user: Scalar = None
    safety_identifier: Scalar = None
    metadata: msgspec.Raw = NO_RAW


class InputDetails(msgspec.Struct, gc=False):
    """Parts of `prompt_tokens`."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    cache_creation_tokens: int | None = None
    """LiteLLM's name for cache writes; Qwen's follows."""
    cache_creation_input_tokens: int | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """Parts of `completion_tokens`."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class CostDetails(msgspec.Struct, gc=False):
    """What OpenRouter says of a call that ran on the customer's own key."""

    upstream_inference_cost: float | None = None


class Charge(msgspec.Struct, gc=False):
    """What Perplexity says that a call cost, in USD."""

    total_cost: float | None = None


class ServerTools(msgspec.Struct, gc=False):
    """Tools that OpenRouter ran and bills."""

    web_search_requests: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The token counts of an answer."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    """DeepSeek's name for cached tokens; Mistral's and Together's follow."""
    num_cached_tokens: int | None = None
    cached_tokens: int | None = None
    prompt_token_details: InputDetails | None = None
    """As Mistral spells the details, now and then beside the usual spelling."""
    cache_read_input_tokens: int | None = None
    """What proxies in front of Anthropic's models keep of its own usage."""
    cache_creation_input_tokens: int | None = None
    cost: float | Charge | None = None
    """What OpenRouter or Perplexity charged, in USD."""
    cost_in_usd_ticks: int | None = None
    """What xAI charged, in 10^-10 USD."""
    is_byok: bool | None = None
    cost_details: CostDetails | None = None
    server_tool_use_details: ServerTools | None = None

    def charged(self) -> int | None:
        """What the router charged, and on the customer's own key what the provider charges him besides (rule 8)."""
        if self.cost_in_usd_ticks is not None:
            return trillionths(self.cost_in_usd_ticks, per_usd=_TICKS)
        charged = trillionths(self.cost.total_cost if isinstance(self.cost, Charge) else self.cost)
        if charged is None or not self.is_byok or self.cost_details is None:
            return charged
        return charged + (trillionths(self.cost_details.upstream_inference_cost) or 0)

    def spoken(self, model: str | None) -> int | None:
        """Return the completion tokens with what was reasoned, which xAI and Gemini's servers leave out of them.

        The total tells: xAI states what it left out, Gemini's compatible API does not.
        """
        if self.total_tokens is None or self.completion_tokens is None or self.prompt_tokens is None:
            return self.completion_tokens
        beside = self.total_tokens - self.prompt_tokens - self.completion_tokens
        details = self.completion_tokens_details
        reasoned = details.reasoning_tokens if details is not None else None
        is_left_out = reasoned == beside or (not reasoned and "gemini" in (model or ""))
        return self.completion_tokens + beside if beside > 0 and is_left_out else self.completion_tokens


class Choice(msgspec.Struct, gc=False):
    """One answer, or one fragment of it in a stream."""

    message: Answer | None = None
    delta: Message | None = None
    text: str | None = None
    finish_reason: str | None = None


class Error(msgspec.Struct, gc=False):
    """What an API says of a request that it refused."""

    type: str | None = None
    code: Scalar = None


class Response(msgspec.Struct, gc=False):
    """The body of an answer, or one chunk of a stream."""

    id: str | None = None
    object: str | None = None
    created: float | str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: Usage | None = None
    service_tier: str | None = None
    error: Error | str | None = None


class Delta(Message):
    """A fragment of the model's message; some write its thoughts beside the text."""

    reasoning_content: str | None = None
    reasoning: str | None = None


class Fragment(msgspec.Struct, gc=False):
    """A fragment of one answer."""

    delta: Delta | None = None
    text: str | None = None
    finish_reason: str | None = None


class Groq(msgspec.Struct, gc=False):
    """Where Groq puts the usage of a stream."""

    usage: Usage | None = None


class Chunk(msgspec.Struct, gc=False):
    """One chunk of a stream."""

    id: str | None = None
    object: str | None = None
    created: float | str | None = None
    model: str | None = None
    choices: list[Fragment] | None = None
    usage: Usage | None = None
    service_tier: str | None = None
    error: Error | str | None = None
    x_groq: Groq | None = None
    value: str | None = None
    """The text, in completions of Writer."""


class LoggedRequest(Request):
    """A request as loggers of HTTP exchanges write it: its body apart."""

    body: Request | None = None


class LoggedResponse(Response):
    """A response as loggers of HTTP exchanges write it: its body apart."""

    body: Response | None = None
    status_code: int | None = None


class Line(Envelope):
    """One line of a log."""

    request: LoggedRequest | str | None = None
    request_body: Request | str | None = None
    response: LoggedResponse | str | None = None
    response_body: Response | str | None = None
    body: Response | None = None
    response_text: str | None = None
    error: Error | str | None = None
    id: str | None = None
    custom_id: str | None = None
