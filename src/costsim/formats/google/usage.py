"""Gemini's `usageMetadata` to inclusive counts: thoughts and what tools put into the prompt are added."""

from costsim.formats.google.rows import Count, Usage
from costsim.schema import Call

_TIERS = {
    "ON_DEMAND": "standard", "1": "standard", "ON_DEMAND_PRIORITY": "priority", "3": "priority",
    "ON_DEMAND_FLEX": "flex", "4": "flex", "PROVISIONED_THROUGHPUT": "provisioned_throughput",
    "2": "provisioned_throughput", "TRAFFIC_TYPE_UNSPECIFIED": None, "0": None,
}  # fmt: skip
_MODALITIES = ("", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT")


def fill(call: Call, usage: Usage) -> None:
    """Put the counts of an answer, and the tier that it was served in, into the call."""
    said_tokens, thought, tools = _said(usage), usage.thoughts_token_count, usage.tool_use_prompt_token_count or 0
    prompt = usage.prompt_token_count
    if prompt is None and usage.total_token_count is not None and said_tokens is not None:
        prompt = usage.total_token_count - said_tokens - (thought or 0) - tools
    if prompt is not None:
        call.input_tokens = prompt + tools
        call.output_tokens = (said_tokens or 0) + (thought or 0)
        call.tokens_basis = "logged"
    elif said_tokens is not None:
        call.output_tokens = said_tokens + (thought or 0)
    call.cache_read_tokens, call.reasoning_tokens = usage.cached_content_token_count, thought
    _fill_modalities(call, usage)
    traffic = str(usage.traffic_type).rpartition(".")[2]
    tier = _TIERS.get(traffic.upper(), traffic.lower())
    if usage.traffic_type is None:
        tier = usage.service_tier.lower().removeprefix("service_tier_") if usage.service_tier else None
    call.service_tier = tier


def _said(usage: Usage) -> int | None:
    return usage.candidates_token_count if usage.candidates_token_count is not None else usage.response_token_count


def _fill_modalities(call: Call, usage: Usage) -> None:
    for count in (*(usage.prompt_tokens_details or ()), *(usage.tool_use_prompt_tokens_details or ())):
        kind = _modality(count)
        if kind == "AUDIO":
            call.audio_input_tokens = (call.audio_input_tokens or 0) + (count.token_count or 0)
        elif kind == "IMAGE":
            call.image_input_tokens = (call.image_input_tokens or 0) + (count.token_count or 0)
    for count in usage.candidates_tokens_details or usage.response_tokens_details or ():
        kind = _modality(count)
        if kind == "AUDIO":
            call.audio_output_tokens = (call.audio_output_tokens or 0) + (count.token_count or 0)
        elif kind == "IMAGE":
            call.image_output_tokens = (call.image_output_tokens or 0) + (count.token_count or 0)


def _modality(count: Count) -> str:
    name = count.modality
    if isinstance(name, int) and 0 <= name < len(_MODALITIES):
        return _MODALITIES[name]
    return str(name).rpartition(".")[2].upper()  # 'MediaModality.AUDIO', where Python wrote an enum as text
