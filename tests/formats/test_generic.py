"""Tables of no known format: their columns are found by name, their cells survive spreadsheets, and a mapping
wins.
"""

import json
from typing import Any

import pytest

from costsim.formats.tables import generic
from costsim.schema import SCHEMA, Call


def read(row: dict[str, Any]) -> Call:
    (call,) = generic.read(json.dumps(row).encode())
    return call


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out"),
    [
        ("Request tokens", "Response tokens"), ("ContextTokens", "GeneratedTokens"),
        ("num_prefill_tokens", "num_decode_tokens"), ("input_length", "output_length"), ("in", "out"),
        ("Prompt Length", "Output Length"), ("prompt_tokens", "completion_tokens"),
        ("tokens_prompt", "tokens_completion"), ("req_units", "res_units"),
        ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"), ("promptTokens", "completionTokens"),
        ("INPUT-TOKENS", "output tokens"), ("\ufeffinput_tokens", "output_tokens"),
    ],
)  # fmt: skip
def test_token_columns_are_found_by_the_names_seen_in_the_wild(tokens_in: str, tokens_out: str) -> None:
    row = {tokens_in: "1,234", tokens_out: "56.0"}
    assert generic.claims(row)
    assert (read(row).input_tokens, read(row).output_tokens) == (1234, 56)


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    row = {"Model": "m", "Request tokens": 1, "Response tokens": 2}
    inserted = {"Session ID": "s", "Elapsed": 3, **row}
    assert (read(row).input_tokens, read(inserted).input_tokens) == (1, 1)
    assert read(inserted).conversation_id == "s"


def test_what_names_no_model_and_no_tokens_is_not_claimed() -> None:
    assert not generic.claims({"name": "x", "value": 3, "timestamp": 1})
    assert not generic.claims({"model": "Golf", "year": 1999})
    assert not generic.claims({"timestamp": 6011, "requests": [{"Prompt Length": 178, "Output Length": 8}]})
    assert not generic.claims({"modelId": "m", "input": {"inputTokenCount": 3}, "output": {"outputTokenCount": 4}})
    assert generic.claims({"model": "gpt-4o", "prompt": "Hi"})


@pytest.mark.parametrize("nothing", ["", "NaN", "NULL", "None", "n/a", "-", None])
def test_a_cell_that_says_nothing_is_unknown_not_zero(nothing: str | None) -> None:
    call = read(
        {
            "model": nothing,
            "input_tokens": 5,
            "output_tokens": nothing,
            "cached_tokens": nothing,
            "user": nothing,
        }
    )
    assert (call.model, call.output_tokens, call.cache_read_tokens, call.user) == (None, None, None, None)


def test_an_empty_row_is_no_call() -> None:
    assert generic.read(b'{"model": "", "input_tokens": "", "output_tokens": ""}') == []


def test_absurd_counts_are_handed_on_for_ingestion_to_refuse() -> None:
    assert read({"input_tokens": -5, "output_tokens": 10**15}).input_tokens == -5
    assert read({"input_tokens": -5, "output_tokens": 10**15}).output_tokens == 10**15


@pytest.mark.parametrize(
    ("money", "trillionths"),
    [
        ("$0.0123", 12_300_000_000),
        (0.1, 100_000_000_000),
        ("USD 1,000.5", 1_000_500_000_000_000),
        ("1e-7", 100_000),
        ("", None),
    ],
)
def test_money_is_exact_whatever_it_is_dressed_in(money: Any, trillionths: int | None) -> None:
    assert read({"input_tokens": 1, "cost": money}).reported_cost == trillionths


@pytest.mark.parametrize(
    "written", ["2023-11-16 18:15:46.6805900", "2023-11-16T19:15:46.68059+01:00", 1700158546.68059]
)
def test_times_are_utc_microseconds(written: Any) -> None:
    assert read({"TIMESTAMP": written, "ContextTokens": 1}).started_at == 1700158546680590


def test_seconds_since_a_start_that_the_log_does_not_tell_are_no_date() -> None:
    assert read({"arrived_at": 4.314579, "num_prefill_tokens": 1}).started_at is None


def test_a_total_tells_whether_cached_tokens_are_inside() -> None:
    row = {"input_tokens": 100, "cached_tokens": 40, "output_tokens": 10}
    assert read(row).input_tokens == 100
    assert read({**row, "total_tokens": 110}).input_tokens == 100
    assert read({**row, "total_tokens": 150}).input_tokens == 140
    assert read({**row, "cached_tokens": 400}).input_tokens == 500


def test_anthropics_names_mean_anthropics_arithmetic() -> None:
    row = {
        "input_tokens": 100,
        "cache_read_input_tokens": 40,
        "cache_creation_input_tokens": 5,
        "output_tokens": 10,
    }
    assert read(row).input_tokens == 145
    del row["input_tokens"]
    assert read({"prompt_tokens": 100, **row}).input_tokens == 100


def test_reasoning_that_the_output_cannot_hold_is_beside_it() -> None:
    assert read({"input_tokens": 1, "output_tokens": 10, "reasoning_tokens": 30}).output_tokens == 40
    assert read({"input_tokens": 1, "output_tokens": 40, "reasoning_tokens": 30}).output_tokens == 40
    assert (
        read({"input_tokens": 1, "output_tokens": 40, "reasoning_tokens": 30, "total_tokens": 71}).output_tokens == 70
    )


def test_usage_is_found_inside_its_usual_containers_also_as_json_in_a_cell() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 8, "prompt_tokens_details": {"cached_tokens": 3}}
    for cell in (usage, json.dumps(usage)):
        call = read({"model_name": "m", "usage": cell})
        assert (call.input_tokens, call.output_tokens, call.cache_read_tokens) == (7, 8, 3)


def test_an_answer_that_is_json_is_text_not_columns() -> None:
    call = read({"model": "m", "prompt": "Make one.", "response": '{"model": "x", "input_tokens": 9}'})
    assert (call.model, call.input_tokens) == ("m", None)
    assert call.answer == '{"model": "x", "input_tokens": 9}'


@pytest.mark.parametrize(
    ("status", "expected"),
    [("success", "ok"), (200, "ok"), ("429", "error"), ("FAILED", "error"), ("", "ok"), (500.0, "error")],
)
def test_statuses_are_words_or_codes(status: Any, expected: str) -> None:
    call = read({"model": "m", "input_tokens": 0, "status": status})
    assert (call.status, call.billed) == (expected, expected == "ok")


def test_an_error_column_makes_an_error_and_keeps_only_its_kind() -> None:
    call = read({"model": "m", "input_tokens": "", "error": "RateLimitError: the prompt was 'secret'"})
    assert (call.status, call.error_type, call.billed) == ("error", "RateLimitError", False)
    assert read({"model": "m", "input_tokens": 3, "error": "None"}).status == "ok"


def test_prompts_are_plain_text_or_messages() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    expected = [("system", "Be brief."), ("user", "Hi")]
    assert read({"model": "m", "messages": messages}).messages == expected
    assert read({"model": "m", "messages": json.dumps(messages)}).messages == expected
    assert read({"model": "m", "system_prompt": "Be brief.", "prompt": "Hi"}).messages == expected
    assert read({"model": "m", "prompt": "[INST] Hi"}).messages == [("user", "[INST] Hi")]


def test_columns_that_group_calls_become_tags() -> None:
    call = read(
        {
            "model": "m",
            "input_tokens": 1,
            "Team": "search",
            "tags": '{"env": "prod"}',
            "metadata": {"project": 7},
        }
    )
    assert call.tags == {"Team": "search", "env": "prod", "project": "7"}


def test_plans_workflows_and_flags_of_a_row_are_tags_and_its_turns_a_column() -> None:
    row = {"model": "m", "input_tokens": 1, "plan": "free", "feature": "faq", "endpoint": "/v2", "turns": "3"}
    call = read({**row, "interactive": False})
    assert (call.route, call.turns) == ("faq", 3)
    assert call.tags == {"plan": "free", "endpoint": "/v2", "interactive": "false"}
    assert read({**row, "interactive": "False"}).tags == call.tags


def test_costsims_own_table_is_read_back_as_it_is() -> None:
    call = Call(
        call_id="c", started_at=1700158546680590, duration_ms=12.5, time_to_first_token_ms=3.0,
        provider="openai", model="m", requested_model="r", operation="embedding", service_tier="batch",
        region="eu", input_tokens=1000, cache_read_tokens=900, cache_write_tokens=50,
        cache_write_1h_tokens=20, output_tokens=30, reasoning_tokens=30, audio_input_tokens=1,
        audio_output_tokens=2, image_input_tokens=3, web_searches=4, tokens_basis="estimated",
        status="error", billed=True, finish_reason="stop", answer_check="invalid_json", error_type="timeout",
        retry_of="b", attempt=2, fallback_of="f", conversation_id="v", trace_id="t", parent_id="p", route="/a",
        user="u", tags={"env": "prod"}, quality=0.5, task="code", max_output_tokens=99, temperature=0.7,
        wants_json=True, has_tools=False, modalities="image", turns=3, streamed=True, reported_cost=123_456_789,
    )  # fmt: skip
    row = {name: getattr(call, name) for name in SCHEMA.names if hasattr(call, name)}
    row |= {
        "tags": json.dumps(call.tags),
        "cost_usd": "9.99",
        "cost_basis": "computed",
    }
    assert read(row) == call
    as_text = {name: "" if value is None else str(value) for name, value in row.items()}
    assert read(as_text) == call


@pytest.mark.parametrize(
    ("told", "billed"),
    [
        ({"cached": True, "cost": 0}, False),
        ({"cache_status": "HIT", "cost": "0.0"}, False),
        ({"cached": True, "cost": 0.1}, True),
        ({"cached": False, "cost": 0}, True),
        ({"cached": 1, "cost": 0}, True),
        ({"cache_hit": True}, True),
    ],
)
def test_what_a_gateway_answered_from_its_own_cache_for_nothing_is_not_billed(
    told: dict[str, Any], billed: bool
) -> None:
    (call,) = generic.read(json.dumps({"model": "gpt-4o", "tokens_in": 100, "tokens_out": 20, **told}).encode())
    assert (call.billed, call.input_tokens, call.output_tokens) == (billed, 100, 20)


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        ({"span_kind": "agent"}, 0),
        ({"span_kind": "llm"}, 1),
        ({"span_kind": "CLIENT"}, 1),
        ({"gen_ai.operation.name": "invoke_agent"}, 0),
        ({"gen_ai.operation.name": "chat"}, 1),
        ({"attributes": {"span_kind": "workflow", "model_name": "gpt-4o"}}, 0),
    ],
)
def test_a_span_around_those_of_models_is_no_call_though_it_sums_up_their_tokens(
    kind: dict[str, str], calls: int
) -> None:
    row = {"name": "x", "model_name": "gpt-4o", "metrics": {"input_tokens": 100, "output_tokens": 20}, **kind}
    assert len(generic.read(json.dumps(row).encode())) == calls
