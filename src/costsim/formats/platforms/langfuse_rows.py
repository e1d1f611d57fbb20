"""The rows that Langfuse exports, as typed structs: its API's camelCase, and the snake_case of its batch exports."""

from typing import Any, cast, get_type_hints

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared.envelope import NO_RAW, Number, Scalar

Details = dict[str, Any] | str | None
"""Counts or costs by kind; in CSV a text of it."""


class Observation(msgspec.Struct, rename="camel", gc=False):
    """One observation: a generation, or a span around some."""

    id: str | None = None
    trace_id: str | None = None
    parent_observation_id: str | None = None
    type: str | None = None
    name: str | None = None
    start_time: Number = None
    end_time: Number = None
    completion_start_time: Number = None
    latency: Number = None
    time_to_first_token: Number = None
    level: str | None = None
    status_message: str | None = None
    model: str | None = None
    provided_model_name: str | None = None
    model_parameters: Details = None
    usage_details: Details = None
    provided_usage_details: Details = None
    usage: Details = None
    unit: str | None = None
    input_usage: Number = None
    output_usage: Number = None
    prompt_tokens: Number = None
    completion_tokens: Number = None
    total_tokens: Number = None
    cost_details: Details = None
    provided_cost_details: Details = None
    total_cost: Number = None
    calculated_total_cost: Number = None
    input: msgspec.Raw = NO_RAW
    output: msgspec.Raw = NO_RAW
    metadata: msgspec.Raw = NO_RAW
    tool_definitions: msgspec.Raw = NO_RAW
    tool_call_names: Any = None
    environment: str | None = None
    version: str | None = None
    prompt_name: str | None = None
    trace_name: str | None = None
    user_id: Scalar = None
    session_id: Scalar = None
    tags: Any = None
    trace_tags: Any = None
    observations: msgspec.Raw = NO_RAW
    """Of a trace, which is no observation itself."""


class Score(msgspec.Struct, rename="camel", gc=False):
    """A score that somebody gave to an observation, or to the trace as a whole."""

    observation_id: str | None = None
    value: Any = None


class Trace(msgspec.Struct, rename="camel", gc=False):
    """What all observations of a trace share."""

    id: str | None = None
    name: str | None = None
    user_id: Scalar = None
    session_id: Scalar = None
    environment: str | None = None
    release: str | None = None
    tags: Any = None
    scores: list[Score] | None = None
    observations: list[Observation] | None = None


class Download(Trace, gc=False):
    """What the UI downloads: the trace apart; the API puts the observations into the trace."""

    trace: Trace | None = None


_Exported = cast(
    "type[Observation]",
    msgspec.defstruct(
        "Exported",
        [(name, kind, NO_RAW if kind is msgspec.Raw else None) for name, kind in get_type_hints(Observation).items()],
        gc=False,
    ),
)
"""An observation by the names of batch exports, which are those of the struct itself."""

read_download = TolerantDecoder(Download).decode
read_observation = TolerantDecoder(Observation).decode
read_exported = TolerantDecoder(_Exported).decode
