"""A nightly pipeline of a property manager that reads contracts and reports while nobody waits."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sample_logs.stories.anthropic_calls import Asked, cut, entry, overloaded, text_block
from sample_logs.stories.ledger import MONTH, JsonObject, Noise, Story, moments, stamp, tell, tokens
from sample_logs.stories.texts import texts

TEXTS = texts("pipeline")
WORDS: dict[str, Any] = TEXTS["words"]
PROMPTS: dict[str, Any] = TEXTS["prompts"]
SONNET, HAIKU, OPUS = "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-8"
REPORT_MODELS = {1: "claude-sonnet-4-6", 12: "claude-haiku-5-5"}  # since which day of October
NIGHT = [22, 18, 15, 9, 3, *[0] * 17, 12, 20]
ELEVEN_PM = [*[0] * 23, 1]
WEEKEND = 0.3
BATCHABLE = frozenset({"batchable"})


def story(rng: Random) -> Story:
    """The log of the document pipeline, and what is hidden in it."""
    nightly = [
        *_document_types(rng, 640),
        *_languages(rng, 260),
        *_clauses(rng, 620),
        *_tables(rng, 140),
        *_contract_summaries(rng, 400),
        *_report_summaries(rng, 80),
        *_obligations(rng, 64),
        *_risks(rng, 100),
        *_translations(rng, 110),
    ]
    entries = [entry(rng, replace(asked, marks=asked.marks | BATCHABLE)) for asked in nightly]
    entries += [entry(rng, asked) for asked in _digests(rng)]
    entries += [overloaded(rng, after, "failed-then-retried") for after in rng.sample(entries, 34)]
    return tell(rng, entries, Noise(_job_lines(), duplicates=15, broken=1))


def _document_types(rng: Random, count: int) -> Iterator[Asked]:
    """The first page of every document decides its type: a strong model gives one of seven words."""
    for at in moments(rng, count, NIGHT, WEEKEND):
        page = _clauses_of(rng, _slots(rng), rng.randint(3, 7))
        asked = [text_block(f"First page:\n\n{page}")]
        system, kind = text_block(PROMPTS["document_type"]), rng.choice(WORDS["kinds"])
        marks = frozenset({"frontier-for-simple"})
        yield Asked(at, "document-type", "classification", SONNET, system, asked, kind, max_tokens=16, marks=marks)


def _languages(rng: Random, count: int) -> Iterator[Asked]:
    """The language of a text is found by a small model: nothing to save here."""
    for at in moments(rng, count, NIGHT, WEEKEND):
        language = rng.choice(("en", "en", "de"))
        slots = _slots(rng)
        text = WORDS["german"].format(**slots) if language == "de" else _clauses_of(rng, slots, 2)
        system = text_block(PROMPTS["language_check"])
        yield Asked(at, "language-check", "classification", HAIKU, system, [text_block(text)], language, max_tokens=8)


def _clauses(rng: Random, count: int) -> Iterator[Asked]:
    """Thirty fields are read out of each contract; the cache holds the long instructions for five minutes."""
    rules = [PROMPTS["clause_field"].format(name=name) for name in PROMPTS["fields"]]
    text = "\n".join((PROMPTS["clause_extraction"], *rules))
    system, size = text_block(text, "5m"), tokens(text)
    last = MONTH - timedelta(days=1)
    for at in moments(rng, count, ELEVEN_PM, WEEKEND):
        warm, slots = at - last < timedelta(minutes=5), _slots(rng)
        asked, document = _document(rng, slots, rng.randint(6_000, 48_000), "clauses")
        yield Asked(
            at,
            "clause-extraction",
            "extraction",
            SONNET,
            system,
            asked,
            _fields(slots),
            document,
            cache_read=size if warm else 0,
            cache_write_5m=0 if warm else size,
        )
        last = at


def _tables(rng: Random, count: int) -> Iterator[Asked]:
    """Each statement is written to the cache for an hour, at twice the price, and never read again."""
    system = text_block(PROMPTS["table_extraction"])
    for at in moments(rng, count, NIGHT, WEEKEND):
        slots, size = _slots(rng), rng.randint(9_000, 26_000)
        statement = text_block(cut(_clauses_of(rng, slots, 9), size), "1h")
        rows = [{"item": name, "total_eur": slots["rent"], "key": "area"} for name in ("lifts", "heating", "cleaning")]
        yield Asked(
            at,
            "table-extraction",
            "extraction",
            SONNET,
            system,
            [statement],
            json.dumps(rows),
            document=10,
            cache_write_1h=size,
            marks=frozenset({"cache-written-never-read"}),
        )


def _contract_summaries(rng: Random, count: int) -> Iterator[Asked]:
    """Contracts are summarized; a low limit cuts some summaries off, and the whole contract goes again."""
    system = text_block(PROMPTS["contract_summary"])
    for at in moments(rng, count, NIGHT, WEEKEND):
        slots = _slots(rng)
        asked, document = _document(rng, slots, rng.randint(12_000, 110_000), "clauses")
        reply = " ".join(rng.sample(WORDS["summary"], rng.randint(3, 6))).format(**slots)
        full = Asked(at, "contract-summary", "summarization", SONNET, system, asked, reply, document)
        if rng.random() < 0.06:
            earlier = at - timedelta(seconds=40)
            marks = frozenset({"cut-off-then-repeated"})
            yield replace(full, at=earlier, reply=reply[:230], max_tokens=56, marks=marks)
        yield full


def _report_summaries(rng: Random, count: int) -> Iterator[Asked]:
    """Annual reports are sent whole, from the 12th on to a cheap model, dearer above 100,000 tokens."""
    system = text_block(PROMPTS["report_summary"])
    for at in moments(rng, count, NIGHT, WEEKEND):
        slots = _slots(rng)
        asked, document = _document(rng, slots, rng.randint(55_000, 290_000), "reports")
        reply = " ".join(rng.choice(WORDS["reports"]).format(**_slots(rng)) for _ in range(rng.randint(9, 14)))
        model = REPORT_MODELS[max(day for day in REPORT_MODELS if day <= at.day)]
        yield Asked(at, "report-summary", "summarization", model, system, asked, reply, document)


def _obligations(rng: Random, contracts: int) -> Iterator[Asked]:
    """Five questions about each contract: one writes it to the cache for an hour, four read it."""
    system = text_block(PROMPTS["obligation_questions"])
    for begin in moments(rng, contracts, NIGHT, WEEKEND):
        slots, size = _slots(rng), rng.randint(14_000, 70_000)
        contract = text_block(cut(_clauses_of(rng, slots, 9), size), "1h")
        for number, (question, answer) in enumerate(zip(WORDS["questions"], WORDS["answers"], strict=True)):
            yield Asked(
                begin + timedelta(seconds=number * 25 + rng.randint(0, 9)),
                "obligation-questions",
                "question_answering",
                SONNET,
                system,
                [contract, text_block(f"Question: {question}")],
                answer.format(**slots),
                document=tokens(question) + 6,
                max_tokens=300,
                cache_read=size if number else 0,
                cache_write_1h=0 if number else size,
            )


def _risks(rng: Random, count: int) -> Iterator[Asked]:
    """The strongest model thinks about how the clauses of the largest contracts work together."""
    system = text_block(PROMPTS["risk_review"])
    for at in moments(rng, count, NIGHT, WEEKEND):
        slots = _slots(rng)
        asked, document = _document(rng, slots, rng.randint(20_000, 90_000), "clauses")
        reply = "\n".join(f"- {line.format(**slots)}" for line in rng.sample(WORDS["findings"], 3))
        thinking = rng.randint(900, 6_400)
        yield Asked(
            at,
            "risk-review",
            "reasoning",
            OPUS,
            system,
            asked,
            reply,
            document,
            thinking=thinking,
            max_tokens=12_000,
        )


def _translations(rng: Random, count: int) -> Iterator[Asked]:
    """German clauses are translated into English."""
    system = text_block(PROMPTS["translation"])
    for at in moments(rng, count, NIGHT, WEEKEND):
        many = [_slots(rng) for _ in range(rng.randint(2, 5))]
        german = " ".join(WORDS["german"].format(**slots) for slots in many)
        english = " ".join(" ".join(WORDS["clauses"][:3]).format(**slots) for slots in many)
        asked = [text_block(f"Translate into English:\n\n{german}")]
        yield Asked(at, "clause-translation", "translation", SONNET, system, asked, english)


def _digests(rng: Random) -> Iterator[Asked]:
    """Every morning somebody does wait for one e-mail."""
    system = text_block(PROMPTS["morning_digest"])
    for day in range(31):
        at = MONTH + timedelta(days=day, hours=5, minutes=30, seconds=rng.randrange(50))
        notes = "\n".join(f"- {rng.choice(WORDS['summary']).format(**_slots(rng))}" for _ in range(12))
        reply = f"Good morning,\n\nlast night brought this:\n\n{notes[:700]}\n\nBest wishes\nYour pipeline"
        asked = [text_block(f"Write the e-mail from these notes:\n{notes}")]
        yield Asked(at, "morning-digest", "drafting", SONNET, system, asked, reply)


def _job_lines() -> list[tuple[datetime, JsonObject]]:
    """The scheduler writes a line when a night begins and when it ends."""
    begins = [(MONTH + timedelta(days=day, hours=22), "job_started") for day in range(31)]
    ends = [(MONTH + timedelta(days=day, hours=5), "job_finished") for day in range(31)]
    return [(at, {"timestamp": stamp(at), "event": event, "host": "worker-2"}) for at, event in begins + ends]


def _slots(rng: Random) -> dict[str, str]:
    tenant, landlord = rng.sample(WORDS["companies"], 2)
    return {
        "tenant": tenant,
        "landlord": landlord,
        "town": rng.choice(WORDS["towns"]),
        "number": str(rng.randrange(2, 30)),
        "area": str(rng.randrange(120, 9_800)),
        "rent": str(rng.randrange(18, 4_100) * 500),
        "small": str(rng.randrange(2, 30) * 25),
        "months": str(rng.choice((3, 6, 9, 12, 24))),
        "percent": f"{rng.randrange(1, 9)}.{rng.randrange(10)}",
        "date": f"20{rng.randrange(27, 35)}-{rng.randrange(1, 13):02d}-28",
    }


def _clauses_of(rng: Random, slots: dict[str, str], count: int) -> str:
    return "\n".join(line.format(**slots) for line in rng.sample(WORDS["clauses"], count))


def _document(rng: Random, slots: dict[str, str], size: int, kind: str) -> tuple[list[JsonObject], int]:
    """A document of so many tokens, as the log shows it and as it was counted."""
    lines = rng.sample(WORDS[kind], 7)
    text = "\n".join(line.format(**(slots if kind == "clauses" else _slots(rng))) for line in lines)
    return [text_block(cut(f"<document>\n{text}\n{text}", size))], size


def _fields(slots: dict[str, str]) -> str:
    known = {"annual_rent": slots["rent"], "area": slots["area"], "notice_months": slots["months"]}
    said = dict.fromkeys(PROMPTS["fields"]) | slots | known
    return json.dumps({name: said[name] for name in PROMPTS["fields"]})
