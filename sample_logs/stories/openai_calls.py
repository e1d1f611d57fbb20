"""Calls as a middleware logs them beside OpenAI's Chat Completions: request and response in one line."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from sample_logs.stories.ledger import Entry, JsonObject, stamp, token_id, tokens
from sample_logs.stories.list_prices import NO_TOKENS, Usage

MODEL, SERVED = "gpt-5.5", "gpt-5.5-2026-04-23"
CACHE_MINIMUM, CACHE_STEP = 1024, 128
REFUSALS = (
    (429, "tokens", "rate_limit_exceeded", f"Rate limit reached for {MODEL} on tokens per min (TPM)."),
    (500, "server_error", None, "The server had an error while processing your request. Sorry about that!"),
    (503, "server_error", None, "That model is currently overloaded with other requests."),
)


@dataclass(frozen=True)
class Asked:
    """What one call asks for and gets."""

    at: datetime
    route: str
    task: str
    messages: list[JsonObject]
    reply: str
    options: JsonObject
    marks: frozenset[str] = frozenset()
    cached: int = 0
    session: str | None = None


@dataclass(frozen=True)
class Middleware:
    """Writes the line of a call, with the usage that its texts would have."""

    rng: Random
    people: list[str] = field(default_factory=lambda: [f"agent-{number:02d}" for number in range(1, 19)])

    def entry(self, asked: Asked) -> Entry:
        """A call that succeeded."""
        request = {"model": MODEL, "messages": asked.messages, **asked.options}
        usage = self._usage(request, asked.reply, asked.cached)
        line = {
            "timestamp": stamp(asked.at),
            "route": asked.route,
            "user": f"visitor-{asked.session[:8]}" if asked.session else self.rng.choice(self.people),
            "tags": {"env": "production", "channel": "chat" if asked.session else "mail"},
            "status": 200,
            "duration_ms": 350 + 14 * usage.output + self.rng.randrange(400),
            "request": request,
            "response": self._completion(asked.at, asked.reply, usage, request.get("max_completion_tokens")),
        }
        if asked.session is not None:
            line["session_id"] = asked.session
        return Entry(asked.at, line, asked.route, asked.task, MODEL, usage, marks=asked.marks)

    def refused(self, entry: Entry, mark: str) -> Entry:
        """The failure that came before a call: the same request, refused."""
        status, kind, code, text = self.rng.choice(REFUSALS)
        at = entry.at - timedelta(milliseconds=self.rng.randint(900, 4_000))
        error = {"error": {"message": text, "type": kind, "param": None, "code": code}}
        line = entry.line | {"timestamp": stamp(at), "status": status, "duration_ms": 240, "response": error}
        return replace(entry, at=at, line=line, usage=NO_TOKENS, failed=True, marks=frozenset({mark}))

    def again(self, entry: Entry, mark: str) -> Entry:
        """The same request once more, because somebody pressed 'retry': paid again."""
        at = entry.at + timedelta(seconds=self.rng.randint(8, 55))
        fresh = {"id": "chatcmpl-" + token_id(self.rng, 29), "created": int(at.timestamp())}
        line = entry.line | {"timestamp": stamp(at), "response": entry.line["response"] | fresh}
        return replace(entry, at=at, line=line, marks=entry.marks | {mark})

    def _usage(self, request: JsonObject, reply: str, cached: int) -> Usage:
        schema = tokens(json.dumps(request["response_format"]), 5) if "response_format" in request else 0
        prompt = 3 + schema + sum(4 + tokens(message["content"]) for message in request["messages"])
        reasoning = 0 if request.get("reasoning_effort") == "none" else 64 * self.rng.randint(0, 2)
        return Usage(input=prompt, cache_read=cached, output=tokens(reply) + 1 + reasoning, reasoning=reasoning)

    def _completion(self, at: datetime, reply: str, usage: Usage, limit: int | None) -> JsonObject:
        message: JsonObject = {"role": "assistant", "content": reply, "refusal": None, "annotations": []}
        finish = "length" if limit is not None and usage.output >= limit else "stop"
        return {
            "id": "chatcmpl-" + token_id(self.rng, 29),
            "object": "chat.completion",
            "created": int(at.timestamp()),
            "model": SERVED,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": _usage_body(usage),
            "service_tier": "default",
            "system_fingerprint": None,
        }


def cacheable(prompt: int) -> int:
    """How much of a shared prefix the provider can serve from its cache."""
    return prompt // CACHE_STEP * CACHE_STEP if prompt >= CACHE_MINIMUM else 0


def _usage_body(usage: Usage) -> JsonObject:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
