"""The sample logs with some of their values exchanged for odd ones: what is read of them is sound, or broken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costsim.formats import FORMATS
from costsim.schema import Call

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"
NAMES = (
    "openai-chat", "openai-responses", "openai-batch", "anthropic-batch", "gemini", "vertex-log", "bedrock",
    "bedrock-log", "azure-log", "cohere", "ollama",
)  # fmt: skip
RECORDS = {
    name: [json.loads(line) for path in (SAMPLES / name).glob("*.jsonl") for line in path.read_text().splitlines()]
    for name in NAMES
}
ODD: list[Any] = [None, True, -1, 3.5, 2**70, "", "x", "{}", "data: {}", [], {}, [1], [None], [[]], {"a": 1}]
WHOLE = {"started_at", "attempt", "web_searches", "file_searches", "map_searches", "reported_cost"}
WORDS = {
    "call_id", "model", "requested_model", "provider", "service_tier", "region", "finish_reason", "error_type",
    "conversation_id", "trace_id", "parent_id", "user", "route",
}  # fmt: skip


def places(value: Any, holder: Any = None, key: Any = None) -> Iterator[tuple[Any, Any]]:
    if holder is not None:
        yield holder, key
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for each, item in inner:
        yield from places(item, value, each)


def assert_sound(call: Call) -> None:
    for name in call.__struct_fields__:
        value = getattr(call, name)
        if name in WHOLE or name.endswith("_tokens"):
            assert value is None or type(value) is int, name
        assert name not in WORDS or value is None or isinstance(value, str), name


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_odd_values_cost_no_more_than_themselves(name: str, data: st.DataObject) -> None:
    record = json.loads(json.dumps(data.draw(st.sampled_from(RECORDS[name]))))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(places(record)) or [(record, "x")]))
        holder[key] = json.loads(json.dumps(data.draw(st.sampled_from(ODD))))
    for log_format in FORMATS.values():
        claimed = log_format.claims(record)
        if claimed or name == log_format.NAME:
            try:
                calls = log_format.read(json.dumps(record).encode())
            except msgspec.DecodeError as problem:
                raise AssertionError(f"{log_format.NAME} refuses the whole line") from problem
            for call in calls:
                assert_sound(call)
