"""Whatever a record holds, a format reads it, or says that it is broken; nothing else comes out of it."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costsim.formats import (
    FORMATS,
    azure_rows,
    bedrock,
    bedrock_log,
    bedrock_rows,
    braintrust,
    cohere_rows,
    gemini_rows,
    helicone,
    langsmith,
    mlflow,
    ollama,
    openrouter,
    otel_rows,
    portkey,
    responses_rows,
    vertex_log,
    weave,
)
from costsim.formats.guessing import guess
from costsim.formats.langfuse_rows import Observation, Trace
from costsim.formats.litellm_rows import Metadata, Row, Usage
from costsim.formats.mapping import Mapping
from costsim.schema import Call, text_of

PROVIDERS = (
    responses_rows.Line, responses_rows.Response, responses_rows.Usage, responses_rows.Item, gemini_rows.CamelLine,
    gemini_rows.CamelResponse, gemini_rows.Usage, gemini_rows.Candidate, bedrock.Line, bedrock_rows.Event,
    bedrock_rows.Usage, bedrock_rows.Block, bedrock_log.Entry, bedrock_log.Side, vertex_log.Row, azure_rows.Row,
    azure_rows.Properties, cohere_rows.Line, cohere_rows.Response, cohere_rows.Event, ollama.Answer, ollama.Request,
)  # fmt: skip
PLATFORMS = (
    braintrust.Row, helicone.Row, langsmith.Sent, mlflow.Trace, mlflow.RawSpan, openrouter.Generation, portkey.Row,
    weave.Row, Observation, Trace, otel_rows.Export, otel_rows.ResourceSpans, otel_rows.ScopeSpans, otel_rows.RawSpan,
    otel_rows.Pair, otel_rows.Value, otel_rows.PlainSpan,
)  # fmt: skip
NAMES = sorted(
    {*Row.__struct_encode_fields__, *Metadata.__struct_encode_fields__, *Usage.__struct_encode_fields__}
    | {*Mapping.__struct_fields__, *Call.__struct_fields__}
    | {name for kind in PROVIDERS for name in kind.__struct_encode_fields__}
    | {name for each in PLATFORMS for name in each.__struct_encode_fields__}
    | {
        "gen_ai.operation.name",
        "gen_ai.usage.input_tokens",
        "gen_ai.input.messages",
        "gen_ai.prompt.0.content",
        "span_id",
    }
    | {
        "request",
        "response",
        "request_body",
        "response_body",
        "body",
        "response_text",
        "error",
        "usage",
        "choices",
    }
    | {
        "message",
        "delta",
        "content",
        "role",
        "type",
        "text",
        "input",
        "output",
        "url",
        "uri",
        "response_headers",
        "date",
    }
    | {
        "input_tokens_details",
        "prompt_tokens_details",
        "iterations",
        "cache_creation",
        "arguments",
        "timestamp",
        "created",
    }
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
    for log_format in FORMATS.values():
        log_format.claims(record)
        try:
            calls = log_format.read(msgspec.json.encode(record))
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
