"""Whatever a record holds, a format reads it, or says that it is broken; nothing else comes out of it."""

import importlib
import pkgutil
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costsim import formats
from costsim.formats import FORMATS, claimants, reader
from costsim.formats.tables.guessing import guess
from costsim.formats.tables.mapping import Mapping
from costsim.formats.wrapped.rearranged import ANSWERED
from costsim.schema import Call, text_of

MODULES = [importlib.import_module(f"costsim.formats.{found.name}") for found in pkgutil.iter_modules(formats.__path__)]
STRUCTS = {
    kind
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
}
NAMES = sorted(
    {name for kind in STRUCTS for name in kind.__struct_encode_fields__ if not name.startswith("at_")}
    | {*Mapping.__struct_fields__, *Call.__struct_fields__, *ANSWERED}
    | {"gen_ai.operation.name", "gen_ai.usage.input_tokens", "gen_ai.input.messages", "gen_ai.prompt.0.content"}
    | {"span_id", "traceID", "spanID", "operationName", "tags", "SpanAttributes", "customDimensions", "localEndpoint"}
    | {"attributes.llm.model_name", "context.span_id", "summary.usage.x.prompt_tokens", "inputs.model", "op_name"}
    | {"resourceLogs", "scopeLogs", "logRecords", "jsonPayload", "_source", "Records", "kinesis", "values", "date"}
    | {"topicPolicyUnits", "sampling_rate", "container_id", "iterations", "cache_creation", "arguments", "postData"}
)
WORDS = [
    "",
    "{}",
    "[]",
    "{",
    "None",
    "True",
    "NaN",
    "1,234",
    "$0.01",
    "http://[",
    "data: {",
    "data: {}",
    "²",
    "1e400",
    "user",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=8)
    | st.datetimes().map(str)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=15,
)
RECORDS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), VALUES, max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=RECORDS)
def test_any_json_object_is_read_or_refused_as_broken(record: dict[str, Any]) -> None:
    claimants(record)
    for log_format in FORMATS.values():
        log_format.claims(record)
        try:
            calls = reader(log_format)(msgspec.json.encode(record))
        except msgspec.DecodeError:
            continue
        for call in calls:
            _assert_sound(call)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=100, deadline=None)
@given(line=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_as_broken(name: str, line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        FORMATS[name].read(b"\x00" + line)
    try:
        FORMATS[name].read(line)
    except msgspec.DecodeError:
        return


@settings(max_examples=50, deadline=None)
@given(record=RECORDS)
def test_a_guess_depends_on_names_alone(record: dict[str, Any]) -> None:
    flat = {name: value for name, value in record.items() if not isinstance(value, dict | str)}
    assert guess(flat) == guess(dict.fromkeys(flat))


def _assert_sound(call: Call) -> None:
    assert call.status in ("ok", "error")
    assert isinstance(call.billed, bool)
    for name in Call.__struct_fields__:
        value = getattr(call, name)
        if name.endswith("_tokens") or name in ("started_at", "reported_cost", "attempt"):
            assert value is None or type(value) is int, name
    assert call.tags is None or all(isinstance(key, str) and isinstance(value, str) for key, value in call.tags.items())
    for message in call.messages or ():
        assert isinstance(message[0], str)
        assert isinstance(text_of(message), str)
