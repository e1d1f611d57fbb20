"""Each finding that shows in sums alone: calls in which it is hidden, the saving worked out by hand, and others."""

from typing import Any

import pytest
from tests.summary.acme import DAY, HOUR, MILLION, Row, cases, found, micros

from costsim.ingest.ties.links import ESCALATED
from costsim.summary import findings

START = micros("2026-10-05T00:00")


def nightly(route: str | None = "extract", days: int = 6, **other: Any) -> list[Row]:
    """Two calls a night, from ten to five."""
    hours = [22, 28]
    return [
        {
            "route": route,
            "started_at": START + day * DAY + hour * HOUR,
            "input_tokens": 1000,
            "output_tokens": 100,
            **other,
        }
        for day in range(days)
        for hour in hours
    ]


def test_work_that_always_falls_into_the_same_hours_is_batchable() -> None:
    case = found("batchable", *nightly())
    assert (case.label, case.calls) == (("extract",), 12)
    assert (case.spend, case.saving) == (12 * 15_000 * MILLION, 12 * 7_500 * MILLION)
    assert findings.batchable.title(case) == (
        "`extract`: 12 calls from 22:00 to 05:00 UTC that nobody waits for; a batch costs half"
    )


def test_a_name_or_a_tag_that_says_so_needs_no_clock() -> None:
    row = {"input_tokens": 1000, "output_tokens": 100}
    by_name = found("batchable", {**row, "route": "Nightly-enrichment"})
    by_tag = found("batchable", {**row, "tags": '{"queue":"bulk"}'})
    assert by_name.saving == by_tag.saving == 7_500 * MILLION
    assert findings.batchable.title(by_name).startswith("`Nightly-enrichment`: 1 call from 12:00 to 13:00 UTC that")


@pytest.mark.parametrize(
    "rows",
    [
        nightly(streamed=True),
        nightly(conversation_id="c"),
        nightly(service_tier="batch"),
        nightly(model="small"),
        nightly(days=3),
        nightly(route=None),
        nightly()[::2],
        [*nightly(), {**nightly()[0], "started_at": START + 12 * HOUR}],
        [{**nightly()[0], "route": "rebatched-orders", "started_at": None}],
        [{**nightly()[0], "route": "desk", "tags": '{"job":"combatant"}'}],
    ],
)
def test_work_that_somebody_may_wait_for_is_not_batchable(rows: list[Row]) -> None:
    assert cases("batchable", *rows) == []


def grown(lengths: list[int], **other: Any) -> list[Row]:
    """Ten calls a day, with a system prompt of so many tokens on each day."""
    return [
        {
            "started_at": START + day * DAY,
            "system_tokens": length,
            "input_tokens": length + 100,
            "output_tokens": 0,
            **other,
        }
        for day, length in enumerate(lengths)
        for _ in range(10)
    ]


def test_a_system_prompt_that_grew_and_stayed_so_is_found() -> None:
    case = found("growing-system-prompts", *grown([200, 200, 500, 1000]))
    assert (case.label, case.calls) == (("desk",), 20)
    assert case.saving == pytest.approx(10 * (300 + 800) * 10 * MILLION)
    assert case.spend == 10 * (500 + 1000) * 10 * MILLION
    assert findings.growing_system_prompts.title(case) == (
        "the system prompt of `desk` grew from some 200 to 1,000 tokens; 20 calls since"
    )


def test_words_added_to_a_cached_system_prompt_cost_what_reading_costs() -> None:
    case = found("growing-system-prompts", *grown([200, 1000], cache_read_tokens=200))
    assert case.spend == 10 * (200 * 1 + 800 * 10) * MILLION
    assert case.saving == pytest.approx(case.spend * 0.8)


@pytest.mark.parametrize(
    "rows",
    [
        grown([1000, 1000, 1000]),
        grown([200, 1000, 200]),
        grown([200, 290]),
        grown([1000, 1190]),
        grown([200, 1000], route=None),
        grown([200, 1000], system_tokens=None),
        [row for row in grown([200, 1000]) if row["system_tokens"] == 200][:9] + grown([0, 1000]),
    ],
)
def test_a_system_prompt_that_did_not_grow_for_good_is_not_found(rows: list[Row]) -> None:
    assert cases("growing-system-prompts", *rows) == []


def test_one_stray_length_a_day_does_not_make_a_prompt_grow() -> None:
    stray = {**grown([200])[0], "system_tokens": 5000, "input_tokens": 5100, "started_at": START + DAY}
    assert cases("growing-system-prompts", *grown([200, 200]), stray, stray) == []


SHORT: Row = {"turns": 1, "task": "drafting", "input_tokens": 100, "output_tokens": 128, "max_output_tokens": 400}
LONG: Row = {**SHORT, "output_tokens": 2048, "max_output_tokens": None}


def test_long_answers_without_a_limit_are_found_against_the_usual_ones() -> None:
    case = found("unbounded-answers", *[SHORT] * 20, LONG, LONG)
    assert (case.label, case.calls) == (("desk",), 2)
    assert case.saving == 2 * (2048 - 2 * 128) * 50 * MILLION
    assert case.spend == 2 * (100 * 10 + 2048 * 50) * MILLION
    assert findings.unbounded_answers.title(case) == (
        "2 answers of `desk` without a limit: some 2,000 tokens each, many times the usual"
    )


@pytest.mark.parametrize(
    "rows",
    [
        [SHORT] * 20 + [{**LONG, "max_output_tokens": 4000}],
        [SHORT] * 20 + [{**LONG, "task": "code"}],
        [SHORT] * 20 + [{**LONG, "turns": None}],
        [SHORT] * 20 + [{**LONG, "reasoning_tokens": 1900}],
        [SHORT] * 8 + [LONG],
        [LONG] * 30,
        [{**SHORT, "output_tokens": 16}] * 20 + [{**LONG, "output_tokens": 400}],
    ],
)
def test_answers_that_are_limited_usual_or_the_work_itself_are_not_found(rows: list[Row]) -> None:
    assert cases("unbounded-answers", *rows) == []


WRITTEN: Row = {"input_tokens": 5000, "cache_write_tokens": 4000, "cache_write_1h_tokens": 4000, "output_tokens": 10}


def test_a_cache_that_nothing_reads_is_found_at_its_premium() -> None:
    case = found("cache-written-never-read", WRITTEN, WRITTEN)
    assert (case.calls, case.saving) == (2, 2 * 4000 * 10 * MILLION)
    assert findings.unread_caches.title(case) == ("`desk` on big wrote 8,000 tokens to the cache; none is read again")


def test_a_cache_that_is_read_too_seldom_is_found_at_its_loss() -> None:
    reading = {"input_tokens": 5000, "cache_read_tokens": 4000, "output_tokens": 10}
    case = found("cache-written-never-read", WRITTEN, WRITTEN, reading)
    assert case.saving == 2 * 4000 * 10 * MILLION - 4000 * 9 * MILLION
    assert cases("cache-written-never-read", WRITTEN, reading, reading) == []


def test_reading_without_writing_is_a_cache_that_pays() -> None:
    assert cases("cache-written-never-read", {"input_tokens": 50, "cache_read_tokens": 40, "output_tokens": 0}) == []


WARM: Row = {"history_tokens": 500, "input_tokens": 10_000, "cache_read_tokens": 9_000, "cache_write_tokens": 1_000}
LOST: Row = {**WARM, "cache_read_tokens": 0, "cache_write_tokens": 10_000}


def test_a_conversation_written_to_the_cache_again_is_found() -> None:
    case = found("cache-lost", WARM, LOST)
    assert (case.label, case.calls, case.spend) == (("desk", "big"), 1, 10_000 * 12_500_000)
    assert case.saving == pytest.approx(9_000 * (12.5 - 1) * MILLION)
    assert findings.lost_caches.title(case) == (
        "1 call of `desk` wrote a whole conversation to the cache of big again, after a pause or a switch of model"
    )


@pytest.mark.parametrize(
    "rows",
    [
        [WARM, {**LOST, "history_tokens": 0}],  # the first call of a conversation has to write
        [WARM, {**LOST, "cache_write_tokens": 0}],
        [LOST],
        [WARM, LOST, LOST],
        [WARM, WARM],
    ],
)
def test_caches_that_hold_or_never_held_are_not_found_lost(rows: list[Row]) -> None:
    assert cases("cache-lost", *rows) == []


CHEAP: Row = {"model": "small", "input_tokens": 1000, "output_tokens": 0}
FELL: Row = {"model": "big", "input_tokens": 1000, "output_tokens": 0, "fallback_of": "fast"}


def test_fallbacks_are_found_at_what_they_cost_beyond_the_usual() -> None:
    case = found("fallbacks", CHEAP, CHEAP, FELL, {**FELL, "fallback_of": None, "tried_again": ESCALATED})
    assert (case.label, case.calls, case.spend) == (("desk", "big"), 2, 20_000 * MILLION)
    assert case.saving == 18_000 * MILLION
    assert findings.fallbacks.title(case) == "2 calls of `desk` ended on big after failures, at 10 times the usual cost"


@pytest.mark.parametrize(
    "rows",
    [
        [FELL],
        [{**CHEAP, "route": "other"}, FELL],
        [{**CHEAP, "route": None}, {**FELL, "route": None}],
        [{**FELL, "fallback_of": None}, {**CHEAP, "fallback_of": "x"}],
    ],
)
def test_fallbacks_to_a_cheaper_model_or_with_nothing_to_compare_are_not_found(rows: list[Row]) -> None:
    assert cases("fallbacks", *rows) == []
