"""LiteLLM's two kinds of rows: the traps that make its tables look cheaper, dearer or more numerous than what
was billed.
"""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.platforms import litellm
from costsim.schema import Call

PAYLOAD: dict[str, Any] = {
    "id": "chatcmpl-1",
    "litellm_call_id": "a1",
    "trace_id": "t1",
    "call_type": "acompletion",
    "status": "success",
    "custom_llm_provider": "openai",
    "model": "openai/gpt-4o",
    "model_group": "smart",
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "response_cost": 0.000225,
    "cost_breakdown": {"total_cost": 0.000225, "service_tier": "flex"},
    "startTime": 1795323560.5,
    "endTime": 1795323562.5,
    "completionStartTime": 1795323561.0,
    "metadata": {"usage_object": {"prompt_tokens": 100}},
}
SPEND_LOG: dict[str, Any] = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "spend": 0.000225,
    "cache_hit": "None",
    "startTime": "2026-11-22 04:59:20.500000+00:00",
    "endTime": "2026-11-22 04:59:22.500000+00:00",
    "model": "openai/gpt-4o",
    "model_group": "smart",
    "custom_llm_provider": "openai",
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "status": "success",
    "session_id": "t1",
    "request_tags": '["prod", "team:search"]',
    "messages": "{}",
    "response": "{}",
    "metadata": json.dumps({"cost_breakdown": {"total_cost": 0.000225}, "usage_object": {"prompt_tokens": 100}}),
}


def payload(**changes: Any) -> Call:
    (call,) = litellm.read(json.dumps(PAYLOAD | changes).encode())
    return call


def spend_log(metadata: dict[str, Any] | None = None, **changes: Any) -> Call:
    row = SPEND_LOG | changes
    if metadata is not None:
        row["metadata"] = json.dumps(metadata)
    (call,) = litellm.read(json.dumps(row).encode())
    return call


def test_both_kinds_of_rows_are_claimed_and_by_no_other_format() -> None:
    assert detect(PAYLOAD, "a") is litellm
    assert detect(SPEND_LOG, "b") is litellm


def test_the_two_rows_of_one_call_are_the_same_call() -> None:
    one, other = payload(), spend_log()
    for name in (
        "call_id",
        "started_at",
        "duration_ms",
        "model",
        "requested_model",
        "provider",
        "input_tokens",
    ):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.output_tokens, one.reported_cost, one.trace_id) == (20, 225_000_000, "t1")
    assert (other.output_tokens, other.reported_cost, other.trace_id) == (20, 225_000_000, "t1")


def test_prompt_tokens_include_the_cached_ones_for_claude_too() -> None:
    usage = {
        "prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 30},
        "cache_read_input_tokens": 60,
        "cache_creation_input_tokens": 30,
    }
    call = payload(metadata={"usage_object": usage})
    assert (call.input_tokens, call.cache_read_tokens, call.cache_write_tokens) == (100, 60, 30)


def test_cached_tokens_beyond_the_headline_cannot_be_inside_it() -> None:
    usage = {"cache_read_input_tokens": 900, "cache_creation_input_tokens": 0}
    call = payload(metadata={"usage_object": usage})
    assert (call.input_tokens, call.cache_read_tokens) == (1000, 900)


def test_one_hour_writes_reasoning_audio_and_searches_are_read() -> None:
    usage = {
        "prompt_tokens_details": {
            "audio_tokens": 5,
            "cache_creation_token_details": {"ephemeral_1h_input_tokens": 7},
        },
        "completion_tokens_details": {"reasoning_tokens": 12},
        "server_tool_use": {"web_search_requests": 2},
    }
    call = payload(metadata={"usage_object": usage})
    assert (
        call.cache_write_1h_tokens,
        call.reasoning_tokens,
        call.audio_input_tokens,
        call.web_searches,
    ) == (7, 12, 5, 2)


def test_a_failed_attempt_is_an_error_that_nobody_billed() -> None:
    call = payload(
        status="failure", prompt_tokens=0, completion_tokens=0, total_tokens=0, response_cost=0.0,
        cost_breakdown=None, metadata={"usage_object": {}},
        error_information={"error_code": "429", "error_class": "RateLimitError"},
    )  # fmt: skip
    assert (call.status, call.billed, call.error_type) == ("error", False, "RateLimitError")
    assert (call.input_tokens, call.reported_cost, call.trace_id) == (0, 0, "t1")


def test_a_failure_after_tokens_were_used_is_billed() -> None:
    assert payload(status="failure").billed


def test_a_cost_of_zero_without_a_breakdown_is_unknown_not_free() -> None:
    assert payload(response_cost=0.0, cost_breakdown=None).reported_cost is None
    assert spend_log(metadata={"cost_breakdown": None}, spend=0.0).reported_cost is None
    assert payload(response_cost=0.0, cost_breakdown={"total_cost": 0.0}).reported_cost == 0


@pytest.mark.parametrize("hit", [True, "True", "true"])
def test_an_answer_from_litellms_own_cache_costs_nothing(hit: bool | str) -> None:
    call = payload(cache_hit=hit, response_cost=0.0, cost_breakdown=None)
    assert (call.billed, call.reported_cost, call.input_tokens) == (False, 0, 100)


@pytest.mark.parametrize("miss", [False, None, "None", "False"])
def test_a_cache_miss_in_any_spelling_is_billed(miss: bool | str | None) -> None:
    assert payload(cache_hit=miss).billed


def test_the_reported_cost_is_the_decimal_that_is_written() -> None:
    assert payload(response_cost=0.00022500000000000002).reported_cost == 225_000_000
    assert payload(response_cost="0.0000005").reported_cost == 500_000


def test_a_fallback_names_the_group_that_was_asked_first() -> None:
    call = spend_log(metadata={"attempted_fallbacks": 1, "original_model_group": "cheap", "attempted_retries": 2})
    assert (call.fallback_of, call.requested_model, call.attempt) == ("cheap", "smart", 3)
    assert spend_log(metadata={"attempted_fallbacks": 0, "original_model_group": "smart"}).fallback_of is None


def test_a_payload_row_tells_of_its_fallback_in_a_header_only() -> None:
    headers = {"x-litellm-attempted-fallbacks": 1, "x-litellm-attempted-retries": 0}
    call = payload(hidden_params={"additional_headers": headers})
    assert (call.fallback_of, call.attempt) == ("unknown", 1)


@pytest.mark.parametrize(
    ("model", "provider", "name", "its_provider"),
    [
        ("openai/gpt-4o", "openai", "gpt-4o", "openai"),
        ("openrouter/openai/gpt-4o", "openrouter", "openai/gpt-4o", "openrouter"),
        ("bedrock/converse/anthropic.claude-x-v1:0", "bedrock", "anthropic.claude-x-v1:0", "bedrock"),
        ("openai/responses/gpt-5", "openai", "gpt-5", "openai"),
        ("gemini/gemini-2.5-pro", "gemini", "gemini-2.5-pro", "google"),
        ("together_ai/meta-llama/Llama-3", "together_ai", "meta-llama/Llama-3", "together"),
        ("meta-llama/Llama-3", "groq", "meta-llama/Llama-3", "groq"),
    ],
)
def test_a_routing_prefix_is_no_part_of_the_model(model: str, provider: str, name: str, its_provider: str) -> None:
    call = payload(model=model, custom_llm_provider=provider)
    assert (call.model, call.provider) == (name, its_provider)


def test_the_model_is_the_one_that_answered() -> None:
    assert payload(model_map_information={"model_map_key": "gpt-4o-2024-08-06"}).model == "gpt-4o-2024-08-06"
    assert payload(response={"model": "gpt-4o-2024-08-06"}).model == "gpt-4o-2024-08-06"
    by_deployment = payload(model_id="d3p", model_map_information={"model_map_key": "d3p"})
    assert by_deployment.model == "gpt-4o"


def test_who_called_is_the_end_user_and_the_rest_are_tags() -> None:
    metadata = {
        "user_api_key_alias": "checkout-service", "user_api_key_team_alias": "payments",
        "user_api_key_org_id": "o1", "user_api_key_user_id": "owner", "spend_logs_metadata": {"release": 7},
    }  # fmt: skip
    call = payload(metadata=metadata, end_user="u7", request_tags=["prod", "stage:eu"])
    assert (call.user, call.route) == ("u7", "checkout-service")
    assert call.tags == {
        "prod": "true", "stage": "eu", "release": "7", "team": "payments", "organization": "o1", "key":
        "checkout-service",
    }  # fmt: skip


def test_a_tag_that_names_the_workflow_is_the_route() -> None:
    call = payload(metadata={"user_api_key_alias": "k"}, request_tags=["workflow:refund"])
    assert call.route == "refund"


def test_tags_in_a_string_are_tags() -> None:
    assert spend_log().tags == {"prod": "true", "team": "search"}


def test_the_tier_that_was_served_wins_over_the_one_that_was_priced() -> None:
    assert payload().service_tier == "flex"
    assert payload(response={"service_tier": "default"}).service_tier == "default"


def test_time_to_first_token_is_known_only_where_something_was_streamed() -> None:
    assert (payload().duration_ms, payload().time_to_first_token_ms) == (2000.0, 500.0)
    assert payload(completionStartTime=1795323562.5).time_to_first_token_ms is None


@pytest.mark.parametrize(
    ("call_type", "operation"),
    [("completion", "chat"), ("aembedding", "embedding"), ("atext_completion", "completion"),
     ("arerank", "rerank"),
     ("aimage_generation", "image"), ("responses", "chat"), ("anthropic_messages", "chat"),
     ("atranscription", "audio")],
)  # fmt: skip
def test_call_types_are_operations(call_type: str, operation: str) -> None:
    assert payload(call_type=call_type).operation == operation


@pytest.mark.parametrize(
    "call_type",
    ["acreate_file", "aretrieve_batch", "aget_responses", "call_mcp_tool", "alist_fine_tuning_jobs"],
)
def test_rows_that_asked_no_model_are_no_calls(call_type: str) -> None:
    row = PAYLOAD | {"call_type": call_type, "prompt_tokens": 0, "completion_tokens": 0, "response_cost": 0.0}
    assert litellm.read(json.dumps(row).encode()) == []


def test_the_row_that_closes_a_batch_is_priced_as_batch() -> None:
    assert payload(call_type="aretrieve_batch").service_tier == "batch"


def test_a_health_check_is_a_call_exactly_when_it_reached_a_model() -> None:
    checker = {"user_api_key_alias": "litellm-internal-health-check"}
    assert payload(metadata=checker).input_tokens == 100
    idle = PAYLOAD | {"metadata": checker, "prompt_tokens": 0, "completion_tokens": 0, "response_cost": 0.0}
    assert litellm.read(json.dumps(idle).encode()) == []


def test_a_success_without_any_usage_has_unknown_tokens() -> None:
    call = payload(prompt_tokens=0, completion_tokens=0, total_tokens=0, metadata={})
    assert (call.input_tokens, call.output_tokens, call.tokens_basis) == (None, None, None)


def test_text_is_read_wherever_the_row_keeps_it() -> None:
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
    ]
    expected = [("system", "Be brief."), ("user", "Hi")]
    assert payload(messages=messages).messages == expected
    assert spend_log(messages=json.dumps(messages)).messages == expected
    assert spend_log(proxy_server_request=json.dumps({"messages": messages})).messages == expected
    assert payload(call_type="aembedding", messages=["a", "b"]).messages == [("user", "a"), ("user", "b")]


def test_an_anthropic_request_keeps_its_system_prompt_and_tool_results_apart() -> None:
    body = {
        "system": [{"type": "text", "text": "Be brief."}],
        "messages": [
            {
                "role": "user",
                "content": [{"type": "tool_result", "content": "42"}, {"type": "text", "text": "So?"}],
            }
        ],
    }
    assert spend_log(proxy_server_request=json.dumps(body)).messages == [
        ("system", "Be brief."),
        ("tool", "42"),
        ("user", "So?"),
    ]


def test_text_that_was_redacted_is_text_that_was_not_logged() -> None:
    redacted = [{"role": "user", "content": "redacted-by-litellm"}]
    answer = {"choices": [{"message": {"content": "redacted-by-litellm"}}]}
    call = payload(messages=redacted, response=answer)
    assert (call.messages, call.answer) == (None, None)
    assert payload(messages="redacted-by-litellm").messages is None


def test_the_answer_and_the_shape_of_the_request_are_read() -> None:
    choice = {
        "finish_reason": "tool_calls",
        "message": {"content": None, "tool_calls": [{"function": {"name": "find"}}]},
    }
    call = payload(
        response={"choices": [choice]},
        model_parameters={
            "tools": [{"type": "function"}],
            "max_tokens": 50,
            "response_format": {"type": "json_object"},
        },
        stream=True,
    )
    assert (call.finish_reason, call.answer_has_tool_calls, call.has_tools) == ("tool_calls", True, True)
    assert (call.max_output_tokens, call.wants_json, call.streamed) == (50, True, True)


def test_a_row_of_strings_as_a_database_exports_it_is_the_same_call() -> None:
    row = {name: value if isinstance(value, str) else str(value) for name, value in SPEND_LOG.items()}
    (call,) = litellm.read(json.dumps(row).encode())
    assert (call.input_tokens, call.output_tokens, call.reported_cost) == (100, 20, 225_000_000)
