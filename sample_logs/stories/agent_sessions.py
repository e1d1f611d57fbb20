"""Sessions of a coding agent: many turns with tools, each sending everything before it again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sample_logs.stories.ledger import JsonObject, hex_id, token_id, tokens
from sample_logs.stories.list_prices import Usage
from sample_logs.stories.litellm_rows import Asked, Deployment
from sample_logs.stories.texts import texts

TEXTS = texts("agent")
WORDS: dict[str, Any] = TEXTS["words"]
PROMPTS: dict[str, str] = TEXTS["prompts"]

SONNET = Deployment("claude-sonnet-4-6", "anthropic", "agent-default")
OPUS = Deployment("claude-opus-4-8", "anthropic", "agent-strong")
MINI = Deployment("gpt-5.4-mini", "openai", "agent-fast")
LARGE = Deployment("gpt-5.4", "openai", "agent-long")
CACHE_LIVES = timedelta(minutes=5)
PREAMBLE = 11_600  # tokens of the agent's instructions and tools, most of which the proxy cuts from its rows
SHOWN = 240  # characters of a tool's result that the proxy keeps


def _tool(name: str, about: str, *parameters: str) -> JsonObject:
    properties = {parameter: {"type": "string"} for parameter in parameters}
    schema = {"type": "object", "properties": properties, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": about, "parameters": schema}}


TOOLS = [
    _tool("read_file", "Read a file of the checkout.", "path"),
    _tool("search", "Search the checkout with a regular expression.", "pattern", "folder"),
    _tool("edit_file", "Replace a piece of a file.", "path", "old", "new"),
    _tool("run", "Run a command in the checkout.", "command"),
]


@dataclass
class Session:
    """One piece of work: its messages so far, and what of them each model's prompt cache holds."""

    rng: Random
    at: datetime
    person: str
    repo: str
    trace: str
    messages: list[JsonObject]
    size: int = PREAMBLE
    cached: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)

    def turn(self, deployment: Deployment, grown: tuple[int, int], route: str = "coding-agent") -> Asked:
        """The next call, with what its prompt cache still holds; then a tool's result joins the messages."""
        marks = self._lost(deployment)
        usage = self._usage(deployment)
        reply = self._reply(more=grown[1] > 0)
        asked = Asked(
            at=self.at,
            route=route,
            task="agent",
            deployment=deployment,
            messages=[*self.messages],
            reply=reply,
            usage=usage,
            trace=self.trace if not self.used else f"{self.trace[:-2]}{len(self.used):02x}",
            person=self.person,
            session=self.trace,
            tags=[f"app:{route}", f"repo:{self.repo}", f"session:{self.trace[:8]}"],
            parameters={"tools": TOOLS, "max_tokens": 8192},
            marks=marks,
        )
        self.used.append(deployment.model)
        self._grow(reply, usage, self.rng.randint(*grown))
        return asked

    def _lost(self, deployment: Deployment) -> frozenset[str]:
        """Why the cache does not hold what was sent before: another model, or too long a pause."""
        if not self.used or self._alive(deployment):
            return frozenset()
        return frozenset({"cache-lost-at-switch" if self.used[-1] != deployment.model else "cache-expired"})

    def _alive(self, deployment: Deployment) -> int:
        last, held = self.cached.get(deployment.model, (datetime.min.replace(tzinfo=self.at.tzinfo), 0))
        return held if self.at - last < CACHE_LIVES else 0

    def _usage(self, deployment: Deployment) -> Usage:
        """All that is sent is read from the cache or written to it; OpenAI writes for nothing."""
        held = self._alive(deployment)
        self.cached[deployment.model] = (self.at, self.size)
        output = self.rng.randint(60, 900)
        if deployment.provider == "openai":
            thought = 64 * self.rng.randint(0, 5)
            return Usage(input=self.size + 7, cache_read=held // 128 * 128, output=output + thought, reasoning=thought)
        return Usage(input=self.size + 4, cache_read=held, cache_write_5m=self.size - held, output=output)

    def _reply(self, more: bool) -> JsonObject:
        filled = slots(self.rng)
        if not more:
            text = self.rng.choice(WORDS["conclusions"]).format(**filled)
            return {"role": "assistant", "content": text, "tool_calls": None}
        name, argument = self.rng.choice(
            (
                ("read_file", {"path": f"src/{filled['module']}.py"}),
                ("search", {"pattern": f"handle_{filled['number']}", "folder": "src"}),
                ("run", {"command": f"pytest -q tests/test_{filled['module']}.py"}),
            )
        )
        function = {"name": name, "arguments": json.dumps(argument)}
        call = {"id": f"toolu_01{token_id(self.rng, 22)}", "type": "function", "function": function}
        text = self.rng.choice(WORDS["thoughts"]).format(**filled)
        return {"role": "assistant", "content": text, "tool_calls": [call]}

    def _grow(self, reply: JsonObject, usage: Usage, added: int) -> None:
        self.messages.append(reply)
        if reply["tool_calls"]:
            text = self.rng.choice(WORDS["results"]).format(**slots(self.rng))
            left_out = max(0, round(added * 3.6) - SHOWN)
            shown = f"{text[:SHOWN]}... (litellm_truncated skipped {left_out} chars)"
            result = {"role": "tool", "tool_call_id": reply["tool_calls"][0]["id"], "content": shown}
            self.messages.append(result)
        self.size += added + usage.output - usage.reasoning
        self.at += timedelta(seconds=usage.output / 60 + self.rng.uniform(2, 40))


def begin(rng: Random, at: datetime) -> Session:
    """A session that somebody opens with a task."""
    repo, task = rng.choice(WORDS["repos"]), rng.choice(WORDS["tasks"]).format(**slots(rng))
    system = f"{PROMPTS['agent'].format(repo=repo)}... (litellm_truncated skipped 38214 chars)"
    messages = [{"role": "system", "content": system}, {"role": "user", "content": task}]
    session = Session(rng, at, rng.choice(WORDS["people"]), repo, hex_id(rng, 32), messages)
    session.size += tokens(task)
    return session


def long_running(rng: Random, at: datetime) -> Iterator[Asked]:
    """The main agent at work: mostly one model, at times a stronger one for some turns, at times a pause."""
    session = begin(rng, at)
    turns, switches = rng.randint(4, 17), rng.random() < 0.4
    strong = range(3, 3 + rng.randint(2, 5)) if switches else range(0)
    for turn in range(turns):
        last = turn == turns - 1
        grown = (0, 0) if last else (300, 5_200)
        yield session.turn(OPUS if turn in strong else SONNET, grown)
        if rng.random() < 0.05:
            session.at += timedelta(minutes=rng.randint(6, 50))
        if rng.random() < 0.12:
            text = rng.choice(WORDS["follow_ups"]).format(**slots(rng))
            session.messages.append({"role": "user", "content": text})
            session.size += tokens(text)


def quick_fix(rng: Random, at: datetime) -> Iterator[Asked]:
    """A small task for the small model: a few turns."""
    session = begin(rng, at)
    turns = rng.randint(1, 5)
    for turn in range(turns):
        yield session.turn(MINI, (0, 0) if turn == turns - 1 else (200, 2_500), "quick-fix")


def marathon(rng: Random, at: datetime) -> Iterator[Asked]:
    """A session that nobody ever starts anew, until it is above the model's long-context limit."""
    session = begin(rng, at)
    for turn in range(22):
        yield session.turn(LARGE, (0, 0) if turn == 21 else (11_000, 22_000), "migration-run")


def slots(rng: Random) -> dict[str, str]:
    """Values for the blanks of a template."""
    return {
        "module": rng.choice(WORDS["modules"]),
        "verb": rng.choice(WORDS["verbs"]),
        "number": str(rng.randrange(3, 900)),
    }
