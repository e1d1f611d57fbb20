"""Calls as a pipeline logs them beside Anthropic's Messages: long texts cut by the logger, usage whole."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from sample_logs.stories.ledger import Entry, JsonObject, hex_id, stamp, token_id, tokens
from sample_logs.stories.list_prices import NO_TOKENS, Usage, is_long

SERVED = {
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-6": "claude-sonnet-4-6",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "claude-haiku-5-5": "claude-haiku-5-5",
    "claude-opus-4-8": "claude-opus-4-8",
}
SHOWN = 900  # characters of a document that the logger keeps
CHARACTERS_PER_TOKEN = 4.1
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@dataclass(frozen=True)
class Asked:
    """What one call asks for and gets; `document` is how many tokens the text has that the logger cuts."""

    at: datetime
    route: str
    task: str
    model: str
    system: JsonObject
    content: list[JsonObject]
    reply: str
    document: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    thinking: int = 0
    max_tokens: int = 1024
    marks: frozenset[str] = frozenset()


def text_block(text: str, lifetime: str | None = None) -> JsonObject:
    """A block of text, marked for the prompt cache if it has a lifetime."""
    block: JsonObject = {"type": "text", "text": text}
    if lifetime is not None:
        block["cache_control"] = {"type": "ephemeral"} | ({"ttl": lifetime} if lifetime != "5m" else {})
    return block


def cut(text: str, size: int) -> str:
    """A document of so many tokens as the logger shows it: its beginning, and how much is left out."""
    left_out = max(0, round(size * CHARACTERS_PER_TOKEN) - SHOWN)
    return f"{text[:SHOWN]}… [truncated {left_out:,} characters]" if left_out else text


def entry(rng: Random, asked: Asked) -> Entry:
    """A call that succeeded, with the usage that the whole texts have."""
    usage = _usage(asked)
    request: JsonObject = {
        "model": asked.model,
        "max_tokens": asked.max_tokens,
        "system": [asked.system],
        "messages": [{"role": "user", "content": asked.content}],
    }
    if asked.thinking:
        request["thinking"] = {"type": "enabled", "budget_tokens": 8_000}
    line = {
        "timestamp": stamp(asked.at),
        "route": asked.route,
        "metadata": {"job": f"nightly-{asked.at:%Y-%m-%d}", "document_id": f"doc_{hex_id(rng, 10)}"},
        "status": 200,
        "duration_ms": 700 + usage.input // 40 + 15 * usage.output,
        "request": request,
        "response": _message(rng, asked, usage),
    }
    marks = asked.marks | ({"long-context"} if is_long(asked.model, usage) else set())
    return Entry(asked.at, line, asked.route, asked.task, asked.model, usage, marks=marks)


def overloaded(rng: Random, after: Entry, mark: str) -> Entry:
    """The failure that came before a call: the same request, refused because the provider was overloaded."""
    at = after.at - timedelta(milliseconds=rng.randint(2_000, 9_000))
    error = OVERLOADED | {"request_id": f"req_011C{token_id(rng, 20)}"}
    line = after.line | {"timestamp": stamp(at), "status": 529, "duration_ms": 310, "response": error}
    return replace(after, at=at, line=line, usage=NO_TOKENS, failed=True, marks=frozenset({mark}))


def _usage(asked: Asked) -> Usage:
    cached = asked.cache_read + asked.cache_write_5m + asked.cache_write_1h
    shown = 0 if asked.document else sum(tokens(block["text"]) for block in asked.content)
    system = 0 if "cache_control" in asked.system else tokens(asked.system["text"])
    return Usage(
        input=cached + asked.document + shown + system + 12,
        cache_read=asked.cache_read,
        cache_write_5m=asked.cache_write_5m,
        cache_write_1h=asked.cache_write_1h,
        output=min(tokens(asked.reply) + 3 + asked.thinking, asked.max_tokens + asked.thinking),
        reasoning=asked.thinking,
    )


def _message(rng: Random, asked: Asked, usage: Usage) -> JsonObject:
    stopped = "max_tokens" if usage.output - asked.thinking >= asked.max_tokens else "end_turn"
    content: list[JsonObject] = [{"type": "text", "text": asked.reply}]
    if asked.thinking:
        content.insert(0, {"type": "thinking", "thinking": "", "signature": token_id(rng, 48)})
    return {
        "model": SERVED[asked.model],
        "id": f"msg_01{token_id(rng, 22)}",
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": stopped,
        "stop_sequence": None,
        "usage": _usage_body(asked, usage),
    }


def _usage_body(asked: Asked, usage: Usage) -> JsonObject:
    """Usage as the provider writes it: `input_tokens` holds only what was neither read nor written."""
    written = usage.cache_write_5m + usage.cache_write_1h
    body: JsonObject = {
        "input_tokens": usage.input - usage.cache_read - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        },
        "output_tokens": usage.output,
        "service_tier": "standard",
        "inference_geo": "global",
    }
    if asked.thinking:
        body["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    return body
