"""What shows, in the log alone, that a call was not good enough: how an escalation would have been decided."""

from costsim.policies.columns import Bools, Columns
from costsim.schema import ANSWER_CHECKS, FINE

COLUMNS = ("status", "finish_reason", "answer_check", "error_type", "quality", "asked_again_ms")

LEAST_QUALITY = 0.5
"""A score below this is a failure: half of the way between a thumb down and a thumb up."""

SOON_MS = 300_000
"""The same prompt in the same conversation within five minutes: the answer before was no use."""

CUT_OFF = {"length", "max_tokens", "max_output_tokens", "incomplete", "model_context_window_exceeded"}
BROKEN = {"malformed_function_call", "malformed_tool_use", "malformed_model_output"}
"""What Gemini and Bedrock say of a tool call that did not parse; others hand it over as it is (`answer_check`)."""
REFUSED = {"refusal", "content_filter", "safety", "recitation", "blocklist", "prohibited_content", "spii",
           "content_filtered", "guardrail_intervened"}  # fmt: skip

_BAD: set[str | None] = {each for each in ANSWER_CHECKS if each != FINE}

TIMEOUT, RATE_LIMIT = "timeout", "rate_limit"
_TIMEOUTS = ("timeout", "timed out", "deadline", "408", "504")
_RATE_LIMITS = ("rate", "429", "quota", "overloaded", "529", "resource_exhausted", "throttl")


def ended_in(columns: Columns, reasons: set[str]) -> Bools:
    """Return which calls ended for one of these reasons, in whatever case a provider writes it."""
    return columns.of_word("finish_reason", lambda reason: (reason or "").lower() in reasons)


def errors(columns: Columns) -> Bools:
    """Return which calls ended in an error."""
    return columns.among("status", {"error"})


def kind_of_error(error_type: str | None) -> str:
    """Return the word of a policy's `fallback.on` for a type of error that a log names."""
    word = (error_type or "").lower()
    if any(part in word for part in _TIMEOUTS):
        return TIMEOUT
    return RATE_LIMIT if any(part in word for part in _RATE_LIMITS) else "error"


def failed(columns: Columns) -> Bools:
    """Return which calls a checker would not have let pass.

    They failed, were cut off, refused, scored badly or asked again, or are not the JSON, or not the tool call, that
    they should be.
    """
    return columns.once("failed", _failed)


def _failed(columns: Columns) -> Bools:
    again = columns.number("asked_again_ms")
    bad: Bools = (again >= 0) & (again <= SOON_MS)
    bad |= errors(columns)
    bad |= ended_in(columns, CUT_OFF | REFUSED | BROKEN)
    if columns.calls.column("quality").null_count < len(columns):
        bad |= columns.calls.column("quality").fill_null(1.0).to_numpy() < LEAST_QUALITY
    return bad | columns.among("answer_check", _BAD)
