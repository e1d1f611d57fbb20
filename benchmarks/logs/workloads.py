"""The routes of the benchmark's traffic: what each asks of a model, with which prompt, tools and limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.logs.wording import CITIES, PEOPLE, THINGS, rules

JsonObject = dict[str, Any]
Sentences = Callable[[int], str]

DOMAINS = ("orders", "billing", "travel", "staffing", "insurance", "devtools")
SERVED_MODELS = {
    "gpt-5.5": "gpt-5.5-2026-04-23",
    "gpt-5.4": "gpt-5.4-2026-03-05",
    "gpt-5.4-mini": "gpt-5.4-mini-2026-03-17",
    "gpt-5.4-nano": "gpt-5.4-nano-2026-03-17",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "o3": "o3-2025-04-16",
    "o4-mini": "o4-mini-2025-04-16",
}
REASONING_MODELS = frozenset({"gpt-5.5", "gpt-5.4", "gpt-5", "gpt-5-mini", "o3", "o4-mini"})


@dataclass(frozen=True)
class Kind:
    """One kind of work: its instruction, and how a question and an answer of it look."""

    name: str
    instruction: str
    ask: Callable[[Random, Sentences], str]
    answer: Callable[[Random, Sentences], str]
    turns: int = 1
    wants_json: bool = False
    has_tools: bool = False


@dataclass(frozen=True)
class Route:
    """A place in the caller's program that sends requests of one kind to one model."""

    name: str
    kind: Kind
    model: str
    system: JsonObject
    weight: int
    style: str
    caches: bool
    extras: JsonObject = field(default_factory=dict)


def _label(rng: Random, _: Sentences) -> str:
    return rng.choice(("billing", "delivery", "technical", "praise", "complaint", "other", "spam"))


def _fields(rng: Random, _: Sentences) -> str:
    name, thing = rng.choice(PEOPLE), rng.choice(THINGS)
    return f'{{"name": "{name}", "item": "{thing}", "reference": "{rng.randrange(10**6)}", "urgent": false}}'


def _function(rng: Random, _: Sentences) -> str:
    name = f"{rng.choice(('parse', 'merge', 'load', 'check'))}_{rng.choice(THINGS).replace(' ', '_')}"
    total = f"    total = sum(row[\"amount\"] for row in rows if row['id'] > {rng.randrange(10**4)})"
    return f"```python\ndef {name}(rows: list[dict]) -> float:\n{total}\n    return total\n```\nIt runs in O(n)."


def _asking(questions: Sequence[str], low: int, high: int) -> Callable[[Random, Sentences], str]:
    """A question about a text of so many sentences; the question stands first or last, as people write."""

    def ask(rng: Random, sentences: Sentences) -> str:
        question, text = rng.choice(questions), sentences(rng.randint(low, high))
        return f"{question}\n\n{text}" if rng.random() < 0.7 else f"{text}\n\n{question}"

    return ask


def _prose(low: int, high: int) -> Callable[[Random, Sentences], str]:
    return lambda rng, sentences: sentences(rng.randint(low, high))


KINDS = (
    Kind(
        "triage",
        "You classify incoming messages. Reply with exactly one label.",
        _asking(("Message:", "Which category does this message belong to?", "Label this:"), 1, 6),
        _label,
    ),
    Kind(
        "extract",
        "Extract the fields name, item, reference and urgent from the message and return JSON only.",
        _asking(("Extract the fields from this message.", "Message to parse:", "Return the JSON for:"), 2, 8),
        _fields,
        wants_json=True,
    ),
    Kind(
        "summarize",
        "You summarize texts in two or three sentences.",
        _asking(("Summarize:", "Please sum up this thread.", "TL;DR of the following?"), 10, 24),
        _prose(2, 4),
    ),
    Kind(
        "translate",
        "You translate texts faithfully and keep names as they are.",
        _asking(("Translate into French:", "Translate to Polish.", "How do you say this in Spanish?"), 2, 8),
        _prose(2, 8),
    ),
    Kind(
        "answer",
        "Answer the question from the context only.",
        _asking(
            ("What is the customer waiting for?", "When did this happen, and where?", "Who is affected?"),
            8,
            20,
        ),
        _prose(1, 4),
    ),
    Kind(
        "draft",
        "You draft replies that a colleague will check.",
        _asking(("Draft a reply to:", "Write a friendly e-mail that answers this:", "Reply to this:"), 2, 8),
        _prose(4, 9),
    ),
    Kind(
        "rewrite",
        "You improve texts that colleagues wrote.",
        _asking(("Rewrite this in a friendlier tone:", "Make this shorter:", "Fix the grammar:"), 2, 7),
        _prose(2, 7),
    ),
    Kind(
        "code",
        "You are a senior Python programmer.",
        _asking(("Write a function for this:", "Why does this fail?", "Write a unit test for:"), 1, 5),
        _function,
    ),
    Kind("chat", "You are a helpful assistant in a web shop.", _prose(1, 3), _prose(1, 4), turns=8),
    Kind(
        "agent",
        "You are an agent. Use the tools until the task is done.",
        _asking(("Task:", "Please take care of this:", "Next case:"), 1, 4),
        _prose(1, 3),
        turns=6,
        has_tools=True,
    ),
)


def _tool(name: str, about: str, **properties: str) -> JsonObject:
    parameters = {
        "type": "object",
        "properties": {key: {"type": "string", "description": value} for key, value in properties.items()},
        "required": list(properties)[:1],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": about, "parameters": parameters}}


TOOLS = [
    _tool(
        "search_records",
        "Search the records of a customer.",
        query="What to look for",
        city=", ".join(CITIES),
    ),
    _tool("read_record", "Read one record by its reference.", reference="The reference, such as 10-2044"),
    _tool("send_message", "Send a message to a customer.", to="Name of the customer", text="The message itself"),
]
JSON_FIELDS = {
    "name": {"type": "string"},
    "item": {"type": "string"},
    "reference": {"type": "string"},
    "urgent": {"type": "boolean"},
}
JSON_FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "fields",
        "strict": True,
        "schema": {"type": "object", "properties": JSON_FIELDS, "required": [*JSON_FIELDS]},
    },
}


def build_routes(rng: Random) -> list[Route]:
    """Every kind of work in every domain, each with a model, a system prompt and a share of the traffic."""
    models = list(SERVED_MODELS)
    return [
        _route(rng, kind, domain, models[(7 * number + len(kind.name)) % len(models)])
        for number, (kind, domain) in enumerate((kind, domain) for kind in KINDS for domain in DOMAINS)
    ]


def _route(rng: Random, kind: Kind, domain: str, model: str) -> Route:
    words = rng.choice((40, 55, 75, 100, 130, 170, 240, 590))
    prompt = f"{kind.instruction} You work for the {domain} team.\n\n{rules(rng, words)}"
    extras: JsonObject = {"temperature": rng.choice((0, 0.2, 0.7, 1))}
    if rng.random() < 0.8:
        extras["max_completion_tokens"] = rng.choice((256, 512, 1024, 4096))
    if kind.has_tools:
        extras |= {"tools": TOOLS, "tool_choice": "auto"}
    if kind.wants_json:
        extras["response_format"] = JSON_FORMAT
    return Route(
        name=f"{domain}-{kind.name}",
        kind=kind,
        model=model,
        system={"role": "system", "content": prompt},
        weight=rng.choice((1, 2, 3, 5, 8, 13)),
        style=rng.choice(("compact", "spaced")),
        caches=rng.random() < 0.5,
        extras=extras,
    )
