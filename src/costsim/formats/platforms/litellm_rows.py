"""The rows that LiteLLM writes, as typed structs: payloads of its callbacks, and the SpendLogs table of its
proxy.

What SpendLogs holds as JSON inside strings is JSON in payload rows; `opened` makes one of the two. Shapes:
LiteLLM 1.106 and older rows.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.chat_text import ChatMessage, Conversation, Part
from costsim.formats.shared.envelope import Number, Scalar

T = TypeVar("T")

_NO_RAW = msgspec.Raw()


class WriteDetails(msgspec.Struct, gc=False):
    """Cache writes by lifetime, as far as they are priced apart."""

    ephemeral_1h_input_tokens: int | None = None


class InputDetails(msgspec.Struct, gc=False):
    """What the prompt tokens consist of."""

    cached_tokens: int | None = None
    cache_creation_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_creation_token_details: WriteDetails | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    web_search_requests: int | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """What the completion tokens consist of."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class ServerTools(msgspec.Struct, gc=False):
    """Tools that the provider ran and bills."""

    web_search_requests: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The provider's usage in LiteLLM's normal form, with what providers add to it."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: WriteDetails | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    inference_geo: str | None = None


class Costs(msgspec.Struct, gc=False):
    """LiteLLM's own computation of the cost, of which the tier and the place are facts about the call."""

    service_tier: str | None = None
    data_residency: str | None = None
    vertex_location: str | None = None


class Error(msgspec.Struct, gc=False):
    """Why an attempt failed."""

    error_class: str | None = None
    error_code: Scalar = None


class ModelMap(msgspec.Struct, gc=False):
    """The model under which LiteLLM looked up the price."""

    model_map_key: str | None = None


class Metadata(msgspec.Struct, gc=False):
    """Everything that has no column of its own; a string of JSON in SpendLogs."""

    status: str | None = None
    usage_object: Usage | None = None
    additional_usage_values: Usage | None = None
    cost_breakdown: Costs | None = None
    model_map_information: ModelMap | None = None
    error_information: Error | None = None
    attempted_retries: int | None = None
    attempted_fallbacks: int | None = None
    original_model_group: str | None = None
    spend_logs_metadata: dict[str, Any] | None = None
    requester_metadata: dict[str, Any] | None = None
    tags: list[Any] | None = None
    user_api_key_alias: str | None = None
    user_api_key_team_alias: str | None = None
    user_api_key_team_id: str | None = None
    user_api_key_org_alias: str | None = None
    user_api_key_org_id: str | None = None
    user_api_key_project_alias: str | None = None
    user_api_key_project_id: str | None = None
    user_api_key_user_id: str | None = None
    user_api_key_end_user_id: str | None = None


class Headers(msgspec.Struct, gc=False):
    """Where payload rows, unlike SpendLogs, tell of retries and fallbacks."""

    retries: int | None = msgspec.field(default=None, name="x-litellm-attempted-retries")
    fallbacks: int | None = msgspec.field(default=None, name="x-litellm-attempted-fallbacks")


class Hidden(msgspec.Struct, gc=False):
    """`hidden_params` of a payload row."""

    additional_headers: Headers | None = None


class ResponseFormat(msgspec.Struct, gc=False):
    """The form of answer that the request asks for."""

    type: str | None = None


class Request(msgspec.Struct, gc=False):
    """The request: its parameters (payload rows), or its whole body (SpendLogs)."""

    messages: Conversation | str | None = None
    input: Conversation | str | None = None
    prompt: Conversation | str | None = None
    system: str | list[Part | str] | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    stream: bool | None = None
    tools: msgspec.Raw = _NO_RAW
    functions: msgspec.Raw = _NO_RAW
    response_format: ResponseFormat | None = None


class Choice(msgspec.Struct, gc=False):
    """One choice of a chat or text completion."""

    message: ChatMessage | None = None
    text: str | None = None
    finish_reason: str | None = None


class Response(msgspec.Struct, gc=False):
    """The answer in the shapes of Chat Completions, Responses and Anthropic Messages."""

    model: str | None = None
    choices: list[Choice] | None = None
    content: str | list[Part | str] | None = None
    output: list[ChatMessage] | None = None
    usage: Usage | None = None
    service_tier: str | None = None
    stop_reason: str | None = None


class Row(msgspec.Struct, gc=False):
    """One row of either kind; the columns differ in a few names."""

    id: str | None = None
    request_id: str | None = None
    litellm_call_id: str | None = None
    call_type: str | None = None
    status: str | None = None
    stream: Scalar = None
    cache_hit: Scalar = None
    trace_id: Scalar = None
    session_id: Scalar = None
    agent_id: Scalar = None

    custom_llm_provider: str | None = None
    model: str | None = None
    model_id: str | None = None
    model_group: str | None = None
    model_map_information: ModelMap | None = None

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    response_cost: float | str | None = None
    spend: float | str | None = None
    cost_breakdown: Costs | None = None

    start_time: Number = msgspec.field(default=None, name="startTime")
    end_time: Number = msgspec.field(default=None, name="endTime")
    completion_start_time: Number = msgspec.field(default=None, name="completionStartTime")
    request_duration_ms: float | None = None

    request_tags: list[Any] | dict[str, Any] | str | None = None
    end_user: Scalar = None
    user: Scalar = None
    team_id: Scalar = None
    organization_id: Scalar = None
    metadata: Metadata | str | None = None
    hidden_params: Hidden | str | None = None
    error_information: Error | str | None = None
    error_str: str | None = None

    messages: Conversation | Request | str | None = None
    model_parameters: Request | str | None = None
    proxy_server_request: Request | str | None = None
    response: Response | str | None = None


class OtherTimes(msgspec.Struct, gc=False):
    """The times of a row that went through a database or a model of it: in snake case, or all in small letters."""

    start_time: Number = None
    end_time: Number = None
    completion_start_time: Number = None
    starttime: Number = None
    endtime: Number = None
    completionstarttime: Number = None


read_row = TolerantDecoder(Row).decode
read_other_times = TolerantDecoder(OtherTimes).decode
read_metadata = TolerantDecoder(Metadata).decode
read_request = TolerantDecoder(Request).decode
read_response = TolerantDecoder(Response).decode
read_error = TolerantDecoder(Error).decode


def opened(value: T | str | None, decode: Callable[[bytes], T]) -> T | None:
    """Return a value that may stand as JSON inside a string; None where it is absent, empty or no JSON
    object.
    """
    if not isinstance(value, str):
        return value
    if len(value) < 3 or not value.lstrip().startswith("{"):
        return None
    try:
        return decode(value.encode())
    except (msgspec.DecodeError, RecursionError):
        return None
