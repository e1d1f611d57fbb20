"""Lines read many at a time give the calls that they give one by one."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costsim.formats.openai import chat as openai_chat
from costsim.formats.shared.times import many_microseconds, microseconds
from costsim.schema import DEFAULTS, Call, ManyCalls

Line = dict[str, Any]

USUAL: Line = {
    "timestamp": "2026-10-01T00:00:00.000+00:00",
    "route": "triage", "user": "u_1", "session_id": "s_1", "status": 200, "duration_ms": 12, "tags": {"team": "blue"},
    "request": {
        "model": "gpt-5.5", "temperature": 0, "max_completion_tokens": 64,
        "messages": [
            {"role": "system", "content": "Caf\u00e9 rules."},
            {"role": "user", "content": "Sort \"this\"\n"},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "f"}}]},
            {"role": "tool", "content": "found", "tool_call_id": "c"},
        ],
    },
    "response": {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1790812800, "model": "gpt-5.5-2026-04-23",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "billing"}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64},
            "completion_tokens_details": {"reasoning_tokens": 3},
        },
        "service_tier": "default",
    },
}  # fmt: skip

_TIMES = (
    "2026-10-01",
    "2026-10-01T10:00:00Z",
    "2026-10-01 10:00:00.123456789Z",
    1790812800,
    "1790812800123",
    0,
    "",
    "x",
)
_PARTS = ([{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {}}], [{"type": "input_audio"}])
_TEXTS = ("plain", "", '\n\t{"a": 1}', "```py\nx```", "\u00e9\U0001f600", "\ud800", 5, *_PARTS)
_CALLED: tuple[list[Any], ...] = (
    [],
    *([{"id": "x", "function": {"name": "f", "arguments": a}}] for a in ("{}", '{"a":')),
)
_REQUEST, _RESPONSE, _CHOICE = ("request",), ("response",), ("response", "choices", 0)
_ODDITIES: tuple[tuple[tuple[str | int, ...], tuple[Any, ...]], ...] = (
    *(((name,), _TIMES) for name in ("timestamp", "time", "created_at", "@timestamp", "startTime")),
    (("response_headers",), ({"date": "Thu, 01 Oct 2026 00:00:00 GMT"},)),
    *(((name,), ("n", "", 7, 0, True, {"id": 1})) for name in ("user", "user_id", "session_id", "thread_id")),
    *(((name,), ("r", "", 5)) for name in ("route", "workflow", "endpoint", "provider", "region", "retry_of")),
    *(((name,), ("https://api.openai.com/v1", "")) for name in ("url", "uri")),
    *(((name,), (200, 429, "200", "error", 200.0, True)) for name in ("status", "status_code")),
    *(((name,), ("blue", "", 0)) for name in ("team", "environment")),
    *((path, ({"k": "v"}, ["a", "b:c"], "x,y=z", {})) for path in (("tags",), ("metadata",), (*_REQUEST, "metadata"))),
    *(((name,), (5.5, 0, "12")) for name in ("latency_ms", "duration_ms", "ttft_ms", "quality", "score", "attempt")),
    *(((name,), ("x", {"type": "t", "code": "c"})) for name in ("error", "custom_id", "response_text", "request_id")),
    (_REQUEST, ("text", {"messages": []})),
    ((*_REQUEST, "body"), ({"model": "m"},)),
    *(((*_REQUEST, name), ("u", "", 3)) for name in ("model", "user", "safety_identifier", "messages")),
    *(((*_REQUEST, name), (7, 0, 0.5, True)) for name in ("max_tokens", "max_completion_tokens", "stream")),
    ((*_REQUEST, "response_format"), ({"type": "json_schema"}, {"type": "text"})),
    *(((*_REQUEST, name), ([], [{"name": "f"}])) for name in ("tools", "functions")),
    *(((*_REQUEST, "messages", at, "content"), _TEXTS) for at in range(4)),
    *(((*_REQUEST, "messages", at, "role"), ("developer", "user", "assistant", "alien")) for at in range(4)),
    ((*_REQUEST, "messages", 1, "tool_calls"), _CALLED),
    (_RESPONSE, ("text", '{"id": "s", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}')),
    *(((*_RESPONSE, name), ("x", "", 5, {"code": 5})) for name in ("id", "model", "service_tier", "error", "created")),
    ((*_RESPONSE, "status_code"), (200, 502)),
    ((*_RESPONSE, "body"), ({"id": "in", "usage": {"prompt_tokens": 1}},)),
    *(((*_RESPONSE, "usage", name), (7, 0, -5, 10**22, "77", 7.0)) for name in ("prompt_tokens", "completion_tokens")),
    *(((*_RESPONSE, "usage", f"{name}_tokens"), (8, 0)) for name in ("prompt_cache_hit", "cached", "num_cached")),
    ((*_RESPONSE, "usage", "prompt_tokens_details"), ({}, {"audio_tokens": 3, "image_tokens": 1, "cached_tokens": 0})),
    ((*_RESPONSE, "usage", "prompt_tokens_details", "cache_creation_tokens"), (2, 0)),
    ((*_RESPONSE, "usage", "prompt_tokens_details", "cache_creation_input_tokens"), (3, 0)),
    ((*_RESPONSE, "usage", "prompt_token_details"), ({"cached_tokens": 2}, 5)),
    *(((*_RESPONSE, "usage", f"cache_{kind}_input_tokens"), (8, 0, 99, "4")) for kind in ("read", "creation")),
    *(((*_RESPONSE, "usage", name), (0.0123, 0, True)) for name in ("cost", "is_byok")),
    ((*_RESPONSE, "usage", "server_tool_use_details"), ({"web_search_requests": 2}, {}, 5)),
    ((*_RESPONSE, "id"), ("gen-1",)),
    ((*_RESPONSE, "choices"), ([], [{"message": {"content": "a"}}, {"message": {"content": "b"}}])),
    *(((*_CHOICE, name), ("t", {"content": "d"})) for name in ("text", "delta", "message", "finish_reason")),
    ((*_CHOICE, "message", "content"), _TEXTS),
    *(((*_CHOICE, "message", name), _CALLED) for name in ("tool_calls", "function_call")),
    ((*_CHOICE, "message", "refusal"), ("I cannot help with that.",)),
)  # fmt: skip
_ODDITY = st.sampled_from(_ODDITIES).flatmap(
    lambda oddity: st.tuples(st.just(oddity[0]), st.sampled_from((*oddity[1], None)))
)


def _changed(path: tuple[str | int, ...], value: Any, line: Line) -> None:
    """Set what stands at the path, as far as an earlier change has left it."""
    part: Any = line
    for key in path[:-1]:
        listed = part[int(key)] if isinstance(part, list) and part else None
        part = part.get(key) if isinstance(part, dict) else listed
    if isinstance(part, dict):
        part[path[-1]] = value


@st.composite
def _lines(draw: st.DrawFn) -> bytes:
    line = deepcopy(USUAL)
    for path, value in draw(st.lists(_ODDITY, max_size=3)):
        _changed(path, value, line)
    return json.dumps(line, separators=draw(st.sampled_from([(", ", ": "), (",", ":")]))).encode()


def _one(calls: ManyCalls, place: int) -> Call:
    first = sum(calls.messages[:place])
    places = range(first, first + calls.messages[place])
    call = Call(**{name: calls.column(name)[place] for name in DEFAULTS})
    call.messages = [(calls.roles[at], calls.texts[at]) for at in places]
    return call


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_lines(), max_size=5))
def test_whatever_is_taken_as_usual_is_what_it_is_when_read_alone(lines: list[bytes]) -> None:
    calls, places = openai_chat.read_lines(lines)
    assert calls.count == len(places)
    for at, place in enumerate(places):
        assert [_one(calls, at)] == openai_chat.read(lines[place])


def test_usual_lines_are_taken_and_broken_ones_left() -> None:
    line = json.dumps(USUAL).encode()
    calls, places = openai_chat.read_lines([b"", line, b"\xff", line[:-9], b"[" * 5000, line])
    assert (calls.count, places) == (2, [1, 5])


_MOMENTS = st.datetimes(timezones=st.none() | st.timezones()).map(str) | st.datetimes().map(
    lambda when: when.isoformat(timespec="milliseconds") + "Z"
)


@given(
    st.lists(_MOMENTS | st.text(max_size=12) | st.just("2026-10-01") | st.none() | st.integers(0, 2**62), max_size=3)
)
def test_many_times_are_the_times_one_by_one(times: list[Any]) -> None:
    assert many_microseconds(times) == [microseconds(when) for when in times]
