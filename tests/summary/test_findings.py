"""Each finding: a few calls in which it is hidden, with the saving worked out by hand, and some in which it is not."""

from pathlib import Path
from typing import Any

import pytest
from tests.summary.acme import MILLION, Row, cases, found, micros

from costsim.summary import findings
from costsim.summary.findings import FINDINGS, TRENDS

START = micros("2026-10-05T00:00")
LABEL: Row = {"task": "classification", "complexity": "simple", "input_tokens": 1000, "output_tokens": 10}


def test_every_module_of_findings_is_listed() -> None:
    apart = {"__init__", "contract", "sizes"}
    modules = {path.stem for path in Path(findings.__file__).parent.glob("*.py")} - apart
    assert modules == {kind.__name__.rpartition(".")[2] for kind in (*FINDINGS, *TRENDS)}  # type: ignore[attr-defined]


def test_every_finding_has_an_id_of_its_own_and_says_how_and_what_to_do() -> None:
    kinds = (*FINDINGS, *TRENDS)
    assert len({kind.ID for kind in kinds}) == len(kinds)
    assert all(kind.HOW and kind.DO for kind in kinds)


def test_a_frontier_model_on_a_simple_task_is_found() -> None:
    case = found("frontier-for-simple", LABEL, LABEL, {**LABEL, "task": "math"})
    assert case.label == ("classification", "big", "small")
    assert (case.calls, case.spend) == (2, 2 * (1000 * 10 + 10 * 50) * MILLION)
    assert case.saving == 2 * (1000 * 9 + 10 * 45) * MILLION
    assert findings.frontier_for_simple.title(case) == (
        "classification on big: 2 calls that look simple enough for small"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"task": "reasoning"},
        {"complexity": "moderate"},
        {"task_confidence": 0.5},
        {"task_confidence": None},
        {"has_tools": True},
        {"modalities": "image"},
        {"operation": "embedding"},
        {"input_tokens": 8_001},
        {"model": "small"},
        {"model": "nearly"},
        {"model": "unheard-of"},
        {"billed": False},
    ],
)
def test_what_a_small_model_might_not_do_or_not_for_half_is_not_found(other: Row) -> None:
    assert cases("frontier-for-simple", {**LABEL, **other}) == []


PREFIX: Row = {"input_tokens": 3000, "output_tokens": 100, "prefix_tokens": [2000, 3000]}
MINUTE_MS = 60_000


def test_a_prefix_sent_again_within_minutes_and_never_cached_is_found() -> None:
    first = {**PREFIX, "until_prefix_ms": MINUTE_MS}
    second = {**PREFIX, "since_prefix_ms": MINUTE_MS, "until_prefix_ms": 60 * MINUTE_MS}
    much_later = {**PREFIX, "since_prefix_ms": 60 * MINUTE_MS}
    case = found("uncached-prefix", first, second, much_later)
    written, read = 2000 * (10_000_000 - 12_500_000), 2000 * (10_000_000 - 1_000_000)
    assert (case.calls, case.saving) == (3, written + read)
    assert findings.uncached_prefixes.title(case) == (
        "a prefix of some 2,000 tokens of `desk` is sent 3 times and never cached; a cache would hold it for 1 of them"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"cache_read_tokens": 1024},
        {"cache_write_tokens": 2000},
        {"prefix_tokens": [999]},
        {"prefix_tokens": []},
        {"prefix_tokens": [4000]},
        {"since_prefix_ms": -1},
        {"since_prefix_ms": 6 * MINUTE_MS},
    ],
)
def test_a_prefix_that_is_cached_short_or_sent_too_seldom_saves_nothing(other: Row) -> None:
    assert cases("uncached-prefix", {**PREFIX, "since_prefix_ms": MINUTE_MS, **other}) == []


def test_requests_repeated_within_a_day_are_found_at_their_whole_cost() -> None:
    row = {"input_tokens": 100, "output_tokens": 10}
    repeat = {**row, "since_answer_ms": 24 * 3600 * 1000}
    case = found("identical-requests", row, repeat, {**repeat, "since_answer_ms": 24 * 3600 * 1000 + 1})
    assert (case.calls, case.saving, case.spend) == (1, 1500 * MILLION, 1500 * MILLION)


def test_a_repeat_that_nobody_billed_is_no_waste() -> None:
    assert cases("identical-requests", {"input_tokens": 100, "since_answer_ms": 5, "billed": False}) == []


def test_failures_that_were_billed_and_answers_that_never_began_are_found() -> None:
    failed = {"status": "error", "error_type": "timeout", "input_tokens": 100, "output_tokens": 0}
    silent = {"finish_reason": "length", "input_tokens": 100, "output_tokens": 40, "reasoning_tokens": 40}
    one, two = sorted(cases("billed-failures", failed, silent), key=lambda case: case.saving)
    assert (one.label, one.saving) == (("desk", "big", "error", "timeout"), 1000 * MILLION)
    assert (two.label, two.saving) == (("desk", "big", "ok", None), 3000 * MILLION)
    assert findings.billed_failures.title(one) == "1 call of `desk` on big failed (timeout) and was billed"
    assert findings.billed_failures.title(two) == (
        "1 call of `desk` on big hit the output limit before any answer, and was billed"
    )


@pytest.mark.parametrize(
    "row",
    [
        {"status": "error", "billed": False, "input_tokens": 100},
        {"finish_reason": "length", "input_tokens": 100, "output_tokens": 41, "reasoning_tokens": 40},
        {"finish_reason": "stop", "input_tokens": 100, "output_tokens": 0},
    ],
)
def test_refusals_and_answers_that_were_cut_off_are_no_billed_failures(row: Row) -> None:
    assert cases("billed-failures", row) == []


def test_history_beyond_the_fourth_call_is_found_at_the_price_of_reading_it_where_it_was_cached() -> None:
    late = {"early_input_tokens": 1000, "input_tokens": 5000, "output_tokens": 10}
    case = found("growing-conversations", late, {**late, "cache_read_tokens": 3000})
    assert case.saving == 4000 * 10 * MILLION + (3000 * 1 + 1000 * 10) * MILLION
    assert findings.growing_conversations.title(case) == (
        "2 late calls of conversations of `desk`: 5.0 times the input of the fourth call"
    )


def test_history_that_hardly_grows_is_not_found() -> None:
    assert cases("growing-conversations", {"early_input_tokens": 1000, "input_tokens": 1249, "output_tokens": 1}) == []
    assert cases("growing-conversations", {"input_tokens": 9000, "output_tokens": 1}) == []


def test_calls_above_a_cliff_cost_what_the_same_tokens_would_not_cost_below_it() -> None:
    row = {"input_tokens": 250_001, "cache_read_tokens": 50_000, "output_tokens": 1_001}
    case = found("above-a-cliff", row, {"input_tokens": 100_000, "output_tokens": 1})
    assert case.spend == (200_001 * 20 + 50_000 * 2 + 1_001 * 100) * MILLION
    assert case.saving == case.spend // 2
    assert findings.above_a_cliff.title(case) == (
        "1 call of `desk` on big above 100,000 input tokens pays more for each"
    )


@pytest.mark.parametrize("other", [{"input_tokens": 100_000}, {"model": "small"}, {"input_tokens": None}])
def test_calls_below_the_cliff_or_on_a_model_without_one_are_not_found(other: Row) -> None:
    assert cases("above-a-cliff", {"input_tokens": 100_001, "output_tokens": 1, **other}) == []


@pytest.mark.parametrize("reads", [0, 7, 99_999, 123_456])
def test_a_call_in_pieces_has_every_token_once(reads: int) -> None:
    row = {"input_tokens": 333_333, "cache_read_tokens": reads, "cache_write_tokens": 11_111, "output_tokens": 777,
           "cache_write_1h_tokens": 1_111, "reasoning_tokens": 776}  # fmt: skip
    case = found("above-a-cliff", row)
    assert case.saving * 2 == case.spend


@pytest.mark.parametrize("kind", [*FINDINGS, *TRENDS], ids=lambda kind: kind.ID)
def test_ordinary_calls_and_no_calls_at_all_hide_nothing(kind: Any) -> None:
    assert cases(kind.ID, {"input_tokens": 500, "output_tokens": 50}) == []
    assert cases(kind.ID) == []
