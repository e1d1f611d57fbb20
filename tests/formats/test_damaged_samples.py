"""The sample logs with some of their values exchanged for odd ones: what is read of them is sound, or broken."""

import json
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.test_other_producers import SHAPES

from costsim.formats import FORMATS, claimants, reader
from costsim.ingest.containers import documents
from costsim.ingest.containers.json_window import Broken
from costsim.schema import Call

SAMPLES = Path(__file__).parents[2] / "sample_logs" / "formats"


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of a sample that are no broken ones."""
    for path in sorted(folder.glob("*.json*")):
        with suppress(Broken):
            for record, _ in documents.records(BytesIO(path.read_bytes())) if path.name != "expected.json" else ():
                with suppress(ValueError):
                    if isinstance(value := json.loads(bytes(record)), dict):
                        yield value


RECORDS = {folder.name: list(records(folder)) for folder in sorted(SAMPLES.iterdir())}
NAMES = [name for name, found in RECORDS.items() if found]
SHAPED = [(name, row) for name, _, row in SHAPES]
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


def damaged(record: Any, data: st.DataObject) -> Any:
    record = json.loads(json.dumps(record))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(places(record)) or [(record, "x")]))
        holder[key] = json.loads(json.dumps(data.draw(st.sampled_from(ODD))))
    return record


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_odd_values_cost_no_more_than_themselves(name: str, data: st.DataObject) -> None:
    record = damaged(data.draw(st.sampled_from(RECORDS[name])), data)
    for log_format in {each.NAME: each for each in [*claimants(record), FORMATS[name]]}.values():
        try:
            calls = reader(log_format)(json.dumps(record).encode())
        except msgspec.DecodeError as problem:
            raise AssertionError(f"{log_format.NAME} refuses the whole line") from problem
        for call in calls:
            assert_sound(call)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_odd_values_in_other_shapes_cost_no_more_either(data: st.DataObject) -> None:
    name, row = data.draw(st.sampled_from(SHAPED))
    for call in reader(FORMATS[name])(json.dumps(damaged(row, data)).encode()):
        assert_sound(call)
