"""Logs of a few calls, in the shapes that tests need."""

import json
from typing import Any


def call(number: int, **changed: Any) -> dict[str, Any]:
    """A pair of an OpenAI chat completion, as its user's own logger wrote it."""
    return {
        "timestamp": f"2026-10-01T10:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "route": "triage",
        "request": {
            "model": "gpt-5.4-mini",
            "messages": [
                {"role": "system", "content": "You are a careful clerk."},
                {"role": "user", "content": f"Sort ticket {number} into one of the queues"},
            ],
        },
        "response": {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "model": "gpt-5.4-mini",
            "choices": [{"message": {"role": "assistant", "content": "billing"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100 + number, "completion_tokens": 5},
        },
        **changed,
    }


def with_usage(number: int, usage: Any) -> dict[str, Any]:
    """A call whose log states this usage."""
    made = call(number)
    made["response"]["usage"] = usage
    return made


def message(number: int) -> dict[str, Any]:
    """An answer of Anthropic's Messages API, as it stands in a log of answers."""
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": "billing"}],
        "usage": {"input_tokens": 10 + number, "output_tokens": 3},
    }


def lines(*records: Any) -> bytes:
    """Records one a line; bytes stand as they are."""
    return b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in records)


def calls(count: int) -> bytes:
    """A log of so many calls."""
    return lines(*(call(number) for number in range(count)))
