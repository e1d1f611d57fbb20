"""The Vercel AI SDK: results and the objects of its callbacks, as people dump them (`JSON.stringify`), versions 4 to 7.

Each step of a run is a call. Where the SDK kept the provider's own answer, that is read as the provider's format reads
it; else the step's usage, with what its metadata add. A step that a callback told of comes again in the run's result
under the same response id, so that it is one call. A result without its steps may state their sum, under the id of the
last: it is a call where no step was logged. Shapes and counts: `shared/ai_sdk.py`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.formats.bedrock import runtime as bedrock
from costsim.formats.contract import LogFormat
from costsim.formats.google import gemini
from costsim.formats.openai import chat as openai_chat
from costsim.formats.openai import responses as openai_responses
from costsim.formats.shared import ai_sdk, envelope, exchange, kept_text, tool_calls
from costsim.formats.shared.ai_sdk import part
from costsim.formats.shared.attributes import encoded
from costsim.formats.shared.cells import object_in, plain
from costsim.formats.shared.envelope import Envelope, Scalar
from costsim.formats.shared.numbers import real, trillionths, whole
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import put
from costsim.schema import Call

NAME = "ai-sdk"
SUMS_UP = True
ABOUT = "Vercel AI SDK: results and callbacks as JSON (`steps`, `totalUsage`, `usage` beside `response.modelId`)"

_PROVIDERS: tuple[LogFormat, ...] = (openai_chat, openai_responses, anthropic_messages, gemini, bedrock)
_NOTHING_ANSWERED: dict[str, dict[str, Any]] = {
    "contents": {"candidates": [{"content": {"parts": []}}]},
    "input": {"object": "response", "output": []},
}
"""Name in a request that only one provider's have -> an answer of it without anything, where the log has none."""
_HOSTS = {"gateway": "vercel_ai_gateway", "openrouter": "openrouter", "bedrock": "bedrock", "azure": "azure"}
"""Names in the metadata that say who answered; those of makers of models are there whoever did."""
_OF_ONE = ("duration_ms", "time_to_first_token_ms", "retry_of", "attempt", "quality", "reported_cost")
"""What stands beside a run and is of the whole of it: of a call where the run is one."""
_OF_EACH = ("route", "user", "conversation_id", "trace_id", "parent_id", "region", "tags", "started_at", "provider")
_COSTS = ("reported_cost", "cost_usd", "total_cost_usd", "usd_cost", "total_cost", "cost")
_ASKED = ("messages", "prompt", "input")
_TEXTS = ("metadata", "tags")
_SEARCH = "web_search"
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


class Line(Envelope, gc=False):
    """What stands beside a result, in whichever case."""

    model: Scalar = None
    model_id: Scalar = None


_line = TolerantDecoder(Line).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is or holds a result of the SDK or a step of one; a tracer's row that does is the tracer's."""
    found = ai_sdk.result_in(record)
    return found is not None and (found is record or not exchange.names_a_platform(record))


def read(record: bytes) -> list[Call]:
    """Return the call of each step; one for all of them where no step says what it used."""
    row = _plain(record)
    if (result := ai_sdk.result_in(row)) is None:
        return []
    steps, is_sum = ai_sdk.steps_of(result)
    around = _around(row)
    found: list[Call] = []
    for place, step in enumerate(steps):
        body = object_in(part(step.get("request")).get("body"))
        calls = [] if is_sum else _as_the_provider_says(step, body)
        metadata = _metadata(step)
        if is_sum:  # that of the last step, of which the names are true of all
            metadata = {name: {} for name in metadata}
        calls = calls or [_as_the_sdk_says(step, body, metadata, _asked(row) if place == 0 else None)]
        _fill_step(calls[0], step, metadata)
        calls[0].trace_id = plain(step.get("callId")) or plain(result.get("callId"))
        if is_sum:
            calls[0].parent_id = calls[0].trace_id or calls[0].call_id
        for each in calls:
            _fill_around(each, around, is_alone=len(steps) == 1)
            if not is_sum and each.parent_id in (each.trace_id, each.call_id):  # which would say that it is a sum
                each.parent_id = None
        found += calls
    return found


def _plain(record: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(record)
    except UnicodeDecodeError:
        found = msgspec.json.decode(record.decode("utf-8", "replace"))
    return part(found)


def _as_the_provider_says(step: dict[str, Any], asked: dict[str, Any]) -> list[Call]:
    """The calls of a step whose answer is there as the provider wrote it; none where it is not, or no usage in it.

    Nor where the step's usage is more than that: it is the sum of a result of which the steps were not logged.
    """
    answered = part(step.get("response")).get("body")
    calls = _read_pair(asked, answered) if isinstance(answered, dict) else []
    if not calls or any(call.input_tokens is None for call in calls):
        return []
    used = sum(call.output_tokens or 0 for call in calls)
    return calls if used >= (ai_sdk.counts_in(step.get("usage")).output or 0) else []


def _read_pair(asked: dict[str, Any], answered: dict[str, Any]) -> list[Call]:
    pair = {"request": asked, "response": answered} if asked else {"response": answered}
    log_format = next((each for each in _PROVIDERS if each.claims(pair)), None)
    return log_format.read(encoded(pair)) if log_format is not None else []


def _as_the_sdk_says(step: dict[str, Any], body: dict[str, Any], metadata: dict[str, Any], asked: Any) -> Call:
    """The call of a step by the SDK's own usage; `asked` is what was logged beside it, where it has no request."""
    name = next((each for each in _NOTHING_ANSWERED if each in body and "messages" not in body), None)
    call = next(iter(_read_pair(body, _NOTHING_ANSWERED[name])), Call()) if name is not None else Call()
    call.call_id = call.model = None
    if name is None and (given := body or _messages(part(step.get("request"))) or asked):
        kept_text.fill(call, given, None)
        call.has_tools = call.has_tools if body else None  # messages alone do not tell
    _fill_answer(call, step)
    counts = ai_sdk.counts_in(step.get("usage"))
    ai_sdk.add_metadata(counts, metadata, is_inclusive=bool(counts.includes_cached))
    put(call, counts)
    call.requested_model = plain(body.get("model"))
    return call


def _metadata(step: dict[str, Any]) -> dict[str, Any]:
    return part(step.get("providerMetadata")) or part(step.get("experimental_providerMetadata"))


def _messages(request: dict[str, Any]) -> Any:
    """What version 7 keeps of a request instead of its body."""
    return {"messages": request["messages"]} if request.get("messages") else None


def _asked(row: dict[str, Any]) -> Any:
    name = next((each for each in _ASKED if isinstance(row.get(each), str | list) and row[each]), None)
    if name is None:
        return None
    said = row[name] if isinstance(row[name], list) else [{"role": "user", "content": row[name]}]
    return {"messages": said, "system": row.get("system")}


def _fill_answer(call: Call, step: dict[str, Any]) -> None:
    """The text that a step wrote, else its object, else the tools that it calls.

    The SDK has parsed their arguments; a text is what it could not parse.
    """
    parts = _objects(step.get("content"))
    called = [each for each in parts if each.get("type") == "tool-call"] if parts else _objects(step.get("toolCalls"))
    done = [each for each in called if each.get("providerExecuted")]  # by the provider, and billed by it
    called = [each for each in called if each not in done]
    text = "".join(each["text"] for each in parts if each.get("type") == "text" and isinstance(each.get("text"), str))
    call.answer = text or plain(step.get("text")) or None
    if call.answer is None and (said := step.get("object") or called):
        call.answer = encoded(said).decode("utf-8", "replace")
    if "object" in step:
        call.wants_json = True
    call.answer_has_tool_calls = bool(called)
    arguments = (each.get("input", each.get("args")) for each in called)
    call.answer_check = tool_calls.worst(tool_calls.of_arguments(msgspec.Raw(encoded(each))) for each in arguments)
    call.web_searches = sum(str(each.get("toolName")).startswith(_SEARCH) for each in done) or None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _fill_step(call: Call, step: dict[str, Any], metadata: dict[str, Any]) -> None:
    """What a step says of itself, whoever wrote its answer down."""
    response, asked = part(step.get("response")), part(step.get("model"))
    call.call_id = plain(response.get("id")) or call.call_id
    call.started_at = microseconds(response.get("timestamp")) or call.started_at
    call.model = call.model or plain(response.get("modelId")) or plain(asked.get("modelId"))
    call.requested_model = call.requested_model or plain(asked.get("modelId"))
    call.finish_reason = call.finish_reason or plain(step.get("finishReason"))
    if (took := real(part(step.get("performance")).get("responseTimeMs"))) is not None:
        call.duration_ms = took
    host = next((name for each, name in _HOSTS.items() if each in metadata), None)
    named = provider_named(plain(asked.get("provider")))
    call.provider = _HOSTS.get(named or "", named) or host or call.provider
    if call.provider == _HOSTS["gateway"] and "/" not in (call.model or ""):  # its own names say whose a model is
        call.model = call.requested_model if "/" in (call.requested_model or "") else call.model
    for facts in _facts(metadata, step):
        call.service_tier = call.service_tier or plain(facts.get("serviceTier")) or plain(facts.get("service_tier"))
        searched = whole(part(facts.get("server_tool_use")).get("web_search_requests"))
        call.web_searches = searched or call.web_searches
    charged = part(metadata.get("gateway")).get("cost", part(part(metadata.get("openrouter")).get("usage")).get("cost"))
    call.reported_cost = trillionths(charged) or call.reported_cost


def _facts(metadata: dict[str, Any], step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for facts in metadata.values():
        yield part(facts)
        yield part(part(facts).get("usage"))
    yield part(part(step.get("usage")).get("raw"))


def _around(row: dict[str, Any]) -> Call:
    """What stands beside a result, as a call that has nothing else."""
    stated = ((name, value) for name, value in row.items() if name in _TEXTS or not isinstance(value, dict | list))
    spelled = {_in_snake_case(name): value for name, value in stated}
    line, call = _line(encoded(spelled)), Call()
    envelope.fill(call, line)
    call.model = envelope.word(line.model) or envelope.word(line.model_id)
    call.reported_cost = next((cost for name in _COSTS if (cost := trillionths(spelled.get(name))) is not None), None)
    return call


@lru_cache(1024)
def _in_snake_case(name: str) -> str:
    return _HUMP.sub(lambda hump: "_" + hump[1].lower(), name)


def _fill_around(call: Call, around: Call, *, is_alone: bool) -> None:
    call.model = call.model or around.model
    for name in (*_OF_EACH, *_OF_ONE) if is_alone else _OF_EACH:
        if getattr(call, name) is None:
            setattr(call, name, getattr(around, name))
