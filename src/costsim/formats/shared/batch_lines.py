"""What the lines of batch jobs of OpenAI's and Anthropic's kind have in common: an id, and an answer or a request."""

from typing import Any

_SENT = ({"method", "url", "body"}, {"params"})


def is_line(record: dict[str, Any]) -> bool:
    """Whether a record is a line of a batch's input or output, and no exchange that was logged."""
    return is_request(record) or is_result(record)


def is_request(record: dict[str, Any]) -> bool:
    """Whether a record with a `custom_id` is a line of a batch's input."""
    return "custom_id" in record and any(names <= record.keys() for names in _SENT) and "response" not in record


def is_result(record: dict[str, Any]) -> bool:
    """Whether a record with a `custom_id` is a line of a batch's output, or of its errors."""
    if "custom_id" not in record:
        return False
    response, result = record.get("response"), record.get("result")
    if str(record.get("id", "")).startswith("batch_req_") or (isinstance(result, dict) and "type" in result):
        return True
    if isinstance(response, dict):
        return "body" in response and ("status_code" in response or "request_id" in response)
    return "response" in record and isinstance(record.get("error"), dict)
