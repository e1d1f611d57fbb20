"""LiteLLM: StandardLoggingPayload rows (its callbacks) and SpendLogs rows (its proxy's database), one row an
attempt.

`prompt_tokens` includes cache reads and writes, for every provider. A failed attempt is a row of its own with
0 tokens; only the row that succeeds in the end may say what it stood in for. In SpendLogs, `metadata`,
`request_tags`, `messages`, `response` and `proxy_server_request` are JSON inside strings, and `cache_hit` is
the word "True", "False" or "None".

How LiteLLM's words become costsim's:

* `model` is the model that LiteLLM priced (`model_map_key`, which is what the answer named), without the
  prefix that only tells LiteLLM where to send it; `requested_model` is the model group, the name that the
  caller used.
* `provider` is `custom_llm_provider`, in the spelling of the other formats.
* `route` is a tag or a metadata entry called route, workflow, feature, use_case or app, else the agent's id,
  else the alias of the virtual key, because one key per application is how proxies are run. The path of the
  API (`user_api_key_request_route`) is no route: it is the same for every chat call.
* `user` is the end user, else the owner of the key. Team, organisation, project and key alias are tags.
* `conversation_id` and `trace_id` are both the session: LiteLLM has one identifier for the two.
* `fallback_of` is the group that was asked first; payload rows say only that there was one ('unknown').
* `reported_cost` is null where LiteLLM wrote 0 because it did not know the model.
* A health check that reached a model is a call like any other: it is billed.
"""

from functools import lru_cache
from typing import Any

import msgspec

from costsim.formats.platforms import litellm_text
from costsim.formats.platforms.litellm_rows import (
    Costs,
    Error,
    Metadata,
    Response,
    Row,
    Usage,
    opened,
    read_error,
    read_metadata,
    read_other_times,
    read_response,
    read_row,
)
from costsim.formats.shared import envelope
from costsim.formats.shared.envelope import word
from costsim.formats.shared.numbers import inclusive_total, trillionths
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "litellm"
ABOUT = "LiteLLM: payload rows (`call_type`, `response_cost`) and SpendLogs rows (`call_type`, `spend`)"

_OWN_COLUMNS = ("response_cost", "spend", "litellm_call_id", "custom_llm_provider", "model_group")
_ROUTE_NAMES = ("route", "workflow", "feature", "use_case", "app")
_HEALTH_CHECK = "litellm-internal-health-check"

# Call types by what their name contains, in this order: `aget_responses` fetches an answer, `aresponses`
# makes one.
_NO_CALLS = (
    "file", "batch", "fine_tun", "vector_store", "assistant", "thread", "mcp", "container", "skill", "list",
    "get_", "delete", "cancel", "retrieve", "input_items", "health", "prompt", "count_tokens",
)  # fmt: skip
_OPERATIONS = {
    "text_completion": "completion",
    "embed": "embedding",
    "rerank": "rerank",
    "image": "image",
    "video": "video",
    "speech": "audio",
    "transcription": "audio",
    "moderation": "moderation",
    "ocr": "ocr",
}
_PROVIDERS = {
    "gemini": "google",
    "vertex_ai_beta": "vertex_ai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "cohere_chat": "cohere",
    "azure_text": "azure",
    "text-completion-openai": "openai",
    "text-completion-codestral": "mistral",
    "codestral": "mistral",
    "bedrock_converse": "bedrock",
    "bedrock_mantle": "bedrock",
}
_ROUTING_WORDS = {
    "converse",
    "converse_like",
    "invoke",
    "responses",
    "chat",
    "chat_completions",
    "passthrough",
}


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a LiteLLM row: a call type beside columns that only LiteLLM has."""
    return "call_type" in record and any(column in record for column in _OWN_COLUMNS)


def read(record: bytes) -> list[Call]:
    """Return the call of one row; none where the row is about files, batches or keys, or never got as far as
    a model.
    """
    row = read_row(record)
    if row.start_time is None:
        _add_times(row, record)
    metadata = opened(row.metadata, read_metadata) or Metadata()
    response = opened(row.response, read_response) or Response()
    call = Call(call_id=row.id or row.request_id or row.litellm_call_id, operation=_operation(row.call_type or ""))
    _fill_usage(call, row, metadata.usage_object or response.usage or metadata.additional_usage_values or Usage())
    if not _is_call(call, row, metadata):
        return []
    _fill_names(call, row, metadata, response)
    _fill_times(call, row)
    _fill_outcome(call, row, metadata)
    _fill_tier(call, row, metadata, response)
    _fill_who(call, row, metadata)
    litellm_text.fill(call, row, response)
    return [call]


@lru_cache(maxsize=256)
def _operation(call_type: str) -> str:
    """What costsim calls a call type; '' where it calls no model. Their names come with and without a leading
    'a'.
    """
    for part in _NO_CALLS:
        if part in call_type:
            return ""
    for part, operation in _OPERATIONS.items():
        if part in call_type:
            return operation
    return "chat"


def _fill_usage(call: Call, row: Row, usage: Usage) -> None:
    headline = row.prompt_tokens if row.prompt_tokens is not None else usage.prompt_tokens
    call.output_tokens = row.completion_tokens if row.completion_tokens is not None else usage.completion_tokens
    read, written = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
    lifetimes = usage.cache_creation
    if details := usage.prompt_tokens_details:
        read = details.cached_tokens if details.cached_tokens is not None else read
        written = written or details.cache_creation_tokens or details.cache_write_tokens
        call.audio_input_tokens, call.image_input_tokens = details.audio_tokens, details.image_tokens
        call.web_searches = details.web_search_requests
        lifetimes = details.cache_creation_token_details or lifetimes
    call.cache_read_tokens, call.cache_write_tokens = read, written
    if lifetimes is not None:
        call.cache_write_1h_tokens = lifetimes.ephemeral_1h_input_tokens
    if usage.server_tool_use is not None:
        call.web_searches = usage.server_tool_use.web_search_requests
    if parts := usage.completion_tokens_details:
        call.reasoning_tokens, call.audio_output_tokens = parts.reasoning_tokens, parts.audio_tokens
    if headline is not None:
        total = row.total_tokens if row.total_tokens is not None else usage.total_tokens
        cached = (read or 0) + (written or 0)
        call.input_tokens = inclusive_total(headline, cached, call.output_tokens, total, includes=True)
        call.tokens_basis = "logged"


def _is_call(call: Call, row: Row, metadata: Metadata) -> bool:
    if call.input_tokens or call.output_tokens or trillionths(row.spend or row.response_cost):
        call.operation = call.operation or "chat"  # the row that closes a batch is of a type that calls nothing
        return True
    if not call.operation or _HEALTH_CHECK in (metadata.user_api_key_alias, row.team_id):
        return False
    return bool(row.model or row.model_group)


def _fill_names(call: Call, row: Row, metadata: Metadata, response: Response) -> None:
    provider = row.custom_llm_provider or None
    priced = row.model_map_information or metadata.model_map_information
    key = priced.model_map_key if priced is not None else None
    served = key if key and key != row.model_id else response.model or row.model or None
    call.provider = _PROVIDERS.get(provider, provider) if provider else None
    call.model = _model(served, provider)
    call.requested_model = row.model_group or _model(row.model, provider)


@lru_cache(maxsize=4096)
def _model(name: str | None, provider: str | None) -> str | None:
    """A model's name without `provider/`, and without the words that choose among a provider's interfaces."""
    if not name or not provider:
        return name or None
    for prefix in (provider, _PROVIDERS.get(provider, provider), provider.partition("_")[0]):
        if name.startswith(prefix + "/"):
            name = name[len(prefix) + 1 :]
            first, slash, rest = name.partition("/")
            return rest if slash and first in _ROUTING_WORDS else name
    return name


def _add_times(row: Row, record: bytes) -> None:
    told = read_other_times(record)
    row.start_time, row.end_time = told.start_time or told.starttime, told.end_time or told.endtime
    row.completion_start_time = told.completion_start_time or told.completionstarttime


def _fill_times(call: Call, row: Row) -> None:
    start, end = microseconds(row.start_time), microseconds(row.end_time)
    call.started_at = start
    call.duration_ms = row.request_duration_ms
    if start is None or end is None:
        return
    call.duration_ms = (end - start) / 1000
    first = microseconds(row.completion_start_time)
    if first is not None and start <= first < end:  # equal to the end where nothing was streamed
        call.time_to_first_token_ms = (first - start) / 1000


def _fill_outcome(call: Call, row: Row, metadata: Metadata) -> None:
    failed = (row.status or metadata.status) == "failure"
    from_cache = str(row.cache_hit).lower() == "true"
    used = bool(call.input_tokens or call.output_tokens)
    call.billed = not from_cache and (used or not failed)
    if failed:
        error = opened(row.error_information, read_error) or metadata.error_information or Error()
        call.status = "error"
        call.error_type = error.error_class or word(error.error_code) or _named_in(row.error_str) or "error"
    elif not used and metadata.usage_object is None:  # 0 is what LiteLLM writes where it found no usage
        call.input_tokens = call.output_tokens = call.tokens_basis = None
    cost = trillionths(row.spend if row.response_cost is None else row.response_cost)
    known = cost or failed or from_cache or row.cost_breakdown or metadata.cost_breakdown
    call.reported_cost = cost if known else None
    _fill_attempts(call, row, metadata)


def _named_in(said: str | None) -> str | None:
    """The class of an error as older versions write it: litellm.RateLimitError: AnthropicException - overloaded."""
    name = (said or "").partition(":")[0].strip().rpartition(".")[2]
    return name if name.isidentifier() else None


def _fill_attempts(call: Call, row: Row, metadata: Metadata) -> None:
    hidden = row.hidden_params if not isinstance(row.hidden_params, str) else None
    headers = hidden.additional_headers if hidden is not None else None
    retries, fallbacks = metadata.attempted_retries, metadata.attempted_fallbacks
    if headers is not None:
        retries = headers.retries if retries is None else retries
        fallbacks = headers.fallbacks if fallbacks is None else fallbacks
    if retries is not None:
        call.attempt = retries + 1
    first = metadata.original_model_group
    if fallbacks or (first and row.model_group and first != row.model_group):
        call.fallback_of = first or "unknown"


def _fill_tier(call: Call, row: Row, metadata: Metadata, response: Response) -> None:
    costs = row.cost_breakdown or metadata.cost_breakdown or Costs()
    usage = metadata.usage_object or Usage()
    call.service_tier = response.service_tier or usage.service_tier or costs.service_tier
    if "batch" in (row.call_type or ""):
        call.service_tier = "batch"
    region = costs.vertex_location or costs.data_residency or usage.inference_geo
    call.region = region if region not in ("global", "not_available", "") else None


def _fill_who(call: Call, row: Row, metadata: Metadata) -> None:
    call.trace_id = word(row.trace_id) or word(row.session_id)
    call.conversation_id = word(row.session_id) or word(row.trace_id)
    call.user = (
        word(row.end_user)
        or metadata.user_api_key_end_user_id
        or word(row.user)
        or metadata.user_api_key_user_id
        or None
    )
    tags = envelope.flat_tags(metadata.requester_metadata)
    for more in (metadata.spend_logs_metadata, metadata.tags, _tag_list(row.request_tags)):
        tags.update(envelope.flat_tags(more))
    named = next((tags[name] for name in _ROUTE_NAMES if name in tags), None)
    call.route = named or word(row.agent_id) or metadata.user_api_key_alias or None
    for name, value in (
        ("team", metadata.user_api_key_team_alias or word(row.team_id) or metadata.user_api_key_team_id),
        (
            "organization",
            metadata.user_api_key_org_alias or word(row.organization_id) or metadata.user_api_key_org_id,
        ),
        ("project", metadata.user_api_key_project_alias or metadata.user_api_key_project_id),
        ("key", metadata.user_api_key_alias),
    ):
        if value:
            tags[name] = value
    call.tags = tags or None


def _tag_list(tags: Any) -> Any:
    if isinstance(tags, str) and tags.startswith(("[", "{")):
        try:
            return msgspec.json.decode(tags)
        except (msgspec.DecodeError, RecursionError):
            return None
    return tags
