"""LangSmith, MLflow, Braintrust, Weave, Helicone, Portkey, OpenRouter: the traps of each in a row of its own."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.contract import LogFormat
from costsim.formats.openai import chat as openai_chat
from costsim.formats.platforms import braintrust, helicone, langsmith, mlflow, openrouter, portkey, weave
from costsim.schema import Call, answer_of

Row = dict[str, Any]
RUN: Row = {
    "id": "r1", "trace_id": "t1", "dotted_order": "20261106T100000100000Zr1", "run_type": "llm",
    "start_time": "2026-11-06T10:00:00.100000", "inputs": {"model": "gpt-4o"}, "extra": {"metadata": {}},
    "outputs": {"usage_metadata": {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}},
}  # fmt: skip
SPAN: Row = {
    "id": "b1", "span_id": "s1", "root_span_id": "t1", "span_attributes": {"type": "llm"},
    "metadata": {"provider": "openai", "model": "gpt-4o"},
    "metrics": {"start": 1793959200.5, "end": 1793959201.5, "prompt_tokens": 100.0, "completion_tokens": 20},
}  # fmt: skip
OP: Row = {
    "id": "w1", "op_name": "weave:///e/p/op/openai.chat.completions.create:x", "trace_id": "t1",
    "inputs": {"model": "gpt-4o"}, "output": None,
    "summary": {"usage": {"gpt-4o-2024-08-06": {"prompt_tokens": 100, "completion_tokens": 20}}},
}  # fmt: skip
REQUEST: Row = {
    "request_id": "h1", "request_created_at": "2026-11-06T10:00:00Z", "response_status": 200, "delay_ms": 900,
    "provider": "OPENAI", "model": "gpt-4o", "prompt_tokens": 100, "completion_tokens": 20,
    "response_body": {"usage": {"prompt_tokens": 100, "completion_tokens": 20}},
}  # fmt: skip
EXPORT: Row = {
    "id": "p1", "ai_org": "openai", "ai_model": "gpt-4o", "req_units": 100, "res_units": 20, "is_success": True,
    "response": {"usage": {"prompt_tokens": 100, "completion_tokens": 20}},
}  # fmt: skip
GENERATION: Row = {
    "id": "gen-1", "model": "openai/gpt-4o", "total_cost": 0.001, "tokens_prompt": 1, "tokens_completion": 1,
    "native_tokens_prompt": 100, "native_tokens_completion": 20, "is_byok": False,
}  # fmt: skip
ROWS = [
    (langsmith, RUN),
    (braintrust, SPAN),
    (weave, OP),
    (helicone, REQUEST),
    (portkey, EXPORT),
    (openrouter, GENERATION),
]


def one(log_format: LogFormat, row: Row) -> Call:
    (call,) = log_format.read(json.dumps(row).encode())
    return call


@pytest.mark.parametrize(("log_format", "row"), ROWS, ids=lambda each: getattr(each, "NAME", ""))
def test_a_platforms_row_is_its_own_even_where_it_holds_an_openai_body(log_format: LogFormat, row: Row) -> None:
    assert detect(row, "a") is log_format
    call = one(log_format, row)
    assert (call.input_tokens, call.output_tokens, call.tokens_basis, call.billed) == (100, 20, "logged", True)


@pytest.mark.parametrize(("log_format", "row"), ROWS, ids=lambda each: getattr(each, "NAME", ""))
def test_a_row_of_texts_as_csv_has_it_is_the_same_call(log_format: LogFormat, row: Row) -> None:
    cells = {name: value if isinstance(value, str) else json.dumps(value) for name, value in row.items()}
    assert detect(cells, "a") is log_format
    call, as_text = one(log_format, row), one(log_format, cells)
    for name in ("call_id", "input_tokens", "output_tokens", "model", "started_at", "reported_cost", "status"):
        assert getattr(as_text, name) == getattr(call, name), name


@pytest.mark.parametrize("kind", ["chain", "tool", "retriever", "prompt", "parser"])
def test_runs_that_contain_calls_are_none(kind: str) -> None:
    assert langsmith.read(json.dumps(RUN | {"run_type": kind}).encode()) == []


def test_a_run_is_joined_with_its_end_by_id_or_by_order() -> None:
    begun = {name: value for name, value in RUN.items() if name != "outputs"}
    for name in ("id", "dotted_order"):
        ended = {name: RUN[name], "outputs": RUN["outputs"], "end_time": "2026-11-06T10:00:01.100000"}
        post = begun if name == "dotted_order" else {k: v for k, v in begun.items() if k != "dotted_order"}
        call = one(langsmith, {"post": [post | {"id": "r1"}], "patch": [ended]})
        assert (call.call_id, call.input_tokens, call.duration_ms) == ("r1", 100, 1000.0)


def test_the_end_of_a_run_alone_knows_when_it_began() -> None:
    ended = {name: RUN[name] for name in ("id", "dotted_order", "outputs", "trace_id")}
    ended["extra"] = {"metadata": {"ls_model_type": "chat"}}
    assert one(langsmith, {"post": [], "patch": [ended]}).started_at == one(langsmith, RUN).started_at


def test_langsmiths_answers_in_langchains_form_are_read_with_the_tools_they_call() -> None:
    inside = {"content": "Hello", "tool_calls": [{"name": "stock", "args": {}, "id": "c1", "type": "tool_call"}]}
    message = {"lc": 1, "type": "constructor", "id": ["langchain", "AIMessage"], "kwargs": inside}
    call = one(langsmith, RUN | {"outputs": {"generations": [[{"text": "Hello", "message": message}]]}})
    assert (answer_of(call), call.answer_has_tool_calls) == ("Hello", True)


@pytest.mark.parametrize("name", ["finish_reason", "stop_reason", "stopReason", "finishReason"])
def test_langsmiths_answers_in_langchains_form_say_why_they_ended(name: str) -> None:
    said = {"message": {"kwargs": {"content": "Hello", "response_metadata": {name: "length"}}}}
    around = {"text": "Hello", "generation_info": {name: "length"}}
    for generation in (said, around):
        assert one(langsmith, RUN | {"outputs": {"generations": [[generation]]}}).finish_reason == "length"


def test_langsmiths_cache_writes_are_whole_or_by_lifetime() -> None:
    details = {"cache_read": 40, "cache_creation": 0, "ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}
    usage = RUN["outputs"]["usage_metadata"] | {"input_token_details": details}
    call = one(langsmith, RUN | {"outputs": {"usage_metadata": usage}})
    assert (call.input_tokens, call.cache_write_tokens, call.cache_write_1h_tokens) == (100, 30, 20)


def test_braintrusts_claude_rows_of_old_sdks_leave_out_what_was_cached() -> None:
    claude = {"provider": "anthropic", "model": "claude-sonnet-4-5"}
    metrics = SPAN["metrics"] | {"prompt_cached_tokens": 60}
    old = one(braintrust, SPAN | {"metadata": claude, "metrics": metrics})
    new = one(braintrust, SPAN | {"metadata": claude, "metrics": metrics, "context": {"span_origin": {}}})
    told = one(
        braintrust, SPAN | {"metadata": claude, "metrics": metrics | {"tokens": 180}, "context": {"span_origin": {}}}
    )
    assert (old.input_tokens, new.input_tokens, told.input_tokens) == (160, 100, 160)


def test_what_is_added_to_a_row_of_braintrust_is_joined_with_it_in_order() -> None:
    begun = SPAN | {"metrics": {"start": 1793959200.5}}
    added = {"id": "b1", "_is_merge": True, "project_id": "p", "metrics": {"end": 1793959201.5, "prompt_tokens": 100}}
    read = braintrust.session()
    read(json.dumps(begun).encode())
    (call,) = read(json.dumps(added).encode())
    assert (call.model, call.input_tokens, call.duration_ms) == ("gpt-4o", 100, 1000.0)


def test_usage_that_weave_summed_up_is_not_billed_again() -> None:
    for name in ("answer", "Agent.run", "Evaluation.evaluate"):
        assert weave.read(json.dumps(OP | {"op_name": f"weave:///e/p/op/{name}:x"}).encode()) == []


def test_a_cached_answer_costs_nothing_and_an_odd_status_is_a_failure() -> None:
    hit = one(helicone, REQUEST | {"cache_reference_id": "h0", "costUSD": 0.1})
    assert (hit.billed, hit.reported_cost) == (False, 0)
    cancelled = one(helicone, REQUEST | {"response_status": -3, "prompt_tokens": -1, "response_body": {}})
    assert (cancelled.status, cancelled.input_tokens, cancelled.error_type) == ("error", None, "-3")


def test_portkeys_cents_are_cents_only_where_it_says_so() -> None:
    assert one(portkey, EXPORT | {"cost": 0.1, "cost_currency": "cents"}).reported_cost == 10**9
    assert one(portkey, EXPORT | {"cost": 0.1, "cost_currency": "USD"}).reported_cost == 10**11


def test_openrouter_bills_native_tokens_and_on_ones_own_key_the_provider_too() -> None:
    call = one(openrouter, {"data": GENERATION | {"is_byok": True, "upstream_inference_cost": 0.02}})
    assert (call.input_tokens, call.reported_cost, call.provider) == (100, 21 * 10**9, "openrouter")
    daily = {"date": "2026-11-06", "model_permaslug": "m", "byok_usage_inference": 0, "requests": 7, "prompt_tokens": 9}
    assert detect(daily, "a") is openrouter
    assert openrouter.read(json.dumps(daily).encode()) == []


def test_an_answer_of_openrouter_is_openrouters_whoever_served_it() -> None:
    answer: Row = {
        "id": "gen-1", "object": "chat.completion", "provider": "Azure", "model": "openai/gpt-4o", "choices": [],
    }  # fmt: skip
    searched = {"server_tool_use_details": {"web_search_requests": 2}}
    answer["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.1, **searched}
    call = one(openai_chat, answer)
    assert (call.provider, call.web_searches, call.reported_cost) == ("openrouter", 2, 10**11)


def test_mlflows_values_are_json_in_texts() -> None:
    attributes = {
        "mlflow.spanType": '"CHAT_MODEL"', "mlflow.llm.model": '"gpt-4o"',
        "mlflow.chat.tokenUsage": '{"input_tokens": 100, "output_tokens": 20}',
        "mlflow.spanOutputs": '"<openai.Stream object at 0x7f00>"', "mlflow.llm.cost": '{"total_cost": 0.1}',
    }  # fmt: skip
    for span in ({"span_id": "a", "attributes": attributes}, {"context": {"span_id": "a"}, "attributes": attributes}):
        call = one(mlflow, {"info": {"trace_id": "tr-1"}, "data": {"spans": [span]}})
        assert (call.model, call.input_tokens, call.answer, call.reported_cost) == ("gpt-4o", 100, None, 10**11)
