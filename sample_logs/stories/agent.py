"""A coding agent and its helpers behind a LiteLLM proxy: caches, retries, fallbacks, a model of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from sample_logs.stories.agent_sessions import (
    LARGE,
    MINI,
    OPUS,
    PROMPTS,
    WORDS,
    long_running,
    marathon,
    quick_fix,
    slots,
)
from sample_logs.stories.ledger import MONTH, Entry, JsonObject, Noise, Story, hex_id, moments, tell, tokens
from sample_logs.stories.list_prices import Usage, is_long
from sample_logs.stories.litellm_rows import Asked, Deployment, entry, failure, tried_before

FRONTIER = Deployment("gpt-5.5", "openai", "agent-strong-openai")
OWN = Deployment("acme-coder-32b", "hosted_vllm", "own-gpu")
DEVELOPERS = [0, 0, 0, 0, 0, 1, 4, 14, 22, 25, 24, 18, 12, 20, 24, 24, 21, 15, 8, 6, 6, 5, 3, 1]
WEEKEND = 0.12


def story(rng: Random) -> Story:
    """The log of the coding agent, and what is hidden in it."""
    entries: list[Entry] = []
    for at in moments(rng, 105, DEVELOPERS, WEEKEND):
        entries += [entry(rng, asked) for asked in long_running(rng, at)]
    for at in moments(rng, 95, DEVELOPERS, WEEKEND):
        entries += [told for asked in quick_fix(rng, at) for told in _through_the_router(rng, asked)]
    for at in moments(rng, 2, DEVELOPERS, 0):
        entries += [_long(entry(rng, asked)) for asked in marathon(rng, at)]
    helpers = (_labels(rng, 210), _titles(rng, 130), _reviews(rng, 95), _tests(rng, 120))
    for asked in chain(*helpers, _questions(rng, 150)):
        entries.append(entry(rng, asked))
    return tell(rng, entries, Noise(_proxy_lines(), duplicates=12, broken=1))


def _through_the_router(rng: Random, asked: Asked) -> Iterator[Entry]:
    """A call on the small model: sometimes tried again, sometimes left to a frontier model in the end."""
    luck = rng.random()
    if luck < 0.10:
        attempts = tried_before(rng, asked, asked.deployment, 3)
        yield from (failure(rng, attempt, "failed-attempt") for attempt in attempts)
        usage = replace(asked.usage, cache_read=0)
        marks = frozenset({"fallback-to-frontier"})
        yield entry(rng, replace(asked, deployment=FRONTIER, usage=usage, fallbacks=1, marks=marks))
        return
    if luck < 0.17:
        yield failure(rng, tried_before(rng, asked, asked.deployment, 1)[0], "failed-attempt")
        asked = replace(asked, retries=1, marks=frozenset({"answered-after-retry"}))
    yield entry(rng, asked)


def _long(told: Entry) -> Entry:
    return replace(told, marks=told.marks | {"long-context"}) if is_long(told.model, told.usage) else told


def _helper(
    rng: Random,
    at: datetime,
    route: str,
    task: str,
    deployment: Deployment,
    prompt: str,
    text: str,
    reply: str,
) -> Asked:
    """A single call of one of the helpers around the agent."""
    usage = Usage(input=tokens(prompt) + tokens(text, 3.6) + 11, output=tokens(reply) + 2)
    messages: list[JsonObject] = [{"role": "system", "content": prompt}, {"role": "user", "content": text}]
    answer = {"role": "assistant", "content": reply, "tool_calls": None}
    tags = [f"app:{route}", f"repo:{rng.choice(WORDS['repos'])}"]
    person = rng.choice(WORDS["people"])
    return Asked(at, route, task, deployment, messages, answer, usage, hex_id(rng, 32), person, tags)


def _labels(rng: Random, count: int) -> Iterator[Asked]:
    """Pull requests get one of six labels, from the dearest model."""
    for at in moments(rng, count, DEVELOPERS, WEEKEND):
        text = f"Pull request: {WORDS['title'].format(**slots(rng))}\n\n{_diff(rng, 4)}"
        reply = rng.choice(WORDS["labels"])
        asked = _helper(rng, at, "pr-label", "classification", FRONTIER, PROMPTS["label"], text, reply)
        yield replace(asked, marks=frozenset({"frontier-for-simple"}))


def _titles(rng: Random, count: int) -> Iterator[Asked]:
    """Sessions get a title."""
    for at in moments(rng, count, DEVELOPERS, WEEKEND):
        filled = slots(rng)
        text = "First message:\n" + rng.choice(WORDS["tasks"]).format(**filled)
        reply = WORDS["title"].format(**filled)
        yield _helper(rng, at, "session-title", "summarization", MINI, PROMPTS["title"], text, reply)


def _reviews(rng: Random, count: int) -> Iterator[Asked]:
    """Pull requests are reviewed."""
    for at in moments(rng, count, DEVELOPERS, WEEKEND):
        reply = WORDS["review"].format(**slots(rng))
        text = f"Pull request:\n\n{_diff(rng, rng.randint(6, 14))}"
        yield _helper(rng, at, "code-review", "code", OPUS, PROMPTS["review"], text, reply)


def _tests(rng: Random, count: int) -> Iterator[Asked]:
    """Tests are written by a model on the company's own machines, which no price list knows."""
    for at in moments(rng, count, DEVELOPERS, WEEKEND):
        text = f"Function:\n\n{WORDS['results'][0].format(**slots(rng))}"
        reply = "\n\n".join(WORDS["tests"].format(**slots(rng)) for _ in range(rng.randint(2, 5)))
        asked = _helper(rng, at, "test-writer", "code", OWN, PROMPTS["tests"], text, reply)
        yield replace(asked, marks=frozenset({"no-known-price"}))


def _questions(rng: Random, count: int) -> Iterator[Asked]:
    """Questions about the documentation: the proxy answers those of the last days from its own cache."""
    known: dict[str, tuple[datetime, Asked]] = {}
    for at in moments(rng, count, DEVELOPERS, WEEKEND):
        question = rng.choice(WORDS["questions"])
        last, first = known.get(question, (MONTH, None))
        if first is not None and at - last < timedelta(days=1):
            hit = frozenset({"answered-by-proxy-cache"})
            yield replace(first, at=at, trace=hex_id(rng, 32), cache_hit=True, marks=hit)
            continue
        reply = WORDS["answer"].format(**slots(rng))
        text = f"Question: {question}\n\nExcerpt:\n{reply}\n" + "\n".join(WORDS["conclusions"])
        asked = _helper(rng, at, "docs-question", "question_answering", LARGE, PROMPTS["question"], text, reply)
        known[question] = (at, asked)
        yield asked


def _diff(rng: Random, pieces: int) -> str:
    return "".join(WORDS["results"][2].format(**slots(rng)) for _ in range(pieces))


def _proxy_lines() -> list[tuple[datetime, JsonObject]]:
    """The proxy itself writes a line when it starts, once a week."""
    starts = [MONTH + timedelta(days=7 * week, hours=3) for week in range(5)]
    line = {"message": "LiteLLM: Proxy initialized", "level": "INFO"}
    return [(at, {**line, "timestamp": at.isoformat()}) for at in starts]
