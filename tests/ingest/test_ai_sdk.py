"""Results and callbacks of the Vercel AI SDK, as its versions serialise them: a call a step, and each once.

What the versions write was seen by running them (4.3.19, 5.0.277, 6.0.326) against made-up answers.
"""

import json
from typing import Any

import pytest
from tests.ingest.conftest import Counts, Read, assert_holds
from tests.ingest.logs import lines

from costsim.formats import claimants

Row = dict[str, Any]
ASKED = {
    "model": "gpt-4o",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it cold in Oslo?"}],
    "tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}],
}
CALLED = {"type": "tool-call", "toolCallId": "t", "toolName": "weather", "input": {"city": "Oslo"}}
SAID = {"type": "text", "text": "It is."}


def step(number: int, used: Row, *content: Row, **more: Row) -> Row:
    """A step as 5 and later have it."""
    response = {
        "id": f"r{number}",
        "modelId": "gpt-4o",
        "timestamp": f"2026-01-01T00:00:0{number}.000Z",
        "messages": [],
    }
    return {"content": list(content), "finishReason": "stop", "usage": used, "warnings": [], "request": {},
            "response": response, **more}  # fmt: skip


def old(number: int, used: Row, **more: Any) -> Row:
    """A step as 4 has it, or a whole result beside its steps."""
    return {"text": "It is.", "toolCalls": [], "finishReason": "stop", "usage": used, "request": {"body": "{}"},
            "response": {"id": f"r{number}", "modelId": "gpt-4o", "timestamp": "2026-01-01T00:00:00Z"},
            **more}  # fmt: skip


def five(asked: int, answered: int, **more: int) -> Row:
    return {"inputTokens": asked, "outputTokens": answered, "totalTokens": asked + answered, **more}


def four(asked: int, answered: int) -> Row:
    return {"promptTokens": asked, "completionTokens": answered, "totalTokens": asked + answered}


def six(asked: int, answered: int, fresh: int | None, read: int, written: int | None = None) -> Row:
    """The usage of a step of 6; what is undefined is not in it."""
    details = {"noCacheTokens": fresh, "cacheReadTokens": read, "cacheWriteTokens": written}
    known = {name: count for name, count in details.items() if count is not None}
    return {**five(asked, answered), "inputTokenDetails": known, "outputTokenDetails": {}, "cachedInputTokens": read}


FIRST = step(1, five(100, 20, cachedInputTokens=0), CALLED, request={"body": ASKED})
LAST = step(2, five(300, 30, cachedInputTokens=90), SAID)
TOTAL = five(400, 50, cachedInputTokens=90)
RUN: Row = {"steps": [FIRST, LAST], "totalUsage": TOTAL}
FINISH: Row = {**LAST, "text": "It is.", **RUN}
OLD_RUN = old(2, four(400, 50), steps=[old(1, four(100, 20), stepType="initial"), old(2, four(300, 30))])
BARE = {"text": "It is.", "finishReason": "stop"}
NULLS: Row = {"promptTokens": None, "completionTokens": None, "totalTokens": None}
BOTH: list[Counts] = [(100, 20, 0, None), (300, 30, 90, None)]
OLD: list[Counts] = [(100, 20, None, None), (300, 30, None, None)]
ALL: list[Counts] = [(400, 50, 90, None)]
UNTOLD: list[Counts] = [(None, None, None, None)] * 2
RECORDS = [
    ("generateText of 5", RUN, BOTH),
    ("onFinish of 5, whose usage is the last step's", FINISH, BOTH),
    ("onFinish of 7, whose usage is the sum", {**FINISH, "usage": TOTAL, "finalStep": LAST}, BOTH),
    ("a result of 4, whose usage is the sum", OLD_RUN, OLD),
    ("one step", {"steps": [LAST], "totalUsage": LAST["usage"]}, [BOTH[1]]),
    ("steps that do not say what they used", {"steps": [BARE, BARE], **LAST, "totalUsage": TOTAL}, ALL),
    ("steps whose counts are null", {**FINISH, "usage": TOTAL, "steps": [{**BARE, "usage": NULLS}] * 2}, ALL),
    ("no count anywhere", {**OLD_RUN, "usage": NULLS, "steps": [old(n, NULLS, text="") for n in (1, 2)]}, UNTOLD),
    ("a sum beside the last step's usage", {"model": "gpt-4o", "usage": LAST["usage"], "totalUsage": TOTAL}, ALL),
    ("in a logger's envelope", {"level": 30, "msg": "done", "event": FINISH}, BOTH),
    ("beside what was asked", {"prompt": "Is it cold?", "response": OLD_RUN}, OLD),
    ("as text", {"message": '{"steps": [], "usage": {"inputTokens": 5, "outputTokens": 1}, "model": {"modelId": "m"}}'},
     [(5, 1, None, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("record", "expected"), [each[1:] for each in RECORDS], ids=[each[0] for each in RECORDS])
def test_each_step_is_a_call_and_no_sum_stands_beside_them(record: Row, expected: list[Counts], read: Read) -> None:
    assert_holds(read(lines(record)), "ai-sdk", expected)


def test_a_step_says_of_itself_what_a_call_is(read: Read) -> None:
    first, last = read(lines({"route": "weather", "userId": 7, **RUN})).rows()
    assert [(row["call_id"], row["model"], row["route"], row["user"]) for row in (first, last)] == [
        ("r1", "gpt-4o", "weather", "7"), ("r2", "gpt-4o", "weather", "7")]  # fmt: skip
    assert (first["started_at"].second, last["started_at"].second) == (1, 2)
    assert (first["has_tools"], first["answer_check"], first["finish_reason"]) == (True, "ok", "stop")
    assert first["prompt_hash"] is not None
    assert last["prompt_hash"] is None


def test_steps_that_callbacks_told_before_are_not_counted_again(read: Read) -> None:
    log = read(lines({"event": FIRST}, {"event": LAST}, {"result": FINISH}, RUN))
    assert_holds(log, "ai-sdk", BOTH)
    assert log.manifest.duplicates == 4


LOGGED = [{**FIRST, "traceId": "t"}, {**LAST, "traceId": "t", "parentId": "t"}]
OTHER_RUN = step(4, five(7, 3), SAID)
SUMS: list[tuple[str, Row]] = [
    ("of 5, by the id of its last step", {**LAST, "totalUsage": TOTAL, "traceId": "t"}),
    ("of 7, whose usage is the sum, too", {**LAST, "usage": TOTAL, "totalUsage": TOTAL, "finalStep": LAST}),
    ("whose steps do not say what they used", {**LAST, "totalUsage": TOTAL, "steps": [BARE, BARE]}),
]  # fmt: skip


@pytest.mark.parametrize("record", [each[1] for each in SUMS], ids=[each[0] for each in SUMS])
@pytest.mark.parametrize("first", [True, False])
def test_a_sum_is_no_call_beside_the_steps_that_it_is_of(record: Row, first: bool, read: Read) -> None:
    told = [record, *LOGGED] if first else [*LOGGED, record]
    assert_holds(read(lines(*told)), "ai-sdk", BOTH)
    assert_holds(read(lines(record, {**OTHER_RUN, "traceId": "t"})), "ai-sdk", [*ALL, (7, 3, None, None)])


def test_a_sum_is_known_by_its_run_where_that_has_a_name(read: Read) -> None:
    steps = [{**each, "callId": "c"} for each in (FIRST, LAST)]
    nameless = {"callId": "c", "model": {"modelId": "gpt-4o"}, "usage": LAST["usage"], "totalUsage": TOTAL}
    assert_holds(read(lines(*steps, nameless)), "ai-sdk", BOTH)
    assert_holds(read(lines(nameless)), "ai-sdk", ALL)


READ = {"cacheReadInputTokens": 500, "cacheCreationInputTokens": 0}
WRITTEN = {"cacheCreationInputTokens": 40}
SOME_READ = five(600, 20, cachedInputTokens=500)
CACHED: list[tuple[str, Row, Row, Counts]] = [
    ("4, Anthropic", four(600, 20), {"anthropic": READ}, (1100, 20, 500, 0)),
    ("5, Anthropic", SOME_READ, {"anthropic": WRITTEN}, (1140, 20, 500, 40)),
    ("5, Bedrock that only read", SOME_READ, {"bedrock": {}}, (1100, 20, 500, None)),
    ("5, OpenAI", SOME_READ, {"openai": {}}, (600, 20, 500, None)),
    ("5, through the gateway", SOME_READ, {"bedrock": {}, "gateway": {}}, (600, 20, 500, None)),
    ("6, Anthropic", six(640, 20, 100, 500, 40), {"anthropic": WRITTEN}, (640, 20, 500, 40)),
    ("6, Bedrock",
     six(640, 20, 100, 500, 40), {"bedrock": {"usage": {"cacheWriteInputTokens": 40}}}, (640, 20, 500, 40)),
    ("6, Bedrock's provider of 5", six(600, 20, None, 500), {"bedrock": {}}, (1100, 20, 500, None)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("used", "metadata", "expected"), [each[1:] for each in CACHED], ids=[each[0] for each in CACHED]
)
def test_whether_the_input_includes_what_was_cached_is_the_versions_and_the_providers(
    used: Row, metadata: Row, expected: Counts, read: Read
) -> None:
    read_only = [None if count == 0 else count for count in expected]
    (row,) = read(lines(step(1, used, SAID, providerMetadata=metadata))).rows()
    counts = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    assert [row[each] or None for each in counts] == read_only


def test_where_no_step_says_what_it_used_the_last_ones_metadata_are_not_those_of_all(read: Read) -> None:
    told = {"anthropic": {"usage": {"input_tokens": 10, "cache_read_input_tokens": 90}}}
    assert_holds(read(lines({**LAST, "providerMetadata": told, "totalUsage": TOTAL})), "ai-sdk", [(490, 50, 90, None)])


ANSWERED = {
    "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06", "service_tier": "flex",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "It is."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 40}},
}  # fmt: skip


def test_an_answer_that_is_kept_as_the_provider_wrote_it_is_the_call_that_a_log_of_it_tells(read: Read) -> None:
    asked = {name: ASKED[name] for name in ("model", "messages")}
    response = {"id": "chatcmpl-1", "modelId": "gpt-4o-2024-08-06", "body": ANSWERED}
    kept = step(1, five(100, 20, cachedInputTokens=40), SAID, request={"body": json.dumps(asked)}, response=response)
    (ours,) = read(lines(kept)).rows()
    (theirs,) = read(lines({"request": asked, "response": ANSWERED})).rows()
    assert ours.pop("source") == "ai-sdk"
    assert ours == {name: value for name, value in theirs.items() if name != "source"}


def test_how_long_a_step_took_is_what_the_sdk_measured_else_what_the_provider_says(read: Read) -> None:
    times = {"id": "resp_1", "object": "response", "model": "gpt-5", "created_at": 100, "completed_at": 103}
    body = {**times, "output": [], "usage": {"input_tokens": 100, "output_tokens": 20}}
    kept = {
        **FIRST,
        "request": {"body": {"model": "gpt-5", "input": "Hi"}},
        "response": {"modelId": "gpt-5", "body": body},
    }
    measured = {**kept, "performance": {"responseTimeMs": 2900.5}, "response": {**kept["response"], "id": "resp_2"}}
    assert [row["duration_ms"] for row in read(lines(kept, measured)).rows()] == [3000, 2900.5]


def test_a_sum_is_not_lost_for_the_last_answer_that_stands_beside_it(read: Read) -> None:
    kept = {"id": "r2", "modelId": "gpt-4o", "timestamp": "2026-01-01T00:00:00Z", "body": ANSWERED}
    assert_holds(read(lines({**old(2, four(400, 50)), "response": kept})), "ai-sdk", [(400, 50, None, None)])


def test_what_a_gateway_charged_is_the_reported_cost_and_its_names_say_whose_a_model_is(read: Read) -> None:
    told = {"gateway": {"cost": "0.0000147", "routing": {}}}
    own = step(
        1, five(1, 1), SAID, providerMetadata=told, model={"provider": "gateway", "modelId": "google/gemini-2.5-pro"}
    )
    (row,) = read(lines(own)).rows()
    assert (row["provider"], row["model"]) == ("vercel_ai_gateway", "google/gemini-2.5-pro")
    assert row["reported_cost"] == 14_700_000


def test_a_result_in_a_tracers_row_is_the_tracers() -> None:
    row = {"id": "a", "span_id": "s", "root_span_id": "s", "project_id": "p", "span_attributes": {"type": "llm"},
           "metadata": {"model": "gpt-4o"}, "metrics": {"prompt_tokens": 100, "completion_tokens": 20}}  # fmt: skip
    assert [each.NAME for each in claimants({**row, "output": RUN})] == ["braintrust"]


def test_what_the_provider_searched_is_billed_and_is_no_tool_that_is_called(read: Read) -> None:
    searched = {**CALLED, "toolName": "web_search", "providerExecuted": True}
    broken = {**CALLED, "input": '{"city": '}
    rows = read(lines(step(1, five(1, 1), searched, SAID), step(2, five(1, 1), broken))).rows()
    assert [(row["web_searches"], row["answer_check"]) for row in rows] == [(1, None), (None, "unparsable_tool_call")]
