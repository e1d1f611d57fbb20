"""Calls of an OpenAI Chat Completions log, one line after the other, from a seed."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from random import Random
from typing import Any

import msgspec

from benchmarks.logs.wording import PEOPLE, REQUESTS, sentence_pool
from benchmarks.logs.workloads import REASONING_MODELS, SERVED_MODELS, JsonObject, Route, build_routes

START = datetime(2026, 10, 1, tzinfo=UTC).timestamp()
MONTH_SECONDS = 31 * 86_400
POOL_SIZE = 30_000
CACHE_MINIMUM, CACHE_STEP = 1024, 128
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class Facts:
    """What the log truly holds, to check an audit against."""

    lines: int = 0
    calls: int = 0
    errors: int = 0
    duplicates: int = 0
    not_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    calls_by_model: Counter[str] = field(default_factory=Counter)


@dataclass
class Conversation:
    """The messages of one user's session on one route, growing by every turn."""

    user: str
    session: str
    messages: list[JsonObject]
    turns_left: int


class Traffic:
    """A month of calls on some sixty routes, drawn from one seed."""

    def __init__(self, seed: int, calls: int) -> None:
        self.rng = Random(seed)
        self.pool = sentence_pool(self.rng, POOL_SIZE)
        self.routes = build_routes(self.rng)
        self.weights = list(accumulate(route.weight for route in self.routes))
        self.open: dict[str, list[Conversation]] = {route.name: [] for route in self.routes}
        self.calls = calls
        self.facts = Facts()

    def lines(self) -> Iterator[bytes]:
        """The lines of the log in order of time, with duplicates and health checks among the calls."""
        while self.facts.calls < self.calls:
            now = START + MONTH_SECONDS * self.facts.calls / self.calls
            yield from self._counted(self._exchange(now))
            if self.rng.random() < 0.001:
                self.facts.not_calls += 1
                yield from self._counted(iter((_health_check(now),)))

    def _counted(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.facts.lines += 1
            yield line

    def _exchange(self, now: float) -> Iterator[bytes]:
        """One question and its answer: sometimes refused first, sometimes written twice."""
        route = self.rng.choices(self.routes, cum_weights=self.weights)[0]
        conversation = self._conversation(route)
        conversation.messages.append({"role": "user", "content": route.kind.ask(self.rng, self._sentences)})
        if self.rng.random() < 0.008 and self.facts.calls + 1 < self.calls:
            yield self._refusal(route, conversation, now - 2)
        response = self._response(route, conversation, now)
        line = _encode(route, self._record(route, conversation, now, 200, response))
        self._count(response)
        yield line
        if self.rng.random() < 0.004:
            self.facts.duplicates += 1
            yield line
        self._go_on(route, conversation, response)

    def _refusal(self, route: Route, conversation: Conversation, now: float) -> bytes:
        self.facts.calls += 1
        self.facts.errors += 1
        self.facts.calls_by_model[route.model] += 1
        return _encode(route, self._record(route, conversation, now, 429, _rate_limited(route.model)))

    def _sentences(self, count: int) -> str:
        drawn = self.rng.choices(self.pool, k=count)
        if count > 1 and self.rng.random() < 0.3:
            drawn[-1] = self.rng.choice(REQUESTS)
        return ("\n" if self.rng.random() < 0.2 else " ").join(drawn)

    def _conversation(self, route: Route) -> Conversation:
        """An open conversation of the route goes on, or a new one begins."""
        waiting = self.open[route.name]
        if waiting and (len(waiting) > 40 or self.rng.random() < 0.75):
            return waiting.pop(int(self.rng.random() * len(waiting)))
        user = f"u_{int(self.rng.random() * 20_000)}"
        return Conversation(user, f"s_{self.rng.getrandbits(48):012x}", [route.system], route.kind.turns)

    def _go_on(self, route: Route, conversation: Conversation, response: JsonObject) -> None:
        conversation.turns_left -= 1
        if conversation.turns_left < 1 or self.rng.random() < 0.2:
            return
        message = response["choices"][0]["message"]
        conversation.messages.append({key: value for key, value in message.items() if key != "refusal"})
        for call in message.get("tool_calls") or ():
            result = {"role": "tool", "tool_call_id": call["id"], "content": self._sentences(2)}
            conversation.messages.append(result)
        self.open[route.name].append(conversation)

    def _record(
        self, route: Route, conversation: Conversation, now: float, status: int, response: JsonObject
    ) -> JsonObject:
        return {
            "timestamp": datetime.fromtimestamp(round(now, 3), UTC).isoformat(timespec="milliseconds"),
            "route": route.name,
            "user": conversation.user,
            "session_id": conversation.session,
            "status": status,
            "duration_ms": int(200 + 9_000 * self.rng.random() ** 3),
            "tags": {"team": route.name.split("-")[0], "env": "production"},
            "request": {"model": route.model, "messages": conversation.messages, **route.extras},
            "response": response,
        }

    def _response(self, route: Route, conversation: Conversation, now: float) -> JsonObject:
        message: JsonObject = {"role": "assistant", "content": None, "refusal": None}
        if route.kind.has_tools and self.rng.random() < 0.6:
            message["tool_calls"] = [self._tool_call()]
        else:
            message["content"] = route.kind.answer(self.rng, self._sentences)
        finish = "tool_calls" if "tool_calls" in message else "length" if self.rng.random() < 0.02 else "stop"
        return {
            "id": "chatcmpl-" + "".join(self.rng.choices(ALPHABET, k=29)),
            "object": "chat.completion",
            "created": int(now),
            "model": SERVED_MODELS[route.model],
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": self._usage(route, conversation, message),
            "service_tier": "default",
            "system_fingerprint": None,
        }

    def _tool_call(self) -> JsonObject:
        query = json.dumps({"query": self.rng.choice(PEOPLE) + " " + str(self.rng.randrange(10**5))})
        function = {"name": "search_records", "arguments": query}
        return {
            "id": "call_" + "".join(self.rng.choices(ALPHABET, k=24)),
            "type": "function",
            "function": function,
        }

    def _usage(self, route: Route, conversation: Conversation, message: JsonObject) -> JsonObject:
        """Token counts as long as the texts are: four characters a token, and some for each message."""
        characters = sum(len(text) for m in conversation.messages if (text := m["content"]))
        prompt = characters // 4 + 4 * len(conversation.messages) + (190 if route.kind.has_tools else 3)
        visible = max(len(message["content"] or "") // 4, 1) + (24 if "tool_calls" in message else 0)
        reasoning = 64 * int(self.rng.random() * 6) if route.model in REASONING_MODELS else 0
        cached = prompt // CACHE_STEP * CACHE_STEP if self._is_cached(route, prompt) else 0
        return {
            "prompt_tokens": prompt,
            "completion_tokens": visible + reasoning,
            "total_tokens": prompt + visible + reasoning,
            "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": reasoning,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def _is_cached(self, route: Route, prompt: int) -> bool:
        return route.caches and prompt >= CACHE_MINIMUM and self.rng.random() < 0.7

    def _count(self, response: JsonObject) -> None:
        self.facts.calls += 1
        self.facts.input_tokens += response["usage"]["prompt_tokens"]
        self.facts.output_tokens += response["usage"]["completion_tokens"]
        self.facts.calls_by_model[response["model"]] += 1


def _encode(route: Route, record: dict[str, Any]) -> bytes:
    """A line as JavaScript loggers write it (compact, UTF-8), or Python's (spaces, everything in ASCII)."""
    if route.style == "compact":
        return msgspec.json.encode(record) + b"\n"
    return json.dumps(record).encode() + b"\n"


def _rate_limited(model: str) -> JsonObject:
    text = f"Rate limit reached for {model} on tokens per min (TPM): Limit 30000. Please try again in 1.2s."
    return {"error": {"message": text, "type": "tokens", "param": None, "code": "rate_limit_exceeded"}}


def _health_check(now: float) -> bytes:
    return msgspec.json.encode({"timestamp": int(now), "level": "info", "path": "/healthz", "status": 200}) + b"\n"
