"""A support assistant of a web shop that sends everything it does to one frontier model."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sample_logs.stories.ledger import (
    MONTH,
    Entry,
    JsonObject,
    Noise,
    Story,
    hex_id,
    moments,
    stamp,
    tell,
    tokens,
)
from sample_logs.stories.openai_calls import Asked, Middleware, cacheable
from sample_logs.stories.support_prompts import (
    ANSWER_FIELDS,
    DEPLOYMENTS,
    DETAILS_FIELDS,
    PROMPTS,
    chat_prompt,
    handbook,
    json_schema,
)
from sample_logs.stories.support_words import (
    WORDS,
    answer,
    chat_message,
    fill,
    letter,
    question,
    ramble,
    translated,
)

OFFICE = [1, 1, 1, 1, 1, 2, 5, 12, 20, 24, 24, 22, 18, 20, 22, 21, 18, 14, 12, 12, 11, 8, 4, 2]
EVENINGS = [2, 1, 1, 1, 1, 1, 3, 6, 9, 10, 10, 11, 12, 11, 10, 10, 12, 16, 20, 24, 24, 19, 11, 5]
SHIFT_CHANGES = [*[0] * 14, 5, 20, 4, *[0] * 5, 10, 3]
WEEKEND = 0.35
SIMPLE = frozenset({"frontier-for-simple"})


def story(rng: Random) -> Story:
    """The log of the support assistant, and what is hidden in it."""
    middleware = Middleware(rng)
    drafts = [middleware.entry(asked) for asked in _drafts(rng, 300)]
    entries = drafts + [middleware.again(entry, "retry-button") for entry in rng.sample(drafts, 45)]
    for asked in (_triage(rng, 1_050), _intents(rng, 420), _details(rng, 340), _help_center(rng, 290)):
        entries += map(middleware.entry, asked)
    for asked in (_translations(rng, 240), _summaries(rng, 120), _probes(rng)):
        entries += map(middleware.entry, asked)
    for begin in moments(rng, 170, EVENINGS, 1.1):
        entries += _chat(rng, middleware, begin)
    entries += [middleware.refused(entry, "failed-then-retried") for entry in rng.sample(entries, 55)]
    told = tell(rng, entries, Noise(_health_checks(rng, 14), duplicates=25, broken=2))
    grown = {f"2026-10-{day:02d}": tokens(chat_prompt(day)) for day in DEPLOYMENTS}
    told.facts["system_prompt_tokens_of_live_chat_since"] = grown
    return told


def _triage(rng: Random, count: int) -> Iterator[Asked]:
    """Every mail that arrives gets one of eight labels."""
    for at in moments(rng, count, OFFICE, WEEKEND):
        mail = letter(rng)
        options = {"max_completion_tokens": 256, "reasoning_effort": "low"}
        asked = _asks(PROMPTS["triage"], mail.text)
        yield Asked(at, "ticket-triage", "classification", asked, mail.label, options, SIMPLE)


def _intents(rng: Random, count: int) -> Iterator[Asked]:
    """The first message of a chat is tagged, so that the right widget opens."""
    for at in moments(rng, count, EVENINGS, 1):
        reply = ", ".join(rng.sample(WORDS["intents"], rng.choice((1, 1, 2))))
        options = {"reasoning_effort": "none", "max_completion_tokens": 32}
        asked = _asks(PROMPTS["intent"], letter(rng, asides=1).text)
        yield Asked(at, "intent-tagging", "classification", asked, reply, options, SIMPLE)


def _details(rng: Random, count: int) -> Iterator[Asked]:
    """Order details are read out of a mail into JSON for the order system."""
    schema = json_schema("order_details", DETAILS_FIELDS)
    options = {"response_format": schema, "reasoning_effort": "none", "max_completion_tokens": 300}
    for at in moments(rng, count, OFFICE, WEEKEND):
        mail = letter(rng)
        known = [mail.slots[key] for key in ("order", "product", "name", "city", "amount")] + [mail.label]
        said = {name: value for name, value in zip(DETAILS_FIELDS, known, strict=True) if value in mail.text}
        reply = json.dumps(dict.fromkeys(DETAILS_FIELDS) | said | {"reason": mail.label}, ensure_ascii=False)
        asked = _asks(PROMPTS["details"], f"E-mail:\n{mail.text}")
        yield Asked(at, "order-details", "extraction", asked, reply, options, SIMPLE)


def _help_center(rng: Random, count: int) -> Iterator[Asked]:
    """Questions are answered from 3,900 tokens of articles.

    The schema of the answer is built from a set, so its fields come in another order each time. A schema
    stands before the system prompt in what the provider caches; so nothing is ever read from the cache.
    """
    system = handbook()
    for at in moments(rng, count, EVENINGS, 0.8):
        about = question(rng)
        said = {"answer": answer(rng, about, 2), "articles": str(rng.randrange(1, 97)), "handover": "no"}
        order = rng.sample(ANSWER_FIELDS, len(ANSWER_FIELDS))
        schema = json_schema("help_center_answer", order)
        options = {"response_format": schema, "reasoning_effort": "none", "max_completion_tokens": 600}
        reply = json.dumps({field: said.get(field) for field in order}, ensure_ascii=False)
        marks = frozenset({"uncached-prefix"})
        asked = _asks(system, f"Question: {about.text}")
        yield Asked(at, "help-center-answer", "question_answering", asked, reply, options, marks)


def _drafts(rng: Random, count: int) -> Iterator[Asked]:
    """Replies are drafted; some by an old script that limits nothing, and those ramble."""
    for at in moments(rng, count, OFFICE, WEEKEND):
        mail = letter(rng)
        notes = f"Notes: {fill('{answer}', mail)}."
        asked = _asks(PROMPTS["draft"], f"Draft a reply to this customer.\n\n{mail.text}\n\n{notes}")
        if rng.random() < 0.12:
            reply, limit, marks = ramble(rng, mail, rng.randint(50, 90)), {}, {"unlimited-answer"}
        else:
            reply, limit, marks = answer(rng, mail, rng.randint(4, 7)), {"max_completion_tokens": 800}, set()
        options = {"temperature": 0.7, "reasoning_effort": "none", **limit}
        yield Asked(at, "reply-draft", "drafting", asked, reply, options, frozenset(marks))


def _translations(rng: Random, count: int) -> Iterator[Asked]:
    """Replies are translated into the customer's language."""
    for at in moments(rng, count, OFFICE, WEEKEND):
        language = rng.choice(("German", "French", "Spanish"))
        source, target = translated(rng, language)
        options = {"reasoning_effort": "none", "max_completion_tokens": 800}
        asked = _asks(PROMPTS["translate"], f"Translate this reply into {language}:\n\n{source}")
        yield Asked(at, "reply-translation", "translation", asked, target, options)


def _summaries(rng: Random, count: int) -> Iterator[Asked]:
    """Long cases are summarized when the shift changes."""
    for at in moments(rng, count, SHIFT_CHANGES, WEEKEND):
        mail = letter(rng)
        thread = [mail.text]
        for turn in range(2, rng.randint(6, 15)):
            who, said = ("agent", answer(rng, mail, 3)) if turn % 2 == 0 else ("customer", letter(rng).text)
            thread.append(f"--- {who}, message {turn}\n{said}")
        asked = _asks(PROMPTS["summary"], "Case so far:\n\n" + "\n\n".join(thread))
        reply, options = answer(rng, mail, 3), {"max_completion_tokens": 400, "reasoning_effort": "low"}
        yield Asked(at, "case-summary", "summarization", asked, reply, options)


def _probes(rng: Random) -> Iterator[Asked]:
    """A monitor asks the same three questions every six hours, at full price, all month long."""
    reply = "You will find the details on our help pages; a colleague is glad to tell you more."
    options = {"temperature": 0, "reasoning_effort": "none", "max_completion_tokens": 60}
    for step in range(4 * 31):
        for number, faq in enumerate(PROMPTS["faq"]):
            at = MONTH + timedelta(hours=6 * step, minutes=2 * number, milliseconds=rng.randrange(900))
            marks = frozenset({"monitor-probe"})
            yield Asked(at, "faq-probe", "question_answering", _asks(PROMPTS["probe"], faq), reply, options, marks)


def _chat(rng: Random, middleware: Middleware, at: datetime) -> Iterator[Entry]:
    """A visitor's chat: each turn sends everything before it again, under a prompt that keeps growing."""
    session, about, system = hex_id(rng, 16), letter(rng), chat_prompt(at.day)
    messages: list[JsonObject] = [{"role": "system", "content": system}]
    options = {"reasoning_effort": "none", "max_completion_tokens": 400}
    before, turns = tokens(system), rng.choice((1, 2, 2, 3, 4, 5, 6, 8, 11))
    marks = frozenset({"growing-system-prompt", "growing-conversation"} if turns > 4 else {"growing-system-prompt"})
    for turn in range(turns):
        messages.append({"role": "user", "content": chat_message(rng, about, turn)})
        cached = cacheable(before) if rng.random() < 0.85 else 0
        reply = answer(rng, about, 3)
        asked = Asked(at, "live-chat", "chat", [*messages], reply, options, marks, cached, session)
        entry = middleware.entry(asked)
        yield entry
        before = entry.usage.input
        messages.append({"role": "assistant", "content": reply})
        at += timedelta(seconds=rng.randint(25, 160))


def _asks(system: str, user: str) -> list[JsonObject]:
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def _health_checks(rng: Random, count: int) -> list[tuple[datetime, JsonObject]]:
    times = moments(rng, count, [1] * 24, 1)
    return [(at, {"timestamp": stamp(at), "level": "info", "msg": "GET /healthz", "status": 200}) for at in times]
