"""Azure's logs of calls to models: Azure OpenAI's own, API Management's with the bodies inside, and its token log.

Azure OpenAI's diagnostics (`RequestResponse`) hold no tokens: these are estimated from the bytes of request and
response, and said to be so. Gateway rows are read by the format of the API that the body is of. Log Analytics has the
same columns under other names (`TimeGenerated`, `properties_s`). Fields: documentation of Azure Monitor.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from costsim.decode import is_json
from costsim.formats.anthropic import messages as anthropic_messages
from costsim.formats.openai import chat as openai_chat
from costsim.formats.openai import responses as openai_responses
from costsim.formats.providers import azure_rows
from costsim.formats.providers.azure_rows import Properties, Row
from costsim.formats.shared import event_stream, interfaces
from costsim.formats.shared.envelope import word
from costsim.formats.shared.hosts import provider_at
from costsim.formats.shared.numbers import real, whole
from costsim.formats.shared.times import microseconds
from costsim.schema import Call

NAME = "azure-log"
NESTS = True  # the gateway's token log tells again of a request that the gateway's own row tells of
ABOUT = (
    "Azure: API Management's gateway rows with bodies or tokens, Azure OpenAI's `RequestResponse` (estimated by bytes)"
)

_CATEGORIES = {"requestresponse", "gatewaylogs", "gatewayllmlogs", "azureopenairequestusage", "audit", "trace"}
_TELLING = ("backendresponsebody", "responsebody", "prompttokens", "properties_s", "modeldeploymentname")
"""Columns, with or without their type behind, that only these logs have beside a correlation id."""
_OPERATIONS = {"chat": "chat", "embedding": "embedding", "completion": "completion", "response": "chat"}
_BYTES_PER_TOKEN = 4
_BYTES_PER_EVENT = 675
"""Of a stream: an event holds about one token. The median of 16 recorded ones: scripts/fit_stream_bytes.py."""
_HEADERS = 1_024
"""Bytes of a response that are not of its body, about."""
_TICKS_1970 = 621_355_968_000_000_000
"""Of .NET: 100 ns since the year 1."""
_LAST_TICKS = 3_155_378_975_999_999_999

_READERS: dict[str | None, Callable[[bytes], list[Call]]] = {
    interfaces.RESPONSES: openai_responses.read,
    interfaces.MESSAGES: anthropic_messages.read,
}


def claims(record: dict[str, Any]) -> bool:
    """Whether the record is a row of one of these logs, under either of the names that they have."""
    category = str(record.get("category") or record.get("Category") or "").lower()
    names = {str(name).lower() for name in record}
    if category in _CATEGORIES:
        return bool(names & {"properties", "properties_s", "operationname", "correlationid"})
    analytics = "correlationid" in names and "timegenerated" in names
    return analytics and any(name.startswith(_TELLING) for name in names)


def read(record: bytes) -> list[Call]:
    """Return the call of a row; none where the row is about something else than a call of a model."""
    row, properties = azure_rows.read(record)
    if (row.category or "").lower() == "azureopenairequestusage":
        return []  # sums over many calls that other rows tell one by one
    if properties.completion_tokens is not None or properties.prompt_tokens is not None:
        return [_counted(row, properties)]
    url = properties.url or properties.backend_url or ""
    if properties.answer() is not None or url:
        return _through_gateway(row, properties, url)
    return _own(row, properties)


def _counted(row: Row, properties: Properties) -> Call:
    """A row of API Management's log of tokens; a long message makes several of one request."""
    call = Call(
        call_id=row.correlation_id or properties.request_id,
        provider="azure",
        model=properties.model_name or properties.deployment_name,
        requested_model=properties.deployment_name,
        streamed=properties.is_stream,
        input_tokens=properties.prompt_tokens,
        output_tokens=properties.completion_tokens,
        tokens_basis="logged",
    )
    _fill(call, row, properties)
    return call


def _through_gateway(row: Row, properties: Properties, url: str) -> list[Call]:
    """The exchange that passed through the gateway, read as its API's own format would."""
    interface = interfaces.interface_at(url) or interfaces.interface_at(properties.backend_url or "")
    status = properties.response_code or properties.backend_response_code
    asked, answer = properties.question(), properties.answer()
    exchange: dict[str, Any] = {"uri": properties.backend_url or url, "status": status}
    if asked:
        exchange["request"] = _as_it_stands(asked)
    if answer:
        field = "response_text" if event_stream.looks_like_events(answer) else "response"
        exchange[field] = _as_it_stands(answer.strip())
    reader = _READERS.get(interface, openai_chat.read)
    calls = reader(msgspec.json.encode(exchange))
    if interface is not None:
        calls = _with_what_was_cut_off(calls, properties, answer or "")
    for call in calls:
        call.parent_id = row.correlation_id
        if call.call_id is None and row.correlation_id:
            call.call_id = f"{row.correlation_id}/gateway"
        call.provider = provider_at(properties.backend_url) or "azure"
        call.requested_model = call.requested_model or interfaces.last_part(url, "/deployments/")
        call.model = call.model or call.requested_model
        if (properties.cache or "").lower() == "hit":
            call.billed = False  # the gateway answered from its own cache
        _fill(call, row, properties)
        _fill_tags(call, properties)
    return calls


def _with_what_was_cut_off(calls: list[Call], properties: Properties, answer: str) -> list[Call]:
    """The calls with counts by the bytes that went through, where the body does not state them: 8 kB of it are kept."""
    asked, answered = properties.request_size, properties.response_size
    if not answered or any(call.tokens_basis is not None or call.status != "ok" for call in calls):
        return calls
    streamed = event_stream.looks_like_events(answer)
    if calls and answered <= len(answer.encode("utf-8", "replace")) + _HEADERS:
        return calls  # all that was said is there, and can be counted
    return [_estimated(call, asked, answered, streamed=streamed) for call in calls or [Call()]]


def _as_it_stands(body: str) -> msgspec.Raw | str:
    """A body as the object that its text is; any other text as a text, and one with half a character in it."""
    if not body.startswith("{") or "\\ud" in body or "\\uD" in body:
        return body
    encoded = body.encode("utf-8", "replace")
    return msgspec.Raw(encoded) if is_json(encoded) else body


def _own(row: Row, properties: Properties) -> list[Call]:
    """A row of Azure OpenAI's diagnostics."""
    name = (row.operation_name or "").lower()
    operation = next((each for part, each in _OPERATIONS.items() if part in name), None)
    created = "create" in name and not any(part in name for part in ("thread", "assistant", "file", "batch"))
    if operation is None or not created or properties.response_length is None:
        return []
    streamed = (properties.stream_type or "").lower() == "streaming"
    call = Call(provider="azure", operation=operation, streamed=streamed)
    call.requested_model = properties.deployment
    call.model = _model(properties) or properties.deployment
    _fill(call, row, properties)
    call.call_id = f"{row.correlation_id}-{properties.request_time}" if row.correlation_id else None
    call.trace_id = row.correlation_id
    failed = real(row.result_signature)
    if failed is not None and failed >= 400:
        call.status, call.error_type, call.billed = "error", word(row.result_signature), False
        return [call]
    return [_estimated(call, properties.request_length, properties.response_length, streamed=streamed)]


def _estimated(call: Call, asked: float | None, answered: float | None, *, streamed: bool) -> Call:
    call.input_tokens = round((asked or 0) / _BYTES_PER_TOKEN)
    per_token = _BYTES_PER_EVENT if streamed else _BYTES_PER_TOKEN
    call.output_tokens = 0 if call.operation == "embedding" else round((answered or 0) / per_token)
    call.tokens_basis = "estimated"
    return call


def _model(properties: Properties) -> str | None:
    """The model with its version, where that is a date: `2` of an embedding model is no part of its name."""
    name, version = properties.model_name, properties.model_version
    return f"{name}-{version}" if name and version and ("-" in version or len(version) == len("0613")) else name


def _fill(call: Call, row: Row, properties: Properties) -> None:
    start, end = _at(properties.request_time), _at(properties.response_time)
    call.started_at = start or microseconds(row.time) or call.started_at
    measured = [real(each) for each in (row.duration_ms, properties.total_time, properties.backend_time)]
    positive = (each for each in measured if each is not None and each >= 0)  # clocks that disagree give less
    call.duration_ms = (end - start) / 1000 if start and end and end >= start else next(positive, None)
    call.region = (row.location or properties.region or "").lower().replace(" ", "") or call.region
    call.user = call.user or word(properties.user_id)


def _fill_tags(call: Call, properties: Properties) -> None:
    named = (
        ("api", properties.api_id), ("product", properties.product_id), ("subscription", properties.subscription_id),
    )  # fmt: skip
    tags = {name: text for name, value in named if (text := word(value)) is not None}
    call.tags = {**(call.tags or {}), **tags} or None


def _at(ticks: Any) -> int | None:
    """A time in .NET's ticks as UTC microseconds; None where it is none."""
    found = whole(ticks) if isinstance(ticks, int | str) else None
    return (found - _TICKS_1970) // 10 if found is not None and _TICKS_1970 < found < _LAST_TICKS else None
