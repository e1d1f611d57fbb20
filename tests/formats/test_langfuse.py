"""Langfuse: its details add up to their total or hold their parts, and only generations and embeddings are calls."""

import json
from typing import Any

import pytest

from costsim.formats import detect
from costsim.formats.platforms import langfuse
from costsim.schema import Call

ROW: dict[str, Any] = {
    "id": "o1",
    "traceId": "t1",
    "type": "GENERATION",
    "model": "gpt-4o",
    "startTime": "2026-11-06T10:00:00.000Z",
    "endTime": "2026-11-06T10:00:02.000Z",
    "parentObservationId": None,
    "usageDetails": {"input": 100, "output": 20, "total": 120},
}


def one(**changes: Any) -> Call:
    row = ROW | changes
    assert detect(row, "a") is langfuse
    (call,) = langfuse.read(json.dumps(row).encode())
    return call


@pytest.mark.parametrize(
    ("details", "tokens_in", "tokens_out"),
    [
        ({"input": 179, "output": 35, "output_reasoning": 64, "total": 278}, 179, 99),
        ({"input": 6, "output": 2055, "completion_details.reasoning": 1104, "total": 2061}, 6, 2055),
        ({"input": 6, "output": 2055, "completion_details.reasoning": 1104}, 6, 2055),
        ({"input": 40, "output": 5, "input_cached_tokens": 60}, 100, 5),
        ({"input": 4, "output": 5, "input_cache_read": 60, "input_cache_creation_5m": 30, "total": 99}, 94, 5),
        ({"input": 90, "output": 5, "input_cache_creation": 30, "input_cache_creation_1h": 30, "total": 125}, 120, 5),
        ({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}, 100, 20),
        ({"input": "100", "output": "20", "total": "120"}, 100, 20),
    ],
)
def test_what_stands_beside_a_headline_is_added_and_what_is_inside_is_not(
    details: dict[str, Any], tokens_in: int, tokens_out: int
) -> None:
    for given in (details, json.dumps(details)):
        call = one(usageDetails=given)
        assert (call.input_tokens, call.output_tokens) == (tokens_in, tokens_out)


def test_a_row_of_the_batch_export_is_the_same_call() -> None:
    names = {"traceId": "trace_id", "model": "provided_model_name", "startTime": "start_time", "endTime": "end_time",
             "parentObservationId": "parent_observation_id", "usageDetails": "usage_details"}  # fmt: skip
    row = {names.get(name, name): value for name, value in ROW.items()} | {"model_id": "internal"}
    assert detect(row, "a") is langfuse
    assert langfuse.read(json.dumps(row).encode()) == [one()]


@pytest.mark.parametrize("kind", ["SPAN", "AGENT", "TOOL", "EVENT", "CHAIN"])
def test_what_is_no_generation_is_no_call(kind: str) -> None:
    assert langfuse.read(json.dumps(ROW | {"type": kind}).encode()) == []


def test_a_cost_is_the_sum_of_its_kinds_without_the_floats_error() -> None:
    assert one(costDetails={"input": 3.25e-05, "output": 0.00081, "total": 0.000842499999}).reported_cost == 842_500_000
    assert one(costDetails={"total": 2.5e-05}).reported_cost == 25_000_000
    assert one(costDetails={"input": 1, "total": 3}).reported_cost == 3 * 10**12
    assert one(costDetails={}).reported_cost is None


def test_an_error_without_usage_is_billed_to_nobody() -> None:
    call = one(level="ERROR", statusMessage="Timeout: no answer", usageDetails={})
    assert (call.status, call.billed, call.error_type) == ("error", False, "Timeout")
