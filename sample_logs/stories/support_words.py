"""What customers of an outdoor shop write, and what its assistant answers."""

from random import Random
from typing import Any, NamedTuple

from sample_logs.stories.texts import texts

WORDS: dict[str, Any] = texts("support")["words"]
PRODUCTS: list[str] = WORDS["products"]
MATTERS = {
    "delivery": 24,
    "return": 16,
    "refund": 12,
    "billing": 12,
    "product_question": 18,
    "warranty": 9,
    "account": 6,
    "spam": 3,
}


class Letter(NamedTuple):
    """A customer's message, and what the generator knows of it."""

    label: str
    slots: dict[str, str]
    text: str


def slots(rng: Random) -> dict[str, str]:
    """Values for the blanks of a template."""
    product, other = rng.sample(PRODUCTS, 2)
    return {
        "product": product,
        "other": other,
        "order": f"TO-{rng.randrange(100_000, 999_999)}",
        "day": str(rng.randrange(2, 29)),
        "count": str(rng.randrange(3, 25)),
        "amount": f"{rng.randrange(12, 480)}.{rng.randrange(100):02d}",
        "name": rng.choice(WORDS["names"]),
        "city": rng.choice(WORDS["cities"]),
    }


def letter(rng: Random, asides: int = 3) -> Letter:
    """A message about one matter, with a greeting, some asides and a name, as people write."""
    label = rng.choices(list(MATTERS), weights=list(MATTERS.values()))[0]
    values = slots(rng)
    body = [rng.choice(WORDS["messages"][label]), *rng.sample(WORDS["asides"], rng.randint(0, asides))]
    text = f"{rng.choice(WORDS['openings'])}\n{' '.join(body)}\n{rng.choice(WORDS['closings'])}".strip()
    return Letter(label, values, text.format(**values))


def question(rng: Random) -> Letter:
    """A question that the help centre can answer, often word for word the one of somebody else."""
    values = slots(rng)
    asked: str = rng.choice(WORDS["messages"]["product_question"] + WORDS["messages"]["return"])
    return Letter("product_question", values, asked.format(**values))


def chat_message(rng: Random, about: Letter, turn: int) -> str:
    """What a visitor types into the chat: a greeting with the matter first, then short turns."""
    if turn == 0:
        matter = rng.choice(WORDS["messages"][about.label]).format(**about.slots)
        return f"{rng.choice(WORDS['chat_openings'])}\n{matter}"
    said: str = rng.choice(WORDS["chat_turns"]).format(**(about.slots if rng.random() < 0.6 else slots(rng)))
    return said


def answer(rng: Random, about: Letter, parts: int) -> str:
    """A reply of so many sentences that settles the matter of a message."""
    greeting, regret, settled, *rest = WORDS["draft_parts"]
    chosen = [settled, *rng.sample([greeting, regret, *rest], parts - 1)]
    return " ".join(fill(part, about) for part in chosen)


def ramble(rng: Random, about: Letter, parts: int) -> str:
    """A reply that nothing limits and that does not find its end."""
    return "\n\n".join(fill(rng.choice(WORDS["rambling"]), about) for _ in range(parts))


def translated(rng: Random, language: str) -> tuple[str, str]:
    """A reply in English, and the same in another language."""
    values, parts = slots(rng), rng.sample(WORDS["parallel"], rng.randint(3, 6))
    source, target = (" ".join(part[name] for part in parts) for name in ("English", language))
    return source.format(**values), target.format(**values)


def fill(template: str, about: Letter) -> str:
    """A template with the blanks of a message filled in."""
    return template.format(**about.slots, answer=WORDS["answers"][about.label].format(**about.slots))
