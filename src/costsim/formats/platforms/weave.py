"""Weave calls: operations of which those that ask a model are calls; usage is summed up into every one around them.

`summary.usage` is by model, in OpenAI's or Anthropic's words, and an operation that others called has it too; only
operations of a provider's client or of LiteLLM are billed, and of nested ones the inner one. In CSV the usage of each
model is a column for each count (`summary.usage.gpt-4o.prompt_tokens`).
"""

import re
from functools import lru_cache
from typing import Any

import msgspec

from costsim.decode import TolerantDecoder
from costsim.formats.shared import kept_text
from costsim.formats.shared.attributes import encoded, tags_of
from costsim.formats.shared.cells import object_in, plain, reason
from costsim.formats.shared.envelope import NO_RAW, Number, Scalar, word
from costsim.formats.shared.kept_answer import kept_answer
from costsim.formats.shared.kept_request import request_in
from costsim.formats.shared.numbers import trillionths
from costsim.formats.shared.provider_names import provider_named
from costsim.formats.shared.times import microseconds
from costsim.formats.shared.usage import counts_of, put
from costsim.schema import Call

NAME = "weave"
ABOUT = "Weights & Biases Weave: calls (`op_name`, `summary.usage` by model)"
NESTS = True

_CLIENTS = re.compile(
    r"(?:^|/op/)(openai|anthropic|google|vertexai|genai|mistralai|mistral|groq|cohere|litellm|bedrock|"
    r"BedrockRuntime|together|cerebras|huggingface_hub|langchain\.Llm|langchain\.ChatModel)\b",
    re.IGNORECASE,
)  # fmt: skip
_NO_MODEL = ("agent", "runner", "workflow", "evaluat", "scorer")
_FAMILIES = {"genai": "google", "vertexai": "vertex_ai", "mistralai": "mistral", "bedrockruntime": "bedrock"}
_MIDDLE = ("litellm", "langchain.llm", "langchain.chatmodel")
_COLUMN = re.compile(
    r"summary\.(usage|weave\.costs)\.(.+?)\.((?:prompt|completion|input|output)_tokens_details|cache_creation|)\.?(\w+)"
)
_COSTS = ("prompt_tokens_total_cost", "completion_tokens_total_cost")


class Row(msgspec.Struct, gc=False):
    """One call of an operation; in CSV its objects are texts."""

    id: str | None = None
    op_name: str | None = None
    trace_id: str | None = None
    parent_id: str | None = None
    thread_id: Scalar = None
    started_at: Number = None
    ended_at: Number = None
    exception: Any = None
    attributes: Any = None
    inputs: msgspec.Raw = NO_RAW
    output: msgspec.Raw = NO_RAW
    summary: Any = None
    wb_user_id: Scalar = None


row_of = TolerantDecoder(Row).decode


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a call of an operation."""
    kept = any(name.partition(".")[0] in ("summary", "inputs") for name in record)
    return "op_name" in record and "trace_id" in record and kept


def read(record: bytes) -> list[Call]:
    """Return the calls that one operation made itself, one for each model; none where it only called others."""
    row = row_of(record)
    lacks = not row.summary or row.inputs is NO_RAW
    if lacks and (b'"summary.usage.' in record or b'"inputs.' in record):
        _add_columns(row, msgspec.json.decode(record))
    return calls_of(row)


def calls_of(row: Row) -> list[Call]:
    """Return the calls of a row, as `read` does of its JSON."""
    client = client_of(row.op_name or "")
    if client is None:
        return []
    summary = object_in(row.summary)
    usage = {str(model): used for model, used in object_in(summary.get("usage")).items() if isinstance(used, dict)}
    return [_call(row, client, summary, model, used) for model, used in (usage or {"": {}}).items()]


@lru_cache(maxsize=4096)
def client_of(operation: str) -> str | None:
    """Return whose client an operation asks a model with; None where it only calls others that do."""
    client = _CLIENTS.search(operation)
    return None if client is None or any(part in operation.lower() for part in _NO_MODEL) else client[1].lower()


def _add_columns(row: Row, columns: dict[str, Any]) -> None:
    """Put the columns of a CSV's row where JSON has them."""
    summary: dict[str, Any] = {}
    for name, value in columns.items():
        if value in (None, "") or (column := _COLUMN.fullmatch(name)) is None:
            continue
        kind, model, inner, leaf = column.groups()
        holder = (
            summary.setdefault("weave", {}).setdefault("costs", {}) if kind != "usage" else summary.setdefault(kind, {})
        )
        holder = holder.setdefault(model, {})
        (holder.setdefault(inner, {}) if inner else holder)[leaf] = value
    asked = {name.removeprefix("inputs."): value for name, value in columns.items() if name.startswith("inputs.")}
    row.summary = row.summary or summary
    row.inputs = msgspec.Raw(encoded(asked)) if row.inputs is NO_RAW else row.inputs


def _call(row: Row, client: str, summary: dict[str, Any], model: str, used: dict[str, Any]) -> Call:
    given, messages = request_in(row.inputs)
    inputs, answered = object_in(given), kept_answer(row.output)
    asked = inputs.get("model")
    requested = asked if isinstance(asked, str) else None
    told, call = object_in(summary.get("weave")), Call(call_id=row.id)
    call.provider = None if client in _MIDDLE else _FAMILIES.get(client) or provider_named(client)
    call.model, call.requested_model = model or requested, requested
    call.operation = "embedding" if "embed" in (row.op_name or "").lower() else "chat"
    call.trace_id, call.parent_id = row.trace_id, row.parent_id or None
    call.conversation_id, call.user = word(row.thread_id), word(row.wb_user_id)
    call.route = plain(told.get("trace_name")) if row.parent_id else None
    call.tags = (
        tags_of({k: v for k, v in object_in(row.attributes).items() if isinstance(v, str | int | float)}) or None
    )
    _fill_times(call, row)
    if (counts := counts_of(used)) is not None:
        put(call, counts)
    costs = object_in(object_in(told.get("costs")).get(model))
    amounts = [amount for name in _COSTS if (amount := trillionths(costs.get(name))) is not None]
    call.reported_cost = sum(amounts) or None  # 0 is what Weave has for a model that it does not know
    if row.exception:
        call.status, call.error_type = "error", (reason(row.exception) or "error").partition("(")[0]
        call.billed = bool(call.input_tokens or call.output_tokens)
    kept_text.fill(call, inputs, answered.value, messages, answered.said)
    return call


def _fill_times(call: Call, row: Row) -> None:
    start, end = microseconds(row.started_at), microseconds(row.ended_at)
    call.started_at = start
    if start is not None and end is not None and end >= start:
        call.duration_ms = (end - start) / 1000
