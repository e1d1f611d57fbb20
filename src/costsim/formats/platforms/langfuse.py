"""Langfuse: a trace as the UI downloads it or the API returns it, and observations as API, JSONL or CSV export them.

Generations and embeddings are calls; spans, agents, tools and chains only contain some, and where a generation is
wrapped by another one for the same call, the inner one counts. `usage_details` add up to their total: what is cached
and what was reasoned stands beside `input` and `output`, but in rows of older integrations inside; the total tells.
"""

from functools import lru_cache
from typing import Any

from costsim.formats.platforms.langfuse_rows import Observation, Trace, read_download, read_exported, read_observation
from costsim.formats.shared import kept_text, usage_details
from costsim.formats.shared.attributes import tags_of, value_of
from costsim.formats.shared.cells import opened, reason
from costsim.formats.shared.envelope import NO_RAW, word
from costsim.formats.shared.kept_answer import kept_answer
from costsim.formats.shared.kept_request import request_in
from costsim.formats.shared.numbers import real
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.spans import Span, each_once
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import put
from costsim.schema import Call

NAME = "langfuse"
ABOUT = "Langfuse: a trace with `observations`, or observations (`traceId`, `usageDetails`) as JSONL or CSV"
NESTS = True

_OPERATIONS = {"generation": "chat", "embedding": "embedding"}
_OWN = ("usageDetails", "parentObservationId", "completionStartTime", "modelParameters", "calculatedTotalCost")
_EXPORTED = ("usage_details", "parent_observation_id", "provided_model_name")
_PROVIDERS = ("gen_ai.provider.name", "gen_ai.system", "ai.model.provider", "llm.provider", "llm.system", "ls_provider")
_REQUESTED = ("gen_ai.request.model", "ai.model.id", "ls_model_name")


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a trace with observations, or one observation, in either spelling."""
    observations = record.get("observations")
    if isinstance(observations, list):
        first = next((each for each in observations if isinstance(each, dict)), {})
        return "trace" in record or "traceId" in first or "parentObservationId" in first
    if "traceId" in record:
        return any(name in record for name in _OWN)
    return "trace_id" in record and any(name in record for name in _EXPORTED)


def read(record: bytes) -> list[Call]:
    """Return the calls of a trace, each once, or the call of one observation."""
    row = read_observation(record)
    if row.observations is not NO_RAW or (row.trace_id is None and b'"observations"' in record):
        download = read_download(record)
        trace = download.trace or download
        if (rows := download.observations or trace.observations) is not None:
            return _of_trace(trace, rows)
    if row.trace_id is None:
        row = read_exported(record)
    return calls_of(row, Trace())


def calls_of(row: Observation, trace: Trace) -> list[Call]:
    """Return the call of an observation of a trace; none where it only contains some."""
    return [_call(row, trace)] if _operation(row) else []


def _of_trace(trace: Trace, rows: list[Observation]) -> list[Call]:
    parents = {row.id: row.parent_observation_id for row in rows if row.id is not None}
    spans = [Span(_call(row, trace), row.id, row.parent_observation_id) for row in rows if _operation(row)]
    if not spans:
        return []
    calls = each_once(spans, parents)
    scores = {score.observation_id: real(score.value) for score in trace.scores or () if score.observation_id}
    for call in calls:
        call.quality = scores.get(call.call_id or "")
    return calls


def _operation(row: Observation) -> str | None:
    if row.type is None:  # a table of generations alone
        return "chat" if row.model or row.provided_model_name else None
    return _OPERATIONS.get(row.type.lower())


def _call(row: Observation, trace: Trace) -> Call:
    call = Call(
        call_id=row.id,
        model=row.provided_model_name or row.model,
        operation=_operation(row) or "chat",
        trace_id=row.trace_id or trace.id,
        parent_id=row.parent_observation_id or None,
        conversation_id=word(trace.session_id) or word(row.session_id),
        user=word(trace.user_id) or word(row.user_id),
        route=trace.name or row.trace_name or row.prompt_name or None,
    )
    _fill_times(call, row)
    _fill_usage(call, row)
    _fill_outcome(call, row)
    if row.metadata is not NO_RAW and (metadata := value_of(row.metadata)) and isinstance(metadata, dict):
        _fill_metadata(call, metadata)
    given = opened(trace.tags) or opened(row.trace_tags) or opened(row.tags)
    if isinstance(given, list) and all(tag.__class__ is str for tag in given):  # as a rule
        call.tags = _tags(tuple(given), row.environment or trace.environment, trace.release)
    else:
        call.tags = _named(tags_of(given), row.environment or trace.environment, trace.release)
    _fill_text(call, row)
    return call


@lru_cache(maxsize=4096)
def _tags(given: tuple[str, ...], environment: str | None, release: str | None) -> dict[str, str] | None:
    """The tags of equal sets are one object: a log has few of them."""
    return _named(tags_of(list(given)), environment, release)


def _named(tags: dict[str, str], environment: str | None, release: str | None) -> dict[str, str] | None:
    named = {"environment": environment, "release": release}
    return {**tags, **{name: value for name, value in named.items() if value}} or None


def _fill_times(call: Call, row: Observation) -> None:
    start, end = microseconds(row.start_time), microseconds(row.end_time)
    first = microseconds(row.completion_start_time)
    call.started_at = start
    if start is not None and end is not None and end >= start:
        call.duration_ms = (end - start) / 1000
    elif (seconds := real(row.latency)) is not None:
        call.duration_ms = seconds * 1000
    if start is not None and first is not None and first >= start:
        call.time_to_first_token_ms = (first - start) / 1000
    elif (seconds := real(row.time_to_first_token)) is not None:
        call.time_to_first_token_ms = seconds * 1000


def _fill_usage(call: Call, row: Observation) -> None:
    for details in (row.usage_details, row.provided_usage_details, row.usage):
        given = opened(details) if details else None
        if isinstance(given, dict) and _in_tokens(row, given) and (found := usage_details.counts(given)) is not None:
            put(call, found)
            break
    else:
        asked, spoken = _either(row.input_usage, row.prompt_tokens), _either(row.output_usage, row.completion_tokens)
        if (asked or spoken) and _in_tokens(row, {}):
            found = usage_details.counts({"input": asked, "output": spoken})
            if found is not None and (found.input or found.output):
                put(call, found)
    costs = opened(row.cost_details) or opened(row.provided_cost_details)
    total = _either(row.total_cost, row.calculated_total_cost)
    if costs or total is not None:
        call.reported_cost = usage_details.cost(costs if isinstance(costs, dict) else None, total)
    if not call.reported_cost and (call.input_tokens is None or opened(row.cost_details) == {}):
        call.reported_cost = None  # 0 is what Langfuse has where it knows no usage, or no price


def _in_tokens(row: Observation, given: dict[str, Any]) -> bool:
    """Whether counts are of tokens; before 3.0 there were characters, seconds and images too."""
    return str(row.unit or given.get("unit") or "TOKENS").upper() == "TOKENS"


def _either(first: Any, second: Any) -> Any:
    return second if first is None or first == "" else first


def _fill_outcome(call: Call, row: Observation) -> None:
    if (row.level or "").upper() == "ERROR":
        call.status, call.error_type = "error", reason(row.status_message) or "error"
        call.billed = bool(call.input_tokens or call.output_tokens)


def _fill_metadata(call: Call, metadata: dict[str, Any]) -> None:
    """What integrations keep as metadata: the attributes of OpenTelemetry, or LangChain's own."""
    attributes = opened(metadata.get("attributes"))
    known = {**metadata, **attributes} if isinstance(attributes, dict) else metadata
    for name in _PROVIDERS:
        if isinstance(known.get(name), str) and call.provider is None:
            call.provider = provider_named(known[name])
    requested = next((known[name] for name in _REQUESTED if isinstance(known.get(name), str)), None)
    call.requested_model = requested
    for name in ("session_id", "thread_id", "gen_ai.conversation.id"):
        if call.conversation_id is None and isinstance(known.get(name), str):
            call.conversation_id = known[name]


def _fill_text(call: Call, row: Observation) -> None:
    parameters = opened(row.model_parameters)
    if isinstance(parameters, dict):
        kept_text.fill_parameters(call, parameters)
        finish = parameters.get("finishReason") or parameters.get("finish_reason")
        call.finish_reason = finish if isinstance(finish, str) else None
    answered = kept_answer(row.output)
    given, messages = request_in(row.input)
    kept_text.fill(call, given, answered.value, messages, answered.said)
    call.answer_has_tool_calls |= bool(opened(row.tool_call_names))
    if row.tool_definitions is not NO_RAW and not call.tool_definitions and (tools := value_of(row.tool_definitions)):
        call.tool_definitions = len(str(tools))
        call.has_tools = True
