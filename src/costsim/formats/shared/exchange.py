"""Requests and responses side by side, as loggers of HTTP exchanges write them: bare, under `body`, or as JSON text."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from costsim.formats.shared import ai_sdk

_PLATFORM_KEYS = frozenset(
    {
        "call_type", "spend",  # LiteLLM
        "sessionId",  # Claude Code
        "schemaType",  # Bedrock's invocation log
        "full_request", "full_response",  # Vertex's request-response log
        "request_created_at",  # Helicone
        "ai_org", "req_units",  # Portkey
        "run_type", "dotted_order",  # LangSmith
        "span_attributes", "_is_merge",  # Braintrust
        "op_name",  # Weave
        "usageDetails", "usage_details", "parentObservationId",  # Langfuse
        "native_tokens_prompt",  # OpenRouter
        "resourceSpans",  # OpenTelemetry
    }
)  # fmt: skip


def is_platform_row(record: dict[str, Any]) -> bool:
    """Whether a record is a platform's or an SDK's own, which may hold a provider's bodies: its own format reads it."""
    return names_a_platform(record) or ai_sdk.result_in(record) is not None


def names_a_platform(record: dict[str, Any]) -> bool:
    """Whether a record has one of the names that only a platform's rows have."""
    return not _PLATFORM_KEYS.isdisjoint(record)


def answers(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a decoded record that may be a response's body: the logged one, then the record itself."""
    for part in (record.get("response"), record.get("response_body"), record.get("body"), record):
        if isinstance(part, dict):
            inner = part.get("body")
            yield inner if isinstance(inner, dict) else part


def answer_text(record: dict[str, Any]) -> str:
    """Return the beginning of a response that is logged as text, a recorded stream say; '' where none is."""
    response = record.get("response")
    raw = response.get("body_raw") or response.get("body") if isinstance(response, dict) else response
    for text in (record.get("response_text"), record.get("response_body"), raw):
        if isinstance(text, str) and text:
            return text[:2000]
    return ""


def body(part: Any, decode: Callable[[bytes], Any]) -> Any:
    """Return a logged request or response: itself, its `body`, or what its JSON text decodes to, else None."""
    if isinstance(part, str):
        try:
            return decode(part.encode("utf-8", "replace")) if part.lstrip().startswith("{") else None
        except msgspec.DecodeError:
            return None
    inner = getattr(part, "body", None)
    return part if inner is None else inner


def refusal(response: Any) -> str | None:
    """Return the HTTP status of a logged response that tells of a failure, else None."""
    status = getattr(response, "status_code", None)
    return str(status) if status is not None and status >= 400 else None
